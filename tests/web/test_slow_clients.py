"""Clients that begin a request and never end it, against a real server."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from judge import server

ROOT = Path(__file__).parents[2]
STARTED = """
import time
import django
from django.conf import settings
settings.configure()
def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = b"" if environ.get("HTTP_X_UNREAD") else environ["wsgi.input"].read(length)
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d of %d" % (len(body), length)]
"""
ENDS = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nx"
BEGINNINGS = [ENDS, b"GET / HTTP/1.1\r\nHost: x\r\n", b"G"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Of a server with 4 threads that gives a header 1 s, and a body 100 bytes a second."""
    directory = tmp_path_factory.mktemp("server")
    (directory / "slow_app.py").write_text(STARTED)
    (directory / "conf.py").write_text(
        "from judge import server\n"
        "server.HEADER_SECONDS, server.BODY_BYTES_PER_SECOND, server._LOOK_SECONDS = 1.0, 100, 0.1\n"
        "worker_class, threads, workers = 'judge.server.Worker', 4, 1\n"
        "control_socket_disable = True\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        bind = ["--bind", f"fd://{listener.fileno()}"]
        command = [sys.executable, "-m", "gunicorn", "--config", "conf.py", *bind, "slow_app:application"]
        env = os.environ | {"PYTHONPATH": f"{ROOT}:{directory}"}
        popen = subprocess.Popen(command, cwd=directory, env=env, pass_fds=[listener.fileno()])
        yield listener.getsockname()
        popen.terminate()
        popen.wait(30)


def ask(address: tuple[str, int], path: str = "/", body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, told


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_they_keep_nobody_out_for_long(address: tuple[str, int], beginning: bytes) -> None:
    assert ask(address) == (200, b"0 of 0")
    with ExitStack() as held:
        slow = [held.enter_context(socket.create_connection(address)) for _ in range(8)]
        for client in slow:
            client.sendall(beginning)
        began = time.monotonic()
        assert ask(address, body=b"honest") == (200, b"6 of 6")
        assert time.monotonic() - began < 45
        slow[0].settimeout(60)
        assert slow[0].recv(1000)[:12] in {b"", b"HTTP/1.1 200", b"HTTP/1.1 400"}, "it is told, or left"


@pytest.mark.parametrize("length", [200_000, 5_000_000])
def test_where_a_body_is_left_unread_the_answer_says_that_the_connection_ends(
    address: tuple[str, int], length: int
) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"POST /?0 HTTP/1.1\r\nHost: x\r\nX-Unread: 1\r\nContent-Length: %d\r\n\r\n" % length)
        client.settimeout(60)
        answer = client.recv(1000)
    assert b"connection: close" in answer.lower()


def test_a_crowd_of_them_leaves_room_at_once(address: tuple[str, int]) -> None:
    assert ask(address) == (200, b"0 of 0")
    with ExitStack() as held:
        for _ in range(12):
            slow = held.enter_context(socket.create_connection(address))
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")  # has 1,001 s
        began = time.monotonic()
        assert ask(address, body=b"honest") == (200, b"6 of 6")
        assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("request_line", "status"),
    [(b"GET /?user=\xff HTTP/1.1", 400), (b"GET /" + b"a" * 5000 + b" HTTP/1.1", 414), (b"\x00 / HTTP/1.1", 400)],
)
def test_what_is_no_request_gets_the_one_shape(address: tuple[str, int], request_line: bytes, status: int) -> None:
    with socket.create_connection(address) as client:
        client.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        client.settimeout(60)
        head, _, body = b"".join(iter(lambda: client.recv(4096), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    told = json.loads(body)
    assert told.keys() == {"message", "status", "timestamp", "path", "requestId"}
    assert told["status"] == status
    assert told["requestId"].encode() in head


def test_who_is_slow_but_comes_on_is_heard(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\nConnection: close\r\n\r\n")
        for _ in range(6):
            time.sleep(0.4)
            client.sendall(b"x" * 50)
        client.settimeout(60)
        answer = b"".join(iter(lambda: client.recv(1000), b""))
    assert b"300 of 300" in answer


def test_an_answer_that_takes_long_is_not_cut_off(address: tuple[str, int]) -> None:
    assert ask(address, "/?3", b"12345") == (200, b"5 of 5")


def test_the_product_is_served_so() -> None:
    config: dict[str, object] = {}
    exec((ROOT / "judge" / "gunicorn.py").read_text(), config)
    assert config["worker_class"] == f"{server.Worker.__module__}.{server.Worker.__qualname__}"
