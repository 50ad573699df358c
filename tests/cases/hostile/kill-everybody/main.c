#include <signal.h>

int main(void)
{
    for (int i = 0; i < 3; i++)
        kill(-1, SIGKILL);
    kill(0, SIGKILL);
}
