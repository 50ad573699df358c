from typing import Any

import pytest

from accounts.models import User
from execution import access, grading, intake, presentation
from execution.access import Viewer
from execution.admission import Sender
from execution.jobs import job_of
from execution.languages import LANGUAGES
from execution.models import Submission
from execution.sandbox.fake import report
from execution.states import Priority, State
from problems.models import Problem
from tests.execution.programs import Judge, on_tests, solves
from tests.factories import NEXT_NUMBER, make_judgement, make_submission

pytestmark = pytest.mark.django_db

PYTHON = LANGUAGES["python3"]


def viewer(user: User | None, session: str = "") -> Viewer:
    return Viewer(user, session)


def grade(judge: Judge | None = None) -> None:
    held = grading.claim(["python3"], "w")
    assert held
    judgement = grading.load(held)
    grading.grade(held, judgement, job_of(judgement), judge or Judge(solves), lambda: True)


def test_it_follows_the_submission(problem: Problem, contestant: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        submission = intake.submit(Sender(contestant, ""), problem, PYTHON, intake.single_file(PYTHON, NEXT_NUMBER))
    queued = presentation.polled(submission.pk, viewer(contestant))
    assert (queued["status"], queued["verdict"], queued["progress"]) == ("queued", None, {"done": 0, "total": 3})
    with django_capture_on_commit_callbacks(execute=True):
        grade()
    done = presentation.polled(submission.pk, viewer(contestant))
    assert (done["status"], done["verdict"], done["progress"]) == ("completed", "AC", {"done": 3, "total": 3})


def test_progress_shows_while_it_runs(problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presentation, "_PROGRESS_INTERVAL", 0)
    submission = make_submission(problem, contestant)
    seen: list[int] = []

    def look(stdin: bytes) -> Any:
        seen.append(presentation.polled(submission.pk, viewer(contestant))["progress"]["done"])
        return report(b"%d" % (int(stdin) + 1))

    grade(Judge(on_tests(look)))
    assert seen == sorted(seen)
    assert seen[-1] >= 1


def test_polling_what_is_cached_asks_no_database(
    problem: Problem, contestant: User, django_assert_num_queries: Any
) -> None:
    submission = make_submission(problem, contestant)
    presentation.polled(submission.pk, viewer(contestant))
    with django_assert_num_queries(0):
        presentation.polled(submission.pk, viewer(contestant))


def test_the_cached_answer_is_still_only_for_those_who_may_see_it(
    problem: Problem, contestant: User, author: User, stranger: User, staff: User
) -> None:
    submission = make_submission(problem, contestant)
    for allowed in (contestant, author, staff):
        assert presentation.polled(submission.pk, viewer(allowed))["id"] == str(submission.pk)
    for other in (viewer(stranger), viewer(None), viewer(None, "some-session")):
        with pytest.raises(Submission.DoesNotExist):
            presentation.polled(submission.pk, other)


def test_an_anonymous_submission_belongs_to_its_session(problem: Problem, stranger: User) -> None:
    submission = make_submission(problem, None, session="mine")
    assert presentation.polled(submission.pk, viewer(None, "mine"))
    for other in (viewer(None, "other"), viewer(None, ""), viewer(stranger)):
        with pytest.raises(Submission.DoesNotExist):
            presentation.polled(submission.pk, other)


def test_a_late_reader_can_not_put_an_old_answer_back(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """One who loaded the row while it was queued, and writes the cache after it was completed."""
    submission = make_submission(problem, contestant)

    def slowly(submission_id: Any, who: Viewer) -> Submission:
        stale = access.find(submission_id, who)
        assert stale.current
        assert stale.current.state == "queued"
        with django_capture_on_commit_callbacks(execute=True):
            grade()
        return stale

    with monkeypatch.context() as patched:
        patched.setattr("execution.presentation.find", slowly)
        presentation.polled(submission.pk, viewer(contestant))
    assert presentation.polled(submission.pk, viewer(contestant))["status"] == "completed"


def test_a_second_attempt_begins_anew(
    problem: Problem, contestant: User, django_capture_on_commit_callbacks: Any
) -> None:
    submission = make_submission(problem, contestant)
    with django_capture_on_commit_callbacks(execute=True):
        first = grading.claim(["python3"], "w")
    assert first
    judgement = grading.load(first)
    with pytest.raises(grading.ClaimLost):
        grading.grade(first, judgement, job_of(judgement), Judge(solves), lambda: False)
    assert presentation.polled(submission.pk, viewer(contestant))["progress"]["done"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        grading.give_up_attempt(first, "?")
    assert presentation.polled(submission.pk, viewer(contestant))["status"] == "queued"
    second = grading.claim(["python3"], "w")
    assert second
    grading.load(second)
    shown = presentation.polled(submission.pk, viewer(contestant))
    assert (shown["status"], shown["progress"]["done"], shown["tests"]) == ("running", 0, [])


def test_a_run_is_not_a_submission(problem: Problem, contestant: User) -> None:
    run, submission = make_submission(None, contestant), make_submission(problem, contestant)
    assert "stdout" in presentation.polled(run.pk, viewer(contestant), is_run=True)
    for pk, is_run in ((run.pk, False), (submission.pk, True)):
        with pytest.raises(Submission.DoesNotExist):
            presentation.polled(pk, viewer(contestant), is_run=is_run)


def test_a_setter_does_not_see_runs(problem: Problem, contestant: User, author: User, staff: User) -> None:
    run = make_submission(None, contestant)
    assert presentation.polled(run.pk, viewer(staff), is_run=True)
    with pytest.raises(Submission.DoesNotExist):
        presentation.polled(run.pk, viewer(author), is_run=True)


def test_that_it_runs_is_seen_from_what_is_loaded_to_judge_it(
    problem: Problem, contestant: User, author: User, django_assert_num_queries: Any
) -> None:
    submission = make_submission(problem, contestant)
    held = grading.claim(["python3"], "w")
    assert held
    with django_assert_num_queries(1):
        grading.load(held)
        shown = [presentation.polled(submission.pk, viewer(reader)) for reader in (contestant, author)]
    assert [(body["status"], body["problem"], body["progress"]["total"]) for body in shown] == [
        ("running", problem.slug, 3)
    ] * 2


def test_while_it_is_judged_once_more_the_old_result_is_seen(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    make_judgement(submission, priority=Priority.REJUDGE)
    held = grading.claim(["python3"], "w")
    assert held
    grading.load(held)
    shown = presentation.polled(submission.pk, viewer(contestant))
    assert (shown["status"], shown["verdict"]) == ("completed", "WA")
