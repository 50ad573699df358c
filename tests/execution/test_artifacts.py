import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from execution.artifacts import ArtifactCache

FILES = {"program": b"\x7fELF\n\0", "lib/a.so": b"", "b": b"two\nlines"}


@pytest.fixture
def cache(tmp_path: Path) -> ArtifactCache:
    return ArtifactCache(tmp_path / "artifacts", 1000)


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "artifacts").iterdir())


def use(tmp_path: Path, key: str, when: float) -> None:
    os.utime(tmp_path / "artifacts" / key, (when, when))


def test_what_was_put_is_got(cache: ArtifactCache, tmp_path: Path) -> None:
    assert cache.get("k") is None
    cache.put("k", FILES)
    assert cache.get("k") == FILES
    assert ArtifactCache(tmp_path / "artifacts", 1000).get("k") == FILES


def test_what_is_damaged_is_not_believed_and_goes(cache: ArtifactCache, tmp_path: Path) -> None:
    cache.put("k", FILES)
    [path] = entries(tmp_path)
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:10], b"", whole[:-1] + b"?", whole + b"!"):
        path.write_bytes(damaged)
        assert cache.get("k") is None
        assert entries(tmp_path) == []
    cache.put("k", FILES)
    assert cache.get("k") == FILES


def test_those_unused_for_longest_go_first(cache: ArtifactCache, tmp_path: Path) -> None:
    for number, key in enumerate("abc"):
        cache.put(key, {"x": bytes(250)})
        use(tmp_path, key, number)
    assert cache.get("a")
    cache.put("d", {"x": bytes(250)})
    assert [path.name for path in entries(tmp_path)] == ["a", "c", "d"]


def test_what_is_too_large_is_not_kept(cache: ArtifactCache, tmp_path: Path) -> None:
    cache.put("a", {"x": b"x"})
    cache.put("b", {"x": bytes(1000)})
    assert [path.name for path in entries(tmp_path)] == ["a"]


def test_a_full_disk_is_no_failure(cache: ArtifactCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put("k", FILES)
    assert cache.get("k") is None
    assert entries(tmp_path) == [], "nothing is left lying about"


def test_what_a_crash_left_goes_and_what_others_write_stays(cache: ArtifactCache, tmp_path: Path) -> None:
    cache.put("k", FILES)
    stray, fresh = (tmp_path / "artifacts" / f".new-{name}" for name in ("stray", "fresh"))
    stray.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(stray, (0, 0))
    cache.put("l", FILES)
    assert fresh in entries(tmp_path)
    assert stray not in entries(tmp_path)


def test_many_may_use_it_at_once(tmp_path: Path) -> None:
    def work(number: int) -> None:
        cache = ArtifactCache(tmp_path / "artifacts", 600)
        for turn in range(50):
            key = str((number + turn) % 5)
            assert cache.get(key) in (None, {"x": key.encode() * 100})
            cache.put(key, {"x": key.encode() * 100})

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(work, range(4)))
