"""What a zip can be up to that a directory can't; each is refused whole."""

import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from problems.importer import import_package
from problems.package import archive
from tests.problems.building import legacy
from tests.problems.conftest import Refused


class TestZip:
    """What only a zip can be up to."""

    def made(self, target: Path, *entries: tuple[str | zipfile.ZipInfo, str | bytes], **more: Any) -> Path:
        with zipfile.ZipFile(target, "w", more.pop("compression", zipfile.ZIP_DEFLATED)) as made:
            for path, content in legacy().items():
                made.writestr(path, content)
            for name, content in entries:
                made.writestr(name, content)
        return target

    @pytest.mark.parametrize(
        "name",
        [
            "../evil.in",
            "data/../../evil",
            "/etc/evil",
            "C:/evil",
            "data\\..\\evil",
            "./evil",
            "a//b",
            "..",
            ".git/../../x",
        ],
    )
    def test_paths_that_leave_it(self, refused: Refused, tmp_path: Path, name: str) -> None:
        reasons = refused(self.made(tmp_path / "next.zip", (name, "x")))
        assert name in reasons[0]
        assert not list(tmp_path.glob("evil*"))
        assert not Path("/etc/evil").exists()

    @pytest.mark.parametrize(
        ("mode", "words"), [(0o120777, "symbolic link"), (0o010644, "plain file"), (0o020644, "plain file")]
    )
    def test_what_is_no_plain_file(self, refused: Refused, tmp_path: Path, mode: int, words: str) -> None:
        entry = zipfile.ZipInfo("data/secret/2.in")
        entry.external_attr = mode << 16
        reasons = refused(self.made(tmp_path / "next.zip", (entry, "/etc/passwd")))
        assert "data/secret/2.in" in reasons[0]
        assert words in reasons[0]

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_that_is_there_twice(self, refused: Refused, tmp_path: Path) -> None:
        reasons = refused(self.made(tmp_path / "next.zip", ("data/secret/1.in", "other")))
        assert reasons == ["data/secret/1.in: is in the zip twice"]

    @pytest.mark.parametrize("name", ["data/secret/1.in/x", "data/secret"])
    def test_a_file_that_is_a_directory_too(self, refused: Refused, tmp_path: Path, name: str) -> None:
        reasons = refused(self.made(tmp_path / "next.zip", (name, "x")))
        assert name in reasons[0]

    def test_more_than_may_come_out(self, refused: Refused, settings: Any, tmp_path: Path) -> None:
        settings.MAX_PACKAGE_MB = 1
        reasons = refused(self.made(tmp_path / "next.zip", ("data/secret/2.in", b"0" * (2 << 20))))
        assert "data/secret/2.in" in reasons[0]
        assert "more than 1 MB" in reasons[0]

    def test_a_header_that_lies_about_the_size(self, refused: Refused, settings: Any, tmp_path: Path) -> None:
        """It says 10 bytes; two megabytes would come out."""
        settings.MAX_PACKAGE_MB = 1
        path = self.made(tmp_path / "next.zip", ("data/secret/2.in", b"0" * (2 << 20)))
        content = path.read_bytes()
        path.write_bytes(content.replace(struct.pack("<L", 2 << 20), struct.pack("<L", 10)))
        reasons = refused(path)
        assert "data/secret/2.in" in reasons[0]

    def test_more_than_its_size_can_hold(
        self, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Deflate has its limits, so what comes out beyond them was counted twice (entries that overlap)."""
        monkeypatch.setattr(archive, "MAX_RATIO", 100)
        reasons = refused(self.made(tmp_path / "next.zip", ("data/secret/2.in", b"0" * (2 << 20))))
        assert reasons == ["data/secret/2.in: with it, the zip unpacks to more than a sound zip of its size can"]

    def test_a_sound_zip_of_nothing_but_zeros_is_believed(self, author: User, tmp_path: Path) -> None:
        zeros = b"0" * (16 << 20)
        path = self.made(tmp_path / "next.zip", ("data/secret/2.in", zeros), ("data/secret/2.ans", zeros))
        assert import_package(path, author).created

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_compression_without_bounds(self, refused: Refused, tmp_path: Path, method: int) -> None:
        reasons = refused(self.made(tmp_path / "next.zip", compression=method))
        assert "deflate" in reasons[0]

    def test_what_is_encrypted(self, refused: Refused, tmp_path: Path) -> None:
        path = self.made(tmp_path / "next.zip", ("data/secret/2.in", "x"))
        content = bytearray(path.read_bytes())
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = content.rindex(b"data/secret/2.in") if mark == b"PK\x01\x02" else content.index(b"data/secret/2.in")
            header = content.rindex(mark, 0, start)
            content[header + offset] |= 1
        path.write_bytes(content)
        reasons = refused(path)
        assert reasons == ["data/secret/2.in: is encrypted"]

    @pytest.mark.parametrize("cut", [100, -30, 4])
    def test_what_is_cut_off(self, refused: Refused, tmp_path: Path, cut: int) -> None:
        path = self.made(tmp_path / "next.zip")
        path.write_bytes(path.read_bytes()[:cut])
        assert "next.zip" in refused(path)[0]

    def test_bytes_that_were_damaged(self, refused: Refused, tmp_path: Path) -> None:
        path = self.made(tmp_path / "next.zip", ("data/secret/2.in", os.urandom(1000)), compression=zipfile.ZIP_STORED)
        content = bytearray(path.read_bytes())
        at = content.index(b"data/secret/2.in") + 100
        content[at] ^= 0xFF
        path.write_bytes(content)
        assert "data/secret/2.in: is damaged" in refused(path)[0]

    def test_more_files_than_may_be(self, refused: Refused, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(archive, "MAX_FILES", 5)
        assert "more than 5 files" in refused(self.made(tmp_path / "next.zip"))[0]

    @pytest.mark.parametrize("zip64", [False, True])
    def test_a_huge_table_of_contents_is_not_even_read(
        self, refused: Refused, tmp_path: Path, monkeypatch: Any, zip64: bool
    ) -> None:
        path = self.made(tmp_path / "next.zip")
        if zip64:
            path.write_bytes(_as_zip64(path.read_bytes()))
        monkeypatch.setattr(archive, "MAX_READ_BYTES", 100)
        assert "files in the package" in refused(path)[0]

    def test_names_that_cannot_be_printed(self, refused: Refused, tmp_path: Path) -> None:
        assert "printed" in refused(self.made(tmp_path / "next.zip", ("data/\x1b[31m.in", "x")))[0]

    def test_a_deep_tree(self, refused: Refused, tmp_path: Path) -> None:
        assert "nested deeper" in refused(self.made(tmp_path / "next.zip", ("a/" * 100 + "b", "x")))[0]


def _as_zip64(content: bytes) -> bytes:
    """The zip with its end written in the zip64 way, the old fields left at their maximum."""
    end = content.rindex(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<HLL", content, end + 10)
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, end, 1)
    last = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:end] + record + locator + last
