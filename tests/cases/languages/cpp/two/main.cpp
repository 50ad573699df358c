#include <iostream>
#include "next.hpp"
int main() { std::cout << next(41) << std::endl; }
