from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from execution import calibration, grading, jury, sweeper, verification
from execution.admission import recount
from execution.models import Judgement, Kind, QueueCounter, Submission
from execution.sandbox.fake import Handler, report
from execution.sandbox.interface import Exceeded
from execution.states import State
from problems.content import JuryProgram, JuryRule, Timing, plain
from problems.models import Problem, ProblemVersion
from tests.execution.programs import new_worker, on_tests
from tests.factories import make_jury_program, make_problem

pytestmark = pytest.mark.django_db

AC = JuryRule(["AC"], [], bounds="lower")
WA = JuryRule(["AC", "WA"], ["WA"])
TLE = JuryRule(["AC", "WA", "TLE"], ["TLE"], bounds="upper")
RTE = JuryRule(["AC", "WA", "TLE", "RE"], ["RE"])


def problem_with(author: User, *programs: JuryProgram, **version: Any) -> ProblemVersion:
    problem = make_problem(author, jury_json=plain(list(programs)), **version)
    assert problem.version
    return problem.version


def by_tests(*verdicts: str) -> Handler:
    """A program that gets these verdicts on the three tests, whose inputs are 1, 41 and 999."""
    reports = {
        "AC": lambda n: report(b"%d" % (n + 1)),
        "WA": lambda n: report(b"?"),
        "RE": lambda n: report(exit_code=1),
        "TLE": lambda n: report(exit_code=None, signal=9, cpu_ms=1100, exceeded=Exceeded.CPU),
    }
    order = {1: 0, 41: 1, 999: 2}
    return on_tests(lambda stdin: reports[verdicts[order[int(stdin)]]](int(stdin)))


def judge(version: ProblemVersion, program: JuryProgram, handler: Handler) -> Judgement:
    jury.send(version, program)
    new_worker(handler).judge_one()
    return Judgement.objects.get()


@pytest.mark.parametrize(
    ("tag", "rule", "verdicts", "met", "telling", "run"),
    [
        ("accepted", AC, ("AC", "AC", "AC"), True, "AC", 3),
        ("accepted", AC, ("AC", "WA", "AC"), False, "WA", 2),
        ("wrong_answer", WA, ("AC", "WA", "AC"), True, "WA", 3),
        ("wrong_answer", WA, ("AC", "AC", "AC"), False, "AC", 3),
        ("wrong_answer", WA, ("WA", "TLE", "AC"), False, "TLE", 2),
        ("wrong_answer", WA, ("WA", "AC", "RE"), False, "RE", 3),
        ("time_limit_exceeded", TLE, ("WA", "TLE", "TLE"), True, "TLE", 3),
        ("time_limit_exceeded", TLE, ("TLE", "RE", "AC"), False, "RE", 2),
        ("time_limit_exceeded", TLE, ("WA", "AC", "AC"), False, "WA", 3),
        ("run_time_error", RTE, ("WA", "TLE", "RE"), True, "RE", 3),
    ],
)
def test_every_test_counts_for_a_tag(
    author: User, tag: str, rule: JuryRule, verdicts: tuple[str, ...], met: bool, telling: str, run: int
) -> None:
    program = make_jury_program(tag, rule)
    judgement = judge(problem_with(author, program), program, by_tests(*verdicts))
    assert (jury.is_met(program, judgement), jury.telling(program, judgement)) == (met, telling)
    assert len(judgement.result["tests"]) == run


def test_what_does_not_compile_meets_no_tag(author: User) -> None:
    program = make_jury_program("accepted", AC)
    judgement = judge(problem_with(author, program), program, lambda *_: report(exit_code=1))
    assert (jury.is_met(program, judgement), jury.telling(program, judgement)) == (False, "CE")


def test_a_program_that_is_slow_on_every_test_stops_once_it_has_shown_it(
    author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jury, "PATIENCE_MS", 2000)
    program = make_jury_program("time_limit_exceeded", TLE)
    judgement = judge(problem_with(author, program), program, by_tests("TLE", "TLE", "TLE"))
    assert len(judgement.result["tests"]) == 2
    assert jury.is_met(program, judgement)


