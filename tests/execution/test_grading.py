from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from execution import admission, grading
from execution.grading import Claim
from execution.jobs import job_of
from execution.models import Judgement, Kind, QueueCounter, Submission
from execution.sandbox.fake import Handler, report
from execution.sandbox.interface import Limits, RunReport, SandboxBroken
from execution.states import Priority, State
from problems.models import Problem
from tests.execution.programs import Judge, on_tests, solves
from tests.factories import make_judgement, make_problem, make_submission

pytestmark = pytest.mark.django_db

IMAGES = ["python3"]


def claim(worker: str = "w1") -> Claim | None:
    return grading.claim(IMAGES, worker)


def grade(held: Claim, handler: Handler = solves) -> None:
    judgement = grading.load(held)
    grading.grade(held, judgement, job_of(judgement), Judge(handler), lambda: True)


def expire(held: Claim) -> None:
    held.row().update(lease_until=timezone.now() - timedelta(seconds=1))


def test_it_stores_the_result_of_every_test(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    held = claim()
    assert held
    grade(held)
    judgement = Judgement.objects.get(submission=submission)
    assert (judgement.state, judgement.verdict, judgement.score) == (State.COMPLETED, "AC", 1.0)
    assert [test["verdict"] for test in judgement.result["tests"]] == ["AC", "AC", "AC"]
    assert judgement.result["tests"][0]["stdout"] == "2\n"
    assert "stdout" not in judgement.result["tests"][1]
    assert judgement.finished_at is not None
    assert judgement.lease_until is None


def test_the_best_priority_goes_first_then_the_oldest(problem: Problem, contestant: User) -> None:
    now = timezone.now()
    rejudge = make_submission(problem, contestant, priority=Priority.REJUDGE, queued_at=now - timedelta(hours=2))
    young = make_submission(problem, contestant, queued_at=now)
    old = make_submission(problem, contestant, queued_at=now - timedelta(hours=1))
    order = []
    while held := claim():
        order.append(Judgement.objects.get(pk=held.id).submission)
    assert order == [old, young, rejudge]


class TestFairness:
    """One who sends much doesn't keep others waiting."""

    def claimed(self, slots: int = 3, worker: str = "w1") -> list[Submission]:
        """What such a worker may claim, one after the other, without anything ending."""
        held = iter(lambda: grading.claim(IMAGES, worker, slots), None)
        return [Judgement.objects.get(pk=claim.id).submission for claim in held]

    def test_who_has_nothing_running_goes_first(self, problem: Problem, contestant: User, stranger: User) -> None:
        first, second = (make_submission(problem, contestant) for _ in range(2))
        late = make_submission(problem, stranger)
        assert self.claimed(slots=1) == [first, late, second]

    def test_a_better_priority_goes_before_even_so(self, problem: Problem, contestant: User, stranger: User) -> None:
        make_submission(problem, contestant, state=State.RUNNING)
        run, submission = make_submission(None, stranger), make_submission(problem, contestant)
        assert self.claimed(slots=1) == [submission, run]

    def test_the_last_slot_of_a_worker_is_for_others(self, problem: Problem, contestant: User, stranger: User) -> None:
        first, second, third = (make_submission(problem, contestant) for _ in range(3))
        make_submission(None, contestant)
        assert self.claimed() == [first, second]
        late = make_submission(problem, stranger)
        assert self.claimed() == [late]
        assert self.claimed(worker="w2")[0] == third

    def test_what_has_ended_takes_no_slot(self, problem: Problem, contestant: User) -> None:
        for _ in range(5):
            make_submission(problem, contestant)
        assert len(self.claimed()) == 2
        Judgement.objects.filter(state=State.RUNNING).update(state=State.COMPLETED)
        assert len(self.claimed()) == 2

    def test_a_worker_s_only_slot_is_for_everybody(self, problem: Problem, contestant: User) -> None:
        for _ in range(3):
            make_submission(problem, contestant)
        assert len(self.claimed(slots=1)) == 3

    def test_those_who_are_not_signed_in_are_as_one(self, problem: Problem, contestant: User) -> None:
        anonymous = [make_submission(problem, None, session=name) for name in "abc"]
        late = make_submission(problem, contestant)
        assert self.claimed() == [anonymous[0], late, anonymous[1]]

    def test_rejudges_and_the_jury_s_are_not_bounded(self, problem: Problem, contestant: User) -> None:
        for _ in range(3):
            make_submission(problem, contestant, priority=Priority.REJUDGE)
            make_submission(problem, None, kind=Kind.JURY, priority=Priority.JURY)
        assert len(self.claimed()) == 6
        assert len([make_submission(problem, contestant) for _ in range(3)]) == len(self.claimed()) + 1


def test_only_what_its_images_can_judge_is_claimed(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant, image="cobol")
    assert claim() is None


def test_a_row_is_claimed_once(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    assert claim("w1")
    assert claim("w2") is None


def test_claiming_frees_a_place_in_the_queue(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    admission.recount()
    assert QueueCounter.objects.get().queued == 1
    claim()
    assert QueueCounter.objects.get().queued == 0


def test_a_late_result_of_a_worker_believed_dead_is_dropped(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    first = claim("w1")
    assert first
    late = grading.load(first)
    expire(first)
    grading.give_up_attempt(first, "its worker went away")
    second = claim("w2")
    assert second
    grading.grade(first, late, job_of(late), Judge(on_tests(report(b"wrong"))), lambda: True)
    assert Judgement.objects.get().state == State.RUNNING
    grade(second)
    assert Judgement.objects.get().verdict == "AC"


def test_a_late_result_after_the_right_one_is_dropped_too(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    first = claim("w1")
    assert first
    late = grading.load(first)
    grading.give_up_attempt(first, "its worker went away")
    second = claim("w2")
    assert second
    grade(second)
    grading.grade(first, late, job_of(late), Judge(on_tests(report(b"wrong"))), lambda: True)
    assert Judgement.objects.get().verdict == "AC"


def test_it_fails_after_the_last_attempt(problem: Problem, contestant: User, settings: Any) -> None:
    make_submission(problem, contestant)
    for _ in range(settings.MAX_ATTEMPTS):
        held = claim()
        assert held
        grading.give_up_attempt(held, "the sandbox failed")
    assert claim() is None
    judgement = Judgement.objects.get()
    assert judgement.state == State.FAILED
    assert "3 attempts: the sandbox failed" in judgement.failure


def test_handing_back_costs_no_attempt(problem: Problem, contestant: User, settings: Any) -> None:
    make_submission(problem, contestant)
    for _ in range(settings.MAX_ATTEMPTS + 2):
        held = claim()
        assert held
        grading.hand_back(held)
    assert Judgement.objects.get().state == State.QUEUED
    assert QueueCounter.objects.get().queued == 1


def test_a_move_made_again_takes_the_row_from_nobody(problem: Problem, contestant: User) -> None:
    """It was made, and the answer lost; meanwhile somebody has claimed the row, with the same number."""
    make_submission(problem, contestant)
    first = claim("w1")
    assert first
    grading.hand_back(first)
    second = claim("w1")
    assert second
    assert second.attempt == first.attempt
    grading.hand_back(first)
    grading.give_up_attempt(first, "?")
    assert not grading.fail(first, "?")
    assert not grading.renew(first)
    assert second.row().exists()
    assert QueueCounter.objects.get().queued == 0


def test_what_is_not_held_is_neither_handed_back_nor_counted(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = claim()
    assert held
    grading.give_up_attempt(held, "?")
    grading.hand_back(held)
    grading.give_up_attempt(held, "?")
    assert (Judgement.objects.get().attempt, QueueCounter.objects.get().queued) == (1, 1)


def test_a_lease_is_renewed_only_while_held(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = claim()
    assert held
    before = grading.leases()
    assert [(lease.id, lease.attempt) for lease in before] == [(held.id, held.attempt)]
    assert grading.renew(held)
    assert grading.leases() != before
    grading.give_up_attempt(held, "?")
    assert not grading.renew(held)


@pytest.mark.django_db(transaction=True)
def test_a_renewal_takes_its_turn_in_a_transaction() -> None:
    author = User.objects.create_user("author")
    make_submission(make_problem(author), author)
    held = claim()
    assert held
    within: list[bool] = []

    def look(execute: Any, *args: Any) -> Any:
        within.append(connection.in_atomic_block)
        return execute(*args)

    with connection.execute_wrapper(look):
        assert grading.renew(held)
    assert set(within) == {True}


def test_a_lease_renewed_in_time_is_not_taken_away(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = claim()
    assert held
    [lost] = grading.leases()
    assert grading.renew(held)
    grading.give_up_attempt(lost, "its worker went away")
    assert Judgement.objects.get().state == State.RUNNING


def test_what_was_broken_off_is_no_result(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = claim()
    assert held
    judgement = grading.load(held)
    with pytest.raises(grading.ClaimLost):
        grading.grade(held, judgement, job_of(judgement), Judge(solves), lambda: False)
    assert Judgement.objects.get().state == State.RUNNING


@pytest.mark.django_db(transaction=True)
def test_no_two_workers_ever_own_the_same_row() -> None:
    author = User.objects.create_user("author")
    problem = make_problem(author)
    for _ in range(30):
        make_submission(problem, author)
    with transaction.atomic():
        admission.recount()

    def claims(number: int) -> list[Any]:
        try:
            return [held.id for held in iter(lambda: claim(f"w{number}"), None)]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as threads:
        taken = [pk for found in threads.map(claims, range(10)) for pk in found]
    assert len(taken) == len(set(taken)) == 30
    assert set(Judgement.objects.values_list("state", "attempt")) == {(State.RUNNING, 1)}
    assert QueueCounter.objects.get().queued == 0


def test_one_who_was_slower_takes_nothing(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    with transaction.atomic():
        admission.recount()
    seen = Judgement.objects.get()
    assert grading._take(seen, "w1", is_last=True)
    assert not grading._take(seen, "w2", is_last=True)
    assert (Judgement.objects.get().worker, QueueCounter.objects.get().queued) == ("w1", 0)


def test_jury_programs_wait_behind_everybody(problem: Problem, contestant: User) -> None:
    jury = make_submission(problem, None, kind=Kind.JURY, priority=Priority.JURY)
    run, submission = make_submission(None, contestant), make_submission(problem, contestant)
    order = [Judgement.objects.get(pk=held.id).submission for held in iter(claim, None)]
    assert order == [submission, run, jury]


def test_a_fault_of_ours_is_no_verdict(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = claim()
    assert held

    def breaks(*_: object) -> Any:
        raise SandboxBroken("it died")

    with pytest.raises(SandboxBroken):
        grade(held, breaks)
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.verdict) == (State.RUNNING, "")


def test_a_rejudge_counts_when_it_is_done(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    old = submission.current
    new = make_judgement(submission, priority=Priority.REJUDGE)
    held = claim()
    assert held
    assert Submission.objects.get().current == old
    grade(held)
    assert Submission.objects.get().current == new


def test_a_rejudge_compiles_nothing(problem: Problem, contestant: User) -> None:
    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        if limits.artifact_bytes:
            return report(artifacts={"program": files["main.c"]})
        assert files == {"program": b"int main;"}
        return report(b"%d" % (int(stdin) + 1))

    judge = Judge(handler)
    submission = make_submission(
        problem, contestant, language="c", image="c", files=[{"name": "main.c", "content": "int main;"}]
    )
    make_judgement(submission, image="c", priority=Priority.REJUDGE)
    while held := grading.claim(["c"], "w1"):
        judgement = grading.load(held)
        grading.grade(held, judgement, job_of(judgement), judge, lambda: True)
    assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}
    assert [profile.memory_kb == 512 * 1024 for profile in judge.pool.leased] == [True, False, False]


def test_a_failed_rejudge_leaves_the_old_result_standing(problem: Problem, contestant: User, settings: Any) -> None:
    settings.MAX_ATTEMPTS = 1
    submission = make_submission(problem, contestant, state=State.COMPLETED, verdict="AC")
    make_judgement(submission, priority=Priority.REJUDGE)
    held = claim()
    assert held
    grading.give_up_attempt(held, "the sandbox failed")
    current = Submission.objects.get().current
    assert current
    assert current.verdict == "AC"


def test_a_run_that_ended_well_has_output_and_no_verdict(contestant: User) -> None:
    make_submission(None, contestant, input="5\n")
    held = claim()
    assert held
    grade(held, on_tests(lambda stdin: report(b"got \xff\0 " + stdin, stderr=b"note")))
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.verdict, judgement.score) == (State.COMPLETED, "", None)
    assert judgement.result["stdout"] == "got \ufffd\ufffd 5\n"
    assert judgement.result["stderr"] == "note"


def test_a_run_that_failed_says_how(contestant: User) -> None:
    make_submission(None, contestant)
    held = claim()
    assert held
    grade(held, on_tests(report(exit_code=1, stderr=b"Traceback")))
    judgement = Judgement.objects.get()
    assert (judgement.verdict, judgement.result["stderr"]) == ("RE", "Traceback")
