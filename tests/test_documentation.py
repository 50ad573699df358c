"""What is written must agree with what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READERS = re.compile(r"(?:env\.\w+|whole|choice|several|flag|directory|networks|rate)\(\s*\"([A-Z_]+)\"")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_one_is_there() -> None:
    read = set(READERS.findall((ROOT / "judge/settings.py").read_text()))
    written = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert read == written


def test_every_dependency_has_a_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name in PINNED.findall((ROOT / file).read_text()):
            known = name.lower() in reasons or (name.startswith("types-") and "types-*" in reasons)
            assert known, f"{name} of {file} has no reason in docs/dependencies.md"


def test_every_dependency_is_pinned() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            assert line.startswith(("#", "-r ")) or PINNED.match(line), f"{file}: {line}"


def test_no_file_knows_the_machine_it_was_made_on() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        assert str(ROOT) not in path.read_text(), path
