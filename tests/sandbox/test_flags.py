"""Every limit and hardening flag of the design, found on a live container: from outside and from inside."""

import dataclasses
import json
from typing import Any

import docker
import pytest
from pytest_django.fixtures import Settings

from execution.pools import container_settings as from_django
from execution.sandbox.container import OWNER_LABEL, ContainerSandbox, ContainerSettings, create_options, open_pool
from execution.sandbox.interface import AGENT_RESERVE_MB, Profile, SandboxUnavailable
from execution.sandbox.pool import Pool
from runner_image import images
from tests.sandbox.conftest import run

pytestmark = pytest.mark.docker


@pytest.fixture
def inspected(sandbox: ContainerSandbox, engine: docker.DockerClient) -> dict[str, Any]:
    found: dict[str, Any] = engine.api.inspect_container(str(sandbox.container_id))
    return found


def test_resources_are_limited(inspected: dict[str, Any]) -> None:
    host = inspected["HostConfig"]
    assert host["Memory"] == 128 * 1024 * 1024
    assert host["MemorySwap"] == host["Memory"], "swap must be off"
    assert (host["CpuQuota"], host["CpuPeriod"]) == (50_000, 100_000)
    assert host["PidsLimit"] == 50
    assert host["OomKillDisable"] in {False, None}
    assert {limit["Name"]: (limit["Soft"], limit["Hard"]) for limit in host["Ulimits"]} == {
        "core": (1, 1),
        "nofile": (1024, 1024),
        "msgqueue": (0, 0),
        "memlock": (0, 0),
    }


