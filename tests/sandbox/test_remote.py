"""The host's conversation with an agent that does as it is told by the test."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from execution.sandbox.interface import Exceeded, SandboxBroken, SandboxUnavailable
from execution.sandbox.remote import RemoteSandbox
from execution.sandbox.wire import Frame, FrameParser, Stream, StreamEnded
from runner_image.frames import Header, encode
from tests.sandbox.conftest import eventually, limits

REPORT: Header = {
    "op": "report",
    "exit_code": 0,
    "signal": None,
    "cpu_us": 12_345,
    "wall_us": 23_456,
    "memory_kb": 9000,
    "exceeded": None,
    "unclean": None,
}


class Far:
    """The agent's side: reads frames, writes what it is told to."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self._parser = FrameParser(1 << 20)
        self.got: list[Frame] = []

    def read(self) -> Frame:
        while (frame := self._parser.next()) is None:
            data = os.read(self._reader, 1 << 16)
            if not data:
                raise EOFError
            self._parser.feed(data)
        self.got.append(frame)
        return frame

    def read_input(self) -> bytes:
        """All of a run's input frames."""
        content = b""
        while piece := self.read().body:
            content += piece
        return content

    def say(self, header: Header, body: bytes = b"") -> None:
        self.write(encode(header, len(body)) + body)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._writer, data) :]

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


Script = Callable[[Far], object]


class Scripted(RemoteSandbox):
    """Each agent that is started follows the next script in a thread, then closes its streams."""

    def __init__(self, *scripts: Script, out_of_memory: bool = False) -> None:
        super().__init__("python3", 128, grace_seconds=0.2)
        self._scripts = list(scripts)
        self.out_of_memory = out_of_memory
        self.started = self.ended = 0
        self.far: Far | None = None
        self._threads: list[threading.Thread] = []

    def _begin(self) -> Stream:
        self.started += 1
        far_reader, writer = os.pipe()
        reader, far_writer = os.pipe()
        self.far = Far(far_reader, far_writer)
        self._threads.append(threading.Thread(target=self._follow, args=(self._scripts.pop(0), self.far)))
        self._threads[-1].start()
        return Stream(reader, writer, Far(reader, writer).close)

    def _follow(self, script: Script, far: Far) -> None:
        with suppress(EOFError, OSError):
            script(far)
        far.close()

    def _end(self) -> None:
        self.ended += 1

    def _ran_out_of_memory(self) -> bool:
        return self.out_of_memory

    def cut_off(self) -> None: ...

    def resize(self, memory_mb: int) -> None: ...

    def join(self) -> None:
        self.destroy()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


def once_ready(script: Script) -> Script:
    """The script, after the agent's first word."""

    def ready(far: Far) -> None:
        far.say({"op": "ready"})
        script(far)

    return ready


@pytest.fixture
def start() -> Iterator[Callable[..., Scripted]]:
    made: list[Scripted] = []

    def start(*scripts: Script, out_of_memory: bool = False) -> Scripted:
        made.append(Scripted(*map(once_ready, scripts), out_of_memory=out_of_memory))
        made[-1].start()
        return made[-1]

    yield start
    for sandbox in made:
        sandbox.join()


Start = Callable[..., Scripted]


def test_a_run(start: Start) -> None:
    def script(far: Far) -> None:
        assert far.read().header["argv"] == ["python3", "main.py"]
        content = far.read_input()
        far.say({"op": "stdout"}, b"out1")
        far.say({"op": "stdout"}, content)
        far.say(REPORT, b"err")

    report = start(script).run(["python3", "main.py"], b"input", limits())
    assert (report.stdout, report.stderr, report.exit_code, report.signal) == (b"out1input", b"err", 0, None)
    assert (report.cpu_ms, report.wall_ms, report.memory_kb, report.exceeded) == (12, 23, 9000, None)


def test_input_ends_soon_after_the_report(start: Start, tmp_path: Path) -> None:
    """What the program didn't take is not sent: at most what had been begun, then the empty frame."""
    content = tmp_path / "input"
    content.write_bytes(b"x" * 20_000_000)

    def script(far: Far) -> None:
        far.read()
        far.say(REPORT)
        time.sleep(0.05)
        far.read_input()
        assert far.read().op == "ping"
        far.say({"op": "pong"})

    sandbox = start(script)
    assert sandbox.run(["true"], content, limits()).exit_code == 0
    sandbox.ping()
    assert sandbox.far is not None
    assert sum(len(frame.body) for frame in sandbox.far.got) < 1_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"exit_code": None},
        {"signal": 9},
        {"exit_code": -1},
        {"exit_code": 256},
        {"exit_code": None, "signal": 65},
        {"exit_code": None, "signal": 0},
        {"cpu_us": -1},
        {"cpu_us": "1"},
        {"cpu_us": 1 << 53},
        {"wall_us": 1.5},
        {"memory_kb": None},
        {"exceeded": "patience"},
        {"op": "reports"},
        {"op": None},
    ],
)
def test_a_report_that_makes_no_sense_is_our_fault(start: Start, change: Header) -> None:
    sandbox = start(lambda far: (far.read(), far.read_input(), far.say(REPORT | change)))
    with pytest.raises(SandboxBroken):
        sandbox.run(["true"], b"", limits())


def test_more_errors_than_allowed_are_our_fault(start: Start) -> None:
    sandbox = start(lambda far: (far.read(), far.read_input(), far.say(REPORT, b"x" * 11)))
    with pytest.raises(SandboxBroken):
        sandbox.run(["true"], b"", limits(stderr_bytes=10))


