"""What the seccomp profile refuses, call by call, and what must work under it."""

import errno
import json
import platform
import signal
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pytest

from execution.sandbox.container import ContainerSandbox
from runner_image import images
from tests.sandbox.conftest import limits, run
from tests.sandbox.syscalls import NAMES, NUMBERS

PROFILE: dict[str, Any] = json.loads((images.HERE / "seccomp.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for rule in PROFILE["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW"]
CONDITIONAL = {name for rule in RULES if rule.get("args") for name in rule["names"]}
UNCONDITIONAL = {name for rule in RULES if not rule.get("args") for name in rule["names"]}

x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls are x86-64's")

Arguments = tuple[int | str, ...]  # a text is passed as a pointer to it
CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number, *arguments in {calls!r}:
    arguments = [a.encode("latin-1") if isinstance(a, str) else ctypes.c_long(a) for a in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *arguments)
    print(ctypes.get_errno() if result == -1 else 0)
"""


def errors(sandbox: ContainerSandbox, calls: Iterable[Arguments]) -> list[int]:
    """What each call comes to there: an error number, or 0. A call begins with its number."""
    report = run(sandbox, CALLS.format(calls=list(calls)))
    assert (report.exit_code, report.stderr) == (0, b"")
    return [int(line) for line in report.stdout.split()]


PAST_FILTERS = {
    "uretprobe",
    "uprobe",
}  # newer kernels ask no filter about these, which nobody may make who isn't probed
LAST = max(NUMBERS[name] for name in CONDITIONAL | UNCONDITIONAL)


def _refused(number: int, answer: int) -> bool:
    """Past the profile's last call runc says ENOSYS, so that C libraries fall back to older ones."""
    if number == NUMBERS["clone3"]:
        return answer == errno.ENOSYS
    return answer == errno.EPERM or (number > LAST and answer == errno.ENOSYS)


@pytest.mark.docker
@x86_64
def test_every_call_that_is_not_in_the_profile_is_refused(sandbox: ContainerSandbox) -> None:
    """All numbers that there are, also those without a name yet. A refused call's arguments aren't looked at."""
    known = CONDITIONAL | UNCONDITIONAL | PAST_FILTERS
    numbers = [number for number in range(512) if NAMES.get(number) not in known]
    answers = zip(numbers, errors(sandbox, [(number, *(0,) * 6) for number in numbers]), strict=True)
    assert [(NAMES.get(number), number, answer) for number, answer in answers if not _refused(number, answer)] == []


@pytest.mark.docker
@x86_64
@pytest.mark.parametrize("name", sorted(PAST_FILTERS))
def test_calls_of_the_kernels_own_do_nothing(sandbox: ContainerSandbox, name: str) -> None:
    report = run(sandbox, CALLS.format(calls=[(NUMBERS[name],)]))
    assert report.signal == signal.SIGILL or report.stdout in {b"1\n", b"6\n", b"38\n"}  # EPERM, ENXIO, ENOSYS


# Whatever the profile comes to say: no program gets these, with arguments that the kernel itself might accept.
ALWAYS_REFUSED: list[tuple[str, *Arguments]] = [
    ("shmget", 0, 4096, 0o1666),
    ("shmat", 0, 0, 0),
    ("semget", 0, 1, 0o1666),
    ("msgget", 0, 0o1666),
    ("mq_open", "x", 0o102, 0o600, 0),
    ("add_key", "user", "a", "b", 1, -2),
    ("request_key", "user", "a", 0, 0),
    ("keyctl", 0, -3, 0),
    ("io_uring_setup", 1, 0),
    ("io_uring_enter", 0, 0, 0, 0),
    ("io_uring_register", 0, 0, 0, 0),
    ("io_setup", 1, 0),
    ("ptrace", 0, 0, 0, 0),
    ("process_vm_readv", 1, 0, 0, 0, 0, 0),
    ("process_vm_writev", 1, 0, 0, 0, 0, 0),
    ("process_madvise", 0, 0, 0, 0, 0),
    ("process_mrelease", 0, 0),
    ("kcmp", 1, 1, 0, 0, 0),
    ("pidfd_getfd", 0, 0, 0),
    ("perf_event_open", 0, 0, -1, -1, 0),
    ("bpf", 0, 0, 0),
    ("userfaultfd", 1),
    ("seccomp", 0, 0, 0),
    ("personality", 0x0040000),
    ("modify_ldt", 0, 0, 0),
    ("unshare", 0x10000000),
    ("setns", 0, 0),
    ("mount", "none", "/tmp", "tmpfs", 0, 0),
    ("umount2", "/tmp", 2),
    ("pivot_root", "/tmp", "/tmp"),
    ("chroot", "/tmp"),
    ("fsopen", "tmpfs", 0),
    ("fsmount", 0, 0, 0),
    ("open_tree", -100, "/", 1),
    ("move_mount", -100, "/tmp", -100, "/tmp", 0),
    ("mount_setattr", -100, "/tmp", 0, 0, 0),
    ("open_by_handle_at", 0, 0, 0),
    ("name_to_handle_at", -100, "/", 0, 0, 0),
    ("quotactl", 0, 0, 0, 0),
    ("swapon", "/tmp/x", 0),
    ("reboot", 0, 0, 0, 0),
    ("kexec_load", 0, 0, 0, 0),
    ("init_module", 0, 0, ""),
    ("finit_module", 0, "", 0),
    ("delete_module", "x", 0),
    ("sethostname", "x", 1),
    ("setdomainname", "x", 1),
    ("settimeofday", 0, 0),
    ("clock_settime", 0, 0),
    ("clock_adjtime", 0, 0),
    ("adjtimex", 0),
    ("acct", 0),
    ("syslog", 10, 0, 0),
    ("iopl", 3),
    ("ioperm", 0, 1, 1),
    ("vhangup",),
    ("sync",),
    ("syncfs", 0),
    ("lookup_dcookie", 0, 0, 0),
    ("inotify_init",),
    ("inotify_init1", 0),
    ("fanotify_init", 0, 0),
    ("mlock", 0, 0),
    ("mlockall", 1),
    ("memfd_secret", 0),
    ("mbind", 0, 0, 0, 0, 0, 0),
    ("set_mempolicy", 0, 0, 0),
    ("move_pages", 0, 0, 0, 0, 0, 0),
    ("migrate_pages", 0, 0, 0, 0),
    ("remap_file_pages", 0, 0, 0, 0, 0),
    ("vmsplice", 0, 0, 0, 0),
    ("tee", 0, 1, 1, 0),
    ("setxattr", "/tmp", "user.x", "y", 1, 0),
    ("setuid", 0),
    ("setgid", 0),
    ("capset", 0, 0),
    ("ioprio_set", 1, 0, 0),
    ("sched_setattr", 0, 0, 0),
    ("timer_create", 0, 0, 0),
    ("timerfd_create", 0, 0),
    ("signalfd4", -1, 0, 8, 0),
    ("membarrier", 1, 0, 0),
    ("clone3", 0, 0),
]


@pytest.mark.docker
@x86_64
def test_what_no_profile_may_allow_is_refused(sandbox: ContainerSandbox) -> None:
    answers = errors(sandbox, [(NUMBERS[name], *arguments) for name, *arguments in ALWAYS_REFUSED])
    assert [
        (call, answer)
        for call, answer in zip(ALWAYS_REFUSED, answers, strict=True)
        if not _refused(NUMBERS[call[0]], answer)
    ] == []


class Choice(NamedTuple):
    """A call whose arguments are looked at: it is made with each of `values`, and only `allowed` may reach the kernel.

    The kernel, too, has something against most of these arguments, but never EPERM.
    """

    arguments: Callable[[int], Arguments]
    values: Iterable[int]
    allowed: set[int]


CORE = 4  # the limit of core files
THREAD = 0x00010000  # a thread that doesn't share its process' memory: EINVAL
CHOICES = {
    "socket": Choice(lambda family: (family, 1, 0), range(64), {1}),
    "socketpair": Choice(lambda family: (family, 1, 0, 0), range(64), {1}),
    "clone": Choice(
        lambda flag: (THREAD | flag, 0, 0, 0, 0),
        [1 << bit for bit in range(32)],
        {1 << bit for bit in range(32)} - {0x00020000, *(1 << bit for bit in range(25, 31))},
    ),
    "setpriority": Choice(lambda which_who: (which_who // 3, which_who % 3, 19), range(9), {0}),
    "sched_setaffinity": Choice(lambda pid: (pid, 0, 0), range(4), {0}),
    "sched_setscheduler": Choice(lambda pid: (pid, -1, 0), range(4), {0}),
    "prlimit64": Choice(  # of oneself or another, the resource, to be set or only looked at
        lambda choice: (choice // 32, choice // 2 % 16, choice % 2, 0), range(64), set(range(32)) - {CORE * 2 + 1}
    ),
    "setrlimit": Choice(lambda resource: (resource, 0), range(16), set(range(16)) - {CORE}),
    "mknod": Choice(lambda kind: ("", kind << 12, 0), range(16), {0o1}),
    "mknodat": Choice(lambda kind: (-100, "", kind << 12, 0), range(16), {0o1}),
    "ioctl": Choice(  # of terminals, of network devices, of inodes, clones, namespaces
        lambda request: (-1, request, 0),
        [*range(0x5400, 0x5500), *range(0x8900, 0x8A00), 0x40086602, 0x40049409, 0xB701],
        {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451},
    ),
    "fcntl": Choice(
        lambda command: (-1, command, 0), [*range(64), *range(1024, 1064)], {*range(8), 36, 37, 38, 1030, 1031, 1032}
    ),
    "prctl": Choice(
        lambda option: (option, 0, 0, 0, 0),
        [*range(128), 0x53564D41, 0x41555856, 0x59616D61],
        {1, 2, 3, 4, 15, 16, 29, 30, 36, 37, 38, 39, 40, 0x53564D41},
    ),
    "arch_prctl": Choice(
        lambda code: (code, 0),
        {*range(0x1001, 0x1040), *range(0x2001, 0x2004), 0x3001, 0x5001} - {0x1002},
        {0x1002, 0x1003},
    ),  # (0x1002 moves the thread's storage: each program's start tries it)
    "futex": Choice(lambda operation: (0, operation | 128, 0, 0, 0, 0), range(32), {0, 1, 3, 4, 5, 9, 10}),
    "setsockopt": Choice(
        lambda level_name: (-1, level_name // 100, level_name % 100, 0, 0), range(300), {102, 107, 108}
    ),
}


@pytest.mark.docker
@x86_64
@pytest.mark.parametrize("name", CHOICES)
def test_a_call_is_allowed_with_some_arguments_only(sandbox: ContainerSandbox, name: str) -> None:
    choice = CHOICES[name]
    calls = {value: (NUMBERS[name], *choice.arguments(value)) for value in choice.values}
    answers = dict(zip(calls, errors(sandbox, calls.values()), strict=True))
    assert {value for value, answer in answers.items() if answer != errno.EPERM} == choice.allowed & calls.keys()


def _fits(rule: dict[str, Any], arguments: Arguments) -> bool:
    """Whether all of the rule's conditions hold."""
    for condition in rule["args"]:
        argument, value = arguments[condition["index"]], condition["value"]
        assert isinstance(argument, int)
        holds = {
            "SCMP_CMP_EQ": argument == value,
            "SCMP_CMP_NE": argument != value,
            "SCMP_CMP_MASKED_EQ": argument & value == condition.get("valueTwo"),
        }
        if not holds[condition["op"]]:
            return False
    return True


def test_each_rule_with_a_condition_is_tried() -> None:
    assert CHOICES.keys() == CONDITIONAL
    assert not CONDITIONAL & UNCONDITIONAL
    for rule in (rule for rule in RULES if rule.get("args")):
        for name in rule["names"]:
            choice = CHOICES[name]
            assert any(_fits(rule, choice.arguments(value)) for value in choice.allowed), rule


def test_the_profile_allows_no_call_that_there_is_not() -> None:
    assert (CONDITIONAL | UNCONDITIONAL) - NUMBERS.keys() == set()


INT_80 = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, getpid; int 0x80; ret
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
print("pid", ctypes.CFUNCTYPE(ctypes.c_int)(address)())
"""


@pytest.mark.docker
@x86_64
def test_the_32_bit_door_is_shut(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, INT_80)
    assert (report.stdout, report.signal) == (b"", 31)  # SIGSYS


X32 = """
import ctypes
print(ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 | 39)))  # getpid, numbered for 32-bit pointers
"""


@pytest.mark.docker
@x86_64
def test_so_is_the_one_for_short_pointers(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, X32)
    assert (report.stdout, report.signal) == (b"", 31)


STANDARD_LIBRARY = """
import asyncio, multiprocessing, os, shutil, signal, socket, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor
from multiprocessing import shared_memory

def square(n):
    return n * n

async def shout():
    process = await asyncio.create_subprocess_exec("echo", "hello", stdout=subprocess.PIPE)
    return (await process.communicate())[0].strip()

if __name__ == "__main__":
    with ThreadPoolExecutor(4) as threads:
        print(sum(threads.map(square, range(10))))
    with multiprocessing.Pool(2) as processes:
        print(sum(processes.map(square, range(10))))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        print(sum(processes.map(square, range(10))))
    with multiprocessing.Manager() as manager:
        print(manager.list([1, 2]))
    memory = shared_memory.SharedMemory(create=True, size=100)
    memory.buf[:2] = b"ok"; print(bytes(memory.buf[:2])); memory.close(); memory.unlink()
    print(asyncio.run(shout()), subprocess.run("echo $HOME", shell=True, capture_output=True).stdout)
    a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1))
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree("/usr/lib/python3.11/json", directory + "/copy")
        print(len(os.listdir(directory + "/copy")) > 3)
    threading.stack_size(64 << 20); sys.setrecursionlimit(10**6)
    def deep(n): return n and 1 + deep(n - 1)
    thread = threading.Thread(target=lambda: print(deep(30000))); thread.start(); thread.join()
    signal.signal(signal.SIGALRM, lambda *a: print("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.1)
    os.nice(0); os.mkfifo("/tmp/fifo"); print(open("/dev/stdin").read(), os.cpu_count() > 0)
"""


@pytest.mark.docker
def test_the_standard_library_works(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, STANDARD_LIBRARY, b"stdin", limits(cpu_ms=20_000, wall_ms=60_000))
    assert report.stderr == b""
    assert report.stdout.decode().splitlines() == [
        *["285"] * 3,
        "[1, 2]",
        "b'ok'",
        r"b'hello' b'/tmp\n'",
        "b'x'",
        "True",
        "30000",
        "alarm",
        "stdin True",
    ]


IMPORTS = """
import importlib, sys
elsewhere = {"_msi", "msilib", "_overlapped", "_winapi", "msvcrt", "nt", "winreg", "winsound", "_scproxy"}
without_display = {"tkinter", "_tkinter", "turtle", "turtledemo", "idlelib"}
without_pip = {"ensurepip"}
for name in sorted(sys.stdlib_module_names - elsewhere - without_display - without_pip - {"antigravity", "this"}):
    importlib.import_module(name)
print(sys.version_info[:2] >= (3, 11))
"""


@pytest.mark.docker
def test_the_standard_library_is_all_there(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, IMPORTS, given=limits(cpu_ms=20_000, wall_ms=60_000))
    assert (report.stdout, report.stderr[-500:]) == (b"True\n", b"")


def test_the_profile_is_an_allow_list_for_two_architectures() -> None:
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {entry["architecture"]: entry["subArchitectures"] for entry in PROFILE["archMap"]} == {
        "SCMP_ARCH_X86_64": [],
        "SCMP_ARCH_AARCH64": [],
    }
    assert {rule["action"] for rule in PROFILE["syscalls"] if "clone3" not in rule["names"]} == {"SCMP_ACT_ALLOW"}
