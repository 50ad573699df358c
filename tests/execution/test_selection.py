"""Which submissions are judged once more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from execution import intake, rejudging
from execution.access import Viewer
from execution.models import Judgement, Kind, Rejudging, Submission
from execution.selection import Selection
from execution.states import State
from problems.models import Problem
from tests.execution.rejudges import begin, begun, judge_all, judged
from tests.factories import make_problem, make_submission, make_version

pytestmark = pytest.mark.django_db


class TestSelection:
    @pytest.fixture
    def others(self, author: User, stranger: User, problem: Problem, contestant: User) -> Submission:
        """Submissions each of which differs in one way from the one that is returned."""
        judged(make_problem(author, "other"), contestant)
        judged(problem, stranger)
        judged(problem, contestant, language="c", image="c")
        judged(problem, contestant, "AC")
        judged(problem, contestant, "", state=State.FAILED)
        old = judged(problem, contestant)
        Submission.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(days=2))
        young = judged(problem, contestant)
        Submission.objects.filter(pk=young.pk).update(created=timezone.now() + timedelta(days=2))
        return judged(problem, contestant)

    def test_it_is_those_that_are_all_of_it(self, others: Submission) -> None:
        now = timezone.now()
        chosen = Selection(
            problem="next-number",
            user="contestant",
            language="python3",
            verdict="WA",
            since=now - timedelta(hours=1),
            until=now + timedelta(hours=1),
        )
        assert list(chosen.submissions()) == [others]

    @pytest.mark.parametrize(
        ("narrowed", "count"),
        [
            ({"problem": "other"}, 1),
            ({"user": "stranger"}, 1),
            ({"language": "c"}, 1),
            ({"verdict": "AC"}, 1),
            ({"verdict": "failed"}, 1),
            ({"since": timedelta(days=1)}, 1),
            ({"until": timedelta(days=-1)}, 1),
            ({"problem": "next-number"}, 7),
        ],
    )
    def test_what_is_left_open_is_open(self, others: Submission, narrowed: dict[str, Any], count: int) -> None:
        moments = {name: timezone.now() + value for name, value in narrowed.items() if isinstance(value, timedelta)}
        assert Selection(**(narrowed | moments)).submissions().count() == count

    def test_what_can_not_be_judged_is_left_out(self, problem: Problem, author: User, contestant: User) -> None:
        unmeasured = make_problem(author, "unmeasured")
        judged(unmeasured, contestant)
        Problem.objects.filter(pk=unmeasured.pk).update(version=None)
        judged(problem, contestant, language="cobol")
        make_submission(problem, None, kind=Kind.JURY, state=State.COMPLETED)
        make_submission(None, contestant, state=State.COMPLETED)
        assert begin(ids=list(Submission.objects.values_list("pk", flat=True))) is None
        assert not Rejudging.objects.exists()

    def test_what_never_left_the_queue_is_left_alone_unless_it_is_named(
        self, problem: Problem, contestant: User
    ) -> None:
        submission = make_submission(problem, contestant)
        intake.cancel(submission.pk, Viewer(contestant, ""))
        assert begin(problem=problem.slug) is None
        assert begin(ids=[submission.pk])

    def test_what_is_queued_anyway_is_left_alone_unless_the_problem_has_changed(
        self, problem: Problem, contestant: User
    ) -> None:
        submission = make_submission(problem, contestant)
        assert begin(problem=problem.slug) is None
        problem.adopt(make_version(problem, number=2))
        begun(problem=problem.slug)
        rejudging.advance()
        assert Judgement.objects.count() == 1, "the first judgement is to end first"
        judge_all()
        assert list(submission.judgements.order_by("id").values_list("version__number", flat=True)) == [1, 2]
        submission.refresh_from_db()
        assert submission.current
        assert submission.current.version == problem.version
