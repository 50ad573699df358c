import gzip
from pathlib import Path

import brotli
from django.core.files.base import ContentFile

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
