"""The commands, as somebody at a terminal or a script sees them."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from problems.content import JuryRule, plain
from problems.models import Problem
from tests.execution.programs import new_worker, solves
from tests.factories import make_jury_program, make_problem
from tests.faults.conftest import write_package

pytestmark = pytest.mark.django_db

ACCEPTED = JuryRule(["AC"], [], bounds="lower")
WRONG = JuryRule(["AC", "WA"], ["WA"])


@pytest.fixture(autouse=True)
def _a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges while the command waits; everything is right."""
    worker = new_worker(solves)
    monkeypatch.setattr("execution.verification.time.sleep", lambda seconds: worker.judge_one())


@pytest.fixture
def good(author: User) -> Problem:
    other = replace(make_jury_program("accepted", ACCEPTED, name="a.cob"), language="cobol")
    return make_problem(author, "good", jury_json=plain([make_jury_program("accepted", ACCEPTED), other]))


@pytest.fixture
def bad(author: User) -> Problem:
    return make_problem(author, "bad", jury_json=plain([make_jury_program("wrong_answer", WRONG)]))


def run(*arguments: str) -> tuple[str, str, bool]:
    """What a command says on both streams, and whether it succeeds."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", False
    return out.getvalue(), err.getvalue(), True


class TestVerifyProblem:
    def test_json_is_a_list_and_nothing_else(self, good: Problem) -> None:
        out, err, succeeded = run("verify_problem", "good", "--json")
        [row] = json.loads(out)
        assert list(row) == ["file", "language", "expected", "got", "met", "timeMs", "memoryKb"]
        assert (row["got"], row["met"], succeeded) == ("AC", True, True)
        assert "skipped: submissions/accepted/a.cob (cobol)" in err

    def test_a_difference_is_a_failure(self, bad: Problem) -> None:
        out, err, succeeded = run("verify_problem", "bad", "--json")
        assert [row["met"] for row in json.loads(out)] == [False]
        assert not succeeded
        assert "1 of 1" in err

    def test_all_of_them(self, good: Problem, bad: Problem) -> None:
        out, _, succeeded = run("verify_problem", "--all", "--json")
        assert ([row["met"] for row in json.loads(out)], succeeded) == ([False, True], False)

    def test_one_language(self, good: Problem) -> None:
        out, _, succeeded = run("verify_problem", "good", "--json", "--language", "python3")
        assert ([row["got"] for row in json.loads(out)], succeeded) == (["AC"], True)

    def test_a_package_that_is_only_looked_at(self, author: User, tmp_path: Path) -> None:
        out, _, succeeded = run("verify_problem", str(write_package(tmp_path / "nextnumber")), "--json")
        assert ([row["got"] for row in json.loads(out)], succeeded) == (["AC"], True)
        assert not Problem.objects.exists()

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((), "Which problem?"),
            (("no-such",), "neither"),
            (("good", "--language", "cobol"), "no language 'cobol'"),
        ],
    )
    def test_wrong_use_is_told(self, good: Problem, arguments: Any, says: str) -> None:
        _, err, succeeded = run("verify_problem", *arguments)
        assert says in err
        assert not succeeded


class TestApiToken:
    def test_it_makes_the_user_if_need_be(self) -> None:
        out, err, succeeded = run("api_token", "alice")
        assert succeeded
        assert len(out.split()) == 1
        assert "Created the user alice" in err
        assert User.objects.get().username == "alice"

    def test_a_name_that_can_be_none_is_refused(self) -> None:
        for name in ("a b", "a\0", "x\udcff"):
            _, err, succeeded = run("api_token", name)
            assert not succeeded
            assert "can't be a user name" in err
