"""The agent's answers, outside of a container: what it does with requests, sensible or not."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.sandbox.wire import Frame, FrameParser
from runner_image.agent import Agent
from runner_image.channel import Channel, HostGone
from runner_image.frames import FrameError, Header, encode
from runner_image.streams import ErrorOutput
from tests.sandbox.bare_agent import BareRoom, NoMeter

ROOT = Path(__file__).resolve().parents[2]


class Host:
    """Writes all requests first, lets the agent serve until they end, reads all answers."""

    def __init__(self, directory: Path) -> None:
        self.room = BareRoom(directory)
        self._reader, self._feeder = os.pipe()
        self._drain, self._writer = os.pipe()
        self._agent = Agent(Channel(self._reader, self._writer), self.room, NoMeter())

    def ask(self, *requests: tuple[Header, bytes]) -> list[Frame]:
        for header, body in requests:
            os.write(self._feeder, encode(header, len(body)) + body)
        os.close(self._feeder)
        self._feeder = -1
        with pytest.raises(HostGone):
            self._agent.serve()
        return self.answers()

    def fail(self, kind: type[Exception], match: str | None, *requests: tuple[Header, bytes]) -> None:
        for header, body in requests:
            os.write(self._feeder, encode(header, len(body)) + body)
        with pytest.raises(kind, match=match):
            self._agent.serve()

    def answers(self) -> list[Frame]:
        os.set_blocking(self._drain, False)
        parser = FrameParser(1 << 20)
        parser.feed(os.read(self._drain, 1 << 20))
        return list(iter(parser.next, None))

    def close(self) -> None:
        for fd in {self._reader, self._feeder, self._drain, self._writer} - {-1}:
            os.close(fd)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with closing(Host(tmp_path)) as host:
        yield host


def ops(frames: list[Frame]) -> list[object]:
    return [frame.op for frame in frames]


def load(**files: bytes) -> tuple[Header, bytes]:
    entries: list[Header] = [{"name": name, "size": len(content)} for name, content in files.items()]
    return {"op": "load", "files": entries}, b"".join(files.values())


PING: tuple[Header, bytes] = {"op": "ping"}, b""
RUN: dict[str, Any] = {
    "op": "run",
    "argv": ["cat"],
    "cpu_ms": 1000,
    "wall_ms": 60_000,
    "memory_kb": None,
    "output_bytes": 1000,
    "stderr_bytes": 1000,
    "artifact_bytes": 0,
}
END: tuple[Header, bytes] = {"op": "input"}, b""


def test_it_says_that_it_is_ready_and_answers_pings(host: Host) -> None:
    assert ops(host.ask(PING, PING)) == ["ready", "pong", "pong"]


def test_it_writes_the_files_in_place_of_those_before(host: Host, tmp_path: Path) -> None:
    deep = {"a/b/c.py": b"deep", "a/d.py": b"", "main.py": b"print()"}
    frames = host.ask(load(**{"old.py": b"old"}), load(**deep))
    assert ops(frames) == ["ready", "loaded", "loaded"]
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == deep


def test_reset_removes_the_files(host: Host, tmp_path: Path) -> None:
    frames = host.ask(load(x=b"x"), ({"op": "reset"}, b""))
    assert frames[-1].header == {"op": "reset", "unclean": None}
    assert list(tmp_path.iterdir()) == []


class Process:
    """An agent in a process of its own, for what starts programs. `writes` are what it wrote, one by one."""

    def __init__(self, directory: Path, *left: str) -> None:
        command = [sys.executable, "-m", "tests.sandbox.bare_agent", str(directory), *left]
        self._ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._popen = subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=its.fileno(), stderr=PIPE)
        self._parser = FrameParser(1 << 20)
        self.writes: list[bytes] = []

    def ask(self, *requests: tuple[Header, bytes]) -> list[Frame]:
        """All frames up to the answer to the last request that isn't input."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(b"".join(encode(header, len(body)) + body for header, body in requests))
        self._popen.stdin.flush()
        awaited = 1 + sum(header["op"] != "input" for header, _ in requests)
        frames: list[Frame] = []
        while sum(frame.op != "stdout" for frame in frames) < awaited:
            data = self._ours.recv(1 << 18)
            if not data:
                break
            self.writes.append(data)
            self._parser.feed(data)
            frames += iter(self._parser.next, None)
        return frames

    def end(self) -> tuple[int, str]:
        """Exit status and last words, its input having ended."""
        with self._ours:
            _, errors = self._popen.communicate(timeout=30)
        return self._popen.returncode, errors.decode()


def test_a_run_passes_input_and_output_through(tmp_path: Path) -> None:
    process = Process(tmp_path)
    frames = process.ask((RUN, b""), ({"op": "input"}, b"hello "), ({"op": "input"}, b"world"), END, PING)
    assert b"".join(frame.body for frame in frames if frame.op == "stdout") == b"hello world"
    assert ops(frames)[-2:] == ["report", "pong"]
    assert (frames[-2].header["exit_code"], frames[-2].header["unclean"]) == (0, None)
    assert process.end() == (0, "")


def test_little_output_comes_with_the_report(tmp_path: Path) -> None:
    """Each write wakes the engine and the host."""
    process = Process(tmp_path)
    lines = "import time\nfor _ in range(10): print(1, flush=True); time.sleep(0.01)"
    by_and_by = RUN | {"argv": ["python3", "-c", lines]}
    process.ask((RUN, b""), ({"op": "input"}, b"hello"), END, (by_and_by, b""), END)
    assert [write.count(b'"op": "report"') for write in process.writes] == [0, 1, 1]
    process.end()


