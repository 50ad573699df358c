#include "next.hpp"
int next(int n) { return n + 1; }