def test_more_output_than_allowed_is_our_fault(start: Start) -> None:
    sandbox = start(lambda far: (far.read(), far.read_input(), far.say({"op": "stdout"}, b"x" * 11), far.read()))
    with pytest.raises(SandboxBroken, match="more than allowed"):
        sandbox.run(["true"], b"", limits(output_bytes=10))


def test_a_garbled_stream_is_our_fault(start: Start) -> None:
    sandbox = start(lambda far: (far.read(), far.read_input(), far.write(b"\xff" * 100), far.read()))
    with pytest.raises(SandboxBroken, match="garbled"):
        sandbox.run(["true"], b"", limits())


def test_an_agent_that_says_nothing_misses_the_deadline(start: Start) -> None:
    sandbox = start(lambda far: (far.read(), far.read_input(), far.read()))
    begin = time.monotonic()
    with pytest.raises(SandboxBroken, match="deadline"):
        sandbox.run(["true"], b"", limits(wall_ms=100))
    assert 0.3 <= time.monotonic() - begin < 10


def test_an_agent_that_talks_without_end_misses_it_too(start: Start) -> None:
    def script(far: Far) -> None:
        far.read()
        while True:
            far.say({"op": "stdout"})
            time.sleep(0.001)

    with pytest.raises(SandboxBroken, match="deadline"):
        start(script).run(["true"], b"", limits(wall_ms=100))


def test_an_agent_that_talks_without_a_pause_misses_it_too(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always another frame, so that nothing ever waits for one."""
    sandbox = start(lambda far: far.read())
    monkeypatch.setattr(Stream, "receive", lambda *_: Frame({"op": "stdout"}, b""))
    with pytest.raises(SandboxBroken, match="deadline"):
        sandbox.run(["true"], b"", limits(wall_ms=100))


def test_an_agent_that_takes_nothing_misses_it_too(start: Start) -> None:
    sandbox = start(lambda far: time.sleep(1))
    with pytest.raises(SandboxBroken, match="deadline"):
        sandbox.run(["true"], b"x" * 10_000_000, limits(wall_ms=100))


def test_an_agent_that_goes_is_our_fault(start: Start) -> None:
    with pytest.raises(StreamEnded):
        start(lambda far: far.read()).run(["true"], b"", limits())


class TestReplacement:
    def again(self, far: Far) -> None:
        assert far.read().op == "load"
        far.say({"op": "loaded"})
        far.read()
        far.read_input()
        far.say({"op": "stdout"}, b"again")
        far.say(REPORT)

    def test_an_agent_killed_for_memory_is_the_programs_fault(self, start: Start) -> None:
        def script(far: Far) -> None:
            far.read()
            far.say({"op": "loaded"})
            far.read()

        sandbox = start(script, self.again, out_of_memory=True)
        sandbox.load({"main.py": b"code"})
        report = sandbox.run(["true"], b"", limits(memory_kb=5000))
        assert (report.exceeded, report.signal, report.exit_code, report.memory_kb) == (Exceeded.MEMORY, 9, None, 5000)
        assert (sandbox.started, sandbox.ended) == (1, 1)
        assert sandbox.run(["true"], b"", limits()).stdout == b"again"
        assert sandbox.far is not None
        assert sandbox.far.got[0].body == b"code", "the same files"
        assert sandbox.started == 2

    def test_an_unclean_one_is_replaced_and_its_report_stands(self, start: Start) -> None:
        sandbox = start(
            lambda far: (far.read(), far.read_input(), far.say(REPORT | {"unclean": "a process"})),
            self.again,
        )
        assert sandbox.run(["true"], b"", limits()).exit_code == 0
        assert (sandbox.started, sandbox.ended) == (1, 1)
        assert sandbox.run(["true"], b"", limits()).stdout == b"again"

    def test_nobody_gets_what_is_left_of_one(self, start: Start) -> None:
        sandbox = start(lambda far: (far.read(), far.read_input(), far.say(REPORT | {"unclean": "a process"})))
        sandbox.run(["true"], b"", limits())
        with pytest.raises(SandboxBroken):
            sandbox.reset()
        with pytest.raises(SandboxBroken):
            sandbox.ping()


class TestOtherRequests:
    def test_reset(self, start: Start) -> None:
        start(lambda far: (far.read(), far.say({"op": "reset", "unclean": None}))).reset()

    def test_reset_that_does_not_clean(self, start: Start) -> None:
        sandbox = start(lambda far: (far.read(), far.say({"op": "reset", "unclean": "a file"})))
        with pytest.raises(SandboxBroken, match="a file"):
            sandbox.reset()

    def test_ping_of_one_that_spoke_unasked(self, start: Start) -> None:
        sandbox = start(lambda far: (far.say({"op": "pong"}), far.read()))
        assert eventually(lambda: not sandbox._stream.silent())  # type: ignore[union-attr]
        with pytest.raises(SandboxBroken, match="unasked"):
            sandbox.ping()

    def test_the_wrong_answer(self, start: Start) -> None:
        sandbox = start(lambda far: (far.read(), far.say({"op": "loaded"})))
        with pytest.raises(SandboxBroken, match="'ping' with 'loaded'"):
            sandbox.ping()


def test_an_agent_that_refuses_to_start_says_why() -> None:
    sandbox = Scripted(lambda far: far.say({"op": "refused", "reason": "no memory controller"}))
    with pytest.raises(SandboxUnavailable, match="no memory controller"):
        sandbox.start()
    assert sandbox.ended == 1
    sandbox.join()


def test_an_agent_that_ends_before_it_speaks() -> None:
    sandbox = Scripted(lambda far: None)
    with pytest.raises(SandboxBroken, match="gone"):
        sandbox.start()
    assert sandbox.ended == 1
    sandbox.join()
