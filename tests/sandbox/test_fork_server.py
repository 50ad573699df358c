# ruff: noqa: E501 - programs, one a line
"""Whether a program can tell the fork server from `python3 main.py`."""

import re
from collections.abc import Iterator

import pytest

from execution.sandbox.container import ContainerSandbox
from execution.sandbox.interface import RunReport
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import PYTHON, limits

pytestmark = pytest.mark.docker

# A file that would hide a module makes the agent execute python3 anew.
BESIDE = {"this.py": b""}

PROGRAMS: dict[str, str] = {
    "nothing": "",
    "name": "print(__name__, __file__, __package__, __spec__, __doc__, __builtins__.__name__, __annotations__)",
    "loader": "print(type(__loader__), __loader__.name, __loader__.path, __cached__)",
    "globals": "print(list(globals()))",
    "variables of the module": "x: int = 5\nprint(__annotations__, vars() is globals(), dir())",
    "main module": "import sys\nm = sys.modules['__main__']\nprint(m, m.__dict__ is globals(), m.__name__)",
    "argv": "import sys\nprint(sys.argv, sys.orig_argv, sys.executable, sys.prefix, sys.flags)",
    "path": "import sys\nprint(sys.path, sorted(sys.path_importer_cache), sys.path_hooks, sys.meta_path)",
    "site": "import site, sys\nprint(site.ENABLE_USER_SITE, site.USER_SITE, site.USER_BASE, site.PREFIXES)",
    "environment": "import os\nprint(dict(os.environ), os.environb)",
    "no traces": "import sys\nprint([m for m in sys.modules if 'custom' in m or 'fork' in m], sys.gettrace())",
    "directory and mask": "import os\nprint(os.getcwd(), os.listdir(), oct(os.umask(0)))",
    "descriptors": "import os\nprint(os.listdir('/proc/self/fd'), [os.get_inheritable(i) for i in range(3)])",
    "streams": "import sys\nfor s in (sys.stdin, sys.stdout, sys.stderr):\n"
    " print(s, s.fileno(), s.isatty(), s.line_buffering, s.errors, s.newlines, s.buffer.raw.name, s.buffer.raw.mode)",
    "recursion limit": "import sys\nprint(sys.getrecursionlimit(), sys.getswitchinterval())",
    "resource limits": "import os, resource\nprint([resource.getrlimit(i) for i in range(16)], os.nice(0))",
    "identity": "import os\nprint(os.getuid() == os.geteuid() == os.getgid() == os.getegid() > 0, os.getgroups())",
    "session": "import os\nprint(os.getsid(0) == os.getpid() == os.getpgrp())",
    "oom score": "print(open('/proc/self/oom_score_adj').read(), open('/proc/self/status').read().split('Seccomp')[1])",
    "no capabilities": "print([l for l in open('/proc/self/status') if l.startswith(('Cap', 'NoNew', 'SigIgn'))])",
    "own proc files": "import os\nos.close(os.open('/proc/self/mem', os.O_RDONLY)); print(os.stat('/proc/self').st_uid == os.getuid())",
    "command line": "print(open('/proc/self/cmdline').read().split('\\0')[1:])",
    # Input.
    "input": "print(input() + input())",
    "input at its end": "import sys\nsys.stdin.read()\ninput()",
    "lines": "import sys\nprint([line for line in sys.stdin])",
    "binary input": "import sys\nprint(sys.stdin.buffer.read())",
    "input as a file": "print(open(0).read())",
    "input by path": "print(open('/dev/stdin').read())",
    "bare input": "import os\nprint(os.read(0, 3), os.read(0, 100))",
    "input read to its end twice": "import sys\nprint(repr(sys.stdin.read()), repr(sys.stdin.read()))",
    "input as arrays": "import sys\nn, *a = map(int, sys.stdin.read().split())\nprint(n, sum(a))",
    "input is a pipe": "import os, stat\nprint([stat.S_ISFIFO(os.fstat(i).st_mode) for i in range(3)])",
    # Output.
    "no newline": "print('x', end='')",
    "binary output": "import sys\nsys.stdout.buffer.write(bytes(range(256)))",
    "text after binary output": "import sys\nprint('a')\nsys.stdout.flush()\nsys.stdout.buffer.write(b'b')\nprint('c')",
    "unflushed output": "import os\nprint('lost')\nos._exit(0)",
    "unflushed file": "f = open('/tmp/x', 'w')\nf.write('kept')\nimport atexit\nprint(open('/tmp/x').read())",
    "file that nobody closed": "import os\nf = os.fdopen(os.dup(1), 'w')\nf.write('kept')",
    "file in a cycle": "import os\nclass A: pass\na = A(); a.a = a; a.f = os.fdopen(os.dup(1), 'w'); a.f.write('kept')",
    "output by path": "with open('/dev/stdout', 'w') as f: f.write('x')",
    "printed to stderr": "import sys\nprint('error', file=sys.stderr)\nprint('out')",
    "replaced stdout": "import io, sys\nsys.stdout = io.TextIOWrapper(open(1, 'wb', buffering=1 << 16, closefd=False))\nprint(5)",
    "fast output": "import os, io, sys, atexit\nb = io.BytesIO()\nsys.stdout = io.TextIOWrapper(b)\n"
    "def end():\n sys.stdout.flush()\n os.write(1, b.getvalue())\natexit.register(end)\nprint('fast')",
    "closed stdout": "import sys\nprint('x')\nsys.stdout.close()",
    "stdout closed below": "import os\nprint('x')\nos.close(1)",
    "stdout is None": "import sys\nsys.stdout = None\nprint('x')",
    "flush that fails": "import os, sys\nos.close(1)\nprint('x' * 10)\nsys.exit(0)",
    "10 MB out": "import sys\nsys.stdout.write('0123456789abcde\\n' * 655360)",
    "surrogates out": "print('\\udc80\\udcff')",
    "surrogates that cannot be printed": "print('\\ud800')",
    "not ASCII": "print('äöü €  𝒳')",
    "encoding": "import sys, locale\nprint(sys.stdout.encoding, sys.getfilesystemencoding(), locale.getpreferredencoding())",
    "encoding cookie": "# -*- coding: latin-1 -*-\nprint('\\xe4', len('ä'))",
    "unknown cookie": "# -*- coding: nonsense -*-\nprint(1)",
    "warning while compiling": "print('\\d')\nx = 5\nprint(x is 5)",
    # Ends.
    "exit": "import sys\nsys.exit(3)",
    "exit without a code": "import sys\nprint(1)\nsys.exit()",
    "exit with text": "import sys\nsys.exit('text')",
    "exit with a tuple": "import sys\nsys.exit((1, 2))",
    "exit with a bool": "import sys\nsys.exit(True)",
    "exit with a big number": "import sys\nsys.exit(1 << 70)",
    "exit with a negative number": "import sys\nsys.exit(-1)",
    "exit with 256": "import sys\nsys.exit(256)",
    "quit": "quit(4)",
    "raise SystemExit": "raise SystemExit",
    "raise SystemExit(5)": "raise SystemExit(5)",
    "a class of SystemExit": "class E(SystemExit): pass\nraise E(6)",
    "exit in a function": "import sys\ndef f(): sys.exit(7)\nf()",
    "exit in a thread": "import sys, threading\nthreading.Thread(target=sys.exit, args=(8,)).start()",
    "exit without a trace of main": "import sys\ndel __file__, __cached__\nsys.exit(3)",
    "end without a trace of main": "del __file__, __cached__\nprint(1)",
    "exit by os": "import os\nos._exit(9)",
    "abort": "import os\nos.abort()",
    "kill": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segmentation fault": "import ctypes\nctypes.string_at(0)",
    "raise in a signal handler": "import signal\nsignal.signal(signal.SIGUSR1, lambda *a: 1 / 0)\nsignal.raise_signal(signal.SIGUSR1)",
    "interrupt": "import signal\nsignal.raise_signal(signal.SIGINT)",
    "alarm": "import signal, time\nsignal.alarm(1)\ntime.sleep(10)",
    "broken pipe": "import os\nr, w = os.pipe()\nos.close(r)\nos.write(w, b'x')",
    # Errors.
    "uncaught": "def f(x):\n    return 1 / x\n\nf(0)",
    "uncaught in nested calls": "def f(x): g(x)\ndef g(x): h(x)\ndef h(x): raise ValueError(f'{x} äö')\nf(1)",
    "uncaught with a cause": "try: 1 / 0\nexcept ZeroDivisionError as e: raise KeyError('x') from e",
    "uncaught while another": "try: 1 / 0\nexcept ZeroDivisionError: [][1]",
    "uncaught group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "notes": "e = ValueError('x'); e.add_note('note')\nraise e",
    "syntax error": "print(1)\nx = = 2\n",
    "indentation error": "if True:\nprint(1)",
    "tab error": "if True:\n        x = 1\n\ty = 2\n",
    "null byte": "print(1)\0",
    "not UTF-8": "print('\udcff')",
    "too deep": "(" * 300 + ")" * 300,
    "import error": "import nothing_of_that_name",
    "import from error": "from math import nothing",
    "name error": "import math\nmaths.sqrt(2)",
    "assertion": "assert 1 == 2, 'no'",
    "recursion error": "def f(): f()\nf()",
    "uncaught in a thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='t')\nt.start(); t.join()\nprint('on')",
    "uncaught in atexit": "import atexit\natexit.register(lambda: 1 / 0)\nprint('on')",
    "uncaught in __del__": "class A:\n def __del__(self): 1 / 0\na = A()\ndel a\nprint('on')",
    "own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0])\n1 / 0",
    "unraisable hook": "import sys\nsys.unraisablehook = lambda a: print('hook', a.exc_type)\nclass A:\n def __del__(self): 1 / 0\nA()",
    "file is there in a traceback": "import traceback\ntry: 1 / 0\nexcept Exception: print(traceback.format_exc())",
    # The end of an ordinary program.
    "atexit": "import atexit\natexit.register(print, 'first')\natexit.register(print, 'last')\nprint('main')",
    "atexit from a callback": "import atexit\natexit.register(lambda: atexit.register(print, 'inner'))",
    "atexit count": "import atexit\nprint(atexit._ncallbacks())",
    "atexit sees no main file": "import atexit\natexit.register(lambda: print('__file__' in globals(), __name__))",
    "atexit after an error": "import atexit\natexit.register(print, 'end')\n1 / 0",
    "atexit after exit": "import atexit, sys\natexit.register(print, 'end')\nsys.exit(2)",
    "exit in atexit": "import atexit, sys\natexit.register(sys.exit, 3)",
    "frames in atexit": "import atexit, sys\natexit.register(lambda: print(sys._getframe().f_back))",
    "threads at the end": "import threading, time\ndef f():\n time.sleep(0.05)\n print('thread')\nthreading.Thread(target=f).start()\nprint('main')",
    "threads after an error": "import threading, time\ndef f():\n time.sleep(0.05)\n print('thread')\nthreading.Thread(target=f).start()\n1 / 0",
    "daemon threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\nprint('main')",
    "executor": "from concurrent.futures import ThreadPoolExecutor\nprint(list(ThreadPoolExecutor(3).map(abs, range(-5, 0))))",
    "executor at the end": "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(1).submit(print, 'late')",
    "__del__ of a global": "class A:\n def __del__(self): print('del', __name__)\na = A()",
    "__del__ of a cycle": "class A:\n def __del__(self): print('del')\na = A(); a.a = a",
    "__del__ of a function's": "class A:\n def __del__(self): print('del')\ndef f(a=A()): return f\n",
    "__del__ in order": "class A:\n def __init__(self, n): self.n = n\n def __del__(self): print(self.n)\na, b, _c = A(1), A(2), A(3)",
    "__del__ after exit": "import sys\nclass A:\n def __del__(self): print('del')\na = A()\ndef f():\n b = A()\n sys.exit(1)\nf()",
    "__del__ after an error": "class A:\n def __del__(self): print('del')\na = A()\n1 / 0",
    "__del__ that revives": "class A:\n def __del__(self):\n  global b\n  b = self\n  print('once')\na = A()",
    "__del__ of what a module keeps": "import json\nclass A:\n def __del__(self): print('del')\njson.kept = A()",
    "generator at the end": "def g():\n try: yield 1\n finally: print('closed')\nx = g(); next(x)",
    "context at the end": "import contextlib\nc = contextlib.ExitStack(); c.callback(print, 'never')",
    "weak references": "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, 'finalised')",
    "weak references' callbacks": "import weakref\nclass A: pass\na = A()\nr = weakref.ref(a, lambda r: print('gone'))",
    "temporary files": "import tempfile, os\nt = tempfile.TemporaryDirectory()\nprint(os.path.isdir(t.name))",
    "tracing": "import sys\nsys.setprofile(lambda f, e, a: None)\ndef f(): pass\nf()",
    # What else programs do.
    "recursion": "import sys\nsys.setrecursionlimit(1 << 20)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(50000))",
    "recursion in a thread": "import sys, threading\nsys.setrecursionlimit(1 << 20)\nthreading.stack_size(32 << 20)\n"
    "def f(n): return n and 1 + f(n - 1)\nt = threading.Thread(target=lambda: print(f(50000)))\nt.start(); t.join()",
    "recursion in C": "import sys, functools\nsys.setrecursionlimit(1 << 20)\nf = functools.lru_cache(None)(lambda n: n and 1 + f(n - 1))\nprint(f(20000))",
    "multiprocessing": "import multiprocessing\nif __name__ == '__main__':\n"
    " q = multiprocessing.Queue()\n p = multiprocessing.Process(target=q.put, args=(5,))\n p.start(); print(q.get()); p.join()\n print(p.exitcode)",
    "pool": "import multiprocessing as m\ndef f(x): return x * x\nif __name__ == '__main__':\n"
    " with m.get_context('fork').Pool(2) as p: print(p.map(f, range(5)))",
    "fork": "import os, sys\nprint('a', flush=True)\nif os.fork() == 0:\n print('child')\n sys.exit(5)\nprint(os.waitstatus_to_exitcode(os.wait()[1]))",
    "fork to the end": "import atexit, os\natexit.register(print, 'end')\nif os.fork(): os.wait()\nprint('x')",
    "subprocess": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True).stdout)",
    "python3 once more": "import os, sys\nif len(sys.argv) == 1: os.execv(sys.executable, ['python3', 'main.py', 'again'])\nprint(sys.argv)",
    "signals": "import signal\nprint([(s.name, signal.getsignal(s)) for s in signal.valid_signals() if s < 32 and hasattr(s, 'name')])",
    "blocked signals": "import signal\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL))",
    "garbage collector": "import gc\nprint(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, len(gc.garbage))",
    "garbage": "import gc\nclass A: pass\na = A(); a.a = a\ngc.collect()\ndel a\nprint(gc.collect())",
    "pickle": "import pickle\nclass A:\n def __init__(self): self.x = 5\nprint(pickle.loads(pickle.dumps(A())).x, pickle.dumps(A()))",
    "dataclasses": "from dataclasses import dataclass\n@dataclass(order=True)\nclass A:\n x: int\n y: 'str' = ''\nprint(A(1), A(1) < A(2))",
    "inspect": "import inspect\ndef f(): return 5\nprint(inspect.getsource(f), inspect.getmodule(f), inspect.getfile(f))",
    "type hints": "import typing\nclass A:\n x: 'B'\nclass B: pass\nprint(typing.get_type_hints(A))",
    "enumerations": "from enum import Enum\nclass C(Enum):\n A = 1\nprint(C.A, repr(C.A), C.__module__)",
    "main imported again": "import __main__, main\nprint(__main__ is main, main.__name__)\n",
    "if main": "if __name__ == '__main__': print('main')",
    "threads": "import threading\nprint(threading.current_thread(), threading.main_thread().name, threading.active_count())",
    "thread identity": "import threading, os\nprint(threading.get_native_id() == os.getpid())",
    "asyncio": "import asyncio\nasync def f():\n await asyncio.sleep(0.01)\n return 5\nprint(asyncio.run(f()))",
    "decimal": "from decimal import Decimal, getcontext\ngetcontext().prec = 50\nprint(Decimal(1) / 7)",
    "seeded random": "import random\nrandom.seed(5)\nprint(random.random(), random.sample(range(100), 5))",
    "many imports": "import json, string, operator, time, array, statistics, fractions, decimal, copy, struct, hashlib, typing\nprint(1)",
    "version": "import sys, platform\nprint(sys.version, platform.python_implementation(), sys.hexversion, sys.implementation)",
    "exec": "exec(open(__file__).read().replace('exec(', '(') if False else 'print(__name__)')",
    "code of main": "import sys\nc = sys._getframe().f_code\nprint(c.co_filename, c.co_name, sys._getframe().f_back)",
    "stack": "import traceback\ntraceback.print_stack()",
    "time": "import time\nprint(time.process_time() < 1, time.perf_counter() > 0)",
    "help": "import pydoc\nprint(pydoc.render_doc(abs, renderer=pydoc.plaintext))",
    "register at fork": "import os\nos.register_at_fork(before=lambda: print('before', flush=True))\nif os.fork() == 0: os._exit(0)\nos.wait()",
    "shared memory": "from multiprocessing import shared_memory as s\nm = s.SharedMemory(create=True, size=10)\nprint(m.size); m.close(); m.unlink()",
    "mapped memory": "import mmap\nm = mmap.mmap(-1, 1 << 20); m[:3] = b'abc'; print(m[:5])",
    "big integers": "print(len(str(2 ** 13000)), pow(3, 10 ** 5, 10 ** 9 + 7))",
}  # fmt: skip

