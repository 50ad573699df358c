"""What is left behind on the engine is freed, and nothing else, ever."""

import contextlib
import io
import os
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest

from execution.sandbox import cleanup, container, identity
from execution.sandbox.cleanup import FoundContainer, FoundImage, Freed, clean
from execution.sandbox.container import OWNER_LABEL, WORKER_LABEL, ContainerSettings, Engine, create_options, open_pool
from execution.sandbox.interface import Profile
from runner_image import images
from tests.sandbox.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "00000000-0000-0000-0000-000000000000-4026531836-1-1"


NOW = 1000.0  # by the engine's clock, which ours is nowhere near


class Shed:
    """An engine of no substance."""

    def __init__(self, *containers: FoundContainer, unused: tuple[FoundImage, ...] = (), others: Any = ()) -> None:
        self._containers = list(containers)
        self._unused = list(unused)
        self._images = {image.id: image for image in (*unused, *others)}
        self.needed: set[str] = set()
        self.removed: list[str] = []

    def now(self) -> float:
        return NOW

    def containers(self) -> list[FoundContainer]:
        return self._containers

    def remove_container(self, container_id: str) -> bool:
        self.removed.append(container_id)
        return True

    def unused_images(self) -> list[FoundImage]:
        return self._unused

    def image(self, image_id: str) -> FoundImage | None:
        return self._images.get(image_id)

    def remove_image(self, image_id: str) -> bool:
        if image_id in self.needed:
            return False
        self.removed.append(image_id)
        return True


def found(state: str = "running", age: float = 3600, worker: str = "", is_held: bool = False) -> FoundContainer:
    return FoundContainer("it", state, NOW - age, worker, is_held)


def image(name: str, parent: str = "", size: int = 100, age: float = 3600, names: tuple[str, ...] = ()) -> FoundImage:
    return FoundImage(name, names, parent, NOW - age, size)


