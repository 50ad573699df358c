__asm__(".rept 1 << 40\n.byte 1\n.endr");

int main(void) { return 0; }
