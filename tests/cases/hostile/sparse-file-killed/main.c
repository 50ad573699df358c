#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    ftruncate(open("/tmp/sparse", O_RDWR | O_CREAT, 0600), 1L << 40);
    return 0;
}
