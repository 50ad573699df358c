#include "include/forty.h"
#include <stdio.h>

int main(void) { printf("%d\n", forty() + 2); }
