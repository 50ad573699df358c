#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *burn(void *nothing)
{
    for (;;)
        __asm__ volatile("");
    return nothing;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, burn, NULL);
    syscall(SYS_exit, 0);
}
