#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
    int left = 0;
    for (key_t key = 0; key < 3; key++) {
        left += shmget(key, 4096, IPC_CREAT | 0666) >= 0;
        left += semget(key, 1, IPC_CREAT | 0666) >= 0;
        left += msgget(key, IPC_CREAT | 0666) >= 0;
    }
    printf("left %d\n", left);
    return 0;
}
