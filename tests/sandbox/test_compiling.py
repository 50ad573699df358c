"""What becomes of sources, in real containers: compile bombs (data in tests/cases/compiling/, whose README tells how),
the class that a Java program starts with, and how often something is compiled or a container started."""

import os
import re
import runpy
import secrets
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import docker
import pytest

from execution import compilation
from execution.languages import LANGUAGES
from execution.sandbox.container import ContainerSettings, open_pool
from execution.sandbox.interface import Profile
from execution.sandbox.pool import Pool
from execution.verdicts import Verdict
from tests.sandbox.conftest import containers_of, eventually
from tests.sandbox.judging import Judge

pytestmark = pytest.mark.docker

CASES = Path(__file__).parent.parent / "cases" / "compiling"
CPP = {"main.cpp": LANGUAGES["cpp"].self_test.encode()}


@dataclass(frozen=True)
class Case:
    """Sources and what must come of them, as the case's case.toml says."""

    path: Path
    expected: Mapping[str, Any]

    @property
    def language(self) -> str:
        by_extension = {extension: language.id for language in LANGUAGES.values() for extension in language.extensions}
        return str(self.expected.get("language") or by_extension[self.path.suffix])

    @property
    def source(self) -> bytes:
        """A make.py prints it, where it would be a large file."""
        if self.path.name != "make.py":
            return self.path.read_bytes()
        with redirect_stdout(StringIO()) as printed:
            runpy.run_path(str(self.path), run_name="__main__")
        return printed.getvalue().encode()


def read_cases() -> list[Any]:
    """Every case, as pytest's parameters."""
    found = []
    for file in sorted(CASES.glob("*/case.toml")):
        expected = tomllib.loads(file.read_text(encoding="utf-8"))
        assert set(expected) <= {"about", "language", "verdict", "says", "prints"}, file
        (program,) = (path for path in file.parent.iterdir() if path != file)
        found.append(pytest.param(Case(program, expected), id=file.parent.name))
    return found


@pytest.fixture(scope="module")
def unthrottled() -> ContainerSettings:
    """A whole CPU: what is to use up its CPU time takes half as long to do so."""
    owner = f"test-{secrets.token_hex(6)}"
    return ContainerSettings(owner=owner, docker_host=os.environ.get("DOCKER_HOST"), cpu_quota=100_000)


@pytest.fixture(scope="module")
def quick(unthrottled: ContainerSettings, engine: docker.DockerClient) -> Iterator[Pool]:
    """One for all cases, so that each container that stays serves many of them."""
    pool = open_pool(unthrottled)
    yield pool
    pool.close()
    assert eventually(lambda: not containers_of(engine, unthrottled.owner))


@pytest.fixture
def cold(unthrottled: ContainerSettings) -> Iterator[Pool]:
    """A pool in which nothing was started yet."""
    pool = open_pool(replace(unthrottled, owner=f"test-{secrets.token_hex(6)}"))
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def judge(quick: Pool) -> Judge:
    return Judge(quick)


class TestBombs:
    @pytest.mark.parametrize("case", read_cases())
    def test_it_comes_to_what_it_must_within_the_limits(self, judge: Judge, quick: Pool, case: Case) -> None:
        language = LANGUAGES[case.language]
        destroyed, began = quick.stat().destroyed, time.monotonic()
        outcome = judge(language, {language.source_name: case.source})
        seconds = time.monotonic() - began
        words = outcome.compile_output
        assert outcome.verdict.name == case.expected.get("verdict", "CE"), words[:1000] or outcome.tests
        assert bool(re.search(case.expected.get("says", "^$"), words, re.MULTILINE)), words[:1000]
        assert len(words.encode()) <= compilation.MAX_WORDS + 100, "and a line of our own"
        assert all(re.search(case.expected.get("prints", ""), test.stdout.decode()) for test in outcome.tests)
        assert seconds < compilation.LIMITS.wall_ms / 1000 + 5
        assert quick.stat().destroyed == destroyed, "its container is used again"

    @pytest.mark.parametrize("name", [language.id for language in LANGUAGES.values() if language.compile])
    def test_their_containers_compile_on(self, judge: Judge, name: str) -> None:
        outcome = judge(LANGUAGES[name], {LANGUAGES[name].source_name: LANGUAGES[name].self_test.encode()}, b"41\n")
        assert (outcome.verdict, outcome.tests[0].stdout) == (Verdict.AC, b"42\n")


