"""Submissions in the words of the pages, which static/js/submission.js is handed and puts into the page too."""

import json
from dataclasses import dataclass
from typing import Any

from execution.access import Ownership, Viewer
from execution.languages import LANGUAGES
from execution.models import Submission
from execution.states import TERMINAL, State
from execution.verdicts import Verdict

PENDING, NOT_RUN = "pending", "not run"
WORDS = {
    State.QUEUED.value: "Waiting in the queue",
    State.RUNNING.value: "Being judged",
    State.FAILED.value: "Not judged",
    PENDING: "…",
    NOT_RUN: "not run",
    **{verdict.value: verdict.words for verdict in Verdict},
}
WORDS_JSON = json.dumps(WORDS)


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test as the table shows it; nothing but its number is known of one that did not run (yet)."""

    __test__ = False  # not pytest's

    number: int
    words: str
    verdict: str = ""
    detail: str = ""
    time_ms: int | None = None
    memory_kb: int | None = None
    is_sample: bool = False


BLANK_ROW = TestRow(0, "")  # for scripts to fill in


def heading(status: str, verdict: str | None) -> str:
    """ "AC · Accepted", or where the judgement stands."""
    return f"{verdict} · {WORDS[verdict]}" if verdict else WORDS[status]


def test_rows(answer: dict[str, Any]) -> list[TestRow]:
    """A row for every test of an answer (`execution.presentation.polled`), so that the table keeps its size while they
    come in; none where it has ended without running any."""
    is_final = answer["status"] in TERMINAL
    run = [_row_of(test) for test in answer["tests"]]
    if is_final and not run:
        return []
    rest = range(len(run) + 1, answer["progress"]["total"] + 1)
    return run + [TestRow(number, WORDS[NOT_RUN if is_final else PENDING]) for number in rest]


def list_row(submission: Submission, viewer: Viewer) -> dict[str, Any]:
    """A line of a list: `is_open` says whether the viewer may open it."""
    judgement = submission.current
    status, verdict = (judgement.state, judgement.verdict) if judgement else (State.QUEUED.value, "")
    return {
        "submission": submission,
        "verdict": verdict,
        "words": WORDS[verdict] if verdict else State(status).label,
        "language": language_name(submission),
        "is_open": Ownership.of(submission).is_open_to(viewer),
    }


def language_name(submission: Submission) -> str:
    """Also of one whose language is gone from the table."""
    language = LANGUAGES.get(submission.language)
    return language.name if language else submission.language


def _row_of(test: dict[str, Any]) -> TestRow:
    return TestRow(
        number=test["number"],
        words=WORDS[test["verdict"]],
        verdict=test["verdict"],
        detail=test["detail"],
        time_ms=test["timeMs"],
        memory_kb=test["memoryKb"],
        is_sample=test["isSample"],
    )
