import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import venv
from launcher.console import Console, Failure
from launcher.home import ROOT

MAKE = """
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path
from launcher import venv
from launcher.console import Console
root = Path(sys.argv[1])
venv.ROOT, venv.VENV = root, root / ".venv"
venv.PYTHON, venv.STAMP = root / ".venv/bin/python", root / ".venv/requirements.stamp"
venv.os.execv = lambda path, argv: print(path)
venv.enter(venv.RUNTIME, Console(), installs=True)
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that needs nothing but Python, with no environment yet."""
    (tmp_path / "script").mkdir()
    (tmp_path / venv.RUNTIME).write_text("")
    (tmp_path / venv.DEVELOPMENT).write_text("-r requirements.txt\n")
    place = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": place,
        "PYTHON": place / "bin" / "python",
        "STAMP": place / "requirements.stamp",
    }.items():
        monkeypatch.setattr(venv, name, value)
    return tmp_path


def test_two_that_start_at_once_make_it_once(checkout: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(checkout), str(ROOT)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(popen.communicate()[0] for popen in both)
    python = f"{checkout}/.venv/bin/python\n"
    assert said[0] == python  # waited, and went on in what the other had made
    assert said[1].startswith("→ virtual environment, requirements.txt … ")
    assert said[1].endswith(python)
    assert [popen.returncode for popen in both] == [0, 0]
    assert venv._is_ready(venv.RUNTIME)
    assert not venv._is_ready(venv.DEVELOPMENT)
    (checkout / venv.RUNTIME).write_text("# changed\n")
    assert not venv._is_ready(venv.RUNTIME)


def test_no_install_installs_nothing(checkout: Path, said: io.StringIO) -> None:
    with pytest.raises(Failure, match="--no-install"):
        venv.enter(venv.RUNTIME, Console(said), installs=False)
    assert not (checkout / ".venv").exists()


def test_one_whose_python_is_gone_is_not_ready(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    venv.STAMP.write_text(json.dumps({venv.RUNTIME: venv._hash(venv.RUNTIME)}))
    assert not venv._is_ready(venv.RUNTIME)
    venv.PYTHON.symlink_to("/usr/bin/no-such-python")
    assert not venv._is_ready(venv.RUNTIME)


def test_what_it_runs_and_how_that_failed_is_shown(checkout: Path) -> None:
    with pytest.raises(Failure, match=r"(?s)no-such-option.*failed"):
        venv._run([sys.executable, "-m", "venv", "--no-such-option"])


def test_the_scripts_find_a_python_without_an_environment() -> None:
    """As on a machine where nothing is set: no variables but HOME and PATH."""
    env = {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [ROOT / "script" / "up", "--help"], env=env, cwd="/", capture_output=True, text=True, check=True
    )
    assert "--no-install" in done.stdout
