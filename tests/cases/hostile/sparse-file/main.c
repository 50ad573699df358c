#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    struct stat found;
    signal(SIGXFSZ, SIG_IGN);
    int file = open("/tmp/sparse", O_RDWR | O_CREAT, 0600);
    if (ftruncate(file, 1L << 40) < 0 && errno == EFBIG)
        puts("EFBIG");
    if (pwrite(file, "x", 1, 1L << 40) < 0 && errno == EFBIG)
        puts("EFBIG");
    ftruncate(file, 255L << 20);
    fstat(file, &found);
    printf("%ld\n", found.st_size >> 20);
    return 0;
}
