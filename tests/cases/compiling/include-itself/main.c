int main(void) { return y; }
#include __FILE__
#include __FILE__
