"""The page of a submission, from the queue to the verdict."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from execution import presentation
from execution.engine import TestOutcome
from execution.languages import LANGUAGES
from execution.models import Rejudge, Rejudging, Submission
from execution.states import State
from execution.submission_page import MAX_LOOKS, MAX_SAMPLES
from execution.verdicts import Verdict
from problems import blobs
from problems.content import plain
from problems.models import Problem
from tests.factories import make_problem, make_submission, make_test
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


def on_sample(number: int, verdict: Verdict, stdout: str, stderr: str = "", detail: str = "") -> dict[str, Any]:
    """A sample's outcome as results keep it: with what was printed."""
    outcome = TestOutcome(number, verdict, 10, 9216, is_sample=True, detail=detail)
    return presentation.test_body(outcome) | {"stdout": stdout, "stderr": stderr}


def on_samples(problem: Problem, owner: User, *tests: dict[str, Any], **fields: Any) -> Submission:
    result = {"tests": list(tests), "total": 3, "compileOutput": ""}
    verdict = next(test["verdict"] for test in tests if test["verdict"] != "AC")
    return make_submission(problem, owner, state=State.COMPLETED, verdict=verdict, result=result, **fields)


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
    assert part(page, "advice") == "All 3 tests passed."
    assert [fact.text for fact in page.all("dd")][::2] == ["contestant", "Python 3"]


def test_tests_after_the_deciding_one_were_not_run(problem: Problem, contestant: User, read: Read) -> None:
    tests = [outcome(1, Verdict.RE, "exit code 1"), outcome(2, Verdict.TLE)]
    page = read(completed(problem, contestant, *tests, verdict=Verdict.RE))
    assert part(page, "heading") == "RE · Runtime error on test 1"
    assert part(page, "explanation") == (
        "It did not run to its end, but stopped with exit code 1. "
        "Most often an exception was not caught: the last line of its error output says which."
    )
    assert [row[1] for row in rows(page)] == ["Runtime error sample, exit code 1", "Time limit exceeded", "not run"]


def test_what_did_not_compile_has_the_compilers_words_and_no_tests(
    problem: Problem, contestant: User, read: Read
) -> None:
    page = read(completed(problem, contestant, verdict=Verdict.CE, words="<b>line 1</b>: '(' was never closed"))
    assert part(page, "heading") == "CE · Compile error"
    assert part(page, "compile-output") == "<b>line 1</b>: '(' was never closed"
    assert part(page, "advice") == "See what the compiler says."
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
    assert [head.text for head in page.all("h3")] == ["main.py", "more.py"]
    assert [mark.text for mark in page.all("span", class_="s")] == ["'<script>alert(1)</script>'"]
    assert all(script.get("src") for script in page.all("script"))


def test_nothing_in_the_program_is_hidden(problem: Problem, contestant: User, read: Read) -> None:
    files = [{"name": "main.py", "content": "x = '\u202e' # \u2066\n"}]
    page = read(make_submission(problem, contestant, files=files))
    assert [mark["data-code"] for mark in page.all("span", class_="unseen")] == ["202E", "2066"]
    assert "\u202e" not in page.html


def test_every_file_can_be_copied(problem: Problem, contestant: User, read: Read) -> None:
    page = read(make_submission(problem, contestant))
    assert page.one("code")["id"] == page.one("button", data_copy="file-1")["data-copy"]


def test_scripts_come_only_where_there_is_something_to_follow(problem: Problem, contestant: User, read: Read) -> None:
    def scripts(submission: Submission) -> list[str]:
        return [script["src"].rpartition("/")[2] for script in read(submission).all("script")]

    assert scripts(make_submission(problem, contestant)) == ["copy.js", "poll.js", "submission.js"]
    assert scripts(completed(problem, contestant, verdict=Verdict.AC)) == ["copy.js"]


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
    assert part(page, "heading") == "No verdict yet"
    assert "has stopped looking" in page.text
    assert page.all("a", href=f"/submissions/{submission.pk}/")[-1].text == "Look again now"


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


