#include <linux/seccomp.h>
#include <sys/prctl.h>

int main(void)
{
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    for (;;)
        __asm__ volatile("");
}
