import os
import socket
import subprocess
from pathlib import Path

import pytest

from launcher import services
from launcher.cli import _parser, main
from launcher.console import Console, Failure
from launcher.down import down
from launcher.home import ROOT, Home
from launcher.up import Wish, up
from runner_image import images


@pytest.mark.parametrize("port", ["-1", "65536", "http", "", "8000.5"])
def test_a_port_is_a_number(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["up", "--port", port])
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "languages"),
    [("cpp", {"python3", "cpp"}), ("c,java,python3", {"python3", "c", "java"}), ("all", set(images.names()))],
)
def test_languages_are_named(argument: str, languages: set[str]) -> None:
    assert set(_parser().parse_args(["up", "--languages", argument]).languages) == languages


def test_an_unknown_language_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args(["up", "--languages", "cobol"])
    assert "there is no language 'cobol'" in capsys.readouterr().err


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=rf"Port {port} can't be had.*--port N"):
            up(Wish(tmp_path / "var", port, once=False, installs=False), Console())
    assert not (tmp_path / "var").exists()


def test_a_home_in_use_is_named(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    lock = home.lock()
    charge = home.take_charge()
    with pytest.raises(Failure, match=rf"in use by process {charge.pid}.*--var DIR"):
        up(Wish(home.var, 0, once=False, installs=False), Console())
    assert home.charge() == charge  # still theirs
    home.end_charge()
    assert lock is not None
    os.close(lock)


def test_down_where_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert down(tmp_path / "var", Console(), purges=True) == 0
    assert "nothing at" in capsys.readouterr().out


def test_purge_never_removes_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    assert down(tmp_path, Console(), purges=True) == 0
    assert (tmp_path / "thesis.tex").exists()


def test_purge_removes_a_home(home: Home) -> None:
    assert down(home.var, Console(), purges=True) == 0
    assert not home.var.exists()


def test_the_settings_are_found() -> None:
    names = services.setting_names()
    assert {"SECRET_KEY", "VERDICT_VAR", "DATABASE_URL", "REDIS_URL", "DEBUG", "SANDBOX", "QUEUE_LIMIT"} <= set(names)


def test_manage_founds_no_instance(tmp_path: Path) -> None:
    command = [str(ROOT / "script" / "manage"), "--var", str(tmp_path / "typo"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 1
    assert "holds no instance" in done.stdout + done.stderr
    assert not (tmp_path / "typo").exists()


def test_manage_passes_everything_on(home: Home) -> None:
    command = [
        "manage",
        "--var",
        str(home.var),
        "shell",
        "--command",
        "from django.conf import settings as s; print(s.VAR_DIR)",
    ]
    done = subprocess.run(
        [ROOT / "script" / command[0], *command[1:]], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.splitlines()[-1] == str(home.var)
