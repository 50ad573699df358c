/* The linker fills the way to the next address that is divisible by so much: some 64 MB, and 1 MB is its content. */
__attribute__((section(".data.aligned"), aligned(1 << 26))) char filled[1 << 20] = {1};

int main(void) { return filled[0]; }
