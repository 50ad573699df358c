"""What the agent takes of what a compiler left: never more than was allowed, and nothing odd."""

import os
from pathlib import Path

import pytest

from runner_image.artifacts import MAX_FILES, Names, TooMuch, read
from runner_image.frames import MAX_HEADER, encode
from runner_image.wipe import open_directory


def taken(directory: Path, max_bytes: int) -> dict[str, bytes]:
    fd = open_directory(str(directory))
    files: dict[str, bytes] = {}
    try:
        for name, piece in read(fd, max_bytes):
            files[name] = files.get(name, b"") + piece
    finally:
        os.close(fd)
    return files


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_as_much_as_is_allowed_and_no_more(tmp_path: Path, size: int) -> None:
    (tmp_path / "program").write_bytes(b"x" * size)
    (tmp_path / "empty").touch()
    assert taken(tmp_path, size) == {"program": b"x" * size, "empty": b""}
    (tmp_path / "one more").write_bytes(b"x")
    yielded = 0
    fd = open_directory(str(tmp_path))
    with pytest.raises(TooMuch):  # noqa: PT012
        for _, piece in read(fd, size):
            yielded += len(piece)
    os.close(fd)
    assert yielded <= size, "what was sent cannot be taken back"


def test_files_in_directories(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"deep")
    assert taken(tmp_path, 10) == {"a/b/c": b"deep"}


def make_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_depths(path: Path) -> None:
    path.joinpath(*"abcdefghijklmnopqrstuvwxyz").mkdir(parents=True)


def make_garbage(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path) + b"\xff")).touch()


def make_line(path: Path) -> None:
    path.with_name("two\nlines").touch()


@pytest.mark.parametrize("make", [make_link, make_pipe, make_depths, make_garbage, make_line])
def test_what_no_compiler_leaves(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "odd")
    with pytest.raises(TooMuch):
        taken(tmp_path, 1 << 20)


@pytest.mark.parametrize("letter", ["x", "ü", "\N{GRINNING FACE}"])
def test_their_names_fit_into_the_request_that_loads_them_again(letter: str) -> None:
    names, files = Names(), list[dict[str, object]]()
    with pytest.raises(TooMuch):  # noqa: PT012
        for number in range(MAX_FILES + 1):
            name = f"{number:04}{letter * 190}"
            names.add(name)
            files.append({"name": name, "size": 64 << 20})
    header = encode({"op": "load", "files": files, "executable": True})
    assert MAX_HEADER // 2 < len(header) < MAX_HEADER


def test_as_many_as_there_may_be() -> None:
    names = Names()
    for number in range(MAX_FILES):
        names.add(str(number))
    with pytest.raises(TooMuch):
        names.add("one more")
