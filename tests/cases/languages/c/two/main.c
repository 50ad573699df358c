#include <stdio.h>
#include "next.h"
int main(void) { printf("%d\n", next(41)); }
