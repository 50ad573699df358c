x = []
while True:
    x.append(bytearray(10_000))
