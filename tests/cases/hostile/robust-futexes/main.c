#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct robust_list_head head;
static struct robust_list entries[2];

static void *end(void *nothing)
{
    entries[0].next = &entries[1];
    entries[1].next = &entries[0];
    head.list.next = &entries[0];
    head.futex_offset = 8;
    syscall(SYS_set_robust_list, &head, sizeof head);
    return nothing;
}

int main(void)
{
    pthread_t threads[20];
    for (int i = 0; i < 20; i++)
        pthread_create(&threads[i], NULL, end, NULL);
    for (int i = 0; i < 20; i++)
        pthread_join(threads[i], NULL);
    end(NULL);
    _exit(0);
}