def test_jury_programs_pass_by_admission_and_wait_behind_users(author: User, settings: Any) -> None:
    settings.QUEUE_LIMIT = 1
    program = make_jury_program("accepted", AC)
    jury.send(problem_with(author, program), program)
    recount()
    assert QueueCounter.objects.get().queued == 0
    assert not grading.claim(["other"], "w")


def test_sending_again_replaces_those_that_ended_long_ago(author: User) -> None:
    program = make_jury_program("accepted", AC)
    version = problem_with(author, program)
    old, young = jury.send(version, program), jury.send(version, program)
    Judgement.objects.filter(submission=old).update(finished_at=timezone.now() - 2 * jury.KEPT)
    Judgement.objects.filter(submission=young).update(finished_at=timezone.now())
    new = jury.send(version, program)
    assert set(Submission.objects.filter(kind=Kind.JURY)) == {young, new}


def test_the_program_that_the_package_names_is_started(author: User) -> None:
    program = make_jury_program("accepted", AC)
    version = problem_with(author, program)
    version.jury_json[0] |= {"files": dict.fromkeys(("a.py", "z.py"), program.files["a.py"]), "entrypoint": "z.py"}
    version.save()
    started: list[str] = []

    def handler(files: Any, argv: Any, stdin: bytes, limits: Any) -> Any:
        started.append(argv[-1])
        return report(b"%d" % (int(stdin) + 1)) if stdin else report()

    judge(version, version.jury[0], handler)
    assert set(started) == {"z.py"}


class TestCalibration:
    def test_the_limit_follows_from_the_slowest_accepted(self) -> None:
        assert calibration.limit_ms(400, Timing()) == 1000
        assert calibration.limit_ms(500, Timing()) == 1000
        assert calibration.limit_ms(501, Timing()) == 2000
        assert calibration.limit_ms(900, Timing(ac_to_time_limit=5)) == 5000
        assert calibration.limit_ms(30, Timing(resolution_seconds=0.1)) == 100
        assert calibration.limit_ms(0, Timing()) == 1000

    def unmeasured(self, author: User, *programs: JuryProgram) -> ProblemVersion:
        version = problem_with(author, *programs, time_limit_ms=None)
        Problem.objects.update(version=None)
        return ProblemVersion.objects.get(pk=version.pk)

    def test_the_sweeper_measures_and_publishes(self, author: User) -> None:
        fast, slow = (make_jury_program("accepted", AC, name=name) for name in ("fast.py", "slow.py"))
        version = self.unmeasured(author, fast, slow, make_jury_program("wrong_answer", WA))
        sweeper.sweep()
        assert not Problem.objects.public().exists()
        cpu_ms = iter([100, 100, 100, 100, 1600, 100])
        worker = new_worker(on_tests(lambda stdin: report(b"%d" % (int(stdin) + 1), cpu_ms=next(cpu_ms))))
        worker.judge_one()
        sweeper.sweep()
        assert Problem.objects.get().version is None
        worker.judge_one()
        sweeper.sweep()
        version.refresh_from_db()
        assert version.time_limit_ms == 4000
        assert Problem.objects.public().get().version == version
        assert Submission.objects.filter(kind=Kind.JURY).count() == 2

    def test_a_wrong_accepted_program_keeps_it_unpublished(self, author: User) -> None:
        version = self.unmeasured(author, make_jury_program("accepted", AC))
        assert calibration.measure(version) is None
        new_worker(on_tests(report(b"?"))).judge_one()
        assert calibration.measure(version) == "submissions/accepted/a.py should be accepted, but isn't"
        assert Problem.objects.get().version is None

    def test_without_an_accepted_program_it_says_so(self, author: User) -> None:
        version = self.unmeasured(author)
        assert "no accepted submission" in str(calibration.measure(version))
        sweeper.sweep()
        version.refresh_from_db()
        assert "no accepted submission" in version.trouble

    def test_a_limit_that_would_be_too_long_is_said(self, author: User) -> None:
        version = self.unmeasured(author, make_jury_program("accepted", AC))
        ProblemVersion.objects.update(timing_json=plain(Timing(ac_to_time_limit=1000)))
        sweeper.sweep()
        new_worker(on_tests(lambda n: report(b"%d" % (int(n) + 1), cpu_ms=900))).judge_one()
        sweeper.sweep()
        version.refresh_from_db()
        assert "900000 ms" in version.trouble
        assert Problem.objects.get().version is None

    def test_what_failed_by_our_fault_is_tried_again(self, author: User, monkeypatch: pytest.MonkeyPatch) -> None:
        version = self.unmeasured(author, make_jury_program("accepted", AC))
        calibration.measure(version)
        Judgement.objects.update(state=State.FAILED, failure="?")
        assert "tried again" in str(calibration.measure(version))
        monkeypatch.setattr(calibration, "RETRY_AFTER", timedelta(0))
        assert calibration.measure(version) is None or Judgement.objects.count() == 2
        assert Judgement.objects.filter(state=State.QUEUED).count() == 1

    def test_only_a_few_wait_at_a_time(self, author: User) -> None:
        programs = [make_jury_program("accepted", AC, name=f"p{n}.py") for n in range(calibration.MAX_QUEUED + 5)]
        assert calibration.measure(self.unmeasured(author, *programs)) is None
        assert jury.queued() == calibration.MAX_QUEUED


