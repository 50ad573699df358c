"""The seven promises of the design's section on the sandbox, one by one. (Number 5 is in test_faults.py, too.)"""

import ast
import inspect
from pathlib import Path

import docker
import pytest

import execution.sandbox
from execution.sandbox import container
from execution.sandbox.container import ContainerSandbox
from execution.sandbox.interface import Exceeded, Sandbox
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import PYTHON, limits, run

SOURCES = sorted(Path(execution.sandbox.__path__[0]).glob("*.py"))

LEAVE_ALL = """
import ctypes, os, socket, sys, time
from multiprocessing import shared_memory
for path in ("/tmp/file", "/dev/shm/file", "/dev/mqueue/queue", "/box/file", "/tmp/.hidden", "/var/tmp/file"):
    try: open(path, "w").write(SECRET)
    except OSError as error: print(path, error.strerror)
os.makedirs("/tmp/a/b/c"); os.symlink("/box", "/tmp/link")
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget(1, 4096, 0o1666), libc.semget(1, 1, 0o1666), libc.msgget(1, 0o1666))
print(libc.mq_open(b"/q", 0o102, 0o600, 0))
print(libc.syscall(248, b"user", b"name", SECRET.encode(), len(SECRET), -3))
for i in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            s = socket.socket(socket.AF_UNIX); s.bind("\\0abstract%d" % i)
            time.sleep(1000)
        os._exit(0)
"""
LOOK_AROUND = """
import os, socket
pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
print([pid for pid in pids if os.stat(f"/proc/{pid}").st_uid and pid != os.getpid()], len(pids) - 1)
for path in ("/tmp", "/dev/shm", "/dev/mqueue", "/box"): print(path, sorted(os.listdir(path)))
for table in ("shm", "sem", "msg"): print(open("/proc/sysvipc/" + table).read().count("\\n"))
print(open("/proc/net/unix").read().count("@abstract"))
for path in ("/tmp", "/dev/shm"): print(os.statvfs(path).f_files - os.statvfs(path).f_ffree)
"""
CLEAN = b"[] 3\n/tmp []\n/dev/shm []\n/dev/mqueue []\n/box ['main.py']\n1\n1\n1\n0\n1\n1\n"


@pytest.mark.docker
def test_1_nothing_survives_a_run(sandbox: ContainerSandbox) -> None:
    before = sandbox.container_id
    left = run(sandbox, f"SECRET = 'the secret'\n{LEAVE_ALL}")
    assert b"/dev/mqueue/queue Read-only file system" in left.stdout
    assert b"/box/file Permission denied" in left.stdout
    assert left.stdout.endswith(b"-1 -1 -1\n-1\n-1\n")
    assert run(sandbox, LOOK_AROUND).stdout == CLEAN
    assert sandbox.container_id == before


@pytest.mark.docker
def test_1_nothing_of_a_submission_survives_its_lease(pool: Pool) -> None:
    with pool.lease(PYTHON) as sandbox:
        before = getattr(sandbox, "container_id", None)
        sandbox.load({"main.py": b"print(open('deep/er/data.txt').read())", "deep/er/data.txt": b"mine"})
        for _ in range(2):
            assert sandbox.run(["python3", "main.py"], b"", limits()).stdout == b"mine\n", "for each of its tests"
    with pool.lease(PYTHON) as sandbox:
        assert getattr(sandbox, "container_id", None) == before
        report = sandbox.run(["python3", "-c", "import os; print(os.listdir('/box'))"], b"", limits())
        assert report.stdout == b"[]\n"


SCAN = """
import os
needle, control = bytes(b ^ 1 for b in b"{masked}"), bytes(b ^ 1 for b in b"{other}")
found = [0, 0]
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps.readlines():
        bounds, rights = line.split()[:2]
        if "r" not in rights or "[v" in line: continue
        start, end = (int(x, 16) for x in bounds.split("-"))
        memory.seek(start)
        try: content = memory.read(end - start)
        except OSError: continue
        found[0] += content.count(needle); found[1] += content.count(control)
        del content
print(found[0] - found[1])
for path in ("/proc/1/mem", "/proc/1/maps", "/proc/1/environ", "/proc/1/fd/0", "/proc/1/cwd/x"):
    try: os.close(os.open(path, os.O_RDONLY)); print("could open", path)
    except PermissionError: pass
"""


