import os

names = [b"new\nline", b"\xff\xfe\x80", b"\x01\x1b[2J", b"-rf", b"--", b" ", b"*", b"$(reboot)", b"...", b"~"]
names += [b"%s%n", b"\\", b"x" * 255, b"\xed\xa0\x80", "\u202etxt".encode(), b"1", b"2", b"3", b"10", b"None"]
for top in (b"/tmp", b"/dev/shm"):
    for name in names:
        os.mkdir(os.path.join(top, name))
        for inner in names:
            path = os.path.join(top, name, inner)
            if inner[:1] < b"a":
                os.mkdir(path)
                open(os.path.join(path, name), "w").close()
            else:
                open(path, "w").close()
print("made")
