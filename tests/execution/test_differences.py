"""Where an output first differs, by the checker's rule."""

import pytest

from execution.checkers import checker
from execution.differences import Difference, Excerpt, first_difference
from problems.content import CheckerFlags

LAX = CheckerFlags()
NEAR = CheckerFlags(float_absolute_tolerance=0.01)
CASE = CheckerFlags(case_sensitive=True)
SPACE = CheckerFlags(space_change_sensitive=True)


def difference(got: str, wanted: str, flags: CheckerFlags = LAX) -> Difference | None:
    return first_difference(flags, Excerpt(got), Excerpt(wanted))


@pytest.mark.parametrize(
    ("flags", "got", "wanted", "pieces", "lines"),
    [
        (LAX, "1 2\n8\n9", "1 2\n7\n9", ("8", "7"), (2, 2)),
        (LAX, "1\n2\n8", "1 2 7", ("8", "7"), (3, 1)),
        (LAX, "", "7\n", ("", "7"), (1, 1)),
        (LAX, "1\n", "1\n7\n", ("", "7"), (1, 2)),
        (LAX, "7\nDone!\n", "7\n", ("Done!", ""), (2, 1)),
        (NEAR, "1.001 2.5", "1.0 2.0", ("2.5", "2.0"), (1, 1)),
        (CASE, "yes", "YES", ("yes", "YES"), (1, 1)),
        (SPACE, "1  2\n", "1 2\n", ("  ", " "), (1, 1)),
        (SPACE, "1 2", "1 2\n", ("", "\n"), (1, 1)),
        (LAX, "1\u00a02", "1 2", ("1\u00a02", "1"), (1, 1)),  # white space to Python, none to the checker
    ],
)
def test_the_first_difference_is_found(
    flags: CheckerFlags, got: str, wanted: str, pieces: tuple[str, str], lines: tuple[int, int]
) -> None:
    found = difference(got, wanted, flags)
    assert found
    assert (found.got.piece, found.wanted.piece) == pieces
    assert (found.got.line, found.wanted.line) == lines
    assert found.got.before + found.got.piece + found.got.after == got
    assert found.wanted.before + found.wanted.piece + found.wanted.after == wanted


TEXTS = ["", "1", "1\n", " 1 2", "1\t2 ", "1.005 2", "a B", "A b\n", "1 2 3", "é", "1\u20032"]


@pytest.mark.parametrize("flags", [LAX, NEAR, CASE, SPACE])
def test_there_is_one_where_the_checker_says_wrong_and_else_none(flags: CheckerFlags) -> None:
    is_right = checker(flags)
    for got in TEXTS:
        for wanted in TEXTS:
            found = difference(got, wanted, flags)
            assert (found is None) == is_right(got.encode(), wanted.encode()), (got, wanted)


@pytest.mark.parametrize(
    ("got", "wanted", "pieces"),
    [
        (Excerpt("1 23", is_cut=True), Excerpt("1 234 5"), None),
        (Excerpt("1 234 5"), Excerpt("1 23", is_cut=True), None),
        (Excerpt("1 2", is_cut=True), Excerpt("1 2", is_cut=True), None),
        (Excerpt("8 2", is_cut=True), Excerpt("1 2 3"), ("8", "1")),
    ],
)
def test_of_what_is_cut_only_what_is_there_counts(
    got: Excerpt, wanted: Excerpt, pieces: tuple[str, str] | None
) -> None:
    found = first_difference(LAX, got, wanted)
    assert (found and (found.got.piece, found.wanted.piece)) == pieces


def test_an_excerpt_is_as_long_as_it_may_be() -> None:
    assert Excerpt.of(b"abc", 3) == Excerpt("abc")
    assert Excerpt.of(b"abcd", 3) == Excerpt("abc", is_cut=True)
    assert Excerpt.of(b"\xff\0", 9) == Excerpt("\ufffd\ufffd")
