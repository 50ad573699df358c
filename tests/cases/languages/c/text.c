#include <stdio.h>

int main(void) {
    long sum = 0, number;
    while (scanf("%ld", &number) == 1) sum += number;
    printf("Grüße 你好 🙂 %ld\n", sum);
    return 3;
}