INPUT = b"3\n1\n2\n"


@pytest.fixture(scope="module")
def leased(pool: Pool) -> Iterator[ContainerSandbox]:
    """One container for all of them, so that each runs where others ran before."""
    with pool.lease(PYTHON) as sandbox:
        assert isinstance(sandbox, ContainerSandbox)
        yield sandbox


def outcome(report: RunReport) -> tuple[object, ...]:
    """All that can be seen of it, but for what differs from run to run."""
    return report.exit_code, report.signal, report.exceeded, _fixed(report.stdout), _fixed(report.stderr)


def _fixed(output: bytes) -> bytes:
    return re.sub(rb"'this.py', |0x[0-9a-f]{8,}|started \d+|Process-\d+|psm_\w+|PID \d+", b"", output)


def both(sandbox: ContainerSandbox, code: bytes, stdin: bytes = INPUT) -> tuple[RunReport, RunReport]:
    """What becomes of it: executed anew, and forked."""
    given = limits(output_bytes=12 << 20)
    sandbox.load({"main.py": code} | BESIDE)
    executed = sandbox.run(["python3", "main.py"], stdin, given)
    sandbox.load({"main.py": code})
    return executed, sandbox.run(["python3", "main.py"], stdin, given)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_cannot_tell(leased: ContainerSandbox, name: str) -> None:
    executed, forked = both(leased, PROGRAMS[name].encode("utf-8", "surrogateescape"))
    assert outcome(forked) == outcome(executed)


