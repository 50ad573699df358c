"""Packages that must be refused whole: by a message that names the file, and with nothing of them stored."""

from pathlib import Path

import pytest

from tests.problems.building import Files, as_directory, as_zip, legacy, without
from tests.problems.conftest import Refused
from tests.problems.damages import DAMAGED


@pytest.mark.parametrize("packed", ["directory", "zip", "zip with a top directory"])
@pytest.mark.parametrize(("files", "where", "why"), [pytest.param(*row[1:], id=row[0]) for row in DAMAGED])
def test_it_is_refused_whole(refused: Refused, tmp_path: Path, packed: str, files: Files, where: str, why: str) -> None:
    if packed == "directory":
        path = as_directory(files, tmp_path / "next")
    else:
        path = as_zip(files, tmp_path / "next.zip", top="next" if "top" in packed else "")
    reasons = refused(path)
    assert any(where in reason.partition(": ")[0] and why in reason for reason in reasons), reasons
    assert str(tmp_path) not in "".join(reasons), "a path of the machine is told"


def test_all_that_is_wrong_is_told_at_once(refused: Refused, tmp_path: Path) -> None:
    files = without(legacy(), "data/secret/1.ans", "data/sample/1.in") | {
        "problem_statement/problem.tex": "<script>",
        "problem.yaml": "validator_flags: fuzzy\n",
    }
    reasons = refused(as_directory(files, tmp_path / "next"))
    assert len(reasons) == 4
