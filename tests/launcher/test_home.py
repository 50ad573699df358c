import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.console import Failure
from launcher.home import Home, is_home, write_private


def test_is_founded_once(tmp_path: Path) -> None:
    first = Home.make(tmp_path / "a" / "b")
    assert is_home(first.var)
    assert Home.make(first.var).instance == first.instance
    assert stat.S_IMODE(first.var.stat().st_mode) == 0o700


def test_refuses_a_directory_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(Failure, match=r"--var DIR"):
        Home.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="can't be used"):
        Home.make(tmp_path / "file")


def test_the_lock_is_one_process_s(home: Home) -> None:
    lock = home.lock()
    assert lock is not None
    assert home.lock(0.2) is None
    os.close(lock)
    again = home.lock()
    assert again is not None
    os.close(again)


def test_the_lock_lasts_as_long_as_a_child_has_it(home: Home) -> None:
    """So that nobody starts anew while the guard of the last run is at work."""
    lock = home.lock()
    assert lock is not None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock])
    os.close(lock)
    assert home.lock() is None
    child.communicate(b"\n")
    again = home.lock(10)
    assert again is not None
    os.close(again)


def test_the_secret_key_stays_and_is_private(home: Home) -> None:
    assert home.secret_key() == home.secret_key()
    assert len(home.secret_key()) >= 50
    assert stat.S_IMODE((home.var / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "value", ["plain", "", "two words", "it's", 'say "hi"', "$HOME `id`", "two\nlines", "#no=comment"]
)
def test_the_environment_comes_back_as_it_was(home: Home, value: str) -> None:
    home.write_env({"CDN_URL": value}, {})
    assert home.read_env()["CDN_URL"] == value
    assert stat.S_IMODE((home.var / "env").stat().st_mode) == 0o600


def test_the_environment_is_there_before_the_first_start(home: Home) -> None:
    assert home.read_env() == {"VERDICT_VAR": str(home.var), "SECRET_KEY": home.secret_key()}


def test_a_run_s_sockets_are_named_while_they_are_there(home: Home) -> None:
    charge = home.take_charge()
    home.write_env({}, {"REDIS_URL": "unix:///run/x/redis.sock"})
    assert home.read_env()["REDIS_URL"] == "unix:///run/x/redis.sock"
    home.end_charge()
    assert "REDIS_URL" not in home.read_env()
    assert not charge.sockets.exists()


def test_a_sockets_directory_that_is_not_private_is_not_trusted(home: Home) -> None:
    """Whoever puts one in the old one's place would be talked to as our Redis."""
    charge = home.take_charge()
    home.write_env({}, {"REDIS_URL": "unix:///run/x/redis.sock"})
    charge.sockets.chmod(0o755)
    assert "REDIS_URL" not in home.read_env()
    home.end_charge()
    assert charge.sockets.exists()
    charge.sockets.rmdir()


def test_who_is_in_charge(home: Home) -> None:
    assert home.charge() is None
    charge = home.take_charge()
    assert home.charge() == charge
    assert charge.alive
    assert len(str(charge.sockets / "containerd.sock.ttrpc")) < 60
    facts = json.loads((home.var / "running").read_text())
    write_private(home.var / "running", json.dumps({**facts, "start": facts["start"] - 1}))
    other = home.charge()
    assert other is not None
    assert not other.alive
    home.end_charge()


def test_a_damaged_record_is_none(home: Home) -> None:
    (home.var / "running").write_text('{"pid": ')
    assert home.charge() is None
