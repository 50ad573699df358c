"""What differs between two programs, line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import takewhile

MAX_LINES = 2000  # shown
MAX_STEPS = 1_000_000  # of looking for what two texts share: some tenths of a second


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in each of the texts that have it; `kind`: "same", "removed" or "added"."""

    kind: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """What differs in one file: stretches of lines, each with some that stay around it."""

    name: str
    stretches: Sequence[Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two programs: files that are equal are left out, and what comes after MAX_LINES lines (`is_cut`)."""

    changes: Sequence[FileChange]
    is_cut: bool


class _Matcher(SequenceMatcher[str]):
    """Once it has taken MAX_STEPS it only looks for what two stretches begin or end with: some texts would keep it
    busy for hours."""

    a: Sequence[str]
    b: Sequence[str]
    b2j: Mapping[str, Sequence[int]]
    steps_left = MAX_STEPS

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        self.steps_left -= sum(1 + len(self.b2j.get(line, ())) for line in self.a[alo:ahi])
        if self.steps_left >= 0:
            return super().find_longest_match(alo, ahi, blo, bhi)
        old, new = self.a[alo:ahi], self.b[blo:bhi]
        if (size := _common(old, new)) > 0:
            return Match(alo, blo, size)
        size = _common(old[::-1], new[::-1])
        return Match(alo + len(old) - size, blo + len(new) - size, size)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def compared(old: Mapping[str, str], new: Mapping[str, str]) -> Comparison:
    """Two programs: files by name. Where each has but one, those are compared whatever they are called."""
    changes: list[FileChange] = []
    left = MAX_LINES
    for name, before, after in _pairs(old, new):
        if before == after:
            continue
        stretches = []
        for stretch in _stretches(before, after):
            stretches.append(stretch[:left])
            left -= len(stretch)
            if left < 0:
                return Comparison([*changes, FileChange(name, stretches)], is_cut=True)
        changes.append(FileChange(name, stretches))
    return Comparison(changes, is_cut=False)


def _pairs(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    if len(old) == len(new) == 1:
        (old_name, before), (new_name, after) = *old.items(), *new.items()
        return [(new_name if old_name == new_name else f"{old_name} → {new_name}", before, after)]
    return [(name, old.get(name, ""), new.get(name, "")) for name in sorted({*old, *new})]


def _stretches(before: str, after: str) -> list[list[Line]]:
    old, new = (text.replace("\r\n", "\n").split("\n") for text in (before, after))
    matcher = _Matcher(None, old, new, autojunk=False)
    return [list(_lines(codes, old, new)) for codes in matcher.get_grouped_opcodes()]


def _lines(codes: Sequence[tuple[str, int, int, int, int]], old: list[str], new: list[str]) -> Iterator[Line]:
    for tag, old_start, old_end, new_start, new_end in codes:
        if tag == "equal":
            for number in range(old_end - old_start):
                yield Line("same", old_start + number + 1, new_start + number + 1, old[old_start + number])
            continue
        for number in range(old_start, old_end):
            yield Line("removed", number + 1, None, old[number])
        for number in range(new_start, new_end):
            yield Line("added", None, number + 1, new[number])
