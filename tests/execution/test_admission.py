from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.exceptions import ValidationError

from accounts.models import User
from execution import admission, doorbell, intake, presentation
from execution.access import Viewer
from execution.admission import Sender
from execution.languages import LANGUAGES
from execution.models import Judgement, Kind, QueueCounter, Submission
from execution.states import Priority, State
from judge.web.errors import Busy, TooManyRequests
from problems.models import Problem
from tests.factories import NEXT_NUMBER, make_problem, make_submission

PYTHON = LANGUAGES["python3"]


def submit(user: User, problem: Problem) -> Submission:
    files = intake.single_file(PYTHON, NEXT_NUMBER)
    return intake.submit(Sender(user, ""), problem, PYTHON, files)


def queued() -> int:
    return Judgement.objects.filter(state=State.QUEUED).count()


@pytest.mark.django_db
def test_what_is_accepted_is_queued_and_counted(problem: Problem, contestant: User) -> None:
    submission = submit(contestant, problem)
    assert submission.current
    assert (submission.current.state, submission.current.version) == (State.QUEUED, problem.version)
    assert QueueCounter.objects.get().queued == 1


@pytest.mark.django_db
def test_a_user_has_at_most_so_many_queued(problem: Problem, contestant: User, stranger: User, settings: Any) -> None:
    for _ in range(settings.QUEUE_LIMIT_PER_USER):
        submit(contestant, problem)
    with pytest.raises(TooManyRequests) as refusal:
        submit(contestant, problem)
    assert refusal.value.wait > 0
    submit(stranger, problem)
    assert queued() == QueueCounter.objects.get().queued == settings.QUEUE_LIMIT_PER_USER + 1


@pytest.mark.django_db
def test_ones_own_limit_is_told_before_everybodys(problem: Problem, contestant: User, settings: Any) -> None:
    settings.QUEUE_LIMIT = settings.QUEUE_LIMIT_PER_USER
    for _ in range(settings.QUEUE_LIMIT):
        submit(contestant, problem)
    with pytest.raises(TooManyRequests):
        submit(contestant, problem)


@pytest.mark.django_db
def test_the_bell_rings_once_the_row_is_there(
    problem: Problem,
    contestant: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        submit(contestant, problem)
        assert rung == []
    assert rung == ["python3"]


@pytest.mark.django_db
def test_a_full_queue_refuses(problem: Problem, contestant: User, stranger: User, settings: Any) -> None:
    settings.QUEUE_LIMIT = 2
    submit(contestant, problem)
    submit(contestant, problem)
    with pytest.raises(Busy) as refusal:
        submit(stranger, problem)
    assert refusal.value.wait > 0
    assert queued() == 2


@pytest.mark.django_db
def test_it_may_drop_the_oldest_instead_visibly(
    problem: Problem,
    contestant: User,
    stranger: User,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.QUEUE_LIMIT, settings.QUEUE_OVERFLOW = 2, "drop_oldest"
    oldest = submit(contestant, problem)
    submit(contestant, problem)
    assert presentation.polled(oldest.pk, Viewer(contestant, ""))["status"] == "queued"
    with django_capture_on_commit_callbacks(execute=True):
        submit(stranger, problem)
    assert "Dropped" in presentation.polled(oldest.pk, Viewer(contestant, ""))["failure"]
    dropped = Judgement.objects.get(submission=oldest)
    assert (dropped.state, "Dropped" in dropped.failure) == (State.FAILED, True)
    assert queued() == QueueCounter.objects.get().queued == 2


@pytest.mark.django_db
def test_jury_submissions_and_rejudges_take_no_place(problem: Problem, contestant: User) -> None:
    make_submission(problem, None, kind=Kind.JURY, priority=Priority.JURY)
    make_submission(problem, contestant, priority=Priority.REJUDGE)
    admission.recount()
    assert QueueCounter.objects.get().queued == 0


@pytest.mark.django_db
def test_a_recount_puts_a_wrong_counter_right(problem: Problem, contestant: User) -> None:
    submit(contestant, problem)
    QueueCounter.objects.update(queued=77)
    admission.recount()
    assert QueueCounter.objects.get().queued == 1


@pytest.mark.django_db
def test_cancelling_frees_the_place(problem: Problem, contestant: User) -> None:
    submission = submit(contestant, problem)
    intake.cancel(submission.pk, Viewer(contestant, ""))
    assert QueueCounter.objects.get().queued == 0
    assert Judgement.objects.get().failure == intake.CANCELLED
    with pytest.raises(intake.NotQueued):
        intake.cancel(submission.pk, Viewer(contestant, ""))
    assert QueueCounter.objects.get().queued == 0


@pytest.mark.django_db
def test_the_rate_is_per_user(contestant: User, stranger: User, settings: Any) -> None:
    for _ in range(settings.SUBMISSIONS_PER_MINUTE):
        admission.check_rate(Sender(contestant, ""))
    with pytest.raises(TooManyRequests) as refusal:
        admission.check_rate(Sender(contestant, ""))
    assert 1 <= refusal.value.wait <= 60
    admission.check_rate(Sender(stranger, ""))


@pytest.mark.django_db
def test_without_a_user_the_rate_is_per_address(settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 1
    admission.check_rate(Sender(None, "a", "10.0.0.1"))
    with pytest.raises(TooManyRequests):
        admission.check_rate(Sender(None, "b", "10.0.0.1"))
    admission.check_rate(Sender(None, "b", "10.0.0.2"))


@pytest.mark.django_db
def test_what_the_problem_takes_not_does_not_count_for_the_rate(
    problem: Problem, contestant: User, settings: Any
) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 1
    assert problem.version
    problem.version.languages = ["cpp"]
    with pytest.raises(ValidationError):
        submit(contestant, problem)
    problem.version.languages = []
    submit(contestant, problem)
    with pytest.raises(TooManyRequests):
        submit(contestant, problem)


@pytest.mark.django_db
def test_zero_lifts_the_rate(contestant: User, settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 0
    for _ in range(50):
        admission.check_rate(Sender(contestant, ""))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("overflow", ["reject", "drop_oldest"])
def test_the_bound_is_exact_under_parallel_posts(settings: Any, overflow: str) -> None:
    settings.QUEUE_LIMIT, settings.QUEUE_LIMIT_PER_USER, settings.QUEUE_OVERFLOW = 7, 3, overflow
    problem = make_problem(User.objects.create_user("author"))
    users = [User.objects.create_user(f"user{n}") for n in range(10)]

    def post(n: int) -> bool:
        try:
            submit(users[n % len(users)], problem)
        except (Busy, TooManyRequests):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=16) as threads:
        accepted = sum(threads.map(post, range(50)))
    assert queued() == QueueCounter.objects.get().queued == 7
    dropped = Judgement.objects.filter(state=State.FAILED).count()
    assert (accepted, dropped) == (7, 0) if overflow == "reject" else accepted == 7 + dropped
    assert Judgement.objects.count() == accepted
