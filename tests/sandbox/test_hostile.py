"""Hostile programs, each followed by an honest one in the very same container."""

from collections.abc import Iterator

import pytest

from execution.sandbox.container import ContainerSandbox
from execution.sandbox.interface import Exceeded, RunReport
from tests.sandbox.conftest import limits, run

pytestmark = pytest.mark.docker


@pytest.fixture(autouse=True)
def _the_container_stays_clean(sandbox: ContainerSandbox) -> Iterator[None]:
    """After the test, the same container (not a new one in its place) runs an honest program on clean ground."""
    before = sandbox.container_id
    yield
    assert sandbox.container_id == before
    look = "import os; print([p for p in os.listdir('/proc') if p.isdigit() and os.stat('/proc/' + p).st_uid][1:])"
    report = run(sandbox, look + "; print(os.listdir('/tmp'), os.listdir('/dev/shm'), input())", b"42")
    assert (report.stdout, report.exit_code) == (b"[]\n[] [] 42\n", 0), report


def overran(report: RunReport, limit: Exceeded) -> bool:
    return report.exceeded is limit


class TestProcesses:
    def test_a_fork_bomb(self, sandbox: ContainerSandbox) -> None:
        report = run(
            sandbox, "import os\nwhile True:\n try: os.fork()\n except OSError: pass", given=limits(cpu_ms=300)
        )
        assert report.exceeded in {Exceeded.CPU, Exceeded.MEMORY}

    def test_a_fork_bomb_that_sets_sessions_and_ignores_signals(self, sandbox: ContainerSandbox) -> None:
        code = """
import os, signal
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0: os.setsid()
    except OSError: pass
"""
        report = run(sandbox, code, given=limits(cpu_ms=300))
        assert report.exceeded in {Exceeded.CPU, Exceeded.MEMORY}

    def test_a_daemon(self, sandbox: ContainerSandbox) -> None:
        code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon", flush=True)
        open("/tmp/daemon", "w").close()
        time.sleep(1000)
    os._exit(0)
os.wait()
while not os.path.exists("/tmp/daemon"): time.sleep(0.001)
"""
        report = run(sandbox, code)
        assert (report.stdout, report.exit_code, report.exceeded) == (b"daemon\n", 0, None)

    def test_it_kills_all_it_can(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "import os\nos.kill(-1, 9)\nprint('alone', flush=True)\nos.kill(0, 9)")
        assert (report.stdout, report.signal) == (b"alone\n", 9)

    def test_it_cannot_kill_its_parent(self, sandbox: ContainerSandbox) -> None:
        code = (
            "import os\nfor n in (0, 2, 9, 15, 19):\n try: os.kill(os.getppid(), n)\n except PermissionError: print(n)"
        )
        assert run(sandbox, code).stdout.split() == [b"0", b"2", b"9", b"15", b"19"]

    def test_it_stops_itself(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", given=limits(wall_ms=300))
        assert (report.exceeded, report.signal) == (Exceeded.WALL, 9)

    def test_children_are_charged_for_although_nobody_waits_for_them(self, sandbox: ContainerSandbox) -> None:
        code = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    start = time.process_time()
    while time.process_time() < start + 0.4: pass
    os._exit(0)
try: os.wait()
except ChildProcessError: pass
"""
        assert 400 <= run(sandbox, code).cpu_ms < 500


class TestTime:
    def test_it_burns_time(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "while True: pass", given=limits(cpu_ms=200))
        assert (report.exceeded, report.signal) == (Exceeded.CPU, 9)
        assert 200 <= report.cpu_ms < 400

    def test_it_burns_time_in_children(self, sandbox: ContainerSandbox) -> None:
        code = "import os\nfor i in range(4): os.fork()\nwhile True: pass"
        assert overran(run(sandbox, code, given=limits(cpu_ms=200)), Exceeded.CPU)

    def test_it_sleeps(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "import time\ntime.sleep(1000)", given=limits(wall_ms=300))
        assert (report.exceeded, report.signal) == (Exceeded.WALL, 9)
        assert report.wall_ms >= 300
        assert report.cpu_ms < 300


