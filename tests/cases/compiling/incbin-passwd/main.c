#include <stdio.h>

__asm__(".section .rodata\nusers: .incbin \"/etc/passwd\"\n.byte 0");
extern const char users[];

int main(void) { return puts(users) < 0; }
