import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic

import pytest

from launcher import processes
from launcher.cleanup import nap

PARENT = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True)
signal.signal(signal.SIGTERM, lambda *_: (child.kill(), child.wait(), sys.exit()))
print(child.pid, flush=True)
time.sleep(100)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(100)"


class Crowd:
    """Starts marked processes, and reaps them at the end."""

    def __init__(self) -> None:
        self.instance = f"test{os.getpid()}"
        self.started: list[subprocess.Popen[str]] = []

    def start(self, program: str, role: str = "web", instance: str = "") -> subprocess.Popen[str]:
        env = {**os.environ, **processes.mark(instance or self.instance, role)}
        popen = subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True)
        self.started.append(popen)
        return popen

    def members(self) -> list[processes.Process]:
        return processes.marked(self.instance)

    def end(self) -> None:
        processes.kill(self.members, nap)
        for popen in self.started:
            popen.kill()
            popen.communicate()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd()
    yield made
    made.end()


def _first_line(popen: subprocess.Popen[str]) -> str:
    assert popen.stdout
    return popen.stdout.readline().strip()


def test_finds_what_we_started_and_what_that_started(crowd: Crowd) -> None:
    parent = crowd.start(PARENT, role="judge")
    child = int(_first_line(parent))
    assert {(process.pid, process.role) for process in crowd.members()} == {(parent.pid, "judge"), (child, "judge")}
    assert next(process.parent for process in crowd.members() if process.pid == child) == parent.pid


def test_finds_a_child_whose_parent_is_gone(crowd: Crowd) -> None:
    parent = crowd.start(PARENT)
    child = int(_first_line(parent))
    parent.kill()
    parent.wait()
    assert [process.pid for process in crowd.members()] == [child]


def test_leaves_other_instances_alone(crowd: Crowd) -> None:
    stranger = crowd.start(DEAF, instance=f"{crowd.instance}0")
    _first_line(stranger)
    processes.stop(crowd.members, 0, nap)
    assert crowd.members() == []
    assert stranger.poll() is None


def test_asks_the_eldest_and_lets_it_end_its_children(crowd: Crowd) -> None:
    parent = crowd.start(PARENT)
    _first_line(parent)
    processes.stop(crowd.members, 10, nap)
    assert parent.wait() == 0  # it ended by itself
    assert crowd.members() == []


def test_asks_a_child_whose_parent_left_it(crowd: Crowd) -> None:
    parent = crowd.start(PARENT)
    _first_line(parent)
    parent.kill()
    parent.wait()
    began = monotonic()
    processes.stop(crowd.members, 60, nap)
    assert crowd.members() == []
    assert monotonic() - began < 30


def test_kills_who_does_not_listen(crowd: Crowd) -> None:
    deaf = crowd.start(DEAF)
    _first_line(deaf)
    processes.stop(crowd.members, 0.2, nap)
    assert deaf.wait() == -signal.SIGKILL


def test_kills_who_is_stopped(crowd: Crowd) -> None:
    frozen = crowd.start(DEAF)
    _first_line(frozen)
    frozen.send_signal(signal.SIGSTOP)
    processes.stop(crowd.members, 0.2, nap)
    assert frozen.wait() == -signal.SIGKILL


def test_never_signals_a_recycled_pid(crowd: Crowd) -> None:
    innocent = crowd.start(DEAF)
    _first_line(innocent)
    [found] = crowd.members()
    processes.send(signal.SIGKILL, [processes.Process(found.pid, found.start - 1, found.parent, found.role)])
    nap()
    assert innocent.poll() is None


def test_a_name_may_look_like_the_fields_behind_it(crowd: Crowd) -> None:
    """/proc/PID/stat puts the program's name in parentheses, unquoted."""
    odd = crowd.start(
        "open('/proc/self/comm', 'w').write(') Z 1 (') and print('x', flush=True); import time; time.sleep(99)"
    )
    _first_line(odd)
    [found] = crowd.members()
    assert found.parent == os.getpid()
    assert found.start == processes.start_of(odd.pid)


def test_a_zombie_counts_as_gone(crowd: Crowd) -> None:
    brief = crowd.start("pass")
    while brief.stdout and brief.stdout.read():
        pass
    os.waitid(os.P_PID, brief.pid, os.WEXITED | os.WNOWAIT)
    assert crowd.members() == []
    assert processes.start_of(brief.pid) is None


def test_finds_processes_by_their_containers_cgroup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        processes, "_cgroup", lambda pid: "4:memory:/docker/abc123\n" if pid == os.getpid() else "0::/\n"
    )
    assert [process.pid for process in processes.of_containers(["abc123"])] == [os.getpid()]
    assert processes.of_containers(["def456"]) == []
    assert processes.of_containers([]) == []