def test_files_are_read_only_but_for_bounded_tmpfs(inspected: dict[str, Any]) -> None:
    host = inspected["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert not host["Binds"]
    assert inspected["Mounts"] == []
    options = {path: set(text.split(",")) for path, text in host["Tmpfs"].items()}
    assert options["/tmp"] >= {"rw", "noexec", "nosuid", "nodev", "size=50m", "nr_inodes=4096"}
    assert options["/dev/shm"] >= {"rw", "noexec", "nosuid", "nodev", "size=16m", "nr_inodes=1000"}
    assert options["/dev/mqueue"] >= {"ro"}
    assert options["/box"] >= {"noexec", "nosuid", "nodev", "mode=0755"}
    assert set(options) == {"/tmp", "/dev/shm", "/dev/mqueue", "/box"}


def test_rights_are_taken(inspected: dict[str, Any]) -> None:
    host = inspected["HostConfig"]
    assert host["Privileged"] is False
    assert host["CapDrop"] == ["ALL"]
    assert sorted(capability.removeprefix("CAP_") for capability in host["CapAdd"]) == ["SETGID", "SETUID"]
    assert host["NetworkMode"] == "none"
    assert host["IpcMode"] == "private"
    assert host["PidMode"] == host["UTSMode"] == ""
    assert not host["Devices"]
    options = dict(option.partition("=")[::2] for option in host["SecurityOpt"])
    assert "no-new-privileges:true" in options
    assert json.loads(options["seccomp"]) == json.loads((images.HERE / "seccomp.json").read_text())


def test_its_life_is_bound_to_the_stream(inspected: dict[str, Any], container_settings: ContainerSettings) -> None:
    host, config = inspected["HostConfig"], inspected["Config"]
    assert host["AutoRemove"] is True
    assert (config["OpenStdin"], config["StdinOnce"], config["Tty"]) == (True, True, False)
    assert host["LogConfig"]["Type"] == "none"
    assert not host["Init"]
    assert host["RestartPolicy"]["Name"] in {"", "no"}
    assert config["Labels"][OWNER_LABEL] == container_settings.owner
    assert config["Labels"][images.LABEL] == "python3"


STATUS = """
for pid in ("self", "1"):
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":\\t", 1) for line in file if ":\\t" in line)
    print(*(fields[key].split()[0] for key in ("Uid", "CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")))
import os
print(os.getgroups(), os.getresuid(), os.getresgid())
"""


def test_the_program_has_no_rights_and_the_agent_two(sandbox: ContainerSandbox) -> None:
    program, agent, identity = run(sandbox, STATUS).stdout.decode().splitlines()
    uid, *rights = program.split()
    assert 20_000 <= int(uid) < 60_000
    assert rights == ["0" * 16, "0" * 16, f"{0xC0:016x}", "1", "2"]
    assert agent.split() == ["0", *[f"{0xC0:016x}"] * 3, "1", "2"]
    assert identity == f"[] ({uid}, {uid}, {uid}) ({uid}, {uid}, {uid})"


LIMITS = """
import os, resource
for v1, v2 in (("memory/memory.limit_in_bytes", "memory.max"), ("pids/pids.max", "pids.max")):
    path = next(p for p in (f"/sys/fs/cgroup/{v1}", f"/sys/fs/cgroup/{v2}") if os.path.exists(p))
    print(open(path).read().strip())
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))
print(resource.getrlimit(resource.RLIMIT_STACK)[0], resource.getrlimit(resource.RLIMIT_FSIZE))
print(open("/proc/self/oom_score_adj").read().strip(), open("/proc/1/oom_score_adj").read().strip())
print(sorted(os.environ), os.getcwd(), os.environ["HOME"], os.environ["TMPDIR"], os.environ["LC_ALL"])
print(sorted(os.listdir("/sys/class/net")))
"""


def test_the_limits_hold_inside(sandbox: ContainerSandbox) -> None:
    lines = run(sandbox, LIMITS).stdout.decode().splitlines()
    assert lines == [
        str(128 * 1024 * 1024),
        "50",
        "(1, 1) (1024, 1024)",
        f"{64 * 1024 * 1024} {(256 * 1024 * 1024,) * 2}",
        "1000 0",
        "['HOME', 'LC_ALL', 'PATH', 'TMPDIR'] /box /tmp /tmp C.UTF-8",
        "['lo']",
    ]


WRITE = """
import os
for path in ("/x", "/box/x", "/box/main.py", "/dev/mqueue/x", "/dev/x", "/etc/x", "/var/tmp/x", "/run/x", "/opt/x",
             "/sys/fs/cgroup/x", "/proc/sys/kernel/hostname", "/etc/hosts", "/proc/1/oom_score_adj"):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
        print("could write", path)
    except OSError:
        pass
for path in ("/tmp/x", "/dev/shm/x"):
    with open(path, "w") as file:
        file.write("#!/bin/sh\\n")
    os.chmod(path, 0o755)
    try:
        os.execv(path, [path])
    except PermissionError:
        print("noexec")
"""


def test_it_writes_nowhere_but_to_tmpfs_without_exec(sandbox: ContainerSandbox) -> None:
    assert run(sandbox, WRITE).stdout == b"noexec\nnoexec\n"


def test_a_problem_with_its_own_memory_limit_gets_a_container_of_that_size(
    pool: Pool, engine: docker.DockerClient
) -> None:
    with pool.lease(Profile("python3", memory_kb=64 * 1024)) as sandbox:
        assert isinstance(sandbox, ContainerSandbox)
        host = engine.api.inspect_container(str(sandbox.container_id))["HostConfig"]
        assert host["Memory"] == host["MemorySwap"] == (64 + AGENT_RESERVE_MB) * 1024 * 1024


@pytest.mark.parametrize(("set_to", "asked_for"), [("runsc", "runsc"), ("", None)])
def test_the_runtime_that_is_set_is_asked_for(settings: Settings, set_to: str, asked_for: str | None) -> None:
    settings.SANDBOX_RUNTIME = set_to
    assert create_options(from_django(), "python3", 128, 20_000)["runtime"] == asked_for


RUNC = "io.containerd.runc.v2"  # another name for what engines have by default


def test_the_engine_is_told_of_it(container_settings: ContainerSettings, engine: docker.DockerClient) -> None:
    pool = open_pool(dataclasses.replace(container_settings, runtime=RUNC))
    try:
        with pool.lease(Profile("python3")) as sandbox:
            assert isinstance(sandbox, ContainerSandbox)
            assert engine.api.inspect_container(str(sandbox.container_id))["HostConfig"]["Runtime"] == RUNC
            assert run(sandbox, "print(1)").stdout == b"1\n"
    finally:
        pool.close()


def test_one_that_the_engine_does_not_have_is_no_reason_to_take_another(container_settings: ContainerSettings) -> None:
    pool = open_pool(dataclasses.replace(container_settings, runtime="there-is-none"))
    try:
        with pytest.raises(SandboxUnavailable, match="there-is-none"), pool.lease(Profile("python3")):
            pass
    finally:
        pool.close()
