#include "../include/forty.hpp"

int forty() { return 40; }