class TestMemory:
    def test_it_takes_all(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "x = b'x' * (1 << 30)")
        assert (report.exceeded, report.signal) == (Exceeded.MEMORY, 9)
        assert report.memory_kb > 60 * 1024

    def test_a_child_takes_all(self, sandbox: ContainerSandbox) -> None:
        code = "import os\nif os.fork() == 0: x = b'x' * (1 << 30)\nos.wait()\nprint('fine')"
        report = run(sandbox, code)
        assert (report.stdout, report.exit_code, report.exceeded) == (b"fine\n", 0, Exceeded.MEMORY)

    def test_many_children_take_all(self, sandbox: ContainerSandbox) -> None:
        hog = "if os.fork() == 0: x = b'x' * (4 << 20); time.sleep(1)"
        code = f"import os, time\nfor i in range(40):\n {hog}\ntime.sleep(1)"
        assert overran(run(sandbox, code), Exceeded.MEMORY)

    def test_files_take_all(self, sandbox: ContainerSandbox) -> None:
        code = """
import errno
for directory in ("/tmp", "/dev/shm"):
    try:
        with open(directory + "/big", "wb") as file:
            while True: file.write(bytes(1 << 20))
    except OSError as error:
        print(directory, errno.errorcode[error.errno])
"""
        report = run(sandbox, code)
        assert report.stdout == b"/tmp ENOSPC\n/dev/shm ENOSPC\n"
        assert report.memory_kb > 60 * 1024, "what it has in tmpfs is memory, too"

    def test_inodes(self, sandbox: ContainerSandbox) -> None:
        code = """
import errno, os
for directory in ("/tmp", "/dev/shm"):
    count = 0
    try:
        while True:
            os.close(os.open(f"{directory}/{count}", os.O_CREAT))
            count += 1
    except OSError as error:
        print(directory, count, errno.errorcode[error.errno])
"""
        report = run(sandbox, code)
        assert report.stdout == b"/tmp 4095 ENOSPC\n/dev/shm 999 ENOSPC\n"


class TestFiles:
    def test_deep_and_locked_directories(self, sandbox: ContainerSandbox) -> None:
        code = """
import os
os.chdir("/tmp")
for i in range(1300):
    os.mkdir("d" * 200); os.chdir("d" * 200)
    open("f", "w").close(); os.symlink("/etc/passwd", "l"); os.chmod("f", 0)
os.chdir("/dev/shm")
for i in range(300):
    os.mkdir(str(i)); os.mkdir(f"{i}/a"); os.mkdir(f"{i}/{i}"); os.chmod(f"{i}/a", 0); os.chmod(str(i), 0)
print("made")
"""
        assert run(sandbox, code).stdout == b"made\n"

    def test_links_sockets_and_pipes(self, sandbox: ContainerSandbox) -> None:
        code = """
import os, socket
os.chdir("/tmp")
os.symlink("/box", "box"); os.symlink("/", "root"); os.mkfifo("fifo", 0); os.mkdir("dir", 0)
for name in (b"\\xff\\xfe", b"new\\nline", b"-rf", b" "): os.mkdir(name)
open("hard", "w").close(); os.link("hard", "hard2")
s = socket.socket(socket.AF_UNIX); s.bind("socket"); print("made")
"""
        assert run(sandbox, code).stdout == b"made\n"

    def test_unnamed_files_in_flight(self, sandbox: ContainerSandbox) -> None:
        code = """
import os, socket
a, b = socket.socketpair()
for i in range(50):
    fd = os.open("/tmp", os.O_TMPFILE | os.O_RDWR); os.write(fd, b"secret")
    try: socket.send_fds(a, [b"x"], [fd, a.fileno(), b.fileno()])
    except OSError: break
print("sent")
"""
        assert run(sandbox, code).stdout == b"sent\n"

    def test_a_directory_of_its_own_name(self, sandbox: ContainerSandbox) -> None:
        """The next run's program starts in /box, whose files it cannot have changed."""
        code = (
            "import os\nfor f in (os.remove, os.chmod):\n try: f('main.py', *(() if f is os.remove else (0,)))\n"
            " except PermissionError: print('no')\ntry: open('x', 'w')\nexcept PermissionError: print('no')"
        )
        assert run(sandbox, code).stdout == b"no\nno\nno\n"


