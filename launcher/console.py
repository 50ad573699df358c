"""What people see: steps with their times, and the services' lines behind prefixes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TextIO


class Failure(Exception):
    """A step failed. The message says what happened and what to do; there is nothing to add by a traceback."""


@dataclass(slots=True)
class Step:
    """A step under way; `note` is what there is to say about it once it's done."""

    note: str = ""


class Console:
    """Writes whole lines. A step's line stays open while nothing else is written, and is repeated otherwise.

    `gone` is set once nobody reads any more (a closed terminal, a broken pipe); what is said then is lost.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.gone = False
        self._open = False
        self._width = 0

    def say(self, text: str) -> None:
        self._write(f"{text}\n")

    def log(self, name: str, line: str) -> None:
        """One line of a service."""
        self._width = max(self._width, len(name))
        self.say(f"{name:<{self._width}} | {line}")

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """`→ what … 1.2 s`"""
        step, begun = Step(), monotonic()
        self._write(f"→ {what} …")
        self._open = True
        try:
            yield step
        except BaseException:
            self._close(what, "failed")
            raise
        self._close(what, f"{monotonic() - begun:.1f} s" + (f", {step.note}" if step.note else ""))

    def _close(self, what: str, outcome: str) -> None:
        if self._open:
            self._open = False
            self._write(f" {outcome}\n")
        else:
            self._write(f"→ {what} … {outcome}\n")

    def _write(self, text: str) -> None:
        if self._open:
            self._open = False
            text = f"\n{text}"
        if self.gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self.gone = True
