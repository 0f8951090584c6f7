"""The list that was read last, kept in a file so that the next start shows it at once. For showing alone.

One file for each gateway, key and choice of regions, for its owner's eyes (0600). A file that somebody else could have
written, that is larger than any list or that cannot be understood counts as none: it is only a convenience.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ncpconsole.ncp.models import KeptRegion

VERSION = 1
MAX_BYTES = 256 << 20
"""Larger files are not read; 100,000 servers take 60 MiB."""
SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Follow no link, wait for no pipe, and change no byte."""


class _Document(msgspec.Struct, frozen=True, gc=False):
    version: int
    regions: tuple[KeptRegion, ...]


class KeptList:
    """The kept list of one gateway, key and choice of regions, in a directory of the console's own."""

    def __init__(self, directory: Path, base_url: str, key_fingerprint: str, regions: Sequence[str]) -> None:
        what = "\n".join((base_url, key_fingerprint, *regions)).encode()
        self.path = directory / f"{hashlib.sha256(what).hexdigest()[:24]}.msgpack"

    def read(self) -> tuple[KeptRegion, ...]:
        """What was kept; nothing where there is no file that may be trusted."""
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | SAFELY), "rb") as file:
                if not _is_private(os.fstat(file.fileno())):
                    return ()
                document = msgspec.msgpack.decode(file.read(MAX_BYTES), type=_Document)
        except (OSError, msgspec.DecodeError, RecursionError, MemoryError):
            return ()
        return document.regions if document.version == VERSION else ()

    def write(self, regions: Sequence[KeptRegion]) -> None:
        """Keep these instead. What fails is let be: the list on screen does not depend on it."""
        beside = self.path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFELY, 0o600), "wb") as file:
                    file.write(msgspec.msgpack.encode(_Document(VERSION, tuple(regions))))
                beside.replace(self.path)
            finally:
                beside.unlink(missing_ok=True)


def forget_lists(directory: Path) -> None:
    """Remove every list that is kept."""
    shutil.rmtree(directory, ignore_errors=True)


def _is_private(found: os.stat_result) -> bool:
    """Whether nobody else could have written it: a file of one's own that only its owner may touch."""
    if not stat.S_ISREG(found.st_mode) or found.st_size >= MAX_BYTES:
        return False
    return sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
