#include <signal.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    for (int i = 0; i < 10; i++)
        if (fork() == 0)
            for (;;)
                __asm__ volatile("");
    while (clock() < 20000)
        ;
    kill(0, SIGKILL);
}
