"""A socket in front of Docker's that counts the requests to its API."""

import contextlib
import os
import re
import shutil
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from launcher.engine import DEFAULT_HOST

_REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE) /\S* HTTP/1\.1\r\n")
_CHUNK = 256 * 1024


class Proxy(socketserver.ThreadingUnixStreamServer):
    """`calls` so far. A request's head is taken to begin a chunk, as clients write it at once."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, behind: str) -> None:
        super().__init__(path, _Connection)
        self.host, self.behind, self.calls = f"unix://{path}", behind, 0
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self.calls += 1


class _Connection(socketserver.BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.server.behind)
            back = threading.Thread(target=_pass_on, args=(engine, self.request), daemon=True)
            back.start()
            while chunk := _read(self.request):
                if _REQUEST.match(chunk):
                    self.server.count()
                engine.sendall(chunk)
            _end(engine)  # an attached container's input ends with it
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    while chunk := _read(source):
        with contextlib.suppress(OSError):
            target.sendall(chunk)
    _end(target)


def _read(source: socket.socket) -> bytes:
    with contextlib.suppress(OSError):
        return source.recv(_CHUNK)
    return b""


def _end(target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def counting() -> Iterator[Proxy]:
    """A proxy before the engine that DOCKER_HOST names, or the usual one; its `host` is the DOCKER_HOST to use."""
    behind = os.environ.get("DOCKER_HOST", DEFAULT_HOST).removeprefix("unix://")
    directory = tempfile.mkdtemp(prefix="vc-")
    try:
        with Proxy(str(Path(directory, "d.sock")), behind) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            yield proxy
            proxy.shutdown()
    finally:
        shutil.rmtree(directory)
