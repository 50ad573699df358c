"""Moves the window by calling itself, which ends at the interpreter's limit of calls."""

n, k = map(int, input().split())
changes = list(map(int, input().split()))


def best_from(index: int, window: int) -> int:
    if index == n:
        return window
    return max(window, best_from(index + 1, window + changes[index] - changes[index - k]))


print(best_from(k, sum(changes[:k])))
