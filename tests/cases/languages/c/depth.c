#include <stdio.h>

static long down(volatile long n) { return n == 0 ? 0 : 1 + down(n - 1); }

int main(void) {
    long n;
    if (scanf("%ld", &n) != 1) return 1;
    printf("%ld\n", down(n));
}
