"""Frees what was left behind on this machine's Docker engine, when a worker starts and once an hour."""

import logging
import threading

from django.conf import settings

from execution.pools import container_settings
from execution.sandbox import cleanup
from execution.sandbox.cleanup import Freed
from execution.sandbox.container import Engine
from execution.sandbox.interface import SandboxError

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
AGAIN_SECONDS = 60.0  # if the engine was away


def clean(*, dry_run: bool = False) -> Freed:
    """Remove containers and images of ours that serve nobody; with `dry_run` only find them. Raises SandboxError."""
    if settings.SANDBOX != "docker":
        return Freed()
    engine = Engine(container_settings())
    try:
        freed = cleanup.clean(engine, dry_run=dry_run)
    finally:
        engine.close()
    if freed != Freed() and not dry_run:
        log.info("freed what was left behind: %s", freed)
    return freed


class Cleaner:
    """Cleans in a thread of its own: an image may take its time."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cleaner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for the cleaning under way."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(EVERY_SECONDS if _cleaned() else AGAIN_SECONDS)


def _cleaned() -> bool:
    try:
        clean()
    except SandboxError as error:
        log.warning("cleaning: %s", error)
        return False
    except Exception:
        log.exception("cleaning failed")
    return True