@pytest.mark.docker
def test_2_no_other_users_data_is_within_reach(pool: Pool) -> None:
    secret, other = b"correct-horse-battery-staple", b"never-told-to-anybody-at-all"
    with pool.lease(PYTHON) as sandbox:
        before = getattr(sandbox, "container_id", None)
        code = f"# {secret.decode()}\nimport sys\ntext = sys.stdin.read() * 50\nprint(text)\nsys.stderr.write(text)"
        for _ in range(3):
            assert run(sandbox, code, secret * 100).exit_code == 0
    with pool.lease(PYTHON) as sandbox:
        assert getattr(sandbox, "container_id", None) == before
        masked, control = (bytes(byte ^ 1 for byte in text).decode() for text in (secret, other))
        report = run(sandbox, SCAN.replace("{masked}", masked).replace("{other}", control))
        assert (report.stdout, report.stderr) == (b"0\n", b"")


def test_3_there_is_no_way_in_for_an_expected_output() -> None:
    assert list(inspect.signature(Sandbox.load).parameters) == ["self", "files", "executable"]
    assert list(inspect.signature(Sandbox.run).parameters) == ["self", "argv", "stdin", "limits"]
    for source in SOURCES:
        assert "answer_file" not in source.read_text()
        assert not {"execution.checkers", "execution.engine", "problems"} & _imported(source)


def test_4_the_host_touches_no_file_of_a_container() -> None:
    """The engine is asked for a container's life and stream alone: nothing that reads or writes its files."""
    allowed = {
        "create",
        "attach_socket",
        "start",
        "update",
        "containers",
        "remove_container",
        "events",
        "inspect_image",
    }
    tree = ast.parse(inspect.getsource(container))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    forbidden = {
        "put_archive",
        "get_archive",
        "exec_run",
        "exec_create",
        "exec_start",
        "export",
        "diff",
        "commit",
        "chown",
    }
    assert allowed & called >= {"create", "attach_socket", "start", "remove_container"}
    assert not forbidden & called
    options = container.create_options(container.ContainerSettings(owner="x"), "python3", 128, 20_000)
    assert not {"volumes", "mounts", "volumes_from", "devices", "binds"} & set(options)
    assert "open(" not in inspect.getsource(container).replace("_SECCOMP = (images.HERE", "").replace("_open(", "")


@pytest.mark.docker
def test_4_no_directory_is_shared_with_a_container(sandbox: ContainerSandbox, engine: docker.DockerClient) -> None:
    found = engine.api.inspect_container(str(sandbox.container_id))
    assert (found["Mounts"], found["HostConfig"]["Binds"]) == ([], None)


@pytest.mark.docker
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_6_output_is_bounded_where_it_is_read(
    sandbox: ContainerSandbox, engine: docker.DockerClient, stream: str
) -> None:
    pid = engine.api.inspect_container(str(sandbox.container_id))["State"]["Pid"]
    before = _peak_kb(pid)
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    report = run(sandbox, code, given=limits(output_bytes=20_000_000))
    assert report.exceeded is Exceeded.OUTPUT
    assert len(report.stdout) == (20_000_000 if stream == "stdout" else 0)
    assert _peak_kb(pid) - before < 1024, "the agent holds none of it"


def test_7_the_programs_faults_are_values_and_ours_are_exceptions() -> None:
    """No report can say that the platform failed. (That failures raise: test_faults.py, test_remote.py.)"""
    assert {limit.value for limit in Exceeded} == {"cpu", "wall", "memory", "output"}


def _peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])


def _imported(source: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(source.read_text())))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return names | {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