class TestEconomy:
    def test_a_first_submission_in_a_cold_language_pays_one_container_start(self, cold: Pool) -> None:
        """It is compiled and run in one container, whose size is changed in between."""
        assert Judge(cold)(LANGUAGES["cpp"], CPP, b"41\n").verdict is Verdict.AC
        assert cold.stat().reused == 1, "the second lease needed no start"

    def test_a_rejudge_compiles_nothing(self, cold: Pool) -> None:
        judge = Judge(cold)
        first = judge(LANGUAGES["cpp"], CPP, b"41\n")
        [key] = judge.kept
        leases = cold.stat().created + cold.stat().reused
        again = judge(LANGUAGES["cpp"], CPP, b"41\n")
        assert (first.tests[0].stdout, again.tests[0].stdout) == (b"42\n", b"42\n")
        assert cold.stat().created + cold.stat().reused == leases + 1, "only to be run"
        assert list(judge.kept) == [key]

    def test_a_syntax_error_costs_no_container(self, cold: Pool) -> None:
        """Where nothing is compiled, it is found where the program was to be run."""
        outcome = Judge(cold)(LANGUAGES["python3"], {"main.py": b"print(\n"})
        assert outcome.verdict is Verdict.CE
        assert cold.stat().destroyed == 0

    def test_the_precompiled_header_is_used(self, quick: Pool) -> None:
        """The flags in the image's Dockerfile are the language's: with others the compiler reads the header in full."""
        command = [*(word for word in LANGUAGES["cpp"].compile if word != "{sources}"), "-H", "main.cpp"]
        with quick.lease(Profile("cpp", compilation.MEMORY_MB * 1024)) as sandbox:
            sandbox.load({"main.cpp": b"#include <bits/stdc++.h>\nint main() {}\n"})
            report = sandbox.run(command, b"", compilation.LIMITS)
        read = re.findall(rb"^[.!x]+ (.*)$", report.stderr, re.MULTILINE)
        assert read == [b"/usr/include/x86_64-linux-gnu/c++/12/bits/stdc++.h.gch"]


HELLO = "public static void main(String[] args) { System.out.println(%s); }"
ONE = HELLO % 1
TWO = HELLO % 2


class TestTheClassThatJavaStarts:
    @pytest.mark.parametrize(
        "source",
        [
            f"public class Solution {{ {ONE} }}",
            f"package org.example;\npublic class Solution {{ {ONE} }}",
            f"class A {{ {TWO} }}\npublic class B {{ {ONE} }}",
            f"class A {{ {TWO} }}\nclass Main {{ {ONE} }}",
            f"public class Outer {{ public static class Inner {{ {ONE} }} }}",
            f"public interface Start {{ {ONE.removeprefix('public ')} }}",
            f"public enum Start {{ X; {ONE} }}",
            f"public record Start(int x) {{ {ONE} }}",
            f'/* class A {{ {TWO} }} */ // class B {{\nclass C {{ String s = "class D {{ {{"; {ONE} }}',
            f"class A {{ static void main(String[] args) {{}} }}\nclass B {{ {ONE} }}",
            f"class A {{ public static int main(String[] args) {{ return 2; }} }}\nclass B {{ {ONE} }}",
            f"class A {{ public static void main(String s) {{}} }}\nclass B {{ {ONE} }}",
            "class A { public static void main(String... args) { System.out.println(1); } }",
            "class A { public static void main(final String args[]) throws Exception { System.out.println(1); } }",
            f"class \N{GREEK SMALL LETTER LAMDA} {{ {ONE} }}",
        ],
    )
    def test_it_is_found(self, judge: Judge, source: str) -> None:
        outcome = judge(LANGUAGES["java"], {"Main.java": source.encode()})
        assert outcome.verdict is Verdict.AC, outcome
        assert outcome.tests[0].stdout == b"1\n"

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (f"class A {{ {ONE} }}\nclass B {{ {TWO} }}", "several classes have a main method: A, B"),
            ("public class Main { void main() {} }", "no class has a public static void main"),
            ("public class Main { public void main(String[] args) {} }", "no class has a public static void main"),
            ("// class Main {}\n", "no class has a public static void main"),
            ("public class Main { public static void main(String[] args) { } ", "reached end of file while parsing"),
        ],
    )
    def test_it_is_told_why_there_is_none(self, judge: Judge, source: str, words: str) -> None:
        outcome = judge(LANGUAGES["java"], {"Main.java": source.encode()})
        assert outcome.verdict is Verdict.CE
        assert words in outcome.compile_output

    def test_of_several_files_the_entry_files_is_started(self, judge: Judge) -> None:
        files = {
            "a/First.java": f"package a; public class First {{ {TWO} }}",
            "b/Second.java": f"class Second {{ {ONE} }}",
        }
        outcome = judge(LANGUAGES["java"], {name: text.encode() for name, text in files.items()}, entry="b/Second.java")
        assert outcome.verdict is Verdict.AC, outcome
        assert outcome.tests[0].stdout == b"1\n"
