import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from health import counts

ROOT = Path(__file__).resolve().parents[2]
HOLDS_ONE = "import sys, health.counts as c; c.begin(sys.argv[1]); print(c.os.environ[c.VARIABLE], flush=True); input()"


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(counts.VARIABLE, "")


def there(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir()}


def test_it_is_named_private_and_removed_at_the_end(tmp_path: Path) -> None:
    counts.begin(str(tmp_path))
    directory = Path(os.environ[counts.VARIABLE])
    assert directory.parent == tmp_path
    assert directory.stat().st_mode & 0o077 == 0
    counts.end()
    assert not there(tmp_path)


def test_what_a_killed_server_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "verdict-metrics-unlocked").mkdir()  # is being made just now
    (tmp_path / "something-else").mkdir()
    command = [sys.executable, "-c", HOLDS_ONE, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        its = Path(server.stdout.readline().strip()).name
        counts.begin(str(tmp_path))
        own = Path(os.environ[counts.VARIABLE]).name
        assert there(tmp_path) == {"verdict-metrics-unlocked", "something-else", its, own}
        server.send_signal(signal.SIGKILL)
    counts.begin(str(tmp_path))
    assert its not in there(tmp_path)
    assert there(tmp_path) > {"verdict-metrics-unlocked", "something-else", own}
