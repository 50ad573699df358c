"""The fuzzer of fuzzer.py, with a bug planted in what it fuzzes: `python -m tests.fuzz.planted BUG TARGET OPTION…`."""

import json
import sys

from tests.fuzz import fuzzer  # first, as it has the others instrumented while they are imported

# isort: split
from execution.sandbox import remote
from runner_image import agent, frames
from runner_image.frames import FrameError, Header


def _any_number(header: Header, key: str, high: int) -> int:
    """`whole`, but for its bounds."""
    value = header.get(key)
    if not isinstance(value, int):
        raise FrameError(f"{key} must be a whole number")
    return value


def _any_name(entry: Header) -> str:
    """`_name`, but for what it says of paths."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or len(name) > 200 or "\0" in name:
        raise FrameError("not a file name")
    return name


def _any_json(text: bytearray) -> Header:
    """`_parse`, but for its look at what kind of JSON it is."""
    header: Header = json.loads(text)
    return header


BUGS = {
    "any number": (remote, "whole", _any_number),
    "any name": (agent, "_name", _any_name),
    "any JSON": (frames, "_parse", _any_json),
}


def main() -> None:
    module, name, worse = BUGS[sys.argv.pop(1)]
    assert hasattr(module, name)
    setattr(module, name, worse)
    sys.argv.append("-seed=1")  # so that how long it takes to find is no matter of luck
    fuzzer.main()


if __name__ == "__main__":
    main()
