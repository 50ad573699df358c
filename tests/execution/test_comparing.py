"""What differs between two programs."""

import time
from random import Random

from execution.comparing import MAX_LINES, Comparison, compared


def rows(comparison: Comparison) -> list[tuple[str, int | None, int | None, str]]:
    lines = [line for change in comparison.changes for stretch in change.stretches for line in stretch]
    return [(line.kind, line.old, line.new, line.text) for line in lines]


def test_lines_are_told_apart() -> None:
    found = compared({"main.py": "a\nb\nc"}, {"main.py": "a\nB\nc\nd"})
    assert rows(found) == [
        ("same", 1, 1, "a"),
        ("removed", 2, None, "b"),
        ("added", None, 2, "B"),
        ("same", 3, 3, "c"),
        ("added", None, 4, "d"),
    ]
    assert not found.is_cut


def test_of_a_long_program_only_what_is_around_a_change_is_shown() -> None:
    old = [str(number) for number in range(100)]
    new = [*old]
    new[20], new[80] = "x", "y"
    (change,) = compared({"a": "\n".join(old)}, {"a": "\n".join(new)}).changes
    assert [[line.old for line in stretch if line.old] for stretch in change.stretches] == [
        list(range(18, 25)),
        list(range(78, 85)),
    ]


def test_equal_ones_have_no_changes() -> None:
    assert compared({"a": "x"}, {"a": "x"}).changes == []
    assert compared({"a": "x"}, {"b": "x"}).changes == []


def test_single_files_are_compared_whatever_their_names_and_others_by_name() -> None:
    assert [change.name for change in compared({"a.py": "x"}, {"b.py": "y"}).changes] == ["a.py → b.py"]
    found = compared({"a": "x", "b": "same"}, {"b": "same", "c": "z"})
    assert [change.name for change in found.changes] == ["a", "c"]


def test_no_two_texts_keep_it_busy() -> None:
    """What is quadratic or worse takes hours."""
    dice, began = Random(1), time.monotonic()
    for kinds in (1, 2, 20, 300):
        old, new = ("\n".join(str(dice.randrange(kinds)) for _ in range(20_000)) for _ in range(2))
        assert len(rows(compared({"a": old}, {"a": f"{new}\nx"}))) <= MAX_LINES
    assert time.monotonic() - began < 30


def test_a_long_text_that_was_changed_in_one_place_is_compared_well() -> None:
    lines = ["}" if number % 2 else str(number) for number in range(20_000)]
    old = "\n".join(lines)
    lines[10_000] = "new"
    assert [row for row in rows(compared({"a": old}, {"a": "\n".join(lines)})) if row[0] != "same"][:2] == [
        ("removed", 10_001, None, "10000"),
        ("added", None, 10_001, "new"),
    ]


def test_more_than_can_be_read_is_cut() -> None:
    found = compared({"a": "a\n" * 3000}, {"a": "b\n" * 3000})
    assert found.is_cut
    assert len(rows(found)) == MAX_LINES
