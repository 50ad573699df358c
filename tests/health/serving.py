"""The real web server, alone, with what it depends on as bad as a test wants it."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a token for the tests"
START_SECONDS = 60


class WebServer:
    """gunicorn with the product's configuration, listening on a free port until `close`."""

    def __init__(self, directory: Path, **env: str) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        own = {
            "VERDICT_VAR": str(directory),
            "SECRET_KEY": secrets.token_hex(30),
            "WEB_BIND": f"127.0.0.1:{self._port}",
            "METRICS_TOKEN": TOKEN,
        }
        self.log = directory / "web.log"
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "judge/gunicorn.py"), "judge.wsgi"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own | env, stdout=log, stderr=log)
        self._wait()

    def get(self, path: str) -> tuple[int, str, float]:
        """Status, body, and the seconds that it took, with a connection of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            began = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            body = answer.read().decode()
            return answer.status, body, time.perf_counter() - began

    def json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        finally:
            self._process.kill()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.get("/livez")[0] == http.client.OK:
                    return
            except OSError:
                assert self._process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)
