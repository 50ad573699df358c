print("int main(void) { return " + "(" * 20_000 + "0" + ")" * 20_000 + "; }")
