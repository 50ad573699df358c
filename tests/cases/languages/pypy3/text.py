import sys

print("Grüße 你好 🙂", sum(map(int, sys.stdin.read().split())))
sys.exit(3)