def test_10_mb_in_and_out(leased: ContainerSandbox) -> None:
    content = bytes(range(256)) * 40960
    code = b"import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
    for report in both(leased, code, content):
        assert (report.stdout, report.exit_code) == (content, 0)


def test_it_is_the_fork_server_that_is_compared(leased: ContainerSandbox) -> None:
    """Only there the start of CPython isn't the program's to pay for; and the process was never executed anew."""
    executed, forked = both(leased, b"print(open('/proc/self/environ').read().count('FORK_SERVER'))")
    assert (executed.stdout, forked.stdout) == (b"0\n", b"1\n")


def test_random_numbers_differ_from_run_to_run(leased: ContainerSandbox) -> None:
    leased.load({"main.py": b"import random, os, uuid\nprint(random.random(), random.getrandbits(64), uuid.uuid4())"})
    seen = [leased.run(["python3", "main.py"], b"", limits()).stdout for _ in range(5)]
    assert len(set(seen)) == 5


@pytest.mark.parametrize("name", ["heapq.py", "random/__init__.py", "collections.py"])
def test_a_file_with_a_modules_name_takes_its_place(leased: ContainerSandbox, name: str) -> None:
    leased.load(
        {"main.py": f"import {name[:-3].split('/', maxsplit=1)[0]} as m\nprint(m.mine)".encode(), name: b"mine = 5"}
    )
    assert leased.run(["python3", "main.py"], b"", limits()).stdout == b"5\n"


def test_other_files_are_imported(leased: ContainerSandbox) -> None:
    leased.load(
        {"main.py": b"from lib.inner import x\nimport helper\nprint(x)", "lib/inner.py": b"x = 5", "helper.py": b""}
    )
    report = leased.run(["python3", "main.py"], b"", limits())
    assert (report.stdout, report.stderr) == (b"5\n", b"")
