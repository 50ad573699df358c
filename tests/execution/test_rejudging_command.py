"""`manage.py rejudge`."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from execution.models import Rejudge, Rejudging
from problems.models import Problem
from tests.execution.programs import new_worker
from tests.execution.rejudges import judged
from tests.factories import make_problem

pytestmark = pytest.mark.django_db


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("rejudge", *arguments, stdout=out)
        return out.getvalue()

    def test_it_takes_ids(self, problem: Problem, contestant: User) -> None:
        chosen, _ = judged(problem, contestant), judged(problem, contestant)
        assert self.run(str(chosen.pk)).startswith("1 submissions are rejudged: /staff/rejudgings/")
        assert Rejudge.objects.get().submission == chosen
        assert self.run(str(chosen.pk)).startswith("Nothing to do")

    def test_it_takes_filters(self, problem: Problem, author: User, contestant: User) -> None:
        chosen = judged(problem, contestant)
        judged(make_problem(author, "other"), contestant)
        judged(problem, contestant, "AC")
        judged(problem, author)
        self.run(
            *("--problem", problem.slug, "--user", "contestant", "--language", "python3", "--verdict", "WA"),
            *("--since", "2020-01-01", "--until", "2120-01-01T00:00+02:00", "--preview"),
        )
        assert Rejudge.objects.get().submission == chosen
        assert Rejudging.objects.get().is_preview

    def test_a_dry_run_only_tells(self, problem: Problem, contestant: User) -> None:
        for verdict in ("WA", "WA", "AC"):
            judged(problem, contestant, verdict)
        lines = self.run("--problem", problem.slug, "--dry-run").splitlines()
        assert lines == ["     1 next-number AC", "     2 next-number WA", "3 submissions would be rejudged."]
        assert not Rejudging.objects.exists()
        self.run("--verdict", "WA")
        assert self.run("--problem", problem.slug, "--dry-run").endswith("1 submissions would be rejudged.\n")

    def test_it_waits_and_tells_what_has_changed(
        self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for verdict in ("WA", "AC"):
            judged(problem, contestant, verdict)
        worker = new_worker()
        monkeypatch.setattr("execution.management.commands.rejudge.time.sleep", lambda _: worker.judge_one())
        lines = self.run("--problem", problem.slug, "--wait", "--preview").splitlines()
        assert lines[1:3] == ["     1 WA → AC", "     1 AC → AC"]
        assert lines[-1].startswith("The old results stand")

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ([], "Which submissions?"),
            (["--problem", "no-such"], "problem: There is no problem “no-such”."),
            (["--user", "nobody"], "user: There is no user “nobody”."),
            (["--verdict", "XX"], "verdict: "),
            (["--since", "yesterday"], "since: "),
            ([str(uuid4())], "There is no submission "),
        ],
    )
    def test_nonsense_is_refused(self, arguments: list[str], reason: str) -> None:
        with pytest.raises(CommandError, match=reason):
            self.run(*arguments)
