#include <stdlib.h>
#include <string.h>

int main(void)
{
    for (;;)
        memset(malloc(10000), 1, 10000);
}
