from .. import mod  # noqa: F401 - a namespace package below a package

two = 2
