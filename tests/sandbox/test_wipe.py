"""Emptying a directory that somebody filled with malice. (As the program's user in a container: test_hostile.py.)"""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner_image.wipe import empty, open_directory


def wiped(directory: Path) -> list[str]:
    """What is left after wiping."""
    fd = open_directory(str(directory))
    try:
        empty(fd)
    finally:
        os.close(fd)
    return os.listdir(directory)


def test_what_is_empty_stays_so(tmp_path: Path) -> None:
    assert wiped(tmp_path) == []


def test_nothing_outside_is_touched(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    (outside / "sub").mkdir(parents=True)
    (outside / "file").write_text("precious")
    (outside / "file").chmod(0o640)
    inside.mkdir()
    (inside / "to_directory").symlink_to(outside)
    (inside / "to_file").symlink_to(outside / "file")
    (inside / "up").symlink_to("..")
    (inside / "loop").symlink_to("loop")
    os.link(outside / "file", inside / "hard")
    assert wiped(inside) == []
    assert (outside / "file").read_text() == "precious"
    assert (outside / "file").stat().st_mode & 0o777 == 0o640
    assert (outside / "sub").is_dir()


def test_a_tree_deeper_than_a_path_may_be_long(tmp_path: Path) -> None:
    directory = open_directory(str(tmp_path))
    for _ in range(3000):
        os.mkdir("d" * 50, dir_fd=directory)
        inner = open_directory("d" * 50, directory)
        os.close(directory)
        directory = inner
    os.close(directory)
    assert wiped(tmp_path) == []


def test_every_kind_of_file_and_mode(tmp_path: Path) -> None:
    for mode in (0, 0o111, 0o444, 0o1777):
        (tmp_path / f"dir{mode}" / "inner" / "more").mkdir(parents=True)
        (tmp_path / f"dir{mode}" / "file").touch()
        (tmp_path / f"dir{mode}" / "inner").chmod(mode)
        (tmp_path / f"dir{mode}").chmod(mode)
        (tmp_path / f"file{mode}").touch(mode)
    os.mkfifo(tmp_path / "fifo", 0)
    listening = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    try:
        os.chdir(tmp_path)  # a socket's path is short
        listening.bind("socket")
    finally:
        os.chdir(here)
        listening.close()
    assert wiped(tmp_path) == []


def test_names_in_the_way(tmp_path: Path) -> None:
    """Directories that already bear the numbers under which others are moved up."""
    for i in range(1, 6):
        (tmp_path / str(i) / str(i) / "deep").mkdir(parents=True)
        (tmp_path / str(i) / "file").touch()
        (tmp_path / f"x{i}" / "y" / "1").mkdir(parents=True)
    (tmp_path / "7").touch()
    (tmp_path / "8").symlink_to("7")
    assert wiped(tmp_path) == []


def test_odd_names(tmp_path: Path) -> None:
    for name in (b"\xff\xfe", b"new\nline", b"-rf", b" ", b"..."):
        os.mkdir(os.path.join(os.fsencode(tmp_path), name))
        os.mkdir(os.path.join(os.fsencode(tmp_path), name, name))
    assert wiped(tmp_path) == []


def test_a_link_is_not_opened_as_a_directory(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(OSError, match="link"):
        open_directory(str(tmp_path / "link"))


NAMES = st.sampled_from(["a", "b", "1", "2", "3", "10"])
TREES = st.recursive(
    st.none() | st.text(max_size=3), lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=25
)


@given(st.dictionaries(NAMES, TREES, max_size=6))
@settings(max_examples=100)
def test_any_tree(tmp_path: Path, tree: object) -> None:
    def plant(path: Path, node: object) -> None:
        if isinstance(node, dict):
            path.mkdir(exist_ok=True)
            for name, child in node.items():
                plant(path / name, child)
        elif node is None:
            path.symlink_to("/")
        else:
            path.write_text(str(node))

    plant(tmp_path, tree)
    assert wiped(tmp_path) == []
