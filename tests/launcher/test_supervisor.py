import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from launcher import processes
from launcher.cleanup import nap
from launcher.console import Console, Failure
from launcher.home import ROOT, Home
from launcher.supervisor import Hurried, Interrupted, Service, Supervisor

PYTHON = [sys.executable, "-c"]
SLEEPER = "print('up', flush=True); import time; time.sleep(100)"


def _until(supervisor: Supervisor, ready: Callable[[], bool]) -> None:
    supervisor.wait(ready, 30, lambda: "it did not happen")


def test_passes_on_what_services_say(supervisor: Supervisor, said: io.StringIO) -> None:
    supervisor.restarts = True
    supervisor.start(Service("web", [*PYTHON, "print('one'); print('two', end='')"]))
    _until(supervisor, lambda: "two" in said.getvalue())
    lines = said.getvalue().splitlines()  # that it ended may be said before its last, unfinished line is
    assert lines[0] == "web | one"
    assert "web | two" in lines


def test_a_service_that_ends_fails_the_start(supervisor: Supervisor) -> None:
    supervisor.start(Service("web", [*PYTHON, "raise SystemExit(7)"]))
    with pytest.raises(Failure, match=r"web ended \(exit code 7\)"):
        _until(supervisor, lambda: False)


def test_a_missing_program_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(Failure, match="no-such-program"):
        supervisor.start(Service("web", ["no-such-program"]))


def test_starts_again_what_was_killed(supervisor: Supervisor, said: io.StringIO, home: Home) -> None:
    supervisor.restarts = True
    supervisor.start(Service("web", [*PYTHON, SLEEPER]))
    _until(supervisor, lambda: "up" in said.getvalue())
    [first] = processes.marked(home.instance)
    os.kill(first.pid, signal.SIGKILL)
    _until(supervisor, lambda: said.getvalue().count("up") == 2)
    assert "web | ended (SIGKILL); starting it again in 1 s" in said.getvalue()
    assert [process.pid for process in processes.marked(home.instance)] != [first.pid]


def test_waits_longer_each_time(supervisor: Supervisor, said: io.StringIO) -> None:
    supervisor.restarts = True
    supervisor.start(Service("web", [*PYTHON, "pass"]))
    _until(supervisor, lambda: "in 4 s" in said.getvalue())
    assert [line.split()[-2] for line in said.getvalue().splitlines()] == ["1", "2", "4"]


def test_kills_what_a_service_left_before_starting_it_again(
    supervisor: Supervisor, said: io.StringIO, home: Home
) -> None:
    supervisor.restarts = True
    fork = "import os, time; os.fork(); print('up', flush=True); time.sleep(100)"
    supervisor.start(Service("web", [*PYTHON, fork]))
    _until(supervisor, lambda: said.getvalue().count("up") == 2)
    leader = next(process for process in processes.marked(home.instance) if process.parent == os.getpid())
    os.kill(leader.pid, signal.SIGKILL)
    _until(supervisor, lambda: said.getvalue().count("up") == 4)
    assert len(processes.marked(home.instance)) == 2


def test_a_job_s_words_come_back(supervisor: Supervisor, said: io.StringIO) -> None:
    assert supervisor.run("The job", [*PYTHON, "print('AC'); print('done')"], show=False) == "AC\ndone"
    assert said.getvalue() == ""


def test_a_job_that_fails_shows_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(Failure, match=r"(?s)The job failed \(exit code 3\).*it is broken"):
        supervisor.run(
            "The job", [*PYTHON, "import sys; print('it is broken', file=sys.stderr); sys.exit(3)"], show=False
        )


def test_a_service_gets_its_environment_and_no_input(supervisor: Supervisor, said: io.StringIO) -> None:
    supervisor.restarts = True
    program = "import os, sys; print(os.environ['PORT'], repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    supervisor.start(Service("web", [*PYTHON, program], {"PORT": "8000"}))
    _until(supervisor, lambda: "8000" in said.getvalue())
    assert "web | 8000 '' True" in said.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_is_interrupted_at_once(supervisor: Supervisor, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    began = monotonic()
    with pytest.raises(Interrupted):
        supervisor.turn(60)
    assert monotonic() - began < 30


def test_a_second_interruption_hurries_and_a_third_changes_nothing(supervisor: Supervisor) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Interrupted):
        supervisor.turn()
    supervisor.stopping()
    supervisor.turn()
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Hurried):
        supervisor.turn()
    supervisor.hurrying()
    os.kill(os.getpid(), signal.SIGINT)
    supervisor.turn()


def test_stops_when_nobody_reads_any_more(supervisor: Supervisor) -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    supervisor.console = Console(Closed())
    supervisor.console.say("hello?")
    with pytest.raises(Interrupted):
        supervisor.turn()


def test_services_end_when_their_starter_is_killed(home: Home, tmp_path: Path) -> None:
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from launcher.console import Console
from launcher.home import Home
from launcher.supervisor import Service, Supervisor
supervisor = Supervisor(Home(Path({str(home.var)!r})), Console(), {{}})
supervisor.start(Service("web", [sys.executable, "-c", {SLEEPER!r}]))
supervisor.forever()
"""
    starter = subprocess.Popen([*PYTHON, program], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    assert starter.stdout.readline() == "web | up\n"
    assert len(processes.marked(home.instance)) == 1
    starter.kill()
    starter.communicate()
    until = monotonic() + 30
    while processes.marked(home.instance) and monotonic() < until:
        nap()
    assert processes.marked(home.instance) == []
