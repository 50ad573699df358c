"""What a directory can be up to that a zip can't; each is refused whole."""

import os
from pathlib import Path
from typing import Any

import pytest

from problems.package import tree
from problems.package.errors import PackageError
from tests.problems.building import as_directory, legacy
from tests.problems.conftest import Refused


class TestDirectory:
    """What only a directory can be up to."""

    @pytest.fixture
    def package(self, tmp_path: Path) -> Path:
        return as_directory(legacy(), tmp_path / "next")

    @pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "/", "..", "gone"])
    def test_links_that_leave_it(self, refused: Refused, tmp_path: Path, package: Path, target: str) -> None:
        (tmp_path / "outside").write_text("secret of the machine")
        (package / "data/secret/2.in").symlink_to(target)
        (package / "data/secret/2.ans").write_text("")
        assert "data/secret/2.in" in refused(package)[0]

    def test_a_link_to_a_link_that_leaves_it(self, refused: Refused, package: Path) -> None:
        (package / "a").symlink_to("/etc")
        (package / "b").symlink_to("a/passwd")
        assert refused(package)[0].startswith("a: is a symbolic link")

    @pytest.mark.parametrize("target", [".", "..", "../.."])
    def test_links_in_a_circle(self, refused: Refused, package: Path, target: str) -> None:
        (package / "data/secret/more").symlink_to(target)
        assert "data/secret/more: is a symbolic link that leads back" in refused(package)[0]

    def test_a_link_to_itself(self, refused: Refused, package: Path) -> None:
        (package / "data/secret/2.in").symlink_to("2.in")
        assert "data/secret/2.in: can't be read" in refused(package)[0]

    def test_what_is_no_file(self, refused: Refused, package: Path) -> None:
        os.mkfifo(package / "data/secret/2.in")
        assert "data/secret/2.in: is neither a file" in refused(package)[0]

    def test_more_bytes_than_may_be(self, refused: Refused, settings: Any, package: Path) -> None:
        settings.MAX_PACKAGE_MB = 1
        with (package / "data/secret/2.in").open("wb") as file:
            file.truncate(2 << 20)
        assert "larger than 1 MB" in refused(package)[0]

    def test_more_files_than_may_be(self, refused: Refused, package: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(tree, "MAX_FILES", 5)
        assert "more than 5 files" in refused(package)[0]

    def test_names_that_are_no_text(self, refused: Refused, package: Path) -> None:
        Path(os.fsdecode(os.fsencode(package) + b"/data/\xff.in")).write_text("")
        assert "printed" in refused(package)[0]

    @pytest.mark.parametrize("name", ["gone", "file.txt"])
    def test_what_is_no_package(self, refused: Refused, tmp_path: Path, name: str) -> None:
        (tmp_path / "file.txt").write_text("x")
        assert refused(tmp_path / name)[0].startswith((f"{name}: ", "makes"))


class TestWhoeverWritesMeanwhile:
    """The owner of a directory may change it between our looks at it."""

    @pytest.fixture
    def package(self, tmp_path: Path) -> Path:
        return as_directory(legacy(), tmp_path / "next")

    @pytest.fixture
    def file(self, package: Path) -> tree.PackageFile:
        file = tree.of_directory(package, 1 << 20).get("data/secret/1.in")
        assert file is not None
        file.real.unlink()
        return file

    def test_a_link_in_place_of_the_file(self, tmp_path: Path, file: tree.PackageFile) -> None:
        (tmp_path / "outside").write_text("secret of the machine")
        file.real.symlink_to(tmp_path / "outside")
        with pytest.raises(PackageError, match=r"data/secret/1\.in: can't be read"):
            file.open()

    def test_a_link_in_place_of_its_directory(self, tmp_path: Path, file: tree.PackageFile) -> None:
        as_directory({"1.in": "secret of the machine"}, tmp_path / "outside")
        file.real.parent.rename(tmp_path / "away")
        file.real.parent.symlink_to(tmp_path / "outside")
        with pytest.raises(PackageError, match=r"data/secret/1\.in: changed while"):
            file.open()

    def test_a_pipe_in_its_place_does_not_hold_us_up(self, file: tree.PackageFile) -> None:
        os.mkfifo(file.real)
        with pytest.raises(PackageError, match=r"data/secret/1\.in: changed while"):
            file.open()

    def test_nothing_in_its_place(self, file: tree.PackageFile) -> None:
        with pytest.raises(PackageError, match=r"data/secret/1\.in: can't be read"):
            file.open()


@pytest.mark.timeout(30)
def test_links_that_make_a_small_tree_endless(refused: Refused, tmp_path: Path) -> None:
    package = as_directory(legacy(), tmp_path / "next")
    for level in range(30):
        (package / f"d{level}").mkdir()
        for name in "ab":
            (package / f"d{level}/{name}").symlink_to(f"../d{level + 1}")
    (package / "d30").mkdir()
    assert "more than 20000 files and directories" in refused(package)[0]
