"""What can become of a program on a test, and of a submission as a whole. Knows neither ORM nor sandbox."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The codes of design section 5."""

    AC = "AC"
    WA = "WA"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RE = "RE"
    CE = "CE"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Verdict.AC: "Accepted",
    Verdict.WA: "Wrong answer",
    Verdict.TLE: "Time limit exceeded",
    Verdict.MLE: "Memory limit exceeded",
    Verdict.OLE: "Output limit exceeded",
    Verdict.RE: "Runtime error",
    Verdict.CE: "Compile error",
}


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The first that isn't AC, in the order of the tests; AC if all are."""
    return next((verdict for verdict in verdicts if verdict is not Verdict.AC), Verdict.AC)
