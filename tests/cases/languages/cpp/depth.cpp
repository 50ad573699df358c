#include <bits/stdc++.h>

static long down(volatile long n) { return n == 0 ? 0 : 1 + down(n - 1); }

int main() {
    long n;
    std::cin >> n;
    std::cout << down(n) << '\n';
}
