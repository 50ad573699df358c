"""SANDBOX=process: the same answers from plain processes, as far as they go."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from execution.sandbox.interface import Exceeded, SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool
from execution.sandbox.process import ProcessSandbox, ProcessSettings, open_pool
from tests.sandbox.conftest import PYTHON, eventually, limits, run


@pytest.fixture
def pool(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    pool = open_pool(ProcessSettings(memory_mb=64))
    yield pool
    pool.close()


@pytest.fixture
def sandbox(pool: Pool) -> Iterator[ProcessSandbox]:
    with pool.lease(PYTHON) as sandbox:
        assert isinstance(sandbox, ProcessSandbox)
        yield sandbox


def directory_of(sandbox: object) -> Path:
    assert isinstance(sandbox, ProcessSandbox)
    assert sandbox._directory is not None
    return sandbox._directory


def test_a_program_runs(sandbox: ProcessSandbox) -> None:
    report = run(sandbox, "import sys\nprint(int(input()) + 1)\nsys.stderr.write('note')\nsys.exit(3)", b"41")
    assert (report.stdout, report.stderr, report.exit_code, report.exceeded) == (b"42\n", b"note", 3, None)


def test_its_limits(sandbox: ProcessSandbox) -> None:
    assert run(sandbox, "while True: pass", given=limits(cpu_ms=200)).exceeded is Exceeded.CPU
    assert run(sandbox, "import time; time.sleep(99)", given=limits(wall_ms=300)).exceeded is Exceeded.WALL
    assert run(sandbox, "x = b'x' * (300 << 20)\nwhile True: pass").exceeded is Exceeded.MEMORY
    endless = run(sandbox, "while True: print('x' * 999)", given=limits(output_bytes=5000))
    assert (endless.exceeded, len(endless.stdout)) == (Exceeded.OUTPUT, 5000)


def test_time_of_the_whole_family(sandbox: ProcessSandbox) -> None:
    code = """
import os, time
for i in range(2):
    if os.fork() == 0:
        while time.process_time() < 0.2: pass
        os._exit(0)
for i in range(2): os.wait()
"""
    assert 400 <= run(sandbox, code).cpu_ms < 600


def test_nothing_of_a_run_stays(sandbox: ProcessSandbox) -> None:
    code = """
import os, time
for i in range(3):
    if os.fork() == 0:
        try: os.setsid()
        except OSError: pass
        if os.fork() == 0: time.sleep(1000)
        os._exit(0)
home = os.environ["HOME"]
os.makedirs(home + "/a/b"); open(home + "/a/file", "w").close(); os.chmod(home + "/a/b", 0)
print(os.getpid())
"""
    assert run(sandbox, code).exit_code == 0
    assert list((directory_of(sandbox) / "tmp").iterdir()) == []
    look = "import os\nprint(os.listdir(os.environ['HOME']))"
    assert run(sandbox, look).stdout == b"[]\n"


def test_a_fork_bomb_ends(sandbox: ProcessSandbox) -> None:
    if os.geteuid() != 0 and not _has_user_namespaces():
        pytest.skip("a bomb is only bounded where it has a user or a user namespace of its own")
    code = "import os\nwhile True:\n try: os.fork()\n except OSError: pass"
    assert run(sandbox, code, given=limits(cpu_ms=300)).exceeded is not None
    assert run(sandbox, "print(1)").stdout == b"1\n"


def test_it_is_not_root_and_sees_no_secrets_of_ours(sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(sandbox, "import os\nprint(os.getuid() != 0, sorted(os.environ))")
    assert report.stdout == b"True ['HOME', 'LC_ALL', 'PATH', 'TMPDIR']\n" or os.geteuid() != 0
    assert b"SECRET_KEY" not in report.stdout


def test_its_network_leads_nowhere_if_the_kernel_allows_it(sandbox: ProcessSandbox) -> None:
    if not _has_user_namespaces():
        pytest.skip("this kernel makes no user namespaces for everybody")
    lines = run(sandbox, "print(open('/proc/self/net/dev').read())").stdout.decode().strip().splitlines()
    devices = [line.split(":")[0].strip() for line in lines[2:]]
    assert devices == ["lo"]


def test_files_and_process_go_with_the_pool(pool: Pool) -> None:
    with pool.lease(PYTHON) as sandbox:
        directory = directory_of(sandbox)
        assert run(sandbox, "print(1)").stdout == b"1\n"
    assert directory.is_dir()
    pool.close()
    assert not directory.exists()


def test_a_submissions_files_go_with_its_lease(pool: Pool) -> None:
    with pool.lease(PYTHON) as sandbox:
        run(sandbox, "print(1)")
    with pool.lease(PYTHON) as sandbox:
        assert list((directory_of(sandbox) / "box").iterdir()) == []


def test_abort_ends_what_runs(pool: Pool) -> None:
    start = time.monotonic()
    with pytest.raises(SandboxBroken), pool.lease(PYTHON) as sandbox:  # noqa: PT012
        directory = directory_of(sandbox)
        threading.Timer(0.3, pool.abort).start()
        run(sandbox, "import time; time.sleep(100)", given=limits(wall_ms=100_000))
    assert time.monotonic() - start < 20
    assert not directory.exists()
    with pytest.raises(SandboxUnavailable), pool.lease(PYTHON):
        pass


WORKER = """
from execution.sandbox.interface import Limits, Profile
from execution.sandbox.process import ProcessSettings, open_pool
with open_pool(ProcessSettings()).lease(Profile("python3")) as sandbox:
    sandbox.load({"main.py": b"import os, time\\nif os.fork() == 0: os.setpgid(0, 0)\\ntime.sleep(987)"})
    print(sandbox._process.pid, flush=True)
    sandbox.run(["python3", "main.py"], b"", Limits(600_000, 600_000, None, 1000))
"""


def test_all_of_it_ends_with_its_worker() -> None:
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", WORKER], cwd=root, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        agent = int(worker.stdout.readline())
        assert eventually(lambda: len(_family(agent)) == 3)
        family = _family(agent)
        worker.kill()
        worker.wait()
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _has_user_namespaces() -> bool:
    command = ["unshare", "--user", "--net", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
