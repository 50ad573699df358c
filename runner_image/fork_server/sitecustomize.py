"""Python's fork server: `python3 main.py`, paused.

CPython imports this module, where it finds one, when it has initialised itself and before it turns to main.py. Here it
waits instead for requests of the agent's, and forks for each of them a process that goes on: CPython itself then
runs main.py, so that nothing of how it does that is imitated. The server never sees a submission: main.py is opened
by the process that was forked, after it has given up its rights.

Started as `env VERDICT_FORK_SERVER="SOCKET USER" PYTHONPATH=… python3 main.py`, with pipes as its streams; what was
done to get here is undone, as far as a program could see it. What can still be seen stands in docs/sandbox.md.
"""

import os
import sys


def _pause() -> None:
    agent, user = map(int, os.environ.pop("VERDICT_FORK_SERVER").split())
    here = os.environ.pop("PYTHONPATH")
    looked_at = set(sys.path_importer_cache) - {here}

    # What programs import most: loaded here, once. More of them would cost each program more than it saves.
    import atexit  # noqa: F401, PLC0415
    import bisect  # noqa: F401, PLC0415
    import collections  # noqa: F401, PLC0415
    import functools  # noqa: F401, PLC0415
    import gc  # noqa: PLC0415
    import heapq  # noqa: F401, PLC0415
    import itertools  # noqa: F401, PLC0415
    import math  # noqa: F401, PLC0415
    import random  # noqa: F401, PLC0415
    import re  # noqa: F401, PLC0415

    import _fork_server  # type: ignore[import-not-found]  # noqa: PLC0415

    sys.path.remove(here)
    for path in set(sys.path_importer_cache) - looked_at - set(sys.path):
        del sys.path_importer_cache[path]
    del sys.modules["_fork_server"]
    # A program's user has no site of its own, and CPython would look for it in each of them: look once, and let
    # _fork_server turn it on again when it's too late to look.
    try:  # noqa: SIM105 - contextlib would be one more module that programs find loaded
        import usercustomize  # type: ignore[import-not-found]  # noqa: F401, PLC0415
    except ImportError:
        pass
    sys.modules["site"].ENABLE_USER_SITE = False  # type: ignore[attr-defined]
    sys.path_importer_cache["/box/main.py"] = None  # it's neither a directory nor an archive: CPython would look
    old = sys.modules["__main__"]
    del sys.modules["__main__"]
    _fork_server.remember(sys.modules)
    gc.collect()
    gc.freeze()  # or collections in the programs would touch, and so copy, all of this
    sys.modules["__main__"] = main = type(sys)("__main__")  # one that isn't frozen
    vars(main).update(vars(old), __annotations__={})
    del old, main
    _fork_server.serve(agent, user)


_pause()
del _pause
