"""The container's measures, from files as both versions of cgroups have them."""

from pathlib import Path

import pytest

from runner_image.cgroup import check_limits, find
from runner_image.refusal import Refusal

V1 = {
    "cpuacct/cpuacct.usage": "987654321000\n",
    "memory/memory.usage_in_bytes": "50000000\n",
    "memory/memory.stat": "cache 30000000\nrss 20000000\nrss_huge 0\nshmem 12000000\nmapped_file 5\ntotal_cache 1\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
}
V2 = {
    "cgroup.controllers": "cpu memory pids\n",
    "cpu.stat": "usage_usec 987654321\nuser_usec 900000000\nsystem_usec 87654321\n",
    "memory.current": "50000000\n",
    "memory.stat": "anon 20000000\nfile 30000000\nkernel 1\nshmem 12000000\nfile_mapped 5\n",
    "memory.events": "low 0\nhigh 0\nmax 17\noom 2\noom_kill 3\noom_group_kill 0\n",
}


def written(root: Path, files: dict[str, str]) -> str:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return str(root)


@pytest.fixture(autouse=True)
def _the_agent_has_used_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.process_time_ns", lambda: 1_000_000_000)


@pytest.mark.parametrize("files", [V1, V2], ids=["v1", "v2"])
def test_readings(tmp_path: Path, files: dict[str, str]) -> None:
    group = find(written(tmp_path, files))
    assert group.cpu_ns() == 986_654_321_000, "without the agent's own"
    assert group.memory_bytes() == 32_000_000, "without the page cache of files, but with tmpfs"
    assert group.oom_kills() == 3


@pytest.mark.parametrize("files", [V1, V2], ids=["v1", "v2"])
def test_readings_are_fresh(tmp_path: Path, files: dict[str, str]) -> None:
    group = find(written(tmp_path, files))
    written(tmp_path, {name: content.replace("50000000", "60000000") for name, content in files.items()})
    assert group.memory_bytes() == 42_000_000


@pytest.mark.parametrize(("files", "name"), [(V1, name) for name in V1] + [(V2, name) for name in list(V2)[1:]])
def test_a_measure_that_is_missing_is_named(tmp_path: Path, files: dict[str, str], name: str) -> None:
    with pytest.raises(Refusal, match=name):
        find(written(tmp_path, {other: content for other, content in files.items() if other != name}))


@pytest.mark.parametrize(("files", "name"), [(V1, name) for name in V1] + [(V2, name) for name in list(V2)[1:]])
def test_a_measure_that_makes_no_sense_is_refused(tmp_path: Path, files: dict[str, str], name: str) -> None:
    with pytest.raises(Refusal, match="needed to judge"):
        find(written(tmp_path, files | {name: "nothing here\n"}))


LIMITS_V1 = {
    "memory/memory.limit_in_bytes": "1048576\n",
    "memory/memory.memsw.limit_in_bytes": "1048576\n",
    "cpu/cpu.cfs_quota_us": "50000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "pids/pids.max": "50\n",
}
LIMITS_V2 = {
    "cgroup.controllers": "cpu memory pids\n",
    "memory.max": "1048576\n",
    "memory.swap.max": "0\n",
    "cpu.max": "50000 100000\n",
    "pids.max": "50\n",
}


class TestLimits:
    """What the engine was asked to enforce must be what the kernel enforces."""

    @pytest.mark.parametrize("files", [LIMITS_V1, LIMITS_V2], ids=["v1", "v2"])
    def test_all_hold(self, tmp_path: Path, files: dict[str, str]) -> None:
        check_limits(1048576, 50_000, 50, written(tmp_path, files))

    @pytest.mark.parametrize(
        ("files", "name"),
        [(LIMITS_V1, name) for name in LIMITS_V1] + [(LIMITS_V2, name) for name in list(LIMITS_V2)[1:]],
    )
    @pytest.mark.parametrize("value", ["max", "9223372036854771712", "-1", None])
    def test_one_does_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], name: str, value: str | None
    ) -> None:
        monkeypatch.setattr("runner_image.cgroup._swap", lambda: True)
        changed = {key: text for key, text in files.items() if key != name} | ({name: f"{value}\n"} if value else {})
        root = written(tmp_path, changed)
        with pytest.raises(Refusal, match="doesn't enforce it"):
            check_limits(1048576, 50_000, 50, root)

    @pytest.mark.parametrize("files", [LIMITS_V1, LIMITS_V2], ids=["v1", "v2"])
    @pytest.mark.parametrize("swap", [True, False])
    def test_swap_that_is_not_accounted_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], swap: bool
    ) -> None:
        monkeypatch.setattr("runner_image.cgroup._swap", lambda: swap)
        root = written(tmp_path, {name: text for name, text in files.items() if "sw" not in name})
        if swap:
            with pytest.raises(Refusal, match="sw"):
                check_limits(1048576, 50_000, 50, root)
        else:
            check_limits(1048576, 50_000, 50, root)
