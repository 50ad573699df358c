#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

int main(void)
{
    for (;;) {
        void *piece = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED)
            return 1;
        memset(piece, 1, 1 << 20);
    }
}
