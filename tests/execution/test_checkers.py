import time

import pytest

from execution.checkers import checker
from problems.content import CheckerFlags

DEFAULT = CheckerFlags()
CASE = CheckerFlags(case_sensitive=True)
SPACE = CheckerFlags(space_change_sensitive=True)
ABSOLUTE = CheckerFlags(float_absolute_tolerance=0.01)
RELATIVE = CheckerFlags(float_relative_tolerance=0.01)
BOTH = CheckerFlags(float_absolute_tolerance=1e-6, float_relative_tolerance=1e-6)

CASES = [
    (DEFAULT, b"1 2 3\n", b"1 2 3\n", True),
    (DEFAULT, b"  1\t2\r\n\n3", b"1 2 3\n", True),
    (DEFAULT, b"YES\n", b"yes\n", True),
    (DEFAULT, b"", b"", True),
    (DEFAULT, b"\n \n", b"", True),
    (DEFAULT, b"", b"1\n", False),
    (DEFAULT, b"1 2\n", b"1 2 3\n", False),
    (DEFAULT, b"1 2 3 4\n", b"1 2 3\n", False),
    (DEFAULT, b"12\n", b"1 2\n", False),
    (DEFAULT, b"1.0\n", b"1\n", False),
    (DEFAULT, "Ä\n".encode(), "ä\n".encode(), False),  # ASCII letters only
    (CASE, b"YES\n", b"yes\n", False),
    (CASE, b"yes\n", b"yes\n", True),
    (SPACE, b"1 2\n", b"1 2\n", True),
    (SPACE, b"1  2\n", b"1 2\n", False),
    (SPACE, b"1\t2\n", b"1 2\n", False),
    (SPACE, b"1 2", b"1 2\n", False),
    (SPACE, b" 1 2\n", b"1 2\n", False),
    (SPACE, b"A b\n", b"a B\n", True),
    (ABSOLUTE, b"0.999\n", b"1\n", True),
    (ABSOLUTE, b"1.02\n", b"1\n", False),
    (ABSOLUTE, b"one\n", b"1\n", False),
    (ABSOLUTE, b"1\n", b"one\n", False),
    (ABSOLUTE, b"1e0 .5 5. +3\n", b"1 0.5 5 3\n", True),
    (ABSOLUTE, b"nan\n", b"1\n", False),
    (ABSOLUTE, b"inf\n", b"1\n", False),
    (ABSOLUTE, b"0x1\n", b"1\n", False),
    (ABSOLUTE, b"1_0\n", b"10\n", False),
    (ABSOLUTE, b"nan\n", b"NaN\n", True),  # no number by the format's grammar, so text
    (ABSOLUTE, b"1e999\n", b"1e999\n", True),
    (ABSOLUTE, b"1e999\n", b"1\n", False),
    (RELATIVE, b"100.9\n", b"100\n", True),
    (RELATIVE, b"101.1\n", b"100\n", False),
    (RELATIVE, b"-100.9\n", b"-100\n", True),
    (RELATIVE, b"0.001\n", b"0\n", False),
    (BOTH, b"0.0000005\n", b"0\n", True),
    (BOTH, b"1000000.5\n", b"1000000\n", True),
    (BOTH, b"1" * 5000 + b"\n", b"1\n", False),
]


@pytest.mark.parametrize(("flags", "output", "answer", "right"), CASES)
def test_it_decides_as_the_format_says(flags: CheckerFlags, output: bytes, answer: bytes, right: bool) -> None:
    assert checker(flags)(output, answer) is right


def test_tokens_that_cross_a_block_stay_whole() -> None:
    long = b"7" * 200_000
    assert checker(DEFAULT)(b"1 " + long + b"  2", b"1\n" + long + b"\n2\n")
    assert not checker(DEFAULT)(b"1 " + long + b"  2", b"1\n" + long[:-1] + b"\n2\n")


def test_a_long_output_is_checked_within_seconds() -> None:
    answer = b"\n".join(b"%d" % n for n in range(1_000_000))
    began = time.monotonic()
    assert checker(BOTH)(answer.replace(b"\n", b" "), answer)
    assert time.monotonic() - began < 10


def test_digits_without_end_are_no_way_to_stall_it() -> None:
    began = time.monotonic()
    assert not checker(BOTH)(b"1" * 10_000_000, b"1")
    assert time.monotonic() - began < 5
