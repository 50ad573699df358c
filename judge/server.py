"""gunicorn's threaded worker, with an end to every request that is still being read.

gunicorn itself waits for ever for the rest of a request whose beginning has come, and some dozens of such connections
would keep all threads of a site. Here a request must be there HEADER_SECONDS after its first byte was waited for, and
its body at BODY_BYTES_PER_SECOND at least. Then the connection is shut for reading: whoever reads finds it at its end.
(An answer that is being written is no concern of this.)
"""

import contextlib
import socket
import threading
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_SECONDS = 10.0
BODY_BYTES_PER_SECOND = 64 * 1024
_LOOK_SECONDS = 1.0


class Worker(ThreadWorker):
    """`worker_class` in judge/gunicorn.py."""

    def init_process(self) -> None:
        self._due: dict[TConn, float] = {}  # until when each must have been read, as time.monotonic has it
        threading.Thread(target=self._end_what_is_overdue, name="slow-clients", daemon=True).start()
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        self._due[conn] = time.monotonic() + HEADER_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._due.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """The header has been read. The body is read by whoever is asked, if at all."""
        self._due[conn] = time.monotonic() + HEADER_SECONDS + _body_bytes(req) / BODY_BYTES_PER_SECOND
        return super().handle_request(req, conn)

    def _end_what_is_overdue(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            for conn, due in list(self._due.items()):
                if due < now:
                    self._due.pop(conn, None)
                    with contextlib.suppress(OSError):  # it has just ended
                        conn.sock.shutdown(socket.SHUT_RD)


def _body_bytes(req: Any) -> int:
    """What the client says; nothing where it says nothing that makes sense."""
    lengths = [value for name, value in req.headers if name == "CONTENT-LENGTH" and value.isdecimal()]
    return int(lengths[0][:15]) if lengths else 0
