"""The stack's database as seen from outside of the product, and a record of every move in it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

# Whoever moves a judgement, however, it is taken down: so a second result would be seen, though it replaced the first.
_MOVES = """
CREATE TABLE faults_moves (submission TEXT, state TEXT, attempt INTEGER, worker TEXT);
CREATE TRIGGER faults_move AFTER UPDATE OF state ON execution_judgement
BEGIN INSERT INTO faults_moves VALUES (NEW.submission_id, NEW.state, NEW.attempt, NEW.worker); END;
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row of execution_judgement; the submission's id is 32 hex digits."""

    submission: str
    state: str
    attempt: int
    verdict: str
    failure: str


class Database:
    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as connection:
            yield connection

    def take_down_moves(self) -> None:
        with self.connection() as connection:
            connection.executescript(_MOVES)

    def judgements(self) -> list[Judged]:
        with self.connection() as connection:
            rows = connection.execute("SELECT submission_id, state, attempt, verdict, failure FROM execution_judgement")
            return [Judged(*row) for row in rows]

    def results(self) -> list[str]:
        """The submission of each result that was ever stored, once for each."""
        with self.connection() as connection:
            return [row[0] for row in connection.execute("SELECT submission FROM faults_moves WHERE state='completed'")]

    @contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Nobody else may write meanwhile, and for so long at least."""
        until = time.monotonic() + seconds
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            time.sleep(max(0, until - time.monotonic()))
            connection.execute("ROLLBACK")
