print("int main(void) { int a = 1; return 0" + "+a-a" * 16_000 + "; }")
