"""The proxy that counts calls of Docker's API: against a socket that answers every request, and then turns raw."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.counting import Proxy, counting

GET = b"GET /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n"


class Echo(socketserver.BaseRequestHandler):
    """Gives back what it gets, and says when that has ended."""

    def handle(self) -> None:
        while chunk := self.request.recv(65536):
            self.request.sendall(chunk)
        self.request.sendall(b"the end")


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    path = str(tmp_path / "e.sock")
    with socketserver.ThreadingUnixStreamServer(path, Echo) as engine:
        threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.02}).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        with counting() as counts:
            yield counts
        engine.shutdown()


def test_it_counts_requests_and_passes_everything_on(proxy: Proxy) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(proxy.host.removeprefix("unix://"))
        for sent in (GET, GET, b"\x01\x02 raw frames: GET / HTTP/1.1\r\n"):
            client.sendall(sent)
            assert client.recv(len(sent), socket.MSG_WAITALL) == sent
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100, socket.MSG_WAITALL) == b"the end"
    assert proxy.calls == 2


def test_nothing_is_left_of_it(proxy: Proxy) -> None:
    with counting() as second:
        where = Path(second.host.removeprefix("unix://"))
        assert where.is_socket()
    assert not where.parent.exists()
