import io
import re

import pytest

from launcher.console import Console, Failure


def test_a_step_is_one_line_with_its_time(said: io.StringIO) -> None:
    with Console(said).step("building") as step:
        step.note = "118 MB"
    assert re.fullmatch(r"→ building … \d+\.\d s, 118 MB\n", said.getvalue())


def test_a_step_that_others_talk_into_is_repeated(said: io.StringIO) -> None:
    console = Console(said)
    with console.step("building"):
        console.log("web", "hello")
    assert re.fullmatch(r"→ building …\nweb \| hello\n→ building … \d+\.\d s\n", said.getvalue())


def test_a_failed_step_says_so(said: io.StringIO) -> None:
    def fail() -> None:
        raise Failure("no disk")

    with pytest.raises(Failure), Console(said).step("building"):
        fail()
    assert said.getvalue() == "→ building … failed\n"


def test_names_line_up(said: io.StringIO) -> None:
    console = Console(said)
    console.log("maintenance", "a")
    console.log("web", "b")
    assert said.getvalue() == "maintenance | a\nweb         | b\n"
