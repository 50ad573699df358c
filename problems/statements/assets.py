"""The files that a statement shows or links to, taken from its own directory."""

import posixpath
import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from problems.content import Asset
from problems.package.errors import PackageError
from problems.package.tree import Blobs, PackageFile
from problems.statements import svg

MAX_IMAGE_BYTES = 20 << 20
PDF = "application/pdf"
URL_PREFIX = "assets/"

# LaTeX leaves endings away; the first that is there counts.
_ENDINGS = ("", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".pdf")
_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"%PDF-": PDF}
_TEXT_START = re.compile(rb"\s*(<\?xml|<!|<svg)")


class Assets:
    """Collects the files that statements refer to; `files` are those of their directory by relative name."""

    def __init__(self, files: dict[str, PackageFile], blobs: Blobs) -> None:
        self._files = files
        self._blobs = blobs
        self.found: dict[str, Asset] = {}

    def image(self, reference: str) -> Asset | None:
        """The picture (or PDF figure) that is meant, None if there is no such file. Raises PackageError if unfit."""
        file = self._resolve(reference)
        if file is None:
            return None
        content = file.read(MAX_IMAGE_BYTES)
        return self._add(file, content, _image_type(file, content))

    def url(self, asset: Asset) -> str:
        """How the HTML refers to it."""
        return URL_PREFIX + quote(asset.name)

    def add_pdf(self, name: str, file: PackageFile) -> Asset:
        """A statement that is a PDF. Raises PackageError if it isn't."""
        content = file.read(MAX_IMAGE_BYTES)
        if not content.startswith(b"%PDF-"):
            raise PackageError(file.path, "is not a PDF")
        asset = Asset(name, self._blobs.add(file), PDF)
        self.found[name] = asset
        return asset

    def _resolve(self, reference: str) -> PackageFile | None:
        path = posixpath.normpath(unquote(reference).strip())
        return next((self._files[path + ending] for ending in _ENDINGS if path + ending in self._files), None)

    def _add(self, file: PackageFile, content: bytes, content_type: str) -> Asset:
        blob = self._blobs.add_bytes(content)
        name = PurePosixPath(file.path).name
        while name in self.found and self.found[name].blob != blob:
            name = f"2-{name}"
        asset = Asset(name, blob, content_type)
        self.found[name] = asset
        return asset


def _image_type(file: PackageFile, content: bytes) -> str:
    """By content, since names lie."""
    for magic, content_type in _MAGIC.items():
        if content.startswith(magic):
            return content_type
    if file.path.lower().endswith(".svg") or _TEXT_START.match(content):
        try:
            svg.check(content)
        except svg.UnfitSvg as error:
            raise PackageError(file.path, str(error)) from None
        return "image/svg+xml"
    raise PackageError(file.path, "is not a picture of a kind that can be shown (PNG, JPEG, GIF, SVG)")