def test_a_sample_stands_beside_what_was_printed(problem: Problem, contestant: User, read: Read) -> None:
    page = read(on_samples(problem, contestant, on_sample(1, Verdict.WA, "3 <b>\u202e\n", "Warning: <i>")))
    assert part(page, "heading") == "WA · Wrong answer on test 1"
    assert part(page, "advice") == "See the sample below."
    assert panes(page) == ["1", "2", "3 <b>U+202E", "Warning: <i>"]
    assert [mark.text for mark in page.all("mark")] == ["2", "3"]
    assert "They differ first in line 1: “2” was expected, “3” was printed." in page.text


def panes(page: Page) -> list[str]:
    """What is shown of failed samples: input, expected, printed, error output."""
    samples = page.all("div", class_="failed-sample")
    return [pane.text for pane in page.all("samp") if any(sample in pane.within for sample in samples)]


@pytest.mark.parametrize(
    ("stdout", "words", "marks"),
    [
        ("", "Your output ends too early: “2” was expected next, in line 1.", ["2"]),
        ("2 3", "Your output goes on with “3” in line 1, where nothing more was expected.", ["", "3"]),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    stdout: str, words: str, marks: list[str], problem: Problem, contestant: User, read: Read
) -> None:
    page = read(on_samples(problem, contestant, on_sample(1, Verdict.WA, stdout)))
    assert words in page.text
    assert [mark.text for mark in page.all("mark")] == marks


def test_a_crash_on_a_sample_shows_its_error_output_and_no_difference(
    problem: Problem, contestant: User, read: Read
) -> None:
    page = read(on_samples(problem, contestant, on_sample(1, Verdict.RE, "", "ZeroDivisionError", "exit code 1")))
    assert panes(page) == ["1", "2", "ZeroDivisionError"]
    assert "Nothing." in page.text
    assert not page.all("mark")


def test_a_passed_sample_is_not_shown(problem: Problem, contestant: User, read: Read) -> None:
    secret = presentation.test_body(outcome(2, Verdict.WA))
    page = read(on_samples(problem, contestant, on_sample(1, Verdict.AC, "2"), secret))
    assert panes(page) == []
    assert part(page, "advice") == "It is a secret test: what is in it is not shown."


def test_of_a_secret_test_nothing_is_ever_shown(problem: Problem, contestant: User, read: Read) -> None:
    """Not even if its output were kept, or it said that it is a sample."""
    leaked = presentation.test_body(outcome(2, Verdict.WA)) | {"stdout": "leaked", "stderr": "", "isSample": True}
    page = read(on_samples(problem, contestant, leaked))
    assert panes(page) == []
    assert "leaked" not in page.html
    assert "41" not in panes(page)


def test_a_sample_that_is_shown_otherwise_than_judged_has_no_marks(author: User, contestant: User, read: Read) -> None:
    shown = blobs.put(BytesIO(b"as shown"))
    test = replace(make_test(1, 1, is_sample=True), shown_answer=shown)
    problem = make_problem(author, "shown", test_cases_json=plain([test]))
    page = read(on_samples(problem, contestant, on_sample(1, Verdict.WA, "3")))
    assert panes(page) == ["1", "as shown", "3"]
    assert not page.all("mark")


def test_samples_of_a_problem_that_was_withdrawn_are_not_shown(problem: Problem, contestant: User, read: Read) -> None:
    submission = on_samples(problem, contestant, on_sample(1, Verdict.WA, "3"))
    Problem.objects.update(is_public=False)
    page = read(submission)
    assert panes(page) == []
    assert not [link for link in page.all("a") if "from=" in link["href"]]


def test_only_the_first_failed_samples_are_shown(author: User, contestant: User, read: Read) -> None:
    tests = [make_test(number, number, is_sample=True) for number in range(1, 9)]
    problem = make_problem(author, "many", test_cases_json=plain(tests))
    page = read(on_samples(problem, contestant, *(on_sample(test.number, Verdict.WA, "x") for test in tests)))
    assert len(page.all("div", class_="failed-sample")) == MAX_SAMPLES


def test_bars_show_how_much_of_the_limits_was_used(problem: Problem, contestant: User, read: Read) -> None:
    page = read(completed(problem, contestant, outcome(1, Verdict.AC), verdict=Verdict.AC))
    time, memory = page.all("meter")[:2]
    limit = LANGUAGES["python3"].time_limit_ms(1000)
    assert (time["value"], time["max"]) == ("10", str(limit))
    assert int(memory["max"]) == (settings.DEFAULT_MEMORY_MB + 8) * 1024
    assert "≤ 1 s" in page.one("thead").text


def test_an_accepted_one_is_placed_among_the_others(problem: Problem, contestant: User, read: Read) -> None:
    for time_ms in (10, 20, 30, 40):
        make_submission(problem, contestant, state=State.COMPLETED, verdict="AC", score=1.0, time_ms=time_ms)
    own = make_submission(problem, contestant, state=State.COMPLETED, verdict="AC", score=1.0, time_ms=15)
    page = read(own)
    assert "Faster than 60 %" in [head.text for head in page.all("h2")]
    assert "Of 5 accepted programs in Python 3, half take at most 20 ms" in page.text
    assert page.one("rect", class_="own").text == "15 to 17 ms: 1"


def test_a_wrong_one_is_not(problem: Problem, contestant: User, read: Read) -> None:
    for _ in range(5):
        make_submission(problem, contestant, state=State.COMPLETED, verdict="AC", score=1.0, time_ms=9)
    assert not read(completed(problem, contestant, outcome(1, Verdict.WA), verdict=Verdict.WA)).all("svg")


def test_it_can_be_changed_and_sent_again(problem: Problem, contestant: User, read: Read, signed_in: SignedIn) -> None:
    files = [{"name": "main.c", "content": "int main() { return '\u202e'; }"}]
    submission = make_submission(problem, contestant, files=files, language="c")
    (link,) = (link for link in read(submission).all("a") if "from=" in link["href"])
    page = Page.of(signed_in(contestant).get(link["href"]))
    assert page.one("textarea", id="id_code").text == files[0]["content"]
    assert page.one("option", selected="")["value"] == "c"
    assert page.one("form", class_="desk")["data-drafts"] == f"{contestant.pk}:{problem.slug}:{submission.pk}"


def test_several_files_are_not_changed_in_one_field(problem: Problem, contestant: User, read: Read) -> None:
    files = [{"name": name, "content": "x"} for name in ("main.py", "more.py")]
    submission = make_submission(problem, contestant, files=files)
    assert not [link for link in read(submission).all("a") if "from=" in link["href"]]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_nobody_else_gets_the_code_that_way(
    who: str, problem: Problem, contestant: User, stranger: User, signed_in: SignedIn
) -> None:
    submission = make_submission(problem, contestant, files=[{"name": "main.py", "content": "my own idea"}])
    browser = signed_in(stranger) if who == "stranger" else Client()
    for identity in (str(submission.pk), "x", "%00"):
        response = browser.get(f"/problems/{problem.slug}/?from={identity}")
        assert response.status_code == 200
        assert "my own idea" not in response.content.decode()


def test_staff_rejudge_it(problem: Problem, contestant: User, staff: User, signed_in: SignedIn) -> None:
    submission = completed(problem, contestant, outcome(1, Verdict.WA), verdict=Verdict.WA)
    path = f"/submissions/{submission.pk}/rejudge/"
    browser = signed_in(staff)
    assert Page.of(browser.get(f"/submissions/{submission.pk}/")).one("form", action=path)["method"] == "post"
    assert browser.get(path).status_code == 405
    response = browser.post(path)
    assert response["Location"] == Rejudging.objects.get().get_absolute_url()
    assert Rejudge.objects.get().submission == submission


def test_others_do_not(problem: Problem, contestant: User, read: Read, signed_in: SignedIn) -> None:
    submission = completed(problem, contestant, outcome(1, Verdict.WA), verdict=Verdict.WA)
    assert not read(submission).all("form", action=f"/submissions/{submission.pk}/rejudge/")
    assert signed_in(contestant).post(f"/submissions/{submission.pk}/rejudge/").status_code == 404
    assert not Rejudging.objects.exists()


def test_two_are_compared_the_older_first(problem: Problem, contestant: User, read: Read, signed_in: SignedIn) -> None:
    old = make_submission(problem, contestant, files=[{"name": "main.py", "content": "a = 1\nprint(a)\n"}])
    new = make_submission(problem, contestant, files=[{"name": "main.py", "content": "a = '\u202e<i>'\nprint(a)\n"}])
    (link,) = (link for link in read(new).all("a") if "/compare/" in link["href"])
    assert not [link for link in read(old).all("a") if "/compare/" in link["href"]]
    browser = signed_in(contestant)
    for address in (link["href"], f"/submissions/compare/?of={new.pk}&of={old.pk}"):
        page = Page.of(browser.get(address))
        assert [row.text for row in page.all("tr")[1:4]] == ["1removed−a = 1", "1added+a = 'U+202E<i>'", "22print(a)"]


def test_equal_ones_say_so(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    pair = [str(make_submission(problem, contestant).pk) for _ in range(2)]
    page = Page.of(signed_in(contestant).get("/submissions/compare/", {"of": pair}))
    assert "The two programs are the same." in page.text


@pytest.mark.parametrize("count", [0, 1, 3])
def test_it_takes_two_to_compare(count: int, problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    chosen = [str(make_submission(problem, contestant).pk) for _ in range(count)]
    response = signed_in(contestant).get("/submissions/compare/", {"of": chosen})
    assert response.status_code == 400
    assert "Two submissions are needed" in Page.of(response).text


def test_only_what_one_may_open_is_compared(
    problem: Problem, contestant: User, stranger: User, signed_in: SignedIn
) -> None:
    mine, other, run = (
        make_submission(problem, stranger),
        make_submission(problem, contestant),
        make_submission(None, stranger),
    )
    for second in (str(other.pk), str(run.pk), "x", "%00"):
        assert signed_in(stranger).get("/submissions/compare/", {"of": [str(mine.pk), second]}).status_code == 404


def test_the_part_that_scripts_load_is_the_one_of_the_page(
    problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    submission = on_samples(problem, contestant, on_sample(1, Verdict.WA, "3"))
    browser = signed_in(contestant)
    whole, only = (browser.get(f"/submissions/{submission.pk}/{path}").content.decode() for path in ("", "result/"))
    assert only.strip().startswith("<section")
    assert only.strip() in whole


@pytest.mark.parametrize("path", ["", "result/"])
@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_both_are_for_those_who_may_open_it(
    path: str, who: str, problem: Problem, contestant: User, stranger: User, signed_in: SignedIn
) -> None:
    submission = completed(problem, contestant, verdict=Verdict.AC)
    browser = signed_in(stranger) if who == "stranger" else Client()
    assert browser.get(f"/submissions/{submission.pk}/{path}").status_code == 404


def test_the_number_of_queries_is_fixed(
    author: User,
    contestant: User,
    signed_in: SignedIn,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    """Session, user, submission (twice, unless its answer is in the cache), its limits and its sender's one before;
    then its samples, or its rivals' times (unless they are)."""
    tests = [make_test(number, number, is_sample=True) for number in range(1, 5)]
    problem = make_problem(author, "many", test_cases_json=plain(tests))
    wrong = on_samples(problem, contestant, *(on_sample(test.number, Verdict.WA, "x") for test in tests))
    right = completed(problem, contestant, outcome(1, Verdict.AC), verdict=Verdict.AC)
    browser = signed_in(contestant)
    for submission, cold, warm in ((wrong, 7, 6), (right, 7, 5)):
        cache.clear()
        for count in (cold, warm):
            with django_assert_num_queries(count):
                browser.get(f"/submissions/{submission.pk}/")
