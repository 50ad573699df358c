"""script/up, script/manage and script/down, with the engine that is there."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest

from launcher import processes
from launcher.home import ROOT, Home, is_home
from tests.stack.conftest import Product, environment, left, script, until

pytestmark = [pytest.mark.stack, pytest.mark.docker]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which `script/up --once` has been."""
    path = tmp_path_factory.mktemp("up") / "var"
    yield path
    script("down", path, "--purge")


@pytest.fixture(scope="module")
def once(var: Path) -> subprocess.CompletedProcess[str]:
    return script("up", var, "--once", "--port", "0")


@pytest.fixture(scope="module")
def product(var: Path, once: subprocess.CompletedProcess[str]) -> Iterator[Product]:
    """The second start in that home."""
    assert once.returncode == 0, once.stdout
    started = Product(var)
    started.until_up()
    yield started
    started.end()


def test_once_judges_every_tagged_submission(
    once: subprocess.CompletedProcess[str], var: Path, docker_host: str
) -> None:
    assert once.returncode == 0, once.stdout
    examples = [path.name for path in (ROOT / "examples").iterdir() if path.is_dir()]
    for example in examples:
        assert re.search(rf"{example}: time limit \d+ ms", once.stdout)
    programs = [path for path in (ROOT / "examples").glob("*/submissions/*/*") if path.suffix in {".py", ""}]
    assert once.stdout.count(" met ") == len(programs) > len(examples)
    assert "Every verdict is as tagged." in once.stdout
    assert left(Home(var), docker_host) == []


def test_the_first_start_tells_the_admins_password(once: subprocess.CompletedProcess[str]) -> None:
    assert once.stdout.count("Sign in as admin with the password ") == 1


def test_each_step_says_how_long_it_took(once: subprocess.CompletedProcess[str]) -> None:
    steps = [line for line in once.stdout.splitlines() if line.startswith("→")]
    assert len([line for line in steps if re.search(r"… \d+\.\d s", line)]) >= 6, once.stdout


def test_the_second_start_takes_under_ten_seconds(product: Product) -> None:
    up_after = [float(seconds) for seconds in re.findall(r"^→.*… (\d+\.\d) s", product.said(), re.MULTILINE)]
    assert sum(up_after) < 10, product.said()


def test_the_admin_s_password_is_shown_on_the_first_start_only(product: Product) -> None:
    assert "password" not in product.said()


def test_a_token_made_beside_it_opens_the_api(product: Product) -> None:
    made = script("manage", product.var, "api_token", "alice")
    assert made.returncode == 0, made.stderr
    token = made.stdout.split()[-1]
    problem = json.loads(_get(f"{product.address}api/problems/", token))
    slug = (problem["results"] if isinstance(problem, dict) else problem)[0]["slug"]
    body = json.dumps({"problem": slug, "language": "python3", "code": "print('nothing right')"}).encode()
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{product.address}api/submissions/", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202
        where = answer.headers["Location"]
    address = urljoin(product.address, where)
    until(lambda: json.loads(_get(address, token))["status"] == "completed", 60)
    assert json.loads(_get(address, token))["verdict"] == "WA"


def test_a_sample_is_judged_beside_it(product: Product) -> None:
    judged = script("manage", product.var, "judge_sample")
    assert judged.returncode == 0, judged.stderr
    assert judged.stdout.startswith("AC")


@pytest.mark.parametrize("role", ["judge", "maintenance", "web", "valkey"])
def test_what_is_killed_starts_again(product: Product, role: str) -> None:
    home = Home(product.var)
    before = product.said().count(f"{role} ")
    members = processes.in_roles(home.instance, [role])
    os.kill(min(member.pid for member in members), signal.SIGKILL)
    until(lambda: re.search(rf"^{role} +\| ended \(SIGKILL\)", product.said(), re.MULTILINE), 30)
    until(lambda: script("manage", product.var, "judge_sample").returncode == 0, 90)
    assert product.said().count(f"{role} ") > before
    assert product.popen.poll() is None


def test_a_home_in_use_is_refused(product: Product) -> None:
    second = script("up", product.var, "--port", "0")
    assert second.returncode == 1
    assert f"in use by process {product.popen.pid}" in second.stdout
    assert product.popen.poll() is None


def test_a_taken_port_is_refused(product: Product, homes: Path) -> None:
    port = product.address.rstrip("/").rpartition(":")[2]
    second = script("up", homes / "var", "--port", port)
    assert second.returncode == 1
    assert f"Port {port} can't be had" in second.stdout


def test_another_runs_beside_it_and_shares_nothing(product: Product, homes: Path, docker_host: str) -> None:
    other = Product(homes / "var")
    other.until_up()
    assert other.address != product.address
    assert "password" in other.said()  # its own admin
    assert script("manage", other.var, "judge_sample").stdout.startswith("AC")
    other.end(signal.SIGKILL)
    home = Home(other.var)
    until(lambda: left(home, docker_host) == [], 30)
    assert script("manage", product.var, "judge_sample").stdout.startswith("AC")


def test_ctrl_c_stops_everything_within_ten_seconds(
    once: subprocess.CompletedProcess[str], homes: Path, docker_host: str
) -> None:
    product = Product(homes / "var")
    product.until_up()
    assert product.end(signal.SIGINT) < 10
    assert product.popen.returncode == 0
    home = Home(product.var)
    assert left(home, docker_host) == []
    assert script("down", product.var, "--purge").returncode == 0
    assert not product.var.exists()


def test_interrupted_while_starting_it_leaves_nothing(homes: Path, docker_host: str) -> None:
    product = Product(homes / "var")
    until(lambda: "preparing" in product.said(), 60)
    assert product.end(signal.SIGTERM) < 10
    assert product.popen.returncode == 130
    assert left(Home(product.var), docker_host) == []


def test_down_stops_one_that_runs(homes: Path, docker_host: str) -> None:
    product = Product(homes / "var")
    until(lambda: "judging a sample" in product.said(), 120)
    home = Home(product.var)
    assert script("down", product.var).returncode == 0
    product.popen.wait(10)
    assert left(home, docker_host) == []
    assert is_home(product.var)


def test_without_containers_it_says_so(homes: Path) -> None:
    """No engine, none to start, none to install: plain processes, with a warning here and on every page."""
    product = Product(homes / "var", "--no-install", env=environment(PATH=_poor_path(homes)))
    product.until_up()
    assert "WITHOUT CONTAINERS" in product.said()
    assert "unsafe" in _get(product.address).lower() or "without containers" in _get(product.address).lower()
    assert product.end() < 10
    refused = script("up", homes / "other", "--port", "0", "--no-install", PATH=_poor_path(homes), SANDBOX="docker")
    assert refused.returncode == 1
    assert "no Docker engine to be had" in refused.stdout


def _poor_path(directory: Path) -> str:
    """A PATH with what the scripts need and no Docker."""
    tools = directory.parent / f"{directory.name}-bin"
    tools.mkdir(exist_ok=True)
    for name in ("bash", "env", "dirname", "readlink"):
        link = tools / name
        if not link.exists():
            link.symlink_to(f"/usr/bin/{name}")
    return str(tools)


def _get(address: str, token: str = "") -> str:
    request = urllib.request.Request(address, headers={"Authorization": f"Token {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())
