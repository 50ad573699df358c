#include <stdio.h>
#include <unistd.h>

int main(void)
{
    for (;;) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0) {
            setsid();
            for (;;)
                pause();
        }
    }
    puts("left");
    return 0;
}
