"""Which languages can be judged: what workers find out, and what follows for those who send programs."""

import queue
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.test import Client
from django_redis import get_redis_connection

from accounts.models import User
from execution import capacity, jury, probing, queueing, sweeper
from execution.capacity import WorkerStat
from execution.languages import LANGUAGES, Language
from execution.models import Judgement, Submission
from execution.probing import Prober, self_test
from execution.sandbox.fake import FakePool, Handler, report
from execution.sandbox.interface import ImageMissing, SandboxUnavailable
from execution.states import Priority, State
from problems.content import JuryRule, plain
from problems.models import Problem
from tests.execution.programs import new_compiler, new_worker, raising, solves
from tests.factories import make_jury_program

PYTHON, CPP = LANGUAGES["python3"], LANGUAGES["cpp"]


def announce(name: str, images: list[str], missing: list[str], role: str = "judge") -> None:
    capacity.announce(WorkerStat(name, role, images, 3, missing=missing))
    capacity.forget()


class TestWorkers:
    @pytest.fixture(autouse=True)
    def _no_others(self) -> None:
        cache.clear()

    def test_those_that_are_alive_are_found_without_a_search(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(redis.Redis, "scan", lambda *_, **__: pytest.fail("all keys are searched"))
        for name in ("b:2", "a:1"):
            announce(name, ["python3"], [])
        assert [worker.name for worker in capacity.workers()] == ["a:1", "b:2"]
        capacity.retire("a:1")
        assert [worker.name for worker in capacity.workers()] == ["b:2"]

    def test_the_names_of_those_that_are_gone_go_too(self) -> None:
        for name in ("a:1", "b:2"):
            announce(name, ["python3"], [])
        connection = get_redis_connection("default")
        connection.zincrby(capacity._NAMES, -15, "a:1")
        announce("b:2", ["python3"], [])
        assert connection.zrange(capacity._NAMES, 0, -1) == [b"b:2"]
        assert 0 < connection.ttl(capacity._NAMES) <= 15

    def test_one_that_was_late_is_there_as_soon_as_it_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also while somebody finds that it isn't."""
        announce("a:1", ["python3"], [])

        def too_early(keys: list[str]) -> dict[str, Any]:
            announce("a:1", ["python3"], [])
            return {}

        with monkeypatch.context() as patched:
            patched.setattr(cache, "get_many", too_early)
            assert capacity.workers() == []
        assert [worker.name for worker in capacity.workers()] == ["a:1"]

    def test_a_newer_one_may_say_more(self) -> None:
        announce("a:1", ["python3"], [])
        said = cache.get(f"{capacity._PREFIX}a:1")
        cache.set(f"{capacity._PREFIX}a:1", said | {"mood": "good"})
        assert [worker.name for worker in capacity.workers()] == ["a:1"]

    def test_without_redis_nobody_knows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object, **__: object) -> None:
            raise redis.ConnectionError("refused")

        monkeypatch.setattr(redis.Redis, "zrange", away)
        with pytest.raises(capacity.Unknown):
            capacity.workers()


