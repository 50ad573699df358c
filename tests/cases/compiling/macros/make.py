print("#define A0 x+x+x+x+x+x+x+x")
for level in range(9):
    print(f"#define A{level + 1} " + f"A{level} " * 10)
print("int a = A9;")
