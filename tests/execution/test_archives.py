"""What becomes of an uploaded zip, honest or not."""

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from execution.archives import program_of, zipped_files
from execution.intake import MAX_FILES
from execution.languages import LANGUAGES

PYTHON = LANGUAGES["python3"]
MAIN = ("main.py", b"import lib")


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        zipped_files(PYTHON, content, "archive")
    detail: Any = caught.value.detail
    assert list(detail) == ["archive"]
    return str(detail["archive"][0])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_its_files_come_out(method: int) -> None:
    content = zipped(MAIN, ("lib.py", "print('ü')\r\n".encode()), ("a/b/c.py", b""), method=method)
    assert zipped_files(PYTHON, content, "archive") == [
        {"name": "main.py", "content": "import lib"},
        {"name": "lib.py", "content": "print('ü')\r\n"},
        {"name": "a/b/c.py", "content": ""},
    ]


def test_directories_and_litter_are_passed_over() -> None:
    litter = ["__MACOSX/._main.py", "__MACOSX/a/b.py", ".DS_Store", ".git/config", "a/.b.py.swp", "a/.idea/c.py"]
    content = zipped(MAIN, (entry("a/", stat.S_IFDIR), b""), *((name, b"\xff" * 70_000) for name in litter))
    assert [file["name"] for file in zipped_files(PYTHON, content, "archive")] == ["main.py"]


@pytest.mark.parametrize(
    "name",
    [
        *("../x.py", "a/../x.py", "./x.py", "/x.py", "a//x.py", "C:/x.py", "a\\x.py"),
        *("-x.py", "a/-x.py", "ü.py", "x y.py", "x\n.py", "a" * 101, "/".join("abcdefghi")),
    ],
)
def test_names_that_are_no_good_are_refused(name: str) -> None:
    assert refusal(zipped(MAIN, (name, b"1"))).startswith("Not a file name")


def test_a_name_that_python_would_cut_off_is_refused() -> None:
    content = zipped(("main.py_evil", b"print()")).replace(b"main.py_evil", b"main.py\0evil")
    assert "null byte" in refusal(content)


def test_every_extension_of_a_language_may_be_used() -> None:
    for extension in LANGUAGES["cpp"].extensions:
        files = zipped_files(LANGUAGES["cpp"], zipped((f"main{extension}", b"int main() {}")), "archive")
        assert [file["name"] for file in files] == [f"main{extension}"]


def test_eight_levels_are_no_trouble() -> None:
    name = "/".join("abcdefgh")
    assert zipped_files(PYTHON, zipped(MAIN, (name, b"1")), "archive")[1]["name"] == name


def test_a_name_stands_for_one_thing() -> None:
    assert refusal(zipped(MAIN, MAIN)) == "Two files have the same name."
    assert refusal(zipped(MAIN, ("a/b.py", b"1"), ("a", b"1"))) == "'a' is both a file and a directory."


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_what_is_no_plain_file_is_refused(kind: int) -> None:
    assert "no plain file" in refusal(zipped(MAIN, (entry("lib.py", kind | 0o777), b"/etc/passwd")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int) -> None:
    assert "compressed in another way" in refusal(zipped(MAIN, method=method))


def test_what_is_encrypted_is_refused() -> None:
    content = bytearray(zipped(MAIN))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)) == "'main.py' is encrypted."


@pytest.mark.parametrize("bad", [b"\xff", b"\0"])
def test_what_is_no_text_is_refused(bad: bytes) -> None:
    assert refusal(zipped(MAIN, ("lib.py", bad))) in {"'lib.py' is not text in UTF-8.", "It contains a NUL character."}


def test_64_kib_come_out_of_it_and_no_byte_more() -> None:
    half = ("a.py", b"#" * 32768)
    assert len(zipped_files(PYTHON, zipped(half, ("b.py", b"#" * 32768)), "archive")) == 2
    assert "more than the 65536 bytes" in refusal(zipped(half, ("b.py", b"#" * 32769)))
    assert "more than the 65536 bytes" in refusal(zipped(("bomb.py", b"#" * 50_000_000)))


@pytest.mark.parametrize("claim", [1, 0, 1 << 30])
def test_a_size_that_the_zip_claims_is_not_believed(claim: int) -> None:
    content = bytearray(zipped(("bomb.py", b"#" * 1_000_000)))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, claim)
    assert refusal(bytes(content))


def test_20_files_are_taken_and_no_more() -> None:
    names = [f"f{number}.py" for number in range(MAX_FILES)]
    assert len(zipped_files(PYTHON, zipped(*((name, b"1") for name in names)), "archive")) == MAX_FILES
    assert refusal(zipped(*((name, b"1") for name in [*names, "g.py"]))) == "At most 20 files."


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"PK\x03\x04",
        lambda content: content[:-10],
        lambda content: content[30:],
        lambda content: content.replace(b"import", b"export"),  # stored: the sum is wrong
        lambda content: content.replace(b"main.py", b"moin.py", 1),  # its two names differ
    ],
)
def test_what_is_damaged_is_told(damage: Callable[[bytes], bytes]) -> None:
    assert "not a sound zip file" in refusal(damage(zipped(MAIN, method=zipfile.ZIP_STORED)))


def test_every_damaged_byte_is_taken_or_told() -> None:
    whole = zipped(MAIN, ("lib.py", b"print(1)\n" * 20))
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 0xFF
        try:
            zipped_files(PYTHON, bytes(content), "archive")
        except ValidationError:
            continue


def test_an_empty_zip_is_no_program() -> None:
    assert refusal(zipped()) == "The program is empty."
    assert refusal(zipped(("notes.txt", b"Hello."))).startswith("No file is a Python 3 program")


class TestOneUpload:
    @pytest.mark.parametrize("name", ["a.zip", "A.ZIP", "program"])
    def test_a_zip_is_known_by_its_name_or_beginning(self, name: str) -> None:
        assert program_of(PYTHON, name, zipped(MAIN), "file")[0]["name"] == "main.py"

    def test_another_file_is_the_program_whatever_its_name(self) -> None:
        assert program_of(PYTHON, "my solution (2).py", b"print(1)\r\n", "file") == [
            {"name": "main.py", "content": "print(1)\r\n"}
        ]

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.zip", b"print(1)", "not a sound zip"),
            ("a.py", b"\xff", "not text in UTF-8"),
            ("a.py", b"1\0", "NUL"),
            ("a.py", b" ", "empty"),
            ("a.py", b"#" * 65537, "65537 bytes"),
        ],
    )
    def test_what_is_no_program_is_refused(self, name: str, content: bytes, words: str) -> None:
        with pytest.raises(ValidationError, match=words):
            program_of(PYTHON, name, content, "file")