class TestProber:
    """What it makes of languages that pass, fail, and pass later."""

    def probe(self, answers: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
        monkeypatch.setattr(probing, "AGAIN_SECONDS", 0.01)
        monkeypatch.setattr(probing, "SOON_SECONDS", 0.01)
        told: list[tuple[str, str]] = []
        prober = Prober(
            [PYTHON, CPP],
            probe=lambda language: answers[language.id].pop(0),
            found=lambda language: told.append(("found", language.id)),
            lacking=lambda language: told.append(("lacking", language.id)),
        )
        prober.start()
        deadline = time.monotonic() + 10
        while any(answers.values()) and time.monotonic() < deadline:
            time.sleep(0.01)
        prober.stop()
        return told

    def test_those_that_fail_three_times_are_lacking_and_probed_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.probe({"python3": [""], "cpp": ["too slow"] * 4 + [""]}, monkeypatch)
        assert told == [("found", "python3"), ("lacking", "cpp"), ("lacking", "cpp"), ("found", "cpp")]

    def test_one_failure_may_be_a_busy_machines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.probe({"python3": ["too slow", ""], "cpp": ["too slow", "too slow", ""]}, monkeypatch)
        assert told == [("found", "python3"), ("found", "cpp")]

    def test_a_missing_image_leaves_no_doubt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lacking = threading.Event()

        def probe(language: Language) -> str:
            raise ImageMissing("it was not built")

        prober = Prober([CPP], probe, found=lambda _: None, lacking=lambda _: lacking.set())
        prober.start()
        assert lacking.wait(10)
        prober.stop()

    def test_one_that_is_lost_is_probed_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found: queue.Queue[str] = queue.Queue()
        prober = Prober([], lambda _: "", found=lambda language: found.put(language.id), lacking=lambda _: None)
        prober.start()
        prober.add(CPP)
        assert found.get(timeout=10) == "cpp"
        prober.stop()

    @pytest.mark.parametrize(
        ("handler", "reason"),
        [
            (solves, ""),
            (lambda *_: report(b"41\n"), "its self-test printed b'41\\n' instead of 42"),
            (lambda *_: report(b"", exit_code=1, stderr=b"no such thing"), "no such thing"),
        ],
    )
    def test_a_self_test_must_print_the_right_number(self, handler: Handler, reason: str) -> None:
        pool = FakePool(handler)
        found = self_test(pool, new_compiler(pool), PYTHON, 64)
        assert reason in found
        assert bool(reason) == bool(found)

    def test_an_engine_that_is_away_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Submissions must not fail for want of a language that is only out of reach for a minute."""
        monkeypatch.setattr(probing, "SOON_SECONDS", 0.01)
        away, told = [True, True, False], list[str]()
        found = threading.Event()

        def probe(language: Language) -> str:
            if away.pop(0):
                raise SandboxUnavailable("the engine is away")
            return ""

        Prober([CPP], probe, found=lambda _: found.set(), lacking=lambda language: told.append(language.id)).start()
        assert found.wait(10)
        assert told == []
        pool = FakePool(raising(SandboxUnavailable("the engine is away")))
        with pytest.raises(SandboxUnavailable):
            self_test(pool, new_compiler(pool), CPP, 64)

    @pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
    def test_every_language_has_one(self, language: Language) -> None:
        assert language.self_test.strip()


@pytest.mark.django_db
class TestMissing:
    def test_what_every_judge_lacks(self) -> None:
        announce("a", ["python3"], ["cpp", "rust"])
        announce("b", ["python3", "rust"], ["cpp"])
        announce("m", [], [], role="maintenance")
        assert capacity.missing_images() == {"cpp"}

    def test_nothing_where_no_judge_is_there(self) -> None:
        assert capacity.missing_images() == frozenset()

    def test_nothing_while_one_has_not_found_out(self) -> None:
        announce("a", ["python3"], ["cpp"])
        announce("b", ["python3"], [])
        assert capacity.missing_images() == frozenset()

    def test_nothing_where_one_can_judge_nothing(self) -> None:
        """Its engine is down: that says nothing about languages."""
        announce("a", [], ["cpp", "python3"])
        assert capacity.missing_images() == frozenset()

    def test_a_worker_tells_what_it_finds(self) -> None:
        worker = new_worker()
        worker.lack("cpp")
        worker.announce()
        assert capacity.missing_images() == {"cpp"}
        worker.take_up("cpp")
        capacity.forget()
        assert capacity.missing_images() == frozenset()
        [stat] = capacity.workers()
        assert stat.images == ["cpp", "python3"]


@pytest.mark.django_db
class TestRefusals:
    @pytest.fixture(autouse=True)
    def _no_cpp(self) -> None:
        announce("a", ["python3"], ["cpp"])

    def test_the_api_tells_which_are_available(self, client: Client) -> None:
        available = {entry["id"]: entry["available"] for entry in client.get("/api/languages/").json()}
        assert (available["python3"], available["cpp"]) == (True, False)

    @pytest.mark.parametrize("path", ["/api/submissions/", "/api/runs/"])
    def test_a_program_is_refused_in_words(self, client: Client, contestant: User, problem: Problem, path: str) -> None:
        client.force_login(contestant)
        body = {"problem": problem.slug, "language": "cpp", "code": "int main() {}"}
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code == 400
        assert "C++" in answer.json()["errors"]["language"][0]
        assert "script/images cpp" in answer.json()["errors"]["language"][0]
        assert not Judgement.objects.exists()

    def test_the_page_says_so_and_offers_the_others_first(
        self, client: Client, contestant: User, problem: Problem
    ) -> None:
        client.force_login(contestant)
        page = client.get(f"/problems/{problem.slug}/").content.decode()
        assert "C++ (not available here)" in page.replace("C++ (GCC)", "C++")
        assert page.index('value="python3"') < page.index('value="cpp"')

    def test_jury_programs_in_it_are_left_out(self, problem: Problem) -> None:
        assert problem.version is not None
        python = make_jury_program("accepted", JuryRule(["AC"], []))
        problem.version.jury_json = plain([python, replace(python, language="cpp")])
        assert [program.language for program in jury.judged_languages(problem.version)] == ["python3"]

    def test_what_was_queued_before_fails_with_a_reason_once_there_is_no_hope(
        self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeper, "_missing_since", {})
        submission = Submission(problem=problem, owner=contestant, language="cpp", files=[])
        queueing.enqueue(submission, problem.version, Priority.SUBMISSION)
        judgement = Judgement.objects.get(submission=submission)
        sweeper.sweep()
        judgement.refresh_from_db()
        assert judgement.state == State.QUEUED, "its image may only be being made anew"
        monkeypatch.setattr(sweeper, "GONE_SECONDS", 0.0)
        sweeper.sweep()
        judgement.refresh_from_db()
        assert judgement.state == State.FAILED
        assert "can't be judged" in judgement.failure
