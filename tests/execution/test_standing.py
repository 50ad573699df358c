"""Who has solved and tried what, how hard problems are, who ranks where: derived from the submissions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import banning
from accounts.models import User
from execution import rejudging, standing, tasks
from execution.models import Judgement, Kind, ProblemStats, Rank, Rejudging, Standing, Submission
from execution.standing import estimate, recount, solved_and_tried, tally
from execution.states import State
from execution.verdicts import Verdict
from problems.models import Problem
from tests.factories import make_judgement, make_problem, make_submission

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def judged(problem: Problem | None, user: User | None, verdict: Verdict, **fields: Any) -> Submission:
    fields = {"state": State.COMPLETED, "verdict": verdict, "finished_at": timezone.now()} | fields
    return make_submission(problem, user, **fields)


def sent(submission: Submission, at: datetime) -> None:
    Submission.objects.filter(pk=submission.pk).update(created=at)


def standings() -> list[tuple[object, ...]]:
    return sorted(Standing.objects.values_list("user__username", "problem__slug", "attempts", "accepted"))


def everything() -> list[list[tuple[Any, ...]]]:
    """All that is derived, without the ids."""
    return [
        sorted(Standing.objects.values_list("user", "problem", "attempts", "accepted", "solved_at"), key=str),
        sorted(ProblemStats.objects.values_list(), key=str),
        sorted(Rank.objects.values_list(), key=str),
    ]


def test_what_was_judged_counts(problem: Problem, contestant: User, stranger: User) -> None:
    for verdict in (Verdict.WA, Verdict.AC, Verdict.AC):
        judged(problem, contestant, verdict)
    judged(problem, stranger, Verdict.CE)
    tally()
    assert standings() == [("contestant", "next-number", 3, 2), ("stranger", "next-number", 1, 0)]
    stats = ProblemStats.objects.get()
    assert (stats.submissions, stats.accepted, stats.tried, stats.solvers) == (4, 2, 2, 1)
    assert stats.difficulty is None
    assert list(Rank.objects.values_list("user__username", "points", "solved")) == [("contestant", 1, 1)]


def test_what_was_not_judged_does_not(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    make_submission(problem, contestant, state=State.FAILED, failure="gone", finished_at=timezone.now())
    judged(problem, contestant, Verdict.AC, kind=Kind.JURY)
    judged(None, contestant, Verdict.AC)
    judged(problem, None, Verdict.AC, session="somebody")
    tally()
    assert everything() == [[], [], []]


def test_a_problem_is_solved_when_the_first_accepted_program_was_sent(problem: Problem, contestant: User) -> None:
    sent(judged(problem, contestant, Verdict.AC), MOMENT + timedelta(days=1))
    sent(judged(problem, contestant, Verdict.AC), MOMENT)
    sent(judged(problem, contestant, Verdict.WA), MOMENT - timedelta(days=1))
    tally()
    assert Standing.objects.get().solved_at == MOMENT
    assert Rank.objects.get().last_solved_at == MOMENT


def test_a_rejudge_takes_a_solve_away(problem: Problem, contestant: User) -> None:
    submission = judged(problem, contestant, Verdict.AC)
    tally()
    assert Rank.objects.count() == 1
    worse = {"state": State.COMPLETED, "verdict": Verdict.WA, "finished_at": timezone.now()}
    submission.current = make_judgement(submission, **worse)
    submission.save()
    assert solved_and_tried(contestant) == {problem.slug: True}  # as tallied, until the next tally
    tally()
    assert standings() == [("contestant", "next-number", 1, 0)]
    assert Standing.objects.get().solved_at is None
    assert Rank.objects.count() == 0
    assert solved_and_tried(contestant) == {problem.slug: False}


def test_a_rejudging_applied_long_after_its_judgements_is_heard_of(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_walk", Walked())
    submission = judged(problem, contestant, Verdict.AC)
    tally()
    rejudging.start(Submission.objects.all(), "all", None, is_preview=True)
    rejudging.advance()
    long_ago = timezone.now() - timedelta(days=1)
    Judgement.objects.update(finished_at=long_ago)
    Judgement.objects.filter(state=State.QUEUED).update(state=State.COMPLETED, verdict=Verdict.WA, finished_at=long_ago)
    rejudging.advance()
    rejudging.apply(Rejudging.objects.get())
    rejudging.advance()
    submission.refresh_from_db()
    assert submission.current
    assert submission.current.verdict == Verdict.WA
    tally()
    assert standings() == [("contestant", "next-number", 1, 0)]


class Walked:
    """Nobody is walked to."""

    def go_on(self, until: float) -> None:
        pass


def test_only_what_was_touched_lately_is_derived_at_once(
    problem: Problem, contestant: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_walk", Walked())
    judged(problem, contestant, Verdict.AC)
    judged(problem, stranger, Verdict.AC, finished_at=timezone.now() - standing.LOOK_BACK * 2)
    tally()
    assert [name for name, *_ in standings()] == ["contestant"]


def test_the_walk_comes_to_everybody_in_turn(
    problem: Problem, contestant: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    for user in (contestant, stranger):
        judged(problem, user, Verdict.AC, finished_at=long_ago)
    monkeypatch.setattr(standing, "USERS_AT_ONCE", 1)
    walk = standing.Walk()
    seen = []
    for _ in range(User.objects.count() + 1):
        walk.go_on(until=0)
        seen.append(len(standings()))
    assert seen[-1] == 2
    assert 1 in seen
    Standing.objects.all().delete()
    walk.go_on(until=float("inf"))
    walk.go_on(until=float("inf"))
    assert len(standings()) == 2


def test_what_is_wrong_is_put_right_and_twice_is_once(problem: Problem, contestant: User, stranger: User) -> None:
    judged(problem, contestant, Verdict.AC)
    tally()
    right = everything()
    Standing.objects.create(user=stranger, problem=problem, attempts=7, accepted=7, solved_at=MOMENT)
    Standing.objects.filter(user=contestant).update(attempts=9, solved_at=None)
    ProblemStats.objects.update(solvers=9)
    Rank.objects.update(points=99)
    recount()
    assert everything() == right
    tally()
    recount()
    assert everything() == right


def test_the_command_derives_all(problem: Problem, contestant: User, capsys: pytest.CaptureFixture[str]) -> None:
    judged(problem, contestant, Verdict.AC, finished_at=MOMENT)
    call_command("recount")
    assert "1 standings on 1 problems, 1 users in the ranking" in capsys.readouterr().out
    assert Rank.objects.get().user == contestant


def test_nothing_is_written_where_nothing_has_changed(
    problem: Problem, contestant: User, django_assert_num_queries: Any
) -> None:
    judged(problem, contestant, Verdict.AC)
    tally()
    with django_assert_num_queries(11) as asked:
        tally()
    assert not [query for query in asked.captured_queries if not query["sql"].startswith("SELECT")]


def test_the_reader_s_own_marks_do_not_wait_for_a_tally(
    problem: Problem, author: User, contestant: User, stranger: User
) -> None:
    other = make_problem(author, "other")
    judged(problem, contestant, Verdict.WA)
    judged(other, contestant, Verdict.AC)
    judged(other, contestant, Verdict.WA)
    make_submission(make_problem(author, "third"), contestant)
    assert solved_and_tried(contestant) == {problem.slug: False, other.slug: True}
    assert solved_and_tried(stranger) == {}
    tally()
    assert solved_and_tried(contestant) == {problem.slug: False, other.slug: True}


def test_points_are_for_public_problems_by_their_difficulty(author: User, contestant: User) -> None:
    for slug, difficulty in [("easy", 2), ("hard", 9), ("unknown", None), ("hidden", 10)]:
        problem = make_problem(author, slug, is_public=slug != "hidden")
        problem.difficulty = difficulty
        problem.save()
        judged(problem, contestant, Verdict.AC)
    tally()
    ProblemStats.objects.filter(problem__slug="easy").update(difficulty=5)  # the setter's word counts
    tally()
    rank = Rank.objects.get()
    assert (rank.points, rank.solved) == (2 + 9 + 1, 3)
    Problem.objects.update(is_public=False)
    tally()
    assert not Rank.objects.exists()


def test_an_estimate_gives_points_where_nobody_has_said(problem: Problem) -> None:
    for n in range(standing.ENOUGH_TRIED):
        judged(problem, User.objects.create_user(f"u{n}"), Verdict.AC if n == 0 else Verdict.WA)
    tally()
    difficulty = ProblemStats.objects.get().difficulty
    assert difficulty == estimate(5, 1, 5, 1)
    assert Rank.objects.get().points == difficulty


def test_banned_users_have_no_rank(problem: Problem, contestant: User) -> None:
    judged(problem, contestant, Verdict.AC)
    tally()
    banning.ban(contestant)
    tally()
    assert not Rank.objects.exists()
    banning.unban(contestant)
    tally()
    assert Rank.objects.get().user == contestant


@pytest.mark.parametrize(
    ("submissions", "accepted", "tried", "solvers", "difficulty"),
    [
        (0, 0, 0, 0, None),
        (4, 4, 4, 4, None),
        (1000, 990, 900, 895, 1),
        (1000, 500, 500, 480, 4),
        (100, 20, 40, 15, 7),
        (1000, 0, 900, 0, 10),
    ],
)
def test_the_fewer_solve_it_the_harder_it_is(
    submissions: int, accepted: int, tried: int, solvers: int, difficulty: int | None
) -> None:
    assert estimate(submissions, accepted, tried, solvers) == difficulty


def test_the_maintenance_worker_tallies(problem: Problem, contestant: User, settings: Any) -> None:
    judged(problem, contestant, Verdict.AC)
    assert settings.CELERY_BEAT_SCHEDULE[tasks.tally.name]["options"]["queue"] == "maintenance"
    tasks.tally()
    assert Rank.objects.exists()
