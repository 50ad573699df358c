def following(n):
    return n + 1