@pytest.fixture(scope="module")
def dead() -> str:
    """The name of a process that is no more."""
    command = [sys.executable, "-c", "from execution.sandbox import identity; print(identity.own())"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


class TestContainers:
    @pytest.mark.parametrize("state", ["exited", "dead", "created"])
    def test_one_that_ended_or_never_began_goes_after_a_minute(self, state: str) -> None:
        assert clean(Shed(found(state, age=65))).containers == ("it",)
        assert clean(Shed(found(state, age=50))) == Freed()
        assert clean(Shed(found(state, age=65, is_held=True))) == Freed()

    def test_one_of_a_dead_worker_goes(self, dead: str) -> None:
        assert identity.is_gone(dead)
        assert clean(Shed(found(worker=dead, age=0))).containers == ("it",)

    def test_one_of_a_living_worker_stays(self) -> None:
        parts = identity.own().split("-")
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as other:
            name = "-".join([*parts[:-2], str(other.pid), identity._start(other.pid)])
            assert clean(Shed(found(worker=name))) == Freed()
            assert other.stdin
            other.stdin.write("\n")
            other.stdin.close()
            assert eventually(lambda: identity.is_gone(name)), "dead is dead, though nobody has asked after it yet"
        assert clean(Shed(found(worker=name))).containers == ("it",)

    def test_a_pid_that_somebody_else_has_by_now_is_no_sign_of_life(self) -> None:
        parts = identity.own().split("-")
        assert clean(Shed(found(worker="-".join([*parts[:-1], "1"])))).containers == ("it",)

    def test_ones_own_stays_while_a_pool_has_it(self) -> None:
        assert clean(Shed(found(worker=identity.own(), is_held=True))) == Freed()
        assert clean(Shed(found(worker=identity.own(), is_held=False))).containers == ("it",)

    @pytest.mark.parametrize("worker", ["", "unknown", "-", "--", "a-b", ELSEWHERE])
    @pytest.mark.parametrize("state", ["running", "paused"])
    def test_in_doubt_it_stays(self, state: str, worker: str) -> None:
        assert clean(Shed(found(state, worker=worker))) == Freed()

    @pytest.mark.parametrize("state", ["removing", "restarting", "what?"])
    def test_so_does_one_that_is_in_a_state_unknown(self, state: str, dead: str) -> None:
        assert clean(Shed(found(state, worker=dead))) == Freed()


class TestImages:
    def test_the_steps_of_its_build_go_with_it(self) -> None:
        step, base = image("step", "base", 90), image("base", "", 70)
        shed = Shed(unused=(image("it", "step", 100),), others=(step, base))
        assert clean(shed) == Freed((), ("it", "step"), 30)
        assert shed.removed == ["it", "step"]

    @pytest.mark.parametrize("names", [("debian:bookworm-slim",), ("debian@sha256:0",)])
    def test_a_step_with_a_name_stays(self, names: tuple[str, ...]) -> None:
        step, base = image("step", "base", 90, names=names), image("base", "", 70)
        assert clean(Shed(unused=(image("it", "step", 100),), others=(step, base))) == Freed((), ("it",), 10)

    def test_a_step_that_something_stands_on_stays(self) -> None:
        shed = Shed(unused=(image("it", "step", 100),), others=(image("step", "base", 90), image("base", "", 70)))
        shed.needed = {"step"}
        assert clean(shed) == Freed((), ("it",), 10)

    def test_one_that_something_uses_after_all_frees_nothing(self) -> None:
        shed = Shed(unused=(image("it"),))
        shed.needed = {"it"}
        assert clean(shed) == Freed()

    def test_a_young_one_may_be_about_to_get_its_name(self) -> None:
        assert clean(Shed(unused=(image("it", age=50),))) == Freed()


def test_a_dry_run_removes_nothing() -> None:
    shed = Shed(found("exited"), unused=(image("it", size=2_000_000),))
    freed = clean(shed, dry_run=True)
    assert (freed, shed.removed) == (Freed(("it",), ("it",), 2_000_000), [])
    assert str(freed) == "containers: 1, images: 1 (2.0 MB)"


# -- The real engine -------------------------------------------------------------------------------------------------
@pytest.fixture
def own_settings(container_settings: ContainerSettings) -> ContainerSettings:
    return replace(container_settings, owner=f"{container_settings.owner}-cleaning")


@pytest.fixture
def ours(own_settings: ContainerSettings) -> Iterator[Engine]:
    engine = Engine(own_settings)
    yield engine
    engine.close()


@pytest.fixture
def left(engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator["Left"]:
    """Makes what is left behind; takes away what is still there at the end. All of it is old enough at once.

    The images' label is one of this test's own: others use the engine, too.
    """
    monkeypatch.setattr(cleanup, "STALE_SECONDS", -10)
    monkeypatch.setattr(images, "LABEL", f"verdict.test-{secrets.token_hex(6)}")
    left = Left(engine)
    yield left
    left.take_away()


class Left:
    """Containers and images on the engine."""

    def __init__(self, engine: docker.DockerClient) -> None:
        self._engine = engine
        self._containers: list[str] = []
        self._images: list[str] = []

    def container(self, labels: dict[str, str], seconds: int = 0) -> str:
        """One that has ended, after so long. Its id."""
        made = self._engine.containers.create(
            images.tag("python3"), labels=labels, entrypoint=["/bin/sleep", str(seconds)], network_mode="none"
        )
        self._containers.append(str(made.id))
        made.start()
        made.wait()
        return str(made.id)

    def image(self, *labels: str, tag: str = "") -> str:
        """One with a single file of random content. Its id."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            entry = tarfile.TarInfo("file")
            entry.size = 1000
            archive.addfile(entry, io.BytesIO(secrets.token_bytes(1000)))
        answer: Any = self._engine.api.import_image_from_data(
            buffer.getvalue(), repository=tag or None, changes=[f"LABEL {label}" for label in labels]
        )
        image_id = str(answer).split('"status":"')[1].split('"')[0]
        self._images.append(image_id)
        return image_id

    def built_on(self, base: str, *labels: str) -> str:
        """One without a name, built in two steps on a base. Its id."""
        text = f"FROM {base}\nENV A=1\n" + "".join(f"LABEL {label}\n" for label in labels)
        built, _ = self._engine.images.build(fileobj=io.BytesIO(text.encode()), rm=True, forcerm=True)
        self._images.insert(0, str(built.id))
        return str(built.id)

    def has_container(self, container_id: str) -> bool:
        return container_id in {entry["Id"] for entry in self._engine.api.containers(all=True)}

    def has_image(self, image_id: str) -> bool:
        try:
            self._engine.images.get(image_id)
        except docker.errors.ImageNotFound:
            return False
        return True

    def take_away(self) -> None:
        for each in self._containers:
            with contextlib.suppress(docker.errors.APIError):
                self._engine.api.remove_container(each, force=True)
        for image in self._images:
            with contextlib.suppress(docker.errors.APIError):
                self._engine.api.remove_image(image, force=True)


@pytest.mark.docker
class TestOnTheEngine:
    def test_our_containers_that_ended_go_and_nobody_elses(self, left: Left, ours: Engine) -> None:
        owner = ours.settings.owner
        mine = left.container({OWNER_LABEL: owner})
        foreign = [
            left.container({}),
            left.container({"verdict": owner, OWNER_LABEL: f"{owner}-other"}),
            left.container({images.LABEL: "python3"}),
        ]
        assert mine in clean(ours, dry_run=True).containers
        assert left.has_container(mine)
        assert clean(ours).containers == (mine,)
        assert not left.has_container(mine)
        assert all(left.has_container(other) for other in foreign)

    def test_it_goes_a_minute_after_its_end(self, left: Left, ours: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        began = ours.now()
        mine = left.container({OWNER_LABEL: ours.settings.owner}, seconds=3)
        assert ours.containers()[0].since > began + 2
        monkeypatch.setattr(cleanup, "STALE_SECONDS", 60)
        assert clean(ours).containers == ()
        now = ours.now()
        monkeypatch.setattr(ours, "now", lambda: now + 70)
        assert clean(ours).containers == (mine,)

    def test_our_unnamed_images_go_and_nothing_else(self, left: Left, ours: Engine) -> None:
        tag = f"verdict-test/{secrets.token_hex(6)}"
        mine = left.image(f"{images.LABEL}=python3")
        base = left.image(f"{images.LABEL}=base")
        named = left.image(f"{images.LABEL}=python3", tag=tag)
        used = left.image(f"{images.LABEL}=python3")
        left._containers.append(left._engine.api.create_container(used, command=["/file"])["Id"])
        foreign = left.image("other.image=python3")
        unlabelled = left.image()
        built_on_our_base = left.built_on(left.image(f"{images.LABEL}=base"), "somebody=else")
        stay = [named, used, foreign, unlabelled, built_on_our_base]

        assert set(clean(ours, dry_run=True).images) == {mine, base}
        assert all(left.has_image(each) for each in (mine, base, *stay))

        freed = clean(ours)
        assert (set(freed.images), freed.bytes) == ({mine, base}, 2000)
        assert not left.has_image(mine)
        assert not left.has_image(base)
        assert all(left.has_image(each) for each in stay)
        assert all(ours.image(images.tag(name)) for name in images.names())

    def test_the_steps_of_a_build_go_and_its_base_stays(self, left: Left, ours: Engine) -> None:
        base = left.image()
        built = left.built_on(base, f"{images.LABEL}=python3")
        step = str(left._engine.images.get(built).attrs["Parent"])
        freed = clean(ours)
        assert freed.images == (built, step)
        assert not left.has_image(step)
        assert left.has_image(base), "it has no name, but somebody brought it here"

    def test_what_a_pool_has_stays_and_what_it_has_lost_goes(
        self, own_settings: ContainerSettings, ours: Engine
    ) -> None:
        pool = open_pool(own_settings)
        try:
            pool.warm(Profile("python3"), 1)
            assert clean(ours) == Freed()
            assert pool.stat().idle == 1
            with pool.lease(Profile("python3")) as sandbox:
                held = sandbox.container_id  # type: ignore[attr-defined]
                assert clean(ours).containers == ()
                ours_too = ours.create("python3", 64)
                assert len(ours.containers()) == 2
                clean(ours)
                assert ours_too.container_id in {each.id for each in ours.containers()}
                container._held.discard(str(ours_too.container_id))
                assert clean(ours).containers == (ours_too.container_id,)
                assert [each.id for each in ours.containers()] == [held]
                ours_too.destroy()
        finally:
            pool.close()

    def test_one_whose_worker_was_killed_goes_at_once_though_it_would_live_on(
        self, engine: docker.DockerClient, own_settings: ContainerSettings, ours: Engine, dead: str
    ) -> None:
        """Its agent is stopped, so that it does not notice that it serves nobody."""
        options = create_options(own_settings, "python3", 64, 20_000)
        options["labels"][WORKER_LABEL] = dead
        orphan = engine.containers.create(**options | {"entrypoint": ["/bin/sleep"], "command": ["600"]})
        orphan.start()
        try:
            assert clean(ours).containers == (orphan.id,)
            assert eventually(lambda: orphan.id not in {each.id for each in ours.containers()})
        finally:
            with contextlib.suppress(docker.errors.APIError):
                orphan.remove(force=True)

    def test_containers_say_whose_they_are(self, ours: Engine) -> None:
        sandbox = ours.create("python3", 64)
        try:
            [each] = ours.containers()
            assert (each.worker, each.is_held, each.state) == (identity.own(), True, "running")
            assert str(os.getpid()) in each.worker
        finally:
            sandbox.destroy()
