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


def _(text: str) -> str:
    """Marks a text for `script/messages`: pages translate it, and this module knows no Django."""
    return text


_WORDS = {
    Verdict.AC: _("Accepted"),
    Verdict.WA: _("Wrong answer"),
    Verdict.TLE: _("Time limit exceeded"),
    Verdict.MLE: _("Memory limit exceeded"),
    Verdict.OLE: _("Output limit exceeded"),
    Verdict.RE: _("Runtime error"),
    Verdict.CE: _("Compile error"),
}


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The first that isn't AC, in the order of the tests; AC if all are."""
    return next((verdict for verdict in verdicts if verdict is not Verdict.AC), Verdict.AC)
