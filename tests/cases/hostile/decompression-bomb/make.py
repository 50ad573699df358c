import base64
import bz2

stages = base64.b64encode(bz2.compress(b"x=1\n" * (1 << 22), 9))
print(f"import base64, bz2\nsource = bz2.decompress(base64.b64decode({stages!r})) * 20\nexec(source)")
