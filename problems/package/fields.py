"""Typed reading of a map that came from YAML: each error names the file and the key."""

import math
from collections.abc import Mapping
from typing import Any

from problems.package.errors import PackageError

MAX_TEXT = 2000


class Fields:
    """A map of the file `where`; `inside` is the way to it ("limits."). Remembers which keys were asked for."""

    def __init__(self, where: str, values: Mapping[str, Any], inside: str = "") -> None:
        self.where = where
        self.inside = inside
        self._values = values
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.raw(key) is not None

    def raw(self, key: str) -> Any:
        """The value whatever it is, None if there is none."""
        self._asked.add(key)
        return self._values.get(key)

    def names(self) -> list[str]:
        """The keys that there are."""
        return list(self._values)

    def unasked(self) -> list[str]:
        """The keys that nobody asked for, with the way to them."""
        return [f"{self.inside}{key}" for key in self._values if key not in self._asked]

    def text(self, key: str, default: str = "") -> str:
        """One line of text; a number counts as such."""
        value = self.raw(key)
        if value is None:
            return default
        return self._line(key, value)

    def texts(self, key: str) -> list[str]:
        """A list of lines, or one alone."""
        value = self.raw(key)
        if value is None:
            return []
        return [self._line(key, item) for item in (value if isinstance(value, list) else [value])]

    def words(self, key: str) -> list[str]:
        """A list of words, or one line of them."""
        return [word for line in self.texts(key) for word in line.split()]

    def flag(self, key: str) -> bool | None:
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, "must be true or false", value)
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number from `low` to `high`."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(key, "must be a number", value)
        if not low <= value <= high:
            raise self.error(key, f"must be from {low:g} to {high:g}", value)
        return float(value)

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        value = self.number(key, low, high)
        if value is not None and value != int(value):
            raise self.error(key, "must be a whole number", value)
        return None if value is None else int(value)

    def map(self, key: str) -> "Fields":
        """The map under `key`, an empty one if there is none."""
        value = self.raw(key)
        if value is None:
            value = {}
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise self.error(key, "must be a map of names to values", value)
        return Fields(self.where, value, f"{self.inside}{key}.")

    def error(self, key: str, must: str, value: Any) -> PackageError:
        shown = repr(value)
        return PackageError(self.where, f"{self.inside}{key} {must}, not {shown[:60]}{'…' if len(shown) > 60 else ''}")

    def _line(self, key: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.error(key, "must be text", value)
        line = " ".join(str(value).split())
        if len(line) > MAX_TEXT or not line.isprintable():
            raise self.error(key, f"must be one line of at most {MAX_TEXT} printable characters", value)
        return line
