"""Submissions in the words of the pages, which static/js/submission.js is handed and puts into the page too."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from execution.access import Ownership, Viewer
from execution.languages import LANGUAGES
from execution.models import Submission
from execution.states import TERMINAL, State
from execution.verdicts import Verdict

Json = dict[str, Any]

PENDING, NOT_RUN, STOPPED = "pending", "not run", "stopped"
WORDS = {
    State.QUEUED.value: _("Waiting in the queue"),
    State.RUNNING.value: _("Being judged"),
    State.FAILED.value: _("Not judged"),
    PENDING: "…",
    NOT_RUN: _("not run"),
    STOPPED: _("No verdict yet"),
    "gone": _("Not found"),
    "sample": _("sample"),
    "count": _("{done} of {total} tests"),
}


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test as the table shows it; nothing but its number is known of one that did not run (yet)."""

    __test__ = False  # not pytest's

    number: int
    words: str
    verdict: str = ""
    note: str = ""
    time_ms: int | None = None
    memory_kb: int | None = None


BLANK_ROW = TestRow(0, "")  # for scripts to fill in


def words_json() -> str:
    """All words that scripts put into the page."""
    return json.dumps({key: words_for(key) for key in (*WORDS, *Verdict)})


def words_for(key: str) -> str:
    """Of a verdict's code, or of a key of WORDS."""
    return str(WORDS[key]) if key in WORDS else gettext(Verdict(key).words)


def heading(answer: Json, *, is_followed: bool = True) -> str:
    """ "WA · Wrong answer on test 3", or where the judgement stands; `is_followed`: as long as somebody asks."""
    verdict = answer["verdict"]
    if not verdict:
        return words_for(answer["status"] if is_followed or answer["status"] in TERMINAL else STOPPED)
    test = deciding_test(answer)
    if test is None:
        return f"{verdict} · {words_for(verdict)}"
    return gettext("%(code)s · %(words)s on test %(number)d") % {
        "code": verdict,
        "words": words_for(verdict),
        "number": test["number"],
    }


def deciding_test(answer: Json) -> Json | None:
    """The first test that a judged program failed, which decided its verdict; None where it failed none."""
    tests: list[Json] = answer["tests"] if answer["verdict"] else []
    return next((test for test in tests if test["verdict"] == answer["verdict"] != Verdict.AC), None)


def test_rows(answer: Json) -> list[TestRow]:
    """A row for every test of an answer (`execution.presentation.polled`), so that the table keeps its size while they
    come in; none where it has ended without running any."""
    is_final = answer["status"] in TERMINAL
    run = [_row_of(test) for test in answer["tests"]]
    if is_final and not run:
        return []
    rest = range(len(run) + 1, answer["progress"]["total"] + 1)
    return run + [TestRow(number, words_for(NOT_RUN if is_final else PENDING)) for number in rest]


def list_row(submission: Submission, viewer: Viewer) -> Json:
    """A line of a list: `is_open` says whether the viewer may open it, `is_own` whether it is theirs."""
    judgement = submission.current
    status, verdict = (judgement.state, judgement.verdict) if judgement else (State.QUEUED.value, "")
    ownership = Ownership.of(submission)
    return {
        "submission": submission,
        "verdict": verdict,
        "words": words_for(verdict) if verdict else State(status).label,
        "language": language_name(submission),
        "is_open": ownership.is_open_to(viewer),
        "is_own": ownership.was_sent_by(viewer),
    }


def language_name(submission: Submission) -> str:
    """Also of one whose language is gone from the table."""
    language = LANGUAGES.get(submission.language)
    return language.name if language else submission.language


def _row_of(test: Json) -> TestRow:
    return TestRow(
        number=test["number"],
        words=words_for(test["verdict"]),
        verdict=test["verdict"],
        note=", ".join(filter(None, [test["isSample"] and words_for("sample"), test["detail"]])),
        time_ms=test["timeMs"],
        memory_kb=test["memoryKb"],
    )
