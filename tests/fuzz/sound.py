"""What holds of everything that the two parsers let pass, whatever the bytes were."""

from execution.sandbox.interface import Exceeded, Limits, RunReport
from runner_image import run

LARGEST = (1 << 31) - 1  # the largest figure that the database keeps


def check_report(report: RunReport, limits: Limits) -> None:
    """A report that the host believed keeps what RunReport says of it. Raises AssertionError."""
    assert (report.exit_code is None) is not (report.signal is None)
    assert report.exit_code is None or (type(report.exit_code) is int and 0 <= report.exit_code <= 255)
    assert report.signal is None or (type(report.signal) is int and 1 <= report.signal <= 64)
    for figure in (report.cpu_ms, report.wall_ms, report.memory_kb):
        assert type(figure) is int
        assert 0 <= figure <= LARGEST
    assert report.exceeded is None or isinstance(report.exceeded, Exceeded)
    assert len(report.stdout) <= limits.output_bytes
    assert len(report.stderr) <= limits.stderr_bytes
    assert sum(map(len, report.artifacts.values())) <= limits.artifact_bytes
    for name in report.artifacts:
        check_name(name)


def check_limits(limits: run.Limits) -> None:
    """Limits that the agent took are numbers to count down from. Raises AssertionError."""
    figures = [limits.cpu_ns, limits.wall_ns, limits.output_bytes, limits.stderr_bytes, limits.artifact_bytes]
    for figure in figures if limits.memory_bytes is None else [*figures, limits.memory_bytes]:
        assert type(figure) is int
        assert 0 <= figure < 1 << 63
    assert limits.stderr_bytes <= 1 << 20


def check_name(name: str) -> None:
    """A file's name leads to nowhere but below its directory. Raises AssertionError."""
    assert isinstance(name, str)
    assert len(name) <= 200
    assert "\0" not in name
    name.encode()  # a file system can hold it
    assert not {"", ".", ".."} & set(name.split("/"))
