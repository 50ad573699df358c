"""The container's measures, from files as both versions of cgroups have them."""

from pathlib import Path

import pytest

from runner_image.cgroup import find
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
