"""Emptying a directory in which a hostile program has had its way.

One level at a time and through descriptors: a subdirectory's subdirectories are moved up beside it before it is
removed, so that depth costs neither recursion nor a path too long. Nothing is followed: symbolic links are unlinked
like files. The caller owns everything in there, as the program's own user; a mode of 000 is then no hindrance.
"""

import os


def open_directory(path: str, parent: int | None = None) -> int:
    """A descriptor of the directory, which mustn't be a link. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)


def empty(directory: int) -> None:
    """Remove everything in an open directory whose owner we are. Nothing else may be writing there."""
    serial = 0
    while subdirectories := _unlink_files(directory):
        for name in subdirectories:
            serial = _flatten(directory, name, serial)


def _flatten(directory: int, name: str, serial: int) -> int:
    """Move the subdirectories of `name` up beside it under numbers from `serial` on, then remove it."""
    os.chmod(name, 0o700, dir_fd=directory)
    inner = open_directory(name, directory)
    try:
        for child in _unlink_files(inner):
            os.chmod(child, 0o700, dir_fd=inner)
            serial = _move_up(inner, child, directory, serial)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=directory)
    return serial


def _move_up(source: int, name: str, target: int, serial: int) -> int:
    """Rename to the first free number. (An empty directory of that name is replaced, which is as well.)"""
    while True:
        serial += 1
        try:
            os.rename(name, f"{serial}", src_dir_fd=source, dst_dir_fd=target)
        except OSError:
            if not _exists(f"{serial}", target):
                raise
        else:
            return serial


def _unlink_files(directory: int) -> list[str]:
    """Unlink what isn't a directory; the names of those that are."""
    subdirectories = []
    with os.scandir(directory) as entries:
        names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in names:
        if is_directory:
            subdirectories.append(name)
        else:
            os.unlink(name, dir_fd=directory)
    return subdirectories


def _exists(name: str, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
