#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    signal(SIGUSR1, SIG_IGN);
    for (int i = 0; i < 20; i++)
        if (syscall(SYS_clone, i % 2 ? 0 : SIGUSR1, NULL, NULL, NULL, NULL) == 0) {
            setsid();
            for (int j = 0; j < 1; j++)
                if (syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL) == 0)
                    _exit(0);
            if (i % 4 < 2)
                _exit(0);
            for (;;)
                pause();
        }
    puts("left");
    return 0;
}
