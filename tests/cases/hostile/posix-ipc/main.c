#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    int queues = 0, memory = 0;
    char name[] = "/0";
    for (; name[1] < '3'; name[1]++) {
        queues += mq_open(name, O_CREAT | O_RDWR, 0600, NULL) >= 0;
        memory += ftruncate(shm_open(name, O_CREAT | O_RDWR, 0600), 4096) == 0;
        sem_open(name, O_CREAT, 0600, 3);
    }
    printf("queues %d, memory %d\n", queues, memory);
    return 0;
}
