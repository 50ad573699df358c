print("public class Main {\n    static final String S0 = \"0123456789abcdef\";")
for level in range(40):
    print(f"    static final String S{level + 1} = S{level} + S{level};")
print("    public static void main(String[] args) {\n        System.out.println(S40.length());\n    }\n}")
