import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])


repr_of = []
repr_of.append(repr_of)
getattr(Deep(), "x")
