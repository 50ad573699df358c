"""However many there are, a rejudging takes a few at a time, and goes on where it was cut off."""

import math
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from execution import rejudging
from execution.models import Rejudge, Rejudging, Stage, Submission
from problems.models import Problem
from tests.execution.rejudges import begin, begun, judge_all, judged, stage, verdict_of

pytestmark = pytest.mark.django_db


class TestCutOff:
    """However many there are, each step takes a few at a time, and one that was cut off is gone on with."""

    @pytest.fixture
    def submissions(self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch) -> list[Submission]:
        monkeypatch.setattr(rejudging, "_BATCH", 2)
        return [judged(problem, contestant) for _ in range(5)]

    @pytest.fixture
    def row(self, submissions: list[Submission], problem: Problem) -> Rejudging:
        row = begun(problem=problem.slug, is_preview=True)
        judge_all()
        return row

    def break_at_the_third(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        whole, calls = getattr(rejudging, name), iter(range(9))

        def call(*arguments: Any) -> Any:
            if next(calls) == 2:
                raise KeyboardInterrupt
            return whole(*arguments)

        monkeypatch.setattr(rejudging, name, call)

    def test_asking_again_takes_the_rest(
        self, submissions: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            self.break_at_the_third(broken, "_add")
            with pytest.raises(KeyboardInterrupt):
                begin(problem=problem.slug)
        row = Rejudging.objects.get()
        assert (row.stage, row.rejudges.count()) == (Stage.PREPARING, 4)
        rejudging.advance()
        assert stage(row) == Stage.PREPARING, "it may still be going on"
        rest = begun(problem=problem.slug)
        assert [rejudge.submission for rejudge in rest.rejudges.all()] == [submissions[4]]
        monkeypatch.setattr(rejudging, "ABANDONED_SECONDS", 0)
        judge_all()
        for each in (row, rest):
            each.refresh_from_db()
        assert [(each.stage, each.is_cut_short) for each in (row, rest)] == [
            (Stage.APPLIED, True),
            (Stage.APPLIED, False),
        ]
        assert set(map(verdict_of, submissions)) == {"AC"}

    @pytest.mark.parametrize("late", [timedelta(days=-1), timedelta(days=1)], ids=["behind", "ahead"])
    def test_it_is_cut_off_when_the_sweeper_has_not_seen_it_grow_whatever_their_clocks_say(
        self, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch, late: timedelta
    ) -> None:
        row = Rejudging.objects.create(words="all", is_preview=True, stage=Stage.PREPARING)
        Rejudging.objects.filter(pk=row.pk).update(created=timezone.now() + late)
        rejudging.advance()
        assert stage(row) == Stage.PREPARING, "it has been seen for the first time"
        monkeypatch.setattr(rejudging, "_not_grown_since", {(row.pk, 0): -math.inf})
        assert rejudging._add(row, [(submissions[0].pk, None)])
        rejudging.advance()
        assert stage(row) == Stage.PREPARING, "it has grown"
        monkeypatch.setattr(rejudging, "_not_grown_since", {(row.pk, 1): -math.inf})
        rejudging.advance()
        assert stage(row) == Stage.RUNNING

    def test_who_was_held_up_too_long_is_told(
        self, submissions: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = rejudging._add

        def add(row: Rejudging, chosen: Any) -> bool:
            added = whole(row, chosen)
            rejudging.advance()
            return added

        monkeypatch.setattr(rejudging, "_add", add)
        monkeypatch.setattr(rejudging, "ABANDONED_SECONDS", 0)
        out = StringIO()
        call_command("rejudge", "--problem", problem.slug, stdout=out)
        assert out.getvalue().startswith("2 submissions are rejudged")
        assert "Some may be missing" in out.getvalue()

    def test_what_was_cancelled_meanwhile_grows_no_more(
        self, submissions: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = rejudging._add

        def add(row: Rejudging, chosen: Any) -> bool:
            if added := whole(row, chosen):
                rejudging.cancel(row)
            return added

        monkeypatch.setattr(rejudging, "_add", add)
        row = begun(problem=problem.slug)
        assert (row.stage, row.rejudges.count()) == (Stage.CANCELLED, 2)
        assert not Rejudge.objects.filter(is_open=True).exists()

    def test_applying_is_gone_on_with(
        self, row: Rejudging, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_settling(rejudging.apply, row, Stage.APPLYING, monkeypatch)
        assert list(map(verdict_of, submissions)) == ["AC"] * 4 + ["WA"]
        for way in (rejudging.apply, rejudging.cancel):
            with pytest.raises(rejudging.NotNow):
                way(row)
        rejudging.advance()
        assert stage(row) == Stage.APPLIED
        assert set(map(verdict_of, submissions)) == {"AC"}

    def test_so_is_cancelling(
        self, row: Rejudging, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_settling(rejudging.cancel, row, Stage.CANCELLING, monkeypatch)
        assert Rejudge.objects.filter(is_open=True).count() == 1
        rejudging.advance()
        assert stage(row) == Stage.DISCARDED
        assert not Rejudge.objects.filter(is_open=True).exists()
        assert set(map(verdict_of, submissions)) == {"WA"}

    def test_it_goes_on_later_where_it_takes_long(
        self, row: Rejudging, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rejudging, "SETTLING_SECONDS", 0)
        rejudging.apply(row)
        seen = [(row.stage, list(map(verdict_of, submissions)).count("AC"))]
        for _ in range(2):
            rejudging.advance()
            seen.append((Stage(stage(row)), list(map(verdict_of, submissions)).count("AC")))
        assert seen == [(Stage.APPLYING, 2), (Stage.APPLYING, 4), (Stage.APPLIED, 5)]

    def break_settling(
        self, decide: Callable[[Rejudging], None], row: Rejudging, halfway: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            self.break_at_the_third(broken, "_close_some")
            with pytest.raises(KeyboardInterrupt):
                decide(row)
        assert stage(row) == halfway
