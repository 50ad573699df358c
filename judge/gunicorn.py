"""gunicorn's configuration: `gunicorn --config judge/gunicorn.py judge.wsgi`. WEB_BIND says where to listen."""

import ctypes
import gc
import os
import sys
from typing import Any

from django.urls import get_resolver

from health import counts
from judge import logs
from judge.web import connections

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "judge.server.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 16  # most wait for somebody: a slow client, the database. Each keeps its caches: more would take more memory
timeout = 60
graceful_timeout = 3  # a stop ends within seconds; requests are short
keepalive = 5
M_ARENA_MAX = -8  # glibc's malloc.h
control_socket_disable = True  # else every gunicorn of this user shares one in the home directory
# No client's header says who it is or where we are mounted; what a proxy may say is Django's to read (BEHIND_TLS).
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
accesslog = None
errorlog = "-"
logconfig_dict = logs.config(os.environ.get("LOG_FORMAT", "text"), os.environ.get("LOG_LEVEL", "INFO"))
# The heartbeat file must not lie on a disk, where touching it can block a worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def on_starting(server: Any) -> None:
    counts.begin(worker_tmp_dir)


def on_exit(server: Any) -> None:
    counts.end()


def post_fork(server: Any, worker: Any) -> None:
    # Who holds the database's lock and waits for the interpreter holds up all others; by default for 5 ms a time.
    sys.setswitchinterval(0.0005)
    # Else each of the first 16 threads has an arena of its own, in which holes of some megabytes stay (mallopt(3)).
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)


def post_worker_init(worker: Any) -> None:
    get_resolver().url_patterns  # noqa: B018 - else the first request would have to wait until all pages are loaded
    # What has been loaded stays: looking through it again and again for garbage takes 80 ms a time.
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    connections.close_all()


def when_ready(server: Any) -> None:
    server.log.warning("serving %s", ", ".join(map(str, server.LISTENERS)))
