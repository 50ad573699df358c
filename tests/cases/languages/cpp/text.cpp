#include <iostream>
#include <ranges>

int main() {
    long sum = 0;
    for (long number : std::ranges::istream_view<long>(std::cin)) sum += number;
    std::cout << "Grüße 你好 🙂 " << sum << '\n';
    return 3;
}
