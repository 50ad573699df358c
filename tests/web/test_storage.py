"""Static files: hashed, compressed, and served so."""

import gzip
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from judge.web.storage import StaticStorage

TEXT = b"body { color: black }\n" * 100


def test_files_get_hashed_names_and_compressed_neighbours(tmp_path: Path) -> None:
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    storage.save("page.css", ContentFile(TEXT))
    assert all(done for _, _, done in storage.post_process({"page.css": (storage, "page.css")}))
    hashed = storage.path(storage.stored_name("page.css"))
    assert Path(hashed).read_bytes() == TEXT
    assert brotli.decompress(Path(f"{hashed}.br").read_bytes()) == TEXT
    assert gzip.decompress(Path(f"{hashed}.gz").read_bytes()) == TEXT


@pytest.mark.django_db  # which collectstatic looks at first
@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None)])
def test_they_are_served_as_small_as_the_browser_takes_them_and_for_ever(
    accepted: str, encoding: str | None, tmp_path: Path, settings: Settings, rf: RequestFactory
) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from/page.css").write_bytes(TEXT)
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [tmp_path / "from"], tmp_path / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "judge.web.storage.StaticStorage"}}
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    call_command("collectstatic", interactive=False, verbosity=0)
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    middleware = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
    response = middleware(rf.get(staticfiles_storage.url("page.css"), headers={"Accept-Encoding": accepted}))
    body = b"".join(response.streaming_content)
    response.close()
    assert response.get("Content-Encoding") == encoding
    assert response["Vary"] == "Accept-Encoding"
    assert response["Cache-Control"] == "max-age=315360000, public, immutable"
    assert {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](body) == TEXT
