#include "/dev/stdout"

int main(void) { return 0; }
