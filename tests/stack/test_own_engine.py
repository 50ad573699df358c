"""script/up with a Docker engine of its own."""

import os
import re
import signal
from collections.abc import Iterator

import pytest

from launcher import engine, processes
from launcher.home import Home
from tests.stack.conftest import Product, environment, left, script, until

pytestmark = [pytest.mark.stack, pytest.mark.docker]
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent.sock"}  # so it starts its own


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    started = Product(tmp_path_factory.mktemp("own") / "var", env=environment(**NO_ENGINE))
    started.until_up(600)
    yield started
    script("down", started.var, "--purge")
    started.popen.wait(30)


@pytest.fixture
def home(product: Product) -> Home:
    return Home(product.var)


def test_it_is_our_own(product: Product, home: Home) -> None:
    assert "starting a Docker engine of our own" in product.said()
    host = home.read_env()["DOCKER_HOST"]
    assert engine.ask(host).version
    assert {process.role for process in processes.marked(home.instance)} > {"docker", "containerd", "judge", "web"}


@pytest.mark.parametrize("role", ["docker", "containerd"])
def test_a_killed_daemon_starts_again_and_judging_goes_on(product: Product, home: Home, role: str) -> None:
    [daemon] = [process for process in processes.in_roles(home.instance, [role]) if process.parent == product.popen.pid]
    os.kill(daemon.pid, signal.SIGKILL)
    until(lambda: re.search(rf"^{role} +\| ended \(SIGKILL\); starting it again", product.said(), re.MULTILINE), 30)
    until(lambda: script("manage", product.var, "judge_sample").returncode == 0, 150)


def test_kill_leaves_nothing_and_the_next_start_is_fast(product: Product, home: Home) -> None:
    product.end(signal.SIGKILL)
    until(lambda: left(home) == [], 30)
    again = Product(product.var, env=environment(**NO_ENGINE))
    assert again.until_up(60) < 40  # images take minutes to build
    product.popen = again.popen


def test_purge_leaves_nothing(product: Product, home: Home) -> None:
    assert script("down", product.var, "--purge").returncode == 0
    product.popen.wait(30)
    assert not product.var.exists()
    assert left(home) == []
