"""The longest run that ends at each book, kept in a tree of prefix maxima."""


def main() -> None:
    n = int(input())
    tree = [0] * (n + 1)
    best = 0
    for book in map(int, input().split()):
        length, index = 1, book
        while index:
            length = max(length, tree[index] + 1)
            index &= index - 1
        best, index = max(best, length), book
        while index <= n:
            tree[index] = max(tree[index], length)
            index += index & -index
    print(n - best)


main()
