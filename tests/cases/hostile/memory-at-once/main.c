#include <stdlib.h>

int main(void)
{
    volatile char *all = malloc(1 << 30);
    for (int i = 0; i < 1 << 30; i += 4096)
        all[i] = 1;
    return 0;
}
