#include <unistd.h>

int main(void)
{
    for (int i = 0; i < 20; i++)
        if (fork() == 0)
            for (;;)
                write(1 + i % 2, "x", 1);
    usleep(100000);
    return 0;
}
