constexpr unsigned long count() {
    unsigned long n = 0;
    while (n + 1 > n) n++;
    return n;
}
constexpr unsigned long n = count();

int main() {}
