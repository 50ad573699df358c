#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Some end at once, in ways that their parent might take for the program's own end; some stay. */
int main(void)
{
    for (int i = 0; i < 30; i++) {
        long pid = syscall(SYS_clone, CLONE_PARENT | (i % 2 ? SIGCHLD : 0), NULL, NULL, NULL, NULL);
        if (pid == 0) {
            if (i % 3 == 0)
                _exit(77);
            if (i % 3 == 1)
                kill(getpid(), SIGSEGV);
            for (;;)
                pause();
        }
    }
    usleep(50000);
    puts("left");
    return 0;
}
