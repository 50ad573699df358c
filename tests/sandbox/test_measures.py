"""How true the figures are."""

import hashlib
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier

import pytest

from execution.sandbox.container import ContainerSandbox, ContainerSettings, open_pool
from execution.sandbox.interface import Exceeded, Profile, Sandbox
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import PYTHON, limits, run

pytestmark = pytest.mark.docker

BURN = "import time\nstart = time.process_time()\nwhile time.process_time() < {seconds}: pass"


def test_cpu_time_of_a_loop(sandbox: ContainerSandbox) -> None:
    assert 500 <= run(sandbox, BURN.format(seconds=0.5)).cpu_ms <= 550


def test_cpu_time_of_threads_and_children_together(sandbox: ContainerSandbox) -> None:
    code = f"""
import os
for i in range(2):
    if os.fork() == 0:
        exec({BURN.format(seconds=0.2)!r})
        os._exit(0)
for i in range(2): os.wait()
"""
    assert 400 <= run(sandbox, code).cpu_ms <= 480


def test_the_agents_own_time_is_not_charged(sandbox: ContainerSandbox) -> None:
    """Megabytes pass the agent by, and it looks at the limits all the time."""
    report = run(sandbox, "import time\ntime.sleep(1)", b"x" * 5_000_000)
    assert report.cpu_ms < 60
    assert report.wall_ms >= 1000


def test_memory_of_a_program_that_touches_60_mb(sandbox: ContainerSandbox) -> None:
    assert 60 * 1024 <= run(sandbox, "x = b'x' * (60 << 20)").memory_kb <= 75 * 1024


def test_memory_held_by_several_processes_at_once(sandbox: ContainerSandbox) -> None:
    code = """
import os, time
for i in range(4):
    if os.fork() == 0:
        x = b"x" * (15 << 20)
        time.sleep(0.3)
        os._exit(0)
for i in range(4): os.wait()
"""
    assert 60 * 1024 <= run(sandbox, code).memory_kb <= 95 * 1024


def test_reading_the_images_files_is_no_memory_of_the_programs(sandbox: ContainerSandbox) -> None:
    code = """
import os
for directory, _, names in os.walk("/usr/lib"):
    for name in names:
        path = os.path.join(directory, name)
        if os.path.isfile(path) and not os.path.islink(path):
            try:
                with open(path, "rb") as file:
                    while file.read(1 << 16): pass
            except PermissionError: pass
"""
    assert run(sandbox, code).memory_kb < 25 * 1024


def test_a_memory_limit_below_the_containers_holds(pool: Pool) -> None:
    with pool.lease(Profile("python3", 48 * 1024)) as sandbox:
        given = limits(memory_kb=48 * 1024)
        assert run(sandbox, "x = b'x' * (30 << 20)", given=given).exceeded is None
        report = run(sandbox, "x = b'x' * (45 << 20)\nprint('got it')", given=given)
        assert report.exceeded is Exceeded.MEMORY


def test_exit_codes_and_signals(sandbox: ContainerSandbox) -> None:
    for code, exit_code, signal in (
        ("pass", 0, None),
        ("raise SystemExit(3)", 3, None),
        ("1 / 0", 1, None),
        ("import os; os.abort()", None, 6),
        ("import ctypes; ctypes.string_at(0)", None, 11),
        ("import os; os.kill(os.getpid(), 15)", None, 15),
    ):
        report = run(sandbox, code)
        assert (report.exit_code, report.signal, report.exceeded) == (exit_code, signal, None), code


