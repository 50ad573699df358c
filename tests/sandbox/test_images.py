"""Tags of runner images, and the builder with a `docker` of the test's."""

import io
import os
import shutil
import stat
import tarfile
from pathlib import Path

import pytest

from runner_image import build, images
from runner_image.images import UnknownImage


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what goes into images, free to be changed."""
    directory = tmp_path / "runner_image"
    (directory / "python3").mkdir(parents=True)
    for path in images.HERE.glob("*.py"):
        (directory / path.name).write_bytes(path.read_bytes())
    for name in ("agent", "native", "fork_server", "python3"):
        shutil.copytree(images.HERE / name, directory / name, dirs_exist_ok=True)
    monkeypatch.setattr(images, "HERE", directory)
    images.tag.cache_clear()
    return directory


@pytest.fixture(autouse=True)
def _forget_tags() -> object:
    yield
    images.tag.cache_clear()


def tag() -> str:
    images.tag.cache_clear()
    return images.tag("python3")


class TestTag:
    def test_it_is_the_same_for_the_same_content(self, copy: Path) -> None:
        before = tag()
        os.utime(copy / "agent.py", (1, 1))
        (copy / "agent.py").chmod(0o600)
        assert tag() == before
        assert before.startswith("verdict/python3:")

    @pytest.mark.parametrize(
        "name",
        [
            "agent.py",
            "frames.py",
            "native/starter.c",
            "agent/Dockerfile",
            "fork_server/sitecustomize.py",
            "python3/Dockerfile",
        ],
    )
    def test_it_changes_with_what_goes_in(self, copy: Path, name: str) -> None:
        before = tag()
        with (copy / name).open("a") as file:
            file.write("\n")
        assert tag() != before

    @pytest.mark.parametrize("name", ["build.py", "images.py"])
    def test_it_does_not_with_what_stays_out(self, copy: Path, name: str) -> None:
        before = tag()
        (copy / name).write_text("# other\n")
        assert tag() == before

    def test_a_process_stays_with_the_first_answer(self, copy: Path) -> None:
        before = tag()
        (copy / "agent.py").write_text("# other\n")
        assert images.tag("python3") == before

    @pytest.mark.parametrize("name", ["cobol", "", "../python3", "python3/"])
    def test_unknown_names(self, name: str) -> None:
        with pytest.raises(UnknownImage, match="python3"):
            images.tag(name)


def test_the_context_holds_the_agent_and_nothing_of_the_host() -> None:
    with tarfile.open(fileobj=io.BytesIO(images.context("agent"))) as archive:
        names = set(archive.getnames())
        assert all((entry.mtime, entry.uid, entry.uname) == (0, 0, "") for entry in archive)
    assert {"Dockerfile", "runner_image/__init__.py", "runner_image/agent.py", "runner_image/frames.py"} <= names
    assert {"native/starter.c", "fork_server/sitecustomize.py"} <= names
    assert not {"runner_image/build.py", "runner_image/images.py"} & names


FAKE = """#!/bin/sh
echo "$@" >> {log}
case "$1 $2" in
    "image inspect") for last; do :; done
        grep -qx "$last" {present} || {{ echo "Error: No such image: $last" >&2; exit 1; }} ;;
    "pull "*) {pull} ;;
    "build "*) cat > {directory}/context.tar; echo "a line of the build"; {build} ;;
    "import "*) for last; do :; done; echo "$last" >> {present} ;;
esac
"""
MMDEBSTRAP = """#!/bin/sh
echo "mmdebstrap $1 $6 $7 $8 $9" >> {log}
for last; do :; done
echo base > "$last"
"""


class Docker:
    """A `docker` on the PATH that logs what it is asked, and fails where it is told to."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.log, self.present = directory, directory / "log", directory / "present"
        self.log.touch()
        self.present.touch()

    def install(self, pull: str = "exit 0", build: str = "exit 0", mmdebstrap: bool = True) -> None:
        names = {"log": self.log, "present": self.present, "directory": self.directory, "pull": pull, "build": build}
        self._script("docker", FAKE.format(**names))
        if mmdebstrap:
            self._script("mmdebstrap", MMDEBSTRAP.format(**names))

    def _script(self, name: str, content: str) -> None:
        path = self.directory / name
        path.write_text(content)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def asked(self) -> list[str]:
        """The commands, without looking whether images are there."""
        return [line for line in self.log.read_text().splitlines() if not line.startswith("image inspect")]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "cat", "grep"):
        (directory / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(directory))
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return Docker(directory)