class TestStreams:
    def test_endless_output(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "while True: print('x' * 1000)", given=limits(output_bytes=100_000))
        assert (report.exceeded, len(report.stdout)) == (Exceeded.OUTPUT, 100_000)

    def test_endless_errors(self, sandbox: ContainerSandbox) -> None:
        code = "import sys\nwhile True: sys.stderr.write('x' * 1000)"
        report = run(sandbox, code, given=limits(output_bytes=100_000, stderr_bytes=500))
        assert (report.exceeded, report.stdout, report.stderr) == (Exceeded.OUTPUT, b"", b"x" * 500)

    def test_output_of_just_the_limit(self, sandbox: ContainerSandbox) -> None:
        code = "import sys\nsys.stdout.write('x' * 1000); sys.stderr.write('y' * 1000)"
        report = run(sandbox, code, given=limits(output_bytes=1000, stderr_bytes=1000))
        assert (report.exceeded, report.stdout, report.stderr) == (None, b"x" * 1000, b"y" * 1000)

    def test_one_byte_more(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "print('x' * 1000)", given=limits(output_bytes=1000))
        assert (report.exceeded, report.stdout) == (Exceeded.OUTPUT, b"x" * 1000)

    def test_no_output_allowed(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "pass", given=limits(output_bytes=0, stderr_bytes=0))
        assert (report.exceeded, report.exit_code) == (None, 0)

    def test_input_that_nobody_reads(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "print('done')", b"x" * 10_000_000)
        assert (report.stdout, report.exit_code) == (b"done\n", 0)

    def test_input_that_nobody_reads_by_one_who_stays(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "import time\ntime.sleep(1000)", b"x" * 10_000_000, limits(wall_ms=300))
        assert report.exceeded is Exceeded.WALL
        assert report.memory_kb < 30 * 1024, "the input must not pile up in the container"

    def test_it_closes_all(self, sandbox: ContainerSandbox) -> None:
        report = run(
            sandbox, "import os\nfor fd in range(64):\n try: os.close(fd)\n except OSError: pass\nos._exit(7)", b"x"
        )
        assert (report.exit_code, report.stdout, report.stderr) == (7, b"", b"")

    def test_it_closes_its_input_and_goes_on(self, sandbox: ContainerSandbox) -> None:
        code = "import os, time\nos.close(0)\ntime.sleep(0.05)\nprint('x' * 100000)"
        assert len(run(sandbox, code, b"y" * 5_000_000).stdout) == 100_001

    def test_it_prints_before_it_reads(self, sandbox: ContainerSandbox) -> None:
        code = "import sys\nprint('x' * 3_000_000)\nprint(len(sys.stdin.buffer.read()))"
        report = run(sandbox, code, b"y" * 3_000_000, limits(output_bytes=1 << 24))
        assert report.stdout == b"x" * 3_000_000 + b"\n3000000\n"

    def test_it_prints_frames(self, sandbox: ContainerSandbox) -> None:
        forged = (
            b'\\x00\\x00\\x00\\x5f\\x00\\x00\\x00\\x00{"op": "report", "exit_code": 0, "signal": null, "cpu_us": 0,'
            b' "wall_us": 0, "memory_kb": 0}'
        )
        report = run(sandbox, f"import sys\nsys.stdout.buffer.write({forged!r} * 3)\nsys.exit(5)".replace("\\\\", "\\"))
        assert report.exit_code == 5
        assert report.stdout.count(b'"op": "report"') == 3

    def test_it_writes_to_the_agents_streams(self, sandbox: ContainerSandbox) -> None:
        code = """
import os
for fd in (0, 1, 2):
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try: os.write(os.open(f"/proc/1/fd/{fd}", flags), b"x")
        except PermissionError: print("no")
try: os.listdir("/proc/1/fd")
except PermissionError: print("no")
"""
        assert run(sandbox, code).stdout == b"no\n" * 7

    def test_it_takes_its_output_back(self, sandbox: ContainerSandbox) -> None:
        """What the agent saw in the pipe need not be there any more when it goes to move it."""
        code = """
import os
back = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
for i in range(3000):
    os.write(1, b"x" * 30000)
    try: os.read(back, 1 << 20)
    except BlockingIOError: pass
os.write(1, b"x" * 30000)
"""
        report = run(sandbox, code, given=limits(cpu_ms=20_000, output_bytes=1 << 27))
        assert (report.exit_code, report.exceeded) == (0, None)
        assert set(report.stdout) <= {0, ord("x")}

    def test_it_makes_its_streams_odd(self, sandbox: ContainerSandbox) -> None:
        code = """
import fcntl, os, sys
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 4096)
for fd in (0, 1, 2): os.set_blocking(fd, False)
os.write(1, b"x" * 4096)
try: os.write(1, b"y" * 4096)
except BlockingIOError: pass
"""
        report = run(sandbox, code, b"z" * 100_000)
        assert report.stdout.startswith(b"x" * 4096)

    def test_it_holds_its_output_open_in_a_child(self, sandbox: ContainerSandbox) -> None:
        report = run(sandbox, "import os, time\nif os.fork() == 0: time.sleep(1000)\nprint('parent')")
        assert (report.stdout, report.exit_code) == (b"parent\n", 0)
        assert report.wall_ms < 20_000
