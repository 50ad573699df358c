x = []
while True:
    x.append(bytearray(100_000))