class TestBuild:
    def test_an_image_that_is_there_is_left_alone(self, fake: Docker) -> None:
        fake.install()
        fake.present.write_text(images.tag("python3") + "\n")
        assert build.build("python3") == images.tag("python3")
        assert fake.asked() == []

    def test_the_base_is_pulled_and_images_are_built_on_the_hosts_network_the_agents_first(self, fake: Docker) -> None:
        fake.install(pull=f'echo "$2" >> {fake.present}')
        build.build("python3")
        agent, python3 = images.tag(images.AGENT), images.tag("python3")
        assert fake.asked() == [
            "pull debian:bookworm-slim",
            f"build --network host --tag {agent} --label verdict.image=agent -",
            f"build --network host --tag {python3} --label verdict.image=python3 --build-arg AGENT={agent} -",
        ]
        assert (fake.directory / "context.tar").read_bytes() == images.context("python3")

    def test_where_no_registry_answers_the_base_is_made(self, fake: Docker) -> None:
        fake.install(pull="echo no route >&2; exit 1")
        build.build("python3")
        _, bootstrap, imported, *built = fake.asked()
        assert bootstrap.startswith("mmdebstrap --variant=apt")
        assert " bookworm " in bootstrap
        assert imported.startswith('import --change CMD ["bash"]')
        assert imported.endswith("debian:bookworm-slim")
        assert all(command.startswith("build ") for command in built)

    def test_where_it_cannot_be_made_either_both_reasons_are_told(self, fake: Docker) -> None:
        fake.install(pull="echo no route >&2; exit 1", mmdebstrap=False)
        with pytest.raises(build.BuildError) as caught:
            build.build("python3")
        assert "no route" in str(caught.value)
        assert "apt-get install mmdebstrap" in str(caught.value)

    def test_a_build_that_fails_shows_what_it_printed(self, fake: Docker, capfd: pytest.CaptureFixture[str]) -> None:
        fake.install(build="echo E: no space; exit 1")
        assert build.main(["python3"]) == 1
        error = capfd.readouterr().err
        assert "a line of the build" in error
        assert "E: no space" in error

    def test_a_build_that_succeeds_shows_only_its_tag(self, fake: Docker, capfd: pytest.CaptureFixture[str]) -> None:
        fake.install()
        assert build.main(["python3"]) == 0
        output = capfd.readouterr()
        assert output.out.startswith(images.tag("python3"))
        assert "a line of the build" not in output.out + output.err

    def test_or_all_of_it_if_asked_to(self, fake: Docker, capfd: pytest.CaptureFixture[str]) -> None:
        fake.install()
        assert build.main(["-v", "python3"]) == 0
        assert "a line of the build" in capfd.readouterr().out

    def test_no_docker_at_all(self, fake: Docker) -> None:
        with pytest.raises(build.BuildError, match=r"docker\.io"):
            build.build("python3")

    def test_no_engine(self, fake: Docker) -> None:
        fake.install()
        fake._script("docker", "#!/bin/sh\necho Cannot connect to the Docker daemon >&2; exit 1\n")
        with pytest.raises(build.BuildError, match="DOCKER_HOST"):
            build.build("python3")

    def test_an_unknown_image(self, fake: Docker, capfd: pytest.CaptureFixture[str]) -> None:
        fake.install()
        assert build.main(["cobol"]) == 1
        assert "cobol" in capfd.readouterr().err


class TestProxies:
    def test_the_environments(self, fake: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://proxy:1")
        monkeypatch.setenv("no_proxy", "localhost")
        fake.install()
        build.build("python3")
        assert "--build-arg http_proxy=http://proxy:1 --build-arg no_proxy=localhost -" in fake.asked()[-1]

    def test_apts(self, fake: Docker) -> None:
        fake._script("apt-config", "#!/bin/sh\necho http://apt-proxy:3142\n")
        assert build.proxies() == {"http_proxy": "http://apt-proxy:3142"}

    @pytest.mark.parametrize("answer", ["echo DIRECT", "echo", "exit 1"])
    def test_none(self, fake: Docker, answer: str) -> None:
        fake._script("apt-config", f"#!/bin/sh\n{answer}\n")
        assert build.proxies() == {}


@pytest.mark.docker
def test_the_image_is_small(engine: object) -> None:
    size = engine.images.get(images.tag("python3")).attrs["Size"]  # type: ignore[attr-defined]
    assert size <= 120_000_000
