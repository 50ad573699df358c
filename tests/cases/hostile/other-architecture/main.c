#include <stdio.h>

int main(void)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20), "b"(0));
    printf("%d\n", result);
    return 0;
}
