"""gunicorn's threaded worker, with an end to every request that is still being read.

gunicorn itself waits for ever for the rest of a request whose beginning has come, and some dozens of such connections
would keep all threads of a site. Here a request must be there HEADER_SECONDS after its first byte was waited for, and
its body at BODY_BYTES_PER_SECOND at least. Then the connection is shut for reading: whoever reads finds it at its end.
(An answer that is being written is no concern of this, nor who has read all there is.) And where all but SPARE_THREADS
of a process are at it, those go first that have been at it longest: somebody else is to get an answer, too.

What gunicorn itself answers, to what is no request, has the one shape of errors.
"""

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from judge.web import request_id as request_ids

HEADER_SECONDS = 10.0
BODY_BYTES_PER_SECOND = 64 * 1024
DRAINED_BYTES = 64 * 1024  # of a body that nobody has read; with more left, gunicorn closes the connection
SPARE_THREADS = 8  # at most half of them
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """A request that is being read: since when, and until when it must have been, as time.monotonic has it."""

    since: float
    until: float


class Worker(ThreadWorker):
    """`worker_class` in judge/gunicorn.py."""

    def init_process(self) -> None:
        self._read: dict[TConn, _Reading] = {}
        threading.Thread(target=self._end_what_is_overdue, name="slow-clients", daemon=True).start()
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        now = time.monotonic()
        self._read[conn] = _Reading(now, now + HEADER_SECONDS)
        try:
            return super().handle(conn)
        finally:
            self._read.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """The header has been read. The body is read by whoever is asked, if at all."""
        length = _body_bytes(req)
        if length > DRAINED_BYTES:
            req.force_close()  # the answer must say so, and it may come before all has been read
        now = time.monotonic()
        self._read[conn] = _Reading(now, now + HEADER_SECONDS + length / BODY_BYTES_PER_SECOND)
        return super().handle_request(req, conn)

    def _end_what_is_overdue(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            try:
                for conn in self._overdue(time.monotonic()):
                    self._read.pop(conn, None)
                    with contextlib.suppress(OSError):  # it has just ended
                        conn.sock.shutdown(socket.SHUT_RD)
            except Exception:  # without this thread slow clients would keep all others
                self.log.exception("could not end the requests that are overdue; trying again")

    def _overdue(self, now: float) -> list[TConn]:
        """Whose time is over, and, where too many are read at once, those that began first, but not just now."""
        reading = sorted(self._read.items(), key=lambda item: item[1].since)
        spare = min(SPARE_THREADS, self.cfg.threads // 2)
        crowd = [conn for conn, read in reading if now - read.since > _LOOK_SECONDS]
        too_many = max(0, len(reading) - (self.cfg.threads - spare))
        return [conn for conn, read in reading if read.until < now] + crowd[:too_many]


def _body_bytes(req: Any) -> int:
    """What the client says; nothing where it says nothing that makes sense."""
    lengths = [value for name, value in req.headers if name == "CONTENT-LENGTH" and value.isdecimal()]
    return int(lengths[0][:15]) if lengths else 0


def _write_error(sock: Any, status: int, reason: str, message: str) -> None:
    """An answer of gunicorn's own. It names no path: what was sent has none that can be trusted."""
    from judge.web.errors import error_body  # noqa: PLC0415 - Django is set up by now

    request_id = uuid4().hex
    with request_ids.resumed(request_id):
        body = json.dumps(error_body("", status, HTTPStatus(status).phrase + ".")).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + body)


util.write_error = _write_error
