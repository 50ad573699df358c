#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

int main() {
    std::string shape;
    std::size_t kb;
    std::cin >> shape >> kb;
    std::vector<std::unique_ptr<char[]>> pieces;
    std::size_t piece = shape == "one" ? kb << 10 : 1 << 14;
    for (std::size_t held = 0; held < kb << 10; held += piece) {
        pieces.push_back(std::make_unique<char[]>(piece));
        std::memset(pieces.back().get(), 1, piece);
    }
    std::cout << "held" << std::endl;
}
