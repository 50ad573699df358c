#include "../include/forty.h"

int forty(void) { return 40; }
