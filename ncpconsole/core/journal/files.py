"""The journal's file and directory: private before anything is in them, refused when others can write.

What others can only read is made private again: the record names servers, people and incidents. The
directory too, but not one that holds something else besides, such as a home directory.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.trouble import NOTHING_SENT, unavailable

if TYPE_CHECKING:
    from pathlib import Path

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWN_ENTRIES = re.compile(r"journal\.db.*|owners|debug\.log|config\.toml", re.DOTALL)
"""What this console puts into its directory; on macOS the settings are there too."""


def prepare(path: Path) -> None:
    """Create the directory (0700) and an empty file (0600) where they are missing, and check both.

    The file exists with its final mode before SQLite opens it: the -wal and -shm files inherit that mode.
    Raises JournalUnavailable with the reason and the remedy.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _flush(path.parent.parent)
        _check_directory(path.parent)
        _create(path)
        _check_file(path)
        _close_to_others(path)
    except OSError as error:
        raise unavailable(path, error) from error


def identity(path: Path) -> tuple[int, int]:
    """Device and inode: tells a file from another one put in its place. Raises OSError."""
    status = path.stat()
    return status.st_dev, status.st_ino


def _create(path: Path) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        return  # another console was first, or it is from an earlier run: both are checked next
    _flush(path.parent)


def _flush(directory: Path) -> None:
    """Or a power cut could take the new entry away, with everything that was flushed into the file."""
    if not _posix():
        return  # Windows opens no directories, and flushes their entries itself
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_directory(directory: Path) -> None:
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise _refusal(f"{directory} is not a directory: move it away.")
    _check_owner(directory, status)
    if _posix() and status.st_mode & WRITABLE_BY_OTHERS:
        raise _refusal(f"Other users can write to the directory {directory}: run 'chmod 700 {directory}'.")


def _check_file(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise _refusal(f"The journal {path} is a symbolic link: put the file itself there.")
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(f"The journal {path} is not a regular file: move it away.")
    _check_owner(path, status)
    if _posix() and status.st_mode & WRITABLE_BY_OTHERS:
        raise _refusal(
            f"Other users can write to the journal {path}, so it proves nothing: run 'chmod 600 {path}' "
            "and check its content."
        )


def _close_to_others(path: Path) -> None:
    """Take away what others may do; raises OSError where that cannot be done."""
    if not _posix():
        return
    # A log that is there already keeps its mode, however private the database becomes.
    for file in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        with suppress(FileNotFoundError):
            _tighten(file)
    if all(OWN_ENTRIES.fullmatch(entry.name) for entry in path.parent.iterdir()):
        _tighten(path.parent)


def _tighten(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OPEN_TO_OTHERS:
        path.chmod(mode & ~OPEN_TO_OTHERS)


def _check_owner(path: Path, status: os.stat_result) -> None:
    if _posix() and status.st_uid != os.geteuid():
        raise _refusal(
            f"{path} belongs to another user (uid {status.st_uid}; you are uid {os.geteuid()}): "
            "run the console as that user, or make it yours."
        )


def _posix() -> bool:
    """Whether owners and modes mean anything; on Windows the profile directory's access list guards it."""
    return hasattr(os, "geteuid")


def _refusal(sentence: str) -> JournalUnavailable:
    return JournalUnavailable(f"{sentence} {NOTHING_SENT}")
