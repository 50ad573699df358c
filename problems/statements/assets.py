"""The files that a statement shows or links to, taken from its own directory."""

import posixpath
import re
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from problems.content import Asset
from problems.package.errors import PackageError
from problems.package.tree import Blobs, PackageFile
from problems.statements import svg

MAX_IMAGE_BYTES = 20 << 20
PDF, SVG = "application/pdf", "image/svg+xml"
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
        self._added: dict[str, Asset] = {}  # by path
        self.found: dict[str, Asset] = {}  # by name

    def image(self, reference: str) -> Asset | None:
        """The picture (or PDF figure) that is meant, None if there is no such file. Raises PackageError if unfit."""
        file = self._resolve(reference)
        if file is None:
            return None
        if file.path not in self._added:
            content = file.read(MAX_IMAGE_BYTES)
            kind = _image_type(file, content)
            # What was checked is what is stored, also if the file changes meanwhile; the other kinds may be large.
            blob = self._blobs.add_bytes(content) if kind == SVG else self._blobs.add(file)
            self._added[file.path] = self._named(Asset(PurePosixPath(file.path).name, blob, kind))
        return self._added[file.path]

    def linked(self, reference: str) -> Asset | None:
        """The picture or PDF that a link leads to, None if it leads elsewhere. Raises PackageError if unfit."""
        ending = PurePosixPath(unquote(reference)).suffix.lower()
        return self.image(reference) if ending in _ENDINGS[1:] else None

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

    def _named(self, asset: Asset) -> Asset:
        """The asset under a name that no other has."""
        name, count = asset.name, 1
        while name in self.found and self.found[name].blob != asset.blob:
            count += 1
            name = f"{count}-{asset.name}"
        self.found[name] = replace(asset, name=name)
        return self.found[name]


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
        return SVG
    raise PackageError(file.path, "is not a picture of a kind that can be shown (PNG, JPEG, GIF, SVG)")
