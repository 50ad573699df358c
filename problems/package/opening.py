"""From a path that somebody gives to the tree of a package."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from problems.package import archive, tree
from problems.package.archive import Wanted, everything
from problems.package.errors import PackageError
from problems.package.tree import Tree

METADATA = "problem.yaml"


@contextmanager
def opened(path: Path, workspace: Path, max_bytes: int, wanted: Wanted = everything) -> Iterator[Tree]:
    """The tree of the package at `path`, a directory or a zip; its files can be read until the context ends.

    A zip is unpacked below `workspace` meanwhile, only its files with `wanted` paths. The package may stand in one
    directory of its own in the zip. Raises PackageError.
    """
    if path.is_dir():
        yield _rooted(tree.of_directory(path, max_bytes), path.name)
    elif zipfile.is_zipfile(path):
        with TemporaryDirectory(prefix=".unpacked-", dir=workspace) as folder:
            archive.unpack(path, Path(folder), max_bytes, wanted)
            yield _rooted(tree.of_directory(Path(folder), max_bytes), path.name)
    else:
        raise PackageError(path.name, "is neither a directory nor a zip file" if path.exists() else "does not exist")


def _rooted(found: Tree, name: str) -> Tree:
    if found.get(METADATA):
        return found
    tops = {path.split("/")[0] for path in found.files}
    if len(tops) == 1 and found.get(f"{next(iter(tops))}/{METADATA}"):
        return found.subtree(next(iter(tops)))
    raise PackageError(METADATA, f"is missing in {name}")
