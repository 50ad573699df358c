"""Ends an instance: its processes in the right order, its containers, its mounts, its sockets.

Everything is found anew (see `processes`), so whoever is left can do it: `script/up` at its end, its guard after it was
killed, `script/down`, or the next `script/up`. It may be done twice, and at the same time.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep

from launcher import engine, mounts, postgres, processes
from launcher.console import Failure
from launcher.home import Home

# Who is asked to end when, and for how many seconds before being killed: 10 at most in all, usually 2.
# A judge worker hands back what it can't finish in 5 s. The engine must outlive it, to remove its containers.
BEFORE_CONTAINERS = ((("job",), 0.5), (("judge", "maintenance", "web"), 6.5))
AFTER_CONTAINERS = ((("valkey",), 0.5), (("postgres",), 0.5), (("docker",), 1.0), (("containerd",), 0.5))


def nap() -> None:
    sleep(0.05)


def clean_up(home: Home, pause: Callable[[], None] = nap, *, hurry: bool = False) -> None:
    """Leave nothing of the instance but its files. In a `hurry` only those that keep data may end by themselves."""
    for roles, grace in BEFORE_CONTAINERS:
        processes.stop(partial(processes.in_roles, home.instance, roles), 0 if hurry else grace, pause)
    engine.remove_containers(home)
    for roles, grace in AFTER_CONTAINERS:
        processes.stop(partial(processes.in_roles, home.instance, roles), grace, pause)
    processes.kill(partial(processes.of_containers, engine.containers_left(home)), pause)
    if charge := home.charge():
        mounts.detach_below(charge.sockets)
    mounts.detach_below(home.docker)
    mounts.detach_below(home.scratch)
    shutil.rmtree(home.scratch, ignore_errors=True)
    shutil.rmtree(postgres.directory(home), ignore_errors=True)
    processes.stop(partial(processes.in_roles, home.instance, ("guard",)), 0, pause)
    home.end_charge()


def purge(var: Path) -> None:
    """Remove a home with all that is in it. Nothing of it may run any more."""
    if mounted := mounts.below(var):
        raise Failure(f"{mounted[0]} is mounted there, and not by us. Unmount it, then run script/down --purge again.")
    shutil.rmtree(var)
