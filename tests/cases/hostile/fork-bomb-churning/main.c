#include <unistd.h>

/* The first process waits for the deadline; its offspring race through process ids. */
int main(void)
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0)
            for (;;)
                if (fork() > 0)
                    _exit(0);
    for (;;)
        pause();
}
