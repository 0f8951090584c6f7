"""The list that was read last, kept in a file so that the next start shows it at once. For showing alone.

One file for each gateway, key and choice of regions, for its owner's eyes (0600). A file that somebody else could have
written, that is larger than any list or that cannot be understood counts as none: it is only a convenience.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import msgspec

from ncpconsole.ncp.models import KeptRegion, NetworkInterface, Server

VERSION = 2
MAX_BYTES = 256 << 20
"""Larger files are not read; 100,000 servers take 60 MiB."""
PIECE = 250
"""Servers of each region in one piece: more than a screen shows, and packed within half a millisecond."""
SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Follow no link, wait for no pipe, and change no byte."""
KEYS_FIRST = 0.002
"""Seconds after each piece that is written, in which keys have the interpreter for themselves: nobody waits for it."""
AHEAD = struct.Struct(">QI")
"""What precedes each part of the file: its length in bytes, and its checksum."""
LENGTH = struct.Struct(">Q")
"""With what the file begins: how many bytes follow."""

Part = TypeVar("Part")


class _Listed(msgspec.Struct, frozen=True, gc=False):
    """A region, and how many servers of it the pieces hold."""

    code: str
    read_at: Annotated[datetime, msgspec.Meta(tz=True)]
    count: int


class _Head(msgspec.Struct, frozen=True, gc=False):
    version: int
    regions: tuple[_Listed, ...]


class _Share(msgspec.Struct, frozen=True, gc=False):
    """What a piece holds of one region: its next servers, and their interfaces."""

    servers: tuple[Server, ...]
    interfaces: tuple[NetworkInterface, ...]


_Piece = tuple[_Share, ...]
"""One share for each region, in the order of the head."""


class KeptList:
    """The kept list of one gateway, key and choice of regions, in a directory of the console's own.

    It is written and read in pieces: to pack 10,000 servers at once would hold up keys, and to unpack them all before
    the first is shown would double the time until then.
    """

    def __init__(self, directory: Path, base_url: str, key_fingerprint: str, regions: Sequence[str]) -> None:
        what = "\n".join((base_url, key_fingerprint, *regions)).encode()
        self.path = directory / f"{hashlib.sha256(what).hexdigest()[:24]}.msgpack"

    def read(self, *, beginning: bool = False) -> tuple[KeptRegion, ...]:
        """What was kept, or the beginning of each region; nothing where there is no file that may be trusted."""
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | SAFELY), "rb") as file:
                return _read(file, beginning=beginning)
        except (OSError, ValueError, msgspec.DecodeError, RecursionError, MemoryError):
            return ()

    def write(self, regions: Sequence[KeptRegion]) -> None:
        """Keep these instead. What fails is let be: the list on screen does not depend on it."""
        beside = self.path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFELY, 0o600), "wb") as file:
                    _write(file, regions)
                beside.replace(self.path)
            finally:
                beside.unlink(missing_ok=True)


def _write(file: BinaryIO, regions: Sequence[KeptRegion]) -> None:
    file.write(LENGTH.pack(0))
    for part in _parts(regions):
        packed = msgspec.msgpack.encode(part)
        file.write(AHEAD.pack(len(packed), zlib.crc32(packed)))
        file.write(packed)
        time.sleep(KEYS_FIRST)
    length = file.tell() - LENGTH.size
    file.seek(0)
    file.write(LENGTH.pack(length))


def _parts(regions: Sequence[KeptRegion]) -> Iterator[_Head | _Piece]:
    """What the file consists of. Interfaces of no server in the list are in the last piece."""
    counts = [len(region.servers) for region in regions]
    listed = [_Listed(region.code, region.read_at, count) for region, count in zip(regions, counts, strict=True)]
    yield _Head(VERSION, tuple(listed))
    interfaces = [_by_server(region.interfaces) for region in regions]
    for start in range(0, max(counts, default=0), PIECE):
        yield tuple(
            _share(region.servers[start : start + PIECE], own) for region, own in zip(regions, interfaces, strict=True)
        )
    yield tuple(_Share((), tuple(one for several in own.values() for one in several)) for own in interfaces)


def _share(servers: tuple[Server, ...], interfaces: dict[str, list[NetworkInterface]]) -> _Share:
    """These servers with their interfaces, which are taken out of those that are left."""
    own = (interfaces.pop(server.server_instance_no, ()) for server in servers)
    return _Share(servers, tuple(one for several in own for one in several))


def _by_server(interfaces: Iterable[NetworkInterface]) -> dict[str, list[NetworkInterface]]:
    found: dict[str, list[NetworkInterface]] = {}
    for interface in interfaces:
        found.setdefault(interface.instance_no, []).append(interface)
    return found


def _read(file: BinaryIO, *, beginning: bool) -> tuple[KeptRegion, ...]:
    """The regions of a file that nobody else could have written. Raises what tells that it is none."""
    found = os.fstat(file.fileno())
    if not _is_private(found) or file.read(LENGTH.size) != LENGTH.pack(max(0, found.st_size - LENGTH.size)):
        return ()
    head = _part(file, _Head)
    if head.version != VERSION:
        return ()
    servers: list[list[Server]] = [[] for _ in head.regions]
    interfaces: list[list[NetworkInterface]] = [[] for _ in head.regions]
    while file.tell() < found.st_size:
        piece = _part(file, _Piece)
        if len(piece) != len(head.regions):
            raise ValueError(len(piece))
        for place, share in enumerate(piece):
            servers[place] += share.servers
            interfaces[place] += share.interfaces
        if beginning:
            break
    missing = [listed.count - len(some) for listed, some in zip(head.regions, servers, strict=True)]
    if min(missing, default=0) < 0 or (any(missing) and not beginning):
        raise ValueError(missing)
    return tuple(
        KeptRegion(listed.code, listed.read_at, tuple(some), tuple(own), more)
        for listed, some, own, more in zip(head.regions, servers, interfaces, missing, strict=True)
    )


def _part(file: BinaryIO, kind: type[Part]) -> Part:
    """The next part. Raises ValueError or DecodeError where it is not as it was written."""
    ahead = file.read(AHEAD.size)
    length, checksum = AHEAD.unpack(ahead) if len(ahead) == AHEAD.size else (0, 1)
    left = os.fstat(file.fileno()).st_size - file.tell()
    packed = file.read(min(length, left))
    if len(packed) != length or zlib.crc32(packed) != checksum:
        raise ValueError(length)
    return msgspec.msgpack.decode(packed, type=kind)


def forget_lists(directory: Path) -> None:
    """Remove every list that is kept."""
    shutil.rmtree(directory, ignore_errors=True)


def _is_private(found: os.stat_result) -> bool:
    """Whether nobody else could have written it: a file of one's own that only its owner may touch."""
    if not stat.S_ISREG(found.st_mode) or found.st_size >= MAX_BYTES:
        return False
    return sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
