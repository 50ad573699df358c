#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>

int main(void)
{
    size_t size = (size_t)1 << 40;
    char *all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return 1;
    for (size_t i = 0; i < size; i += 2 << 20)
        all[i] = 1;
}
