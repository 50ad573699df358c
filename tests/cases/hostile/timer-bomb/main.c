#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    sigset_t all;
    timer_t timer;
    struct sigevent nothing = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    int timers = 0;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    while (timers < 1000000 && timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0) {
        timer_settime(timer, 0, &often, NULL);
        timers++;
    }
    puts(timers < 1000000 ? "timers refused" : "timers without an end");
    for (int i = 0; i < 100000; i++)
        if (sigqueue(getpid(), SIGRTMIN + 1, (union sigval){0}) < 0) {
            puts("queue full");
            break;
        }
    alarm(1);
    fflush(stdout);
    _exit(0);
}
