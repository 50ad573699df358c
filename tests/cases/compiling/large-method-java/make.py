print("public class Main {\n    static int a;\n\n    public static void main(String[] args) {")
print("a+=a;" * 13_000)
print("        System.out.println(a);\n    }\n}")
