"""The page of a submission, from the queue to the verdict."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from execution import presentation
from execution.engine import TestOutcome
from execution.models import Submission
from execution.states import State
from execution.verdicts import Verdict
from execution.views import MAX_LOOKS
from problems.models import Problem
from tests.factories import make_submission
from tests.pages.reading import Page

SignedIn = Callable[[User], Client]


def outcome(number: int, verdict: Verdict, detail: str = "") -> TestOutcome:
    return TestOutcome(number, verdict, 10 * number, 9216 + 128 * number, is_sample=number == 1, detail=detail)


def completed(problem: Problem, owner: User, *outcomes: TestOutcome, verdict: Verdict, words: str = "") -> Submission:
    return make_submission(
        problem,
        owner,
        state=State.COMPLETED,
        verdict=verdict,
        time_ms=max((test.time_ms for test in outcomes), default=None),
        memory_kb=max((test.memory_kb for test in outcomes), default=None),
        result={"tests": [presentation.test_body(test) for test in outcomes], "total": 3, "compileOutput": words},
    )


@pytest.fixture
def read(contestant: User, signed_in: SignedIn) -> Callable[..., Page]:
    """The page as the contestant sees it."""
    browser = signed_in(contestant)

    def page(submission: Submission, query: str = "") -> Page:
        response = browser.get(f"/submissions/{submission.pk}/{query}")
        assert response.status_code == 200
        return Page.of(response)

    return page


Read = Callable[..., Page]


def rows(page: Page) -> list[list[str]]:
    """What the table of tests says, row by row."""
    body = page.one("tbody")
    lines = [line for line in page.all("tr") if body in line.within]
    return [[cell.text for cell in page.all("th", "td") if line in cell.within] for line in lines]


def part(page: Page, name: str) -> str | None:
    """The text of a part, None where it is hidden."""
    element = page.one(data_part=name)
    return None if element.get("hidden") is not None else element.text


def test_it_waits_in_the_queue(problem: Problem, contestant: User, read: Read) -> None:
    page = read(make_submission(problem, contestant))
    assert part(page, "heading") == "Waiting in the queue"
    assert part(page, "progress") == "0 of 3 tests"
    assert part(page, "figures") is part(page, "failure") is part(page, "compiler") is None
    assert rows(page) == [[str(number), "…", "", ""] for number in (1, 2, 3)]
    assert page.one("title").text == "Waiting in the queue · The next number · Verdict"


def test_it_shows_how_far_the_judging_is(problem: Problem, contestant: User, read: Read) -> None:
    submission = make_submission(problem, contestant, state=State.RUNNING)
    assert submission.current
    presentation.ProgressShow(submission.current, 3).update([outcome(1, Verdict.AC)])
    page = read(submission)
    assert part(page, "heading") == "Being judged"
    assert part(page, "progress") == "1 of 3 tests"
    assert rows(page)[:2] == [["1", "Accepted sample", "10 ms", "9.1 MB"], ["2", "…", "", ""]]


def test_it_is_accepted(problem: Problem, contestant: User, read: Read) -> None:
    tests = [outcome(number, Verdict.AC) for number in (1, 2, 3)]
    page = read(completed(problem, contestant, *tests, verdict=Verdict.AC))
    assert part(page, "heading") == "AC · Accepted"
    assert page.one(data_part="heading")["data-verdict"] == "AC"
    assert part(page, "figures") == "30 ms, 9.4 MB"
    assert part(page, "progress") is None
    assert rows(page)[2] == ["3", "Accepted", "30 ms", "9.4 MB"]


def test_tests_after_the_deciding_one_were_not_run(problem: Problem, contestant: User, read: Read) -> None:
    tests = [outcome(1, Verdict.RE, "exit code 1"), outcome(2, Verdict.TLE)]
    page = read(completed(problem, contestant, *tests, verdict=Verdict.RE))
    assert part(page, "heading") == "RE · Runtime error"
    assert [row[1] for row in rows(page)] == ["Runtime error sample, exit code 1", "Time limit exceeded", "not run"]


def test_what_did_not_compile_has_the_compilers_words_and_no_tests(
    problem: Problem, contestant: User, read: Read
) -> None:
    page = read(completed(problem, contestant, verdict=Verdict.CE, words="<b>line 1</b>: '(' was never closed"))
    assert part(page, "heading") == "CE · Compile error"
    assert part(page, "compile-output") == "<b>line 1</b>: '(' was never closed"
    assert part(page, "tests") is None
    assert part(page, "figures") is None


def test_what_could_not_be_judged_says_why(problem: Problem, contestant: User, read: Read) -> None:
    page = read(make_submission(problem, contestant, state=State.FAILED, failure="Dropped: the queue was full."))
    assert part(page, "heading") == "Not judged"
    assert part(page, "failure") == "Dropped: the queue was full."
    assert part(page, "tests") is None


def test_the_program_is_shown_and_escaped(problem: Problem, contestant: User, read: Read) -> None:
    files = [
        {"name": "main.py", "content": "print('<script>alert(1)</script>')"},
        {"name": "more.py", "content": "x = 1"},
    ]
    page = read(make_submission(problem, contestant, files=files))
    assert [code.text for code in page.all("code")] == [file["content"] for file in files]
    assert all(script.get("src") for script in page.all("script"))


def test_scripts_come_only_where_there_is_something_to_follow(problem: Problem, contestant: User, read: Read) -> None:
    assert len(read(make_submission(problem, contestant)).all("script")) == 2
    assert not read(completed(problem, contestant, verdict=Verdict.AC)).all("script")


def test_without_scripts_it_looks_again_but_not_for_ever(problem: Problem, contestant: User, read: Read) -> None:
    submission = make_submission(problem, contestant)
    query, looks, waited = "", 0, 0
    while refresh := read(submission, query).all("meta", http_equiv="refresh"):
        wait, _, address = refresh[0]["content"].partition("; url=")
        query, looks, waited = address, looks + 1, waited + int(wait)
        assert looks <= MAX_LOOKS
    assert looks == MAX_LOOKS
    assert waited >= 30
    page = read(submission, query)
    assert "has stopped looking" in page.text
    assert [link.text for link in page.all("a", href=f"/submissions/{submission.pk}/")] == ["Look again now"]


@pytest.mark.parametrize("look", ["-1", "x", "", "9" * 5000, "%00", "²", "10", "11"])
def test_a_made_up_look_is_the_last_one(look: str, problem: Problem, contestant: User, read: Read) -> None:
    assert not read(make_submission(problem, contestant), f"?look={look}").all("meta", http_equiv="refresh")


def test_what_is_judged_is_not_looked_at_again(problem: Problem, contestant: User, read: Read) -> None:
    assert not read(completed(problem, contestant, verdict=Verdict.AC)).all("meta", http_equiv="refresh")


@pytest.mark.parametrize(
    ("who", "status"),
    [("contestant", 200), ("author", 200), ("staff", 200), ("stranger", 404), ("nobody", 404)],
)
@pytest.mark.parametrize("warm", [False, True])
def test_it_is_there_for_its_sender_the_setter_and_staff(
    warm: bool,
    who: str,
    status: int,
    problem: Problem,
    author: User,
    contestant: User,
    staff: User,
    stranger: User,
    signed_in: SignedIn,
) -> None:
    submission = completed(problem, contestant, verdict=Verdict.AC)
    if warm:
        signed_in(contestant).get(f"/submissions/{submission.pk}/")
    users = {"contestant": contestant, "author": author, "staff": staff, "stranger": stranger}
    browser = signed_in(users[who]) if who in users else Client()
    assert browser.get(f"/submissions/{submission.pk}/").status_code == status


def test_runs_have_no_page_of_this_kind(contestant: User, signed_in: SignedIn) -> None:
    run = make_submission(None, contestant)
    assert signed_in(contestant).get(f"/submissions/{run.pk}/").status_code == 404


def test_it_is_not_kept_by_browsers(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    cache.clear()
    response = signed_in(contestant).get(f"/submissions/{make_submission(problem, contestant).pk}/")
    assert "no-store" in response["Cache-Control"]


def test_it_only_reads(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    submission = make_submission(problem, contestant)
    assert signed_in(contestant).post(f"/submissions/{submission.pk}/").status_code == 405
