#include <pthread.h>
#include <unistd.h>

static void *burn(void *nothing)
{
    for (;;)
        __asm__ volatile("");
    return nothing;
}

int main(void)
{
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < 200; i++)
        if (pthread_create(&thread, &small, burn, NULL) != 0) {
            write(1, "refused\n", 8);
            break;
        }
    burn(NULL);
}
