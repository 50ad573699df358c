"""A fuzzer of the frame parser, both sides: it seeks bytes that lead to code which no bytes before have led to.

    python -m tests.fuzz.frames                         each target for a minute
    python -m tests.fuzz.frames host --seconds 3600     one target, for an hour
    python -m tests.fuzz.frames host --example FILE     what a file does that the fuzzer found

Ends with exit code 0 if nothing was found. Otherwise the error is printed, and where the bytes are that led to it.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import examples, targets

FUZZER = (sys.executable, "-m", "tests.fuzz.fuzzer")
_SLOWEST_SECONDS = 10  # for one example: what takes longer hangs
_MEMORY_MB = 512


def fuzz(target: str, seconds: int, example: Path | None = None, fuzzer: Sequence[str] = FUZZER) -> int:
    """Fuzz a target, or try one example: the fuzzer's exit code, 0 if nothing was found."""
    found = Path(tempfile.mkdtemp(prefix="verdict-fuzz-"))
    with tempfile.TemporaryDirectory() as directory:
        content = [str(example)] if example else _seeds(Path(directory), target)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={targets.MAX_BYTES}",
            f"-timeout={_SLOWEST_SECONDS}",
            f"-rss_limit_mb={_MEMORY_MB}",
            f"-artifact_prefix={found}/",
        ]
        environment = os.environ | {"TMPDIR": directory}
        code = subprocess.run([*fuzzer, target, *options, *content], env=environment, check=False).returncode
    if not any(found.iterdir()):
        found.rmdir()
    return code


def _seeds(directory: Path, target: str) -> list[str]:
    """Arguments for libFuzzer: what to begin with."""
    seeds, words = directory / "seeds", directory / "words"
    seeds.mkdir()
    for number, content in enumerate(examples.SEEDS[target]):
        (seeds / str(number)).write_bytes(content)
    words.write_text("".join(f'"{word}"\n' for word in examples.words()))
    return [f"-dict={words}", str(seeds)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.frames", description="Fuzz the frame parser.")
    parser.add_argument("target", nargs="?", choices=sorted(targets.TARGETS), help="all, if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--example", type=Path, help="a file to try instead of fuzzing")
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed; requirements-dev.txt says where there is one.")
    names = [arguments.target] if arguments.target else sorted(targets.TARGETS)
    sys.exit(any(fuzz(name, arguments.seconds, arguments.example) for name in names))


if __name__ == "__main__":
    main()
