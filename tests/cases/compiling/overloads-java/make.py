print("import java.util.function.*;\n\npublic class Main {")
print("    static <T> T id(Supplier<T> s) { return s.get(); }\n    static <T> T id(Callable<T> s) { return s.call(); }")
print("    interface Callable<T> { T call(); }")
print("    public static void main(String[] args) {\n        Object o = " + "id(() -> " * 30 + "1" + ")" * 30 + ";\n    }\n}")
