"""What the fuzzer begins with: whole conversations, and the words that they are made of."""

import json
import re
from collections.abc import Iterator

from tests.fuzz.targets import FRAMED, OTHER_WAY, stream_of

Said = list[tuple[dict[str, object], bytes]]

REPORT: dict[str, object] = {
    "op": "report",
    "exit_code": 0,
    "signal": None,
    "cpu_us": 12_345,
    "wall_us": 23_456,
    "memory_kb": 9000,
    "exceeded": None,
    "unclean": None,
}
RUN: dict[str, object] = {
    "op": "run",
    "argv": ["cat"],
    "cpu_ms": 1000,
    "wall_ms": 60_000,
    "memory_kb": 65_536,
    "output_bytes": 1000,
    "stderr_bytes": 1000,
    "artifact_bytes": 0,
}
FROM_AGENT: Said = [
    ({"op": "ready"}, b""),
    ({"op": "loaded"}, b""),
    ({"op": "stdout"}, b"out"),
    ({"op": "artifact", "name": "a/out"}, b"file"),
    (REPORT, b"err"),
    ({"op": "reset", "unclean": None}, b""),
]
KILLED: Said = [*FROM_AGENT[:2], (REPORT | {"exit_code": None, "signal": 9, "exceeded": "memory"}, b"")]
REFUSED: Said = [({"op": "refused", "reason": "no memory controller"}, b"")]
FROM_HOST: Said = [
    ({"op": "ping"}, b""),
    ({"op": "load", "files": [{"name": "a/x", "size": 1}, {"name": "b", "size": 2}], "executable": True}, b"abb"),
    ({"op": "reset"}, b""),
    (RUN, b""),
]
INPUT: Said = [({"op": "input"}, b"input"), ({"op": "input"}, b"")]


def _examples(said: Said, *ways: int) -> Iterator[bytes]:
    """The conversation, left to be framed, and as it is on the wire."""
    text = b"\0".join(json.dumps(header).encode() + b"\0" + body for header, body in said)
    for way in ways:
        framed = bytes([FRAMED | way]) + text
        yield framed
        yield bytes([way]) + stream_of(framed)


SEEDS: dict[str, list[bytes]] = {
    "host": [example for said in (FROM_AGENT, KILLED, REFUSED) for example in _examples(said, 0, OTHER_WAY)],
    "agent": [*_examples(FROM_HOST, 0), *_examples(INPUT, OTHER_WAY)],
}


def words() -> list[str]:
    """The words of all conversations, and values that are seldom meant: as a libFuzzer dictionary quotes them."""
    texts = json.dumps([said for said, _ in (*FROM_AGENT, *KILLED, *REFUSED, *FROM_HOST, *INPUT)])
    odd = ["-1", "1e999", "NaN", "true", "[]", "{}", "1.5", "9007199254740993", "9" * 30, "../", "/", "ud800"]
    known = [rf"\"{word}\"" for word in sorted(set(re.findall(r'"(\w+)"', texts)))]
    return known + odd + [r"\\ud800", r"\x00", r"\x00\x00\x00\x02\x00\x00\x00\x00{}"]
