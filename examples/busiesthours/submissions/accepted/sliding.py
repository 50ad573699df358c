import sys


def main() -> None:
    n, k, *changes = map(int, sys.stdin.buffer.read().split())
    window = best = sum(changes[:k])
    for index in range(k, n):
        window += changes[index] - changes[index - k]
        best = max(best, window)
    print(best)


main()
