"""Django's SQLite backend, with transactions that begin soon after the one before them has ended.

Whoever finds the database locked is let sleep by SQLite, longer each time, up to 100 ms, and who comes meanwhile goes
first (`sqliteDefaultBusyCallback` in its main.c). So among many writers some wait for a second, though no transaction
takes more than some milliseconds. Here the first in a process looks again each millisecond; others stand behind.
"""

import sqlite3
import threading
import time

from django.db.backends.sqlite3 import base

_LOOK_SECONDS = 0.001
_first = threading.Lock()  # held by the one that looks


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits for a transaction to begin as long as SQLite would: OPTIONS["timeout"] seconds."""

    def _start_transaction_under_autocommit(self) -> None:
        deadline = time.monotonic() + self.settings_dict["OPTIONS"]["timeout"]
        with self.wrap_database_errors:
            if not _first.acquire(timeout=deadline - time.monotonic()):
                raise _locked()
            try:
                self._begin(deadline)
            finally:
                _first.release()

    def _begin(self, deadline: float) -> None:
        begin = f"BEGIN {self.settings_dict['OPTIONS']['transaction_mode']}"
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    self.connection.execute(begin)
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                        raise
                time.sleep(_LOOK_SECONDS)
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {int(self.settings_dict['OPTIONS']['timeout'] * 1000)}")


def _locked() -> sqlite3.OperationalError:
    """What SQLite would have raised."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error
