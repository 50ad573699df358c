print("public class Main {\n    public static void main(String[] args) {\n        System.out.println(" + "(" * 30_000 + "1" + ")" * 30_000 + ");\n    }\n}")
