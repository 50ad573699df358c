"""What an instance holds while it rests: memory, open files, containers, and what lies in its Redis for good."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis
import requests

from bench.instance import Instance, wait
from bench.measure import Measure

PARTS = ("web", "judge", "maintenance")
PERCENT = 5.0  # that memory may grow by
SETTLE_SECONDS = 15.0
LONGEST_TTL_SECONDS = 300  # of what is cached: until then its memory grows, as there is more of it
# kombu's queues and exchanges, and what was delivered and not acknowledged yet.
_BROKERS_OWN = re.compile(r"_kombu\.binding.+|unacked(_index|_mutex)?|judge(\..+)?|maintenance|.+\.pidbox")


@dataclass(frozen=True, slots=True)
class State:
    """`seconds` and `submissions` since the beginning; memory in MB, the processes' as PSS, by part."""

    seconds: float
    submissions: int
    memory: dict[str, float]
    files: dict[str, int]
    containers: int
    brokers_keys: tuple[str, ...]  # without a TTL
    other_keys: tuple[str, ...]  # the same, and not the broker's


def look(instance: Instance, seconds: float, submissions: int) -> State:
    """How the instance is, once nothing changes any more."""
    pids = {part: instance.processes(part) for part in PARTS}
    lasting = lasting_keys(instance.redis)
    memory = {part: sum(map(_pss_mb, pids[part])) for part in PARTS}
    return State(
        seconds=seconds,
        submissions=submissions,
        memory=memory | {"valkey": instance.redis.info("memory")["used_memory"] / 1e6},
        files={part: sum(map(_open_files, pids[part])) for part in PARTS},
        containers=len(instance.containers()),
        brokers_keys=tuple(key for key in lasting if is_brokers(key)),
        other_keys=tuple(key for key in lasting if not is_brokers(key)),
    )


def settle(instance: Instance) -> None:
    """Wait until open files and containers stay the same for a second: connections end, containers are replaced."""
    deadline, before = time.monotonic() + SETTLE_SECONDS, None
    while time.monotonic() < deadline:
        now = (len(instance.containers()), [_open_files(pid) for part in PARTS for pid in instance.processes(part)])
        if now == before:
            return
        before = now
        time.sleep(1)


def lean_memory_mb(instance: Instance) -> float:
    """What Valkey uses for good: what has a TTL is deleted, as time would do. Workers then tell anew that they live."""
    store = instance.redis
    for key in store.scan_iter(count=1000):
        if store.ttl(key) > 0:
            store.unlink(key)
    used = float(store.info("memory")["used_memory"]) / 1e6
    wait(lambda: requests.get(f"{instance.url}/readyz", timeout=10).ok, SETTLE_SECONDS)
    return used


def lasting_keys(store: redis.Redis) -> list[str]:
    """The keys without a TTL."""
    return sorted(key.decode(errors="replace") for key in store.scan_iter(count=1000) if store.ttl(key) == -1)


def is_brokers(key: str) -> bool:
    """Whether kombu keeps a key: of its queues there are as many as images."""
    return _BROKERS_OWN.fullmatch(key.partition("\x06")[0]) is not None


def growth(before: float, after: float) -> float:
    """Percent."""
    return (after / before - 1) * 100


def compare(states: Sequence[State], lean: tuple[float, float]) -> Iterator[Measure]:
    """The last of `states` against the middle, up to which all became warm; keys are counted from the first on.

    `lean` is Valkey's memory (MB), then and at last, without what expires.
    """
    first, warm, last = states[0], states[middle(len(states))], states[-1]
    for part in PARTS:
        yield _more_memory(f"memory of {part}", warm.memory[part], [state.memory[part] for state in states])
    yield _more_memory("memory of Valkey but for what expires", lean[0], lean)
    if warm.seconds >= LONGEST_TTL_SECONDS:
        yield _more_memory("memory of Valkey", warm.memory["valkey"], [state.memory["valkey"] for state in states])
    for part in PARTS:
        yield _more(f"open files of {part}", [state.files[part] for state in states])
    yield _more("containers", [state.containers for state in states])
    yield Measure("keys without a TTL, not the broker's", len(last.other_keys), "", 0, " ".join(last.other_keys[:5]))
    counts = [len(state.brokers_keys) for state in states]
    spread = f"{_course(counts)}; from {first.submissions} submissions to {last.submissions}"
    yield Measure("the broker's own, more", counts[-1] - counts[0], "", 0, spread)


def middle(rounds: int) -> int:
    """The index of the round at whose end all is taken to be warm."""
    return (rounds - 1) // 2


def _more_memory(name: str, warm: float, course: Sequence[float]) -> Measure:
    return Measure(f"{name}, more", growth(warm, course[-1]), "%", PERCENT, f"{_course(course)} MB")


def _more(name: str, course: Sequence[int]) -> Measure:
    """More than there ever were while it warmed up: one is opened and closed now and then."""
    return Measure(f"{name}, more", course[-1] - max(course[: middle(len(course)) + 1]), "", 0, _course(course))


def _course(values: Sequence[float]) -> str:
    return " ".join(f"{value:.4g}" for value in values)


def _pss_mb(pid: int) -> float:
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) / 1000 if found else 0.0
    return 0.0


def _open_files(pid: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0
