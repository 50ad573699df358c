#include <signal.h>
#include <stddef.h>

static void again(int number)
{
    (void)number;
}

int main(void)
{
    signal(SIGSEGV, again);
    *(volatile int *)NULL = 1;
}
