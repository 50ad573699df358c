"""How fast a program is among those that were accepted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from execution.models import Judgement, Kind
from execution.speeds import BARS, FEWEST, HEIGHT, WIDTH, Ranking, ranking_of
from execution.states import Priority, State
from problems.models import Problem
from tests.factories import make_judgement, make_submission, make_version

Solve = Callable[..., Judgement]


@pytest.fixture
def solve(problem: Problem, contestant: User) -> Solve:
    """An accepted program that takes so long."""

    def solved(time_ms: int, **fields: Any) -> Judgement:
        values = {"state": State.COMPLETED, "verdict": "AC", "score": 1.0, "time_ms": time_ms} | fields
        submission = make_submission(problem, contestant, **values)
        assert submission.current
        return submission.current

    return solved


def ranking(judgement: Judgement) -> Ranking:
    found = ranking_of(judgement, "python3")
    assert found
    return found


def test_it_stands_where_others_are_slower(solve: Solve) -> None:
    *_, middle, _, slowest = [solve(time_ms) for time_ms in (10, 20, 30, 40, 50)]
    found = ranking(middle)
    assert (found.percent, found.count, found.median_ms, found.own_ms) == (40, 5, 30, 30)
    assert ranking(slowest).percent == 0


def test_as_fast_is_not_faster(solve: Solve) -> None:
    *_, own = (solve(10) for _ in range(10))
    assert ranking(own).percent == 0


def test_with_too_few_there_is_nothing_to_compare(solve: Solve) -> None:
    *_, own = (solve(10) for _ in range(FEWEST - 1))
    assert ranking_of(own, "python3") is None


def test_what_was_judged_again_counts_once(solve: Solve) -> None:
    *_, own = (solve(10) for _ in range(FEWEST))
    values = {"state": State.COMPLETED, "verdict": "AC", "score": 1.0, "time_ms": 10, "priority": Priority.REJUDGE}
    make_judgement(own.submission, **values)
    assert ranking(own).count == FEWEST


def test_only_accepted_ones_of_that_version_and_language_count(
    solve: Solve, problem: Problem, contestant: User
) -> None:
    *_, own = (solve(10) for _ in range(FEWEST))
    Judgement.objects.filter(pk=solve(90).pk).update(version=make_version(problem, 2))
    for fields in (
        {"verdict": "WA", "score": 0.0},
        {"image": "c"},
        {"priority": Priority.JURY, "kind": Kind.JURY},
    ):
        solve(90, **fields)
    assert ranking(own).count == FEWEST


def test_the_bars_hold_everybody_and_fit_the_picture(solve: Solve) -> None:
    judgements = [solve(time_ms) for time_ms in (0, 1, 1, 7, 40, 63, 64, 65, 900, 30_000)]
    for own in (judgements[0], judgements[7], judgements[-1]):
        bars = ranking(own).bars
        assert len(bars) == BARS
        assert sum(bar.count for bar in bars) == len(judgements)
        assert [bar.count > 0 for bar in bars if bar.is_own] == [True]
        assert max(bar.height for bar in bars) == HEIGHT
        assert all(bar.y + bar.height == HEIGHT and bar.x + bar.width <= WIDTH for bar in bars)


def test_the_slowest_few_do_not_make_the_others_small(solve: Solve) -> None:
    *_, own = (solve(10 + number) for number in range(40))
    solve(60_000)
    assert ranking(own).longest_ms < 100


def test_it_is_read_every_few_minutes_only(solve: Solve, django_assert_num_queries: Callable[[int], Any]) -> None:
    *_, own = (solve(10) for _ in range(FEWEST))
    cache.clear()
    with django_assert_num_queries(1):
        ranking(own)
    for _ in range(FEWEST):
        solve(90)
    fastest = solve(0)
    with django_assert_num_queries(0):
        assert ranking(own).count == FEWEST
        assert [bar.height > 0 for bar in ranking(fastest).bars if bar.is_own] == [True]