class TestVerification:
    @pytest.fixture(autouse=True)
    def _a_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        worker = new_worker(by_tests("AC", "WA", "AC"))
        monkeypatch.setattr("execution.verification.time.sleep", lambda seconds: worker.judge_one())

    def test_it_tells_what_each_got(self, author: User) -> None:
        programs = [make_jury_program("wrong_answer", WA), make_jury_program("accepted", AC)]
        done: list[tuple[int, int]] = []
        rows = verification.verify(
            problem_with(author, *programs), programs, lambda part, whole: done.append((part, whole))
        )
        assert [(row.file, row.got, row.met) for row in rows] == [
            ("submissions/wrong_answer/a.py", "WA", True),
            ("submissions/accepted/a.py", "WA", False),
        ]
        assert done[-1] == (2, 2)

    def test_another_verification_beside_it_does_no_harm(self, author: User) -> None:
        program = make_jury_program("wrong_answer", WA)
        version = problem_with(author, program)

        def other(done: int, total: int) -> None:
            jury.send(version, program)

        [row] = verification.verify(version, [program], other)
        assert row.met

    def test_a_few_are_sent_at_a_time(self, author: User, settings: Any) -> None:
        programs = [make_jury_program("wrong_answer", WA, name=f"p{n}.py") for n in range(20)]
        most: list[int] = []
        verification.verify(problem_with(author, *programs), programs, lambda done, total: most.append(jury.queued()))
        assert max(most) <= 2 * settings.WORKER_CONCURRENCY

    def test_it_does_not_wait_for_workers_that_are_not_there(
        self, author: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(verification, "PATIENCE_SECONDS", -1)
        program = make_jury_program("accepted", AC)
        with pytest.raises(verification.VerificationError, match="no judge worker"):
            verification.verify(problem_with(author, program), [program], lambda *_: None)

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_leases_show_who_works_whatever_the_clocks_say(
        self, hours: int, author: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 0.0
        monkeypatch.setattr(verification, "time", SimpleNamespace(monotonic=lambda: now, sleep=lambda seconds: None))
        monkeypatch.setattr("execution.capacity.judges_are_there", lambda: False)
        program = make_jury_program("accepted", AC)
        jury.send(problem_with(author, program), program)
        held = grading.claim(["python3"], "w1")
        assert held
        watch = verification._Watch()
        for _ in range(3):
            watch.wait(seen=0)
            held.row().update(lease_until=timezone.now() + timedelta(hours=hours))
            now += verification.PATIENCE_SECONDS + 1
        watch.wait(seen=0)
        now += verification.PATIENCE_SECONDS + 1
        with pytest.raises(verification.VerificationError, match="no judge worker"):
            watch.wait(seen=0)
