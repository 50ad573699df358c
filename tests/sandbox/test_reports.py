"""What each side makes of the other's headers: any JSON in any field gives what keeps its promises, or the error."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from execution.sandbox.interface import Exceeded, Limits, SandboxBroken
from execution.sandbox.remote import _Received, _report
from execution.sandbox.wire import Frame
from runner_image import run
from runner_image.agent import _files
from runner_image.artifacts import MAX_FILES
from runner_image.frames import FrameError, Header, HeaderReader, encode
from runner_image.run import _argv
from tests.fuzz.examples import REPORT, RUN
from tests.fuzz.sound import LARGEST, check_limits, check_name, check_report

LIMITS = Limits(cpu_ms=1000, wall_ms=1000, memory_kb=None, output_bytes=100, stderr_bytes=50, artifact_bytes=100)

NUMBERS = st.integers() | st.sampled_from(
    [-1, 0, 1, 64, 65, 255, 256, LARGEST, LARGEST + 1, 1 << 53, 1 << 64, -(1 << 64)]
)
WORDS = st.text(max_size=20) | st.sampled_from(["cpu", "wall", "memory", "output", "0", "true", "..", "a/b", "\ud800"])
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats() | WORDS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def changed(header: Header) -> st.SearchStrategy[Header]:
    """The header with other values in some fields, without some, and with some that nobody knows."""
    values = st.dictionaries(st.sampled_from(sorted(header)), ANYTHING, max_size=3)
    gone = st.sets(st.sampled_from(sorted(header)), max_size=2)
    extra = st.dictionaries(st.text(max_size=8), ANYTHING, max_size=2)
    return st.builds(
        lambda values, gone, extra: {k: v for k, v in (extra | header | values).items() if k not in gone},
        values,
        gone,
        extra,
    )


def over_the_wire(header: Header) -> Header:
    """The header as the other side reads it."""
    stream, reader = encode(header), HeaderReader()
    assert reader.feed(stream[:8]) is None
    read = reader.feed(stream[8:])
    assert read is not None
    return read


@given(changed(REPORT), st.binary(max_size=60))
@example(REPORT | {"exit_code": True}, b"")
@example(REPORT | {"exit_code": None, "signal": 0}, b"")
@example(REPORT | {"exit_code": 0.0}, b"")
@example(REPORT | {"cpu_us": math.nan}, b"")
@example(REPORT | {"wall_us": math.inf}, b"")
@example(REPORT | {"memory_kb": LARGEST + 1}, b"")
@example(REPORT | {"exceeded": ["cpu"]}, b"")
@example(REPORT | {"exceeded": ""}, b"")
@example(REPORT, b"x" * 51)
def test_the_host_believes_no_report_that_cannot_be(header: Header, stderr: bytes) -> None:
    with suppress(SandboxBroken):
        check_report(_report(Frame(over_the_wire(header), stderr), _Received(LIMITS), LIMITS), LIMITS)


@given(
    st.none() | st.integers(0, 255),
    st.integers(1, 64),
    *[st.integers(0, LARGEST)] * 3,
    st.none() | st.sampled_from(Exceeded),
)
def test_the_host_believes_every_report_that_can_be(
    code: int | None, signal: int, cpu_ms: int, wall_ms: int, memory_kb: int, exceeded: Exceeded | None
) -> None:
    figures = {"cpu_us": cpu_ms * 1000, "wall_us": wall_ms * 1000, "memory_kb": memory_kb, "exceeded": exceeded}
    header = REPORT | figures | {"exit_code": code, "signal": signal if code is None else None}
    report = _report(Frame(over_the_wire(header), b"err"), _Received(LIMITS), LIMITS)
    check_report(report, LIMITS)
    assert (report.exit_code, report.signal) == (header["exit_code"], header["signal"])
    assert (report.cpu_ms, report.wall_ms, report.memory_kb) == (cpu_ms, wall_ms, memory_kb)
    assert (report.exceeded, report.stderr) == (exceeded, b"err")


@pytest.mark.parametrize("missing", ["op", "exit_code", "cpu_us", "wall_us", "memory_kb"])
def test_a_report_must_have_its_figures(missing: str) -> None:
    header = {key: value for key, value in REPORT.items() if key != missing}
    with pytest.raises(SandboxBroken, match="garbled"):
        _report(Frame(header, b""), _Received(LIMITS), LIMITS)


@given(st.lists(st.tuples(st.sampled_from(["stdout", "artifact"]), ANYTHING, st.binary(max_size=40)), max_size=8))
def test_the_host_takes_no_more_than_it_allowed(frames: list[tuple[str, object, bytes]]) -> None:
    received = _Received(LIMITS)
    with suppress(SandboxBroken):
        for op, name, body in frames:
            assert received.take(Frame(over_the_wire({"op": op, "name": name}), body))
        check_report(_report(Frame(REPORT, b""), received, LIMITS), LIMITS)


@pytest.mark.parametrize(
    "name", [None, 1, "", ".", "..", "/etc/passwd", "a/../b", "a//b", "a/", "x" * 201, "a\0", "a\n", "\ud800"]
)
def test_an_artifact_goes_nowhere_else(name: object) -> None:
    with pytest.raises(SandboxBroken, match="artifact"):
        _Received(LIMITS).take(Frame({"op": "artifact", "name": name}, b""))


def test_as_many_artifacts_as_an_agent_sends_and_no_more() -> None:
    """Names are held too, so that even empty files must come to an end."""
    received = _Received(LIMITS)
    for number in range(MAX_FILES):
        received.take(Frame({"op": "artifact", "name": f"{number}"}, b""))
    received.take(Frame({"op": "artifact", "name": "0"}, b"the rest of it"))
    with pytest.raises(SandboxBroken, match="cannot be"):
        received.take(Frame({"op": "artifact", "name": "one more"}, b""))


@given(changed(RUN))
@example(RUN | {"cpu_ms": True})
@example(RUN | {"wall_ms": 1e999})
@example(RUN | {"memory_kb": math.nan})
@example(RUN | {"output_bytes": (1 << 40) + 1})
@example(RUN | {"stderr_bytes": -1})
@example(RUN | {"artifact_bytes": "0"})
def test_the_agent_takes_no_limits_that_cannot_be(header: Header) -> None:
    with suppress(FrameError):
        check_limits(run.Limits(over_the_wire(header)))


@pytest.mark.parametrize("missing", sorted(set(RUN) - {"op", "argv", "memory_kb"}))
def test_a_run_must_have_its_limits(missing: str) -> None:
    with pytest.raises(FrameError, match=missing):
        run.Limits({key: value for key, value in RUN.items() if key != missing})


def test_memory_need_not_be_limited() -> None:
    assert run.Limits(RUN | {"memory_kb": None}).memory_bytes is None
    assert run.Limits(RUN | {"memory_kb": 2}).memory_bytes == 2048


@given(ANYTHING | st.lists(WORDS, max_size=4))
@example(["python3", "a\0b"])
def test_the_agent_takes_no_command_that_cannot_be(argv: object) -> None:
    with suppress(FrameError):
        taken = _argv(over_the_wire({"argv": argv}))
        assert taken
        assert all(isinstance(word, str) and "\0" not in word for word in taken)


ENTRIES = st.lists(
    ANYTHING | st.fixed_dictionaries({}, optional={"name": WORDS | ANYTHING, "size": ANYTHING}), max_size=4
)


@given(ENTRIES | ANYTHING, st.integers(0, 100))
@example([{"name": "a", "size": -1}, {"name": "b", "size": 1}], 0)
@example([{"name": "a", "size": False}], 0)
def test_the_agent_takes_no_files_that_cannot_be(files: object, body_length: int) -> None:
    with suppress(FrameError):
        taken = _files(over_the_wire({"files": files}), body_length)
        assert sum(size for _, size in taken) == body_length
        for name, size in taken:
            check_name(name)
            assert 0 <= size <= body_length


@pytest.mark.parametrize("depth", [100, 500, 900, 980, 5_000])
@pytest.mark.parametrize("read", [run.Limits, _argv, lambda header: _files(header, 0)])
def test_depth_is_no_way_round_the_errors(depth: int, read: Callable[[Header], Any]) -> None:
    """What could just be read must not be too deep to be shown in the error."""
    text = json.dumps({"files": [0], "argv": 0, "cpu_ms": 0}).replace("0", "[" * depth + "]" * depth).encode()
    reader = HeaderReader()
    reader.feed(len(text).to_bytes(4, "big") + bytes(4))
    with pytest.raises(FrameError):
        read(reader.feed(text) or {})
