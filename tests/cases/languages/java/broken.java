class Broken {
    int f() {
        return undefined_name;
    }
}
