#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small program is what the kernel likes least to kill: 40 of them, each as large as the agent. */
int main(void)
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    write(file, "0", 1);
    close(file);
    for (int i = 0; i < 40; i++)
        if (fork() == 0) {
            for (int j = 0; j < 500; j++)
                memset(malloc(10000), 1, 10000);
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