def test_a_file_is_streamed_as_input(sandbox: ContainerSandbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("input") / "big.in"
    path.write_bytes(bytes(range(256)) * 50_000)
    sandbox.load({"main.py": b"import hashlib, sys\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"})
    report = sandbox.run(["python3", "main.py"], path, limits())
    assert report.stdout.decode().strip() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_all_bytes_come_through_both_ways(sandbox: ContainerSandbox) -> None:
    content = bytes(range(256)) * 8192
    code = "import shutil, sys\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    report = run(sandbox, code, content, limits(output_bytes=len(content)))
    assert report.stdout == content
    assert report.exceeded is None


C_PROGRAM = b"""
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
int main(int argc, char **argv) {
    size_t size = argc > 1 ? (size_t)atol(argv[1]) << 20 : 0;
    char *memory = malloc(size + 1);
    memset(memory, 1, size);
    printf("%d\\n", memory[size / 2]);
}
"""


@pytest.fixture(scope="module")
def c_program(pool: Pool) -> Iterator[Sandbox]:
    """A sandbox with a program that touches as many MB as its argument says."""
    compiler = ["gcc", "-O1", "-fno-builtin", "-static", "-o", "/out/program", "main.c"]
    with pool.lease(Profile("c", 512 * 1024)) as sandbox:
        sandbox.load({"main.c": C_PROGRAM})
        compiled = sandbox.run(compiler, b"", replace(limits(), artifact_bytes=16 << 20))
    assert compiled.artifacts, compiled.stderr
    with pool.lease(Profile("c", 132 * 1024)) as sandbox:
        sandbox.load(compiled.artifacts, executable=True)
        yield sandbox


def test_a_trivial_c_program_reports_little(c_program: Sandbox) -> None:
    assert c_program.run(["./program"], b"", limits()).memory_kb <= 4096


@pytest.mark.parametrize("megabytes", [10, 60, 100])
def test_memory_that_one_process_touches_is_reported_right(c_program: Sandbox, megabytes: int) -> None:
    reported = c_program.run(["./program", str(megabytes)], b"", limits()).memory_kb / 1024
    assert megabytes <= reported <= megabytes * 1.1 + 2


def test_what_cannot_be_executed_is_the_programs_fault(c_program: Sandbox) -> None:
    report = c_program.run(["./nothing"], b"", limits())
    assert (report.exit_code, report.stderr) == (127, b"./nothing: No such file or directory\n")


def test_cpu_time_is_right_and_steady_with_three_others_running(container_settings: ContainerSettings) -> None:
    """500 ms of CPU time, 20 times, alone and while three others burn as much: within 10 %, and of one another."""
    own = replace(container_settings, owner=container_settings.owner + "-four", concurrency=4)

    def measure(pool: Pool, together: Barrier) -> list[int]:
        with pool.lease(PYTHON) as sandbox:
            together.wait(60)
            return [run(sandbox, BURN.format(seconds=0.5), given=limits(cpu_ms=20_000)).cpu_ms for _ in range(5)]

    with closing(open_pool(own)) as pool, ThreadPoolExecutor(4) as threads:
        taken = measure(pool, Barrier(1))
        four = Barrier(4)
        for measured in threads.map(lambda _: measure(pool, four), range(4)):
            taken += measured
    assert all(500 <= cpu_ms <= 550 for cpu_ms in taken), taken
    assert max(taken) <= 1.1 * min(taken), taken


def test_a_loop_is_ended_soon_after_its_limit(sandbox: ContainerSandbox) -> None:
    for _ in range(3):
        report = run(sandbox, "while True: pass", given=limits(cpu_ms=500))
        assert report.exceeded is Exceeded.CPU
        assert report.cpu_ms <= 600


@pytest.mark.parametrize(
    "code",
    [
        "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
        "import threading\ndef burn():\n  while True: pass\nfor _ in range(8): threading.Thread(target=burn).start()",
    ],
)
def test_a_bomb_too(sandbox: ContainerSandbox, code: str) -> None:
    """It shares the container's CPU time with the agent, and some of it goes by before all are killed."""
    taken = [run(sandbox, code, given=limits(cpu_ms=500)) for _ in range(5)]
    assert all(report.exceeded is Exceeded.CPU for report in taken)
    assert statistics.median(report.cpu_ms for report in taken) <= 600


def test_a_sleeper_is_ended_at_its_wall_limit(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, "import time\ntime.sleep(60)", given=limits(wall_ms=500))
    assert report.exceeded is Exceeded.WALL
    assert 500 <= report.wall_ms <= 1000


def test_output_ends_at_its_limit(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, "while True: print('x' * 1023)", given=limits(output_bytes=16 << 20))
    assert (report.exceeded, len(report.stdout)) == (Exceeded.OUTPUT, 16 << 20)
