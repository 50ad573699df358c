"""How a worker begins and ends, with real processes and containers."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bench.rest import Site
from runner_image import images
from tests.faults.stack import ROOT, Stack, eventually
from tests.faults.test_recovery import GOOD, assert_judged

pytestmark = pytest.mark.stack

SLOW_AT_FIRST = "import time\nn = int(input())\ntime.sleep(6 * (n == 1))\nprint(n + 1)\n"
# A worker whose consumer goes deaf as soon as it listens, and whose watchdog looks more often.
DEAF = """
import os, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "judge.settings"
django.setup()
from celery.worker.consumer import Consumer
from django.core.management import call_command
from execution import watchdog
Consumer.loop = lambda self, *loop_args: (self.on_ready(), time.sleep(600))
watchdog.LOOK_SECONDS = 0.3
call_command("judge_worker")
"""
NAME = "from execution.sandbox import identity; print(identity.own())"


@pytest.fixture(scope="module")
def site(stack: Stack) -> Site:
    return stack.site()


def test_told_twice_to_stop_it_does_so_at_once(stack: Stack, site: Site) -> None:
    path, _ = site.submit("nextnumber", SLOW_AT_FIRST)
    eventually(lambda: site.call(path)["status"] == "running")
    time.sleep(0.5)
    began = time.monotonic()
    stack.send("judge", signal.SIGTERM)
    time.sleep(0.5)
    stack.end("judge", signal.SIGTERM)
    assert time.monotonic() - began < 4, "what runs may take 5 s when it is told once"
    eventually(lambda: site.call(path)["status"] == "queued")
    eventually(lambda: stack.containers() == [])
    stack.start("judge")
    assert_judged(site, path)


def test_one_that_hears_no_bells_ends_to_be_started_anew(stack: Stack, site: Site) -> None:
    stack.end("judge")
    path, _ = site.submit("nextnumber", GOOD)
    stack.spawn("deaf", [sys.executable, "-c", DEAF])
    assert stack.outlast("deaf") == os.EX_TEMPFAIL
    assert "bells ring, and none is heard" in stack.log("deaf")
    assert stack.containers() == []
    assert site.call(path)["status"] == "queued"
    stack.start("judge")
    assert_judged(site, path)


def test_when_it_starts_it_removes_what_another_left_behind(stack: Stack) -> None:
    dead = subprocess.run([sys.executable, "-c", NAME], cwd=ROOT, check=True, capture_output=True, text=True)
    labels = [f"--label=verdict.instance={stack.instance}", f"--label=verdict.worker={dead.stdout.strip()}"]
    sleep = ["--network=none", "--entrypoint=/bin/sleep", images.tag("python3"), "600"]
    run = subprocess.run(["docker", "run", "-d", *labels, *sleep], check=True, capture_output=True, text=True)
    left = run.stdout.strip()
    said = stack.manage("clean", "--dry-run")
    assert f"container {left}" in said
    assert "would remove containers: 1" in said
    stack.end("judge")
    assert stack.containers() == [left[:12]]
    stack.start("judge")
    eventually(lambda: left[:12] not in stack.containers())
    eventually(lambda: stack.is_ready("judge"))
    assert "removed containers: 0" in stack.manage("clean")
