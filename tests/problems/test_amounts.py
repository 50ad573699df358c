"""Amounts in templates: what a template hands over is written, or left out; it never raises."""

import pytest

from problems.templatetags.amounts import megabytes, milliseconds, seconds


def test_numbers_have_their_unit() -> None:
    assert (milliseconds(12), seconds(1500), megabytes(9300)) == ("12 ms", "1.5 s", "9.1 MB")
    assert (milliseconds(0), seconds(0), megabytes(0)) == ("0 ms", "0 s", "0.0 MB")


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_missing_is_written_as_nothing(nothing: str | None) -> None:
    assert (milliseconds(nothing), seconds(nothing), megabytes(nothing)) == ("", "", "")
