"""What the seccomp profile refuses, and what must work under it."""

import json
import platform

import pytest

from execution.sandbox.container import ContainerSandbox
from runner_image import images
from tests.sandbox.conftest import limits, run

# Numbers of system calls on x86-64 with arguments that the kernel itself would accept, or refuse otherwise.
REFUSED = {
    "shmget": (29, 0, 4096, 0o1666),
    "semget": (64, 0, 1, 0o1666),
    "msgget": (68, 0, 0o1666),
    "mq_open": (240, "x", 0o102, 0o600, 0),
    "add_key": (248, "user", "a", "b", 1, -2),
    "keyctl": (250, 0, -3, 0),
    "io_uring_setup": (425, 1, 0),
    "io_setup": (206, 1, 0),
    "ptrace": (101, 0, 0, 0, 0),
    "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0),
    "bpf": (321, 0, 0, 0),
    "userfaultfd": (323, 1),
    "unshare a user namespace": (272, 0x10000000),
    "setns": (308, 0, 0),
    "mount": (165, "none", "/tmp", "tmpfs", 0, 0),
    "chroot": (161, "/tmp"),
    "memfd_secret": (447, 0),
    "personality": (135, 0x0040000),
    "seccomp": (317, 0, 0, 0),
    "inotify_init": (253,),
    "fanotify_init": (300, 0, 0),
    "mlockall": (151, 1),
    "setxattr": (188, "/tmp", "user.x", "y", 1, 0),
    "syslog": (103, 10, 0, 0),
    "sync": (162,),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "pidfd_getfd": (438, 0, 0, 0),
    "open_by_handle_at": (304, 0, 0, 0),
    "clone a user namespace": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "socket AF_INET": (41, 2, 1, 0),
    "socket AF_INET6": (41, 10, 1, 0),
    "socket AF_NETLINK": (41, 16, 3, 0),
    "socket AF_PACKET": (41, 17, 3, 0),
    "socket AF_ALG": (41, 38, 5, 0),
    "socket AF_VSOCK": (41, 40, 1, 0),
    "setpriority of the agent": (141, 0, 1, 19),
    "setpriority of a user": (141, 2, 0, 19),
    "sched_setaffinity of the agent": (203, 1, 8, "\x01\0\0\0\0\0\0\0"),
    "sched_setscheduler of the agent": (144, 1, 5, "\0\0\0\0"),
    "clone3": (435, 0, 0),
}
CALL = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name, (number, *arguments) in {REFUSED!r}.items():
    arguments = [a.encode() if isinstance(a, str) else ctypes.c_long(a) for a in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *arguments)
    print(name, result, ctypes.get_errno())
"""


@pytest.mark.docker
@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls are x86-64's")
def test_calls_that_no_program_needs_are_refused(sandbox: ContainerSandbox) -> None:
    lines = run(sandbox, CALL).stdout.decode().splitlines()
    expected = [f"{name} -1 {38 if name == 'clone3' else 1}" for name in REFUSED]
    assert lines == expected


INT_80 = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, getpid; int 0x80; ret
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
print("pid", ctypes.CFUNCTYPE(ctypes.c_int)(address)())
"""


@pytest.mark.docker
@pytest.mark.skipif(platform.machine() != "x86_64", reason="int 0x80 is x86's")
def test_the_32_bit_door_is_shut(sandbox: ContainerSandbox) -> None:
    report = run(sandbox, INT_80)
    assert (report.stdout, report.signal) == (b"", 31)  # SIGSYS


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
    profile = json.loads((images.HERE / "seccomp.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {entry["architecture"]: entry["subArchitectures"] for entry in profile["archMap"]} == {
        "SCMP_ARCH_X86_64": [],
        "SCMP_ARCH_AARCH64": [],
    }
    assert {rule["action"] for rule in profile["syscalls"] if "clone3" not in rule["names"]} == {"SCMP_ACT_ALLOW"}
