#include <unistd.h>

int main(void)
{
    usleep(499000);
    return 3;
}
