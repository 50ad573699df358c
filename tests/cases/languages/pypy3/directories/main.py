from pkg import mod
from pkg.inner.deep import two

print(mod.forty() + two)