def test_errors_that_the_program_takes_back_do_not_end_the_reading() -> None:
    reader, writer = os.pipe()
    errors = ErrorOutput(reader, keep=100, limit=100)
    errors.eager = True
    errors.serve({reader: select.POLLIN})  # but there is nothing any more
    os.write(writer, b"Traceback")
    os.close(writer)
    errors.finish()
    assert errors.kept == b"Traceback"


def test_much_output_does_not_wait_for_the_end(tmp_path: Path) -> None:
    process = Process(tmp_path)
    run = RUN | {"output_bytes": 100_000}
    frames = process.ask((run, b""), ({"op": "input"}, b"x" * 100_000), END)
    assert b"".join(frame.body for frame in frames if frame.op == "stdout") == b"x" * 100_000
    assert [b'"op": "report"' in write for write in process.writes][-2:] == [False, True]
    assert len(process.writes[-1]) < 20_000
    process.end()


def test_input_that_nobody_takes_is_not_taken_for_a_request(tmp_path: Path) -> None:
    process = Process(tmp_path)
    frames = process.ask((RUN | {"argv": ["true"]}, b""), ({"op": "input"}, encode({"op": "reset"})), END, PING)
    assert ops(frames) == ["ready", "report", "pong"]
    assert process.end() == (0, "")


def test_it_runs_nothing_more_where_something_is_left(tmp_path: Path) -> None:
    process = Process(tmp_path, "a sock of the program's")
    frames = process.ask((RUN, b""), END, PING)
    assert ops(frames) == ["ready", "report"]
    assert frames[-1].header["unclean"] == "a sock of the program's"
    assert process.end() == (1, "agent: Unclean: a sock of the program's\n")


def test_a_program_that_is_not_there_is_told_of_in_its_place(tmp_path: Path) -> None:
    process = Process(tmp_path)
    frames = process.ask((RUN | {"argv": ["no-such-program"]}, b""), END, PING)
    assert ops(frames) == ["ready", "report", "pong"]
    assert (frames[1].header["exit_code"], frames[1].body) == (127, b"no-such-program: No such file or directory\n")
    assert process.end() == (0, "")


def test_anything_else_than_input_during_a_run_ends_it(tmp_path: Path) -> None:
    process = Process(tmp_path)
    assert ops(process.ask((RUN, b""), PING)) == ["ready"]
    status, words = process.end()
    assert status == 1
    assert "expected a program's input, not 'ping'" in words


def test_a_host_that_goes_during_a_run_ends_it(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process._popen.stdin.write(encode(RUN | {"argv": ["sleep", "5"]}))  # type: ignore[union-attr]
    start = time.monotonic()
    assert process.end() == (0, "")
    assert time.monotonic() - start < 4


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "..", "../x", "a/../../x", "a//b", "./x", "a/", "a/.", "x\0y", "x" * 201, None, 5, ["x"]],
)
def test_names_that_lead_elsewhere_are_refused(host: Host, tmp_path: Path, name: object) -> None:
    host.fail(FrameError, "file name", ({"op": "load", "files": [{"name": name, "size": 1}]}, b"x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("files", [None, {}, "x", [1], [{"name": "x"}], [{"name": "x", "size": 2}], [], [{}] * 1001])
def test_files_that_dont_fit_the_body_are_refused(host: Host, files: object) -> None:
    host.fail(FrameError, None, ({"op": "load", "files": files}, b"x"))


@pytest.mark.parametrize(
    "change",
    [
        {"argv": []},
        {"argv": "cat"},
        {"argv": [1]},
        {"argv": ["a\0b"]},
        {"cpu_ms": -1},
        {"wall_ms": None},
        {"memory_kb": "1"},
        {"output_bytes": 1.5},
        {"stderr_bytes": 1 << 21},
    ],
)
def test_runs_that_make_no_sense_are_refused(host: Host, change: Header) -> None:
    host.fail(FrameError, next(iter(change)), (RUN | change, b""))


@pytest.mark.parametrize(
    "header", [{}, {"op": None}, {"op": "exec"}, {"op": ["ping"]}, {"op": "input"}, {"op": "stdout"}]
)
def test_unknown_requests_end_it(host: Host, header: Header) -> None:
    host.fail(FrameError, "unknown request", (header, b""))


HEADERS = st.dictionaries(
    st.sampled_from(["op", "files", "argv", "cpu_ms", "x"]),
    st.none() | st.integers() | st.sampled_from(["ping", "load", "reset", "input"]) | st.lists(st.text(max_size=5)),
)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=50)), max_size=5), st.binary(max_size=60))
@settings(max_examples=150)
def test_whatever_the_host_says_it_answers_or_ends(
    tmp_path: Path, frames: list[tuple[Header, bytes]], garbage: bytes
) -> None:
    with closing(Host(tmp_path)) as host:
        os.write(host._feeder, b"".join(encode(header, len(body)) + body for header, body in frames) + garbage)
        os.close(host._feeder)
        host._feeder = -1
        with pytest.raises((HostGone, FrameError)):
            host._agent.serve()
        assert set(ops(host.answers())) <= {"ready", "pong", "loaded", "reset"}
