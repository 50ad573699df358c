#define _GNU_SOURCE
#include <unistd.h>

static void chain(void)
{
    if (vfork() == 0)
        chain();
    for (;;)
        pause();
}

int main(void)
{
    chain();
}
