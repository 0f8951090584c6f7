"""Looks for traces of a secret: in files, in what was printed, in what the system shows of processes."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FRAGMENT = 10
"""So many characters in a row are taken for a part of the secret."""


def spellings(secret: str) -> set[bytes]:
    """The secret, each part of it, and the whole as programs write it down: escaped, quoted, encoded."""
    utf8 = secret.encode()
    texts = {
        *(secret[at : at + FRAGMENT] for at in range(len(secret) - FRAGMENT + 1)),
        secret[::-1],
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        escape(secret),
        escape(secret, {'"': "&quot;", "'": "&#x27;"}),
        utf8.hex(),
    }
    return {
        *(text.encode() for text in texts),
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        *(form for at in range(3) for form in _base64_within(utf8, at)),
    }


def _base64_within(secret: bytes, before: int) -> Iterable[bytes]:
    """The part of a Base64 text that the secret alone decides, when so many bytes come before it."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(b"\0" * before + secret)
        yield coded[4 if before else 0 : len(coded) // 4 * 4 - 4]


def found_in(content: bytes, secret: str) -> list[bytes]:
    """The spellings of the secret that the content holds."""
    return [spelling for spelling in spellings(secret) if spelling in content]


def files_with(directories: Iterable[Path], secret: str) -> list[tuple[Path, bytes]]:
    """The files below the directories whose content or path tells of the secret, and how."""
    found = []
    for directory in directories:
        for path in directory.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            found += [(path, spelling) for spelling in found_in(str(path).encode() + b"\n" + content, secret)]
    return found


class Watcher:
    """Keeps what ``/proc`` shows of a process and all that it starts: command lines and environments."""

    def __init__(self) -> None:
        self.command_lines = b""
        self.environments = b""
        self._lines: set[bytes] = set()

    @contextlib.contextmanager
    def watching(self, pid: int) -> Iterator[Self]:
        """Look again and again until the block ends."""
        ended = threading.Event()

        def look_on() -> None:
            while not ended.wait(0.02):
                self._look(pid)

        self._look(pid)
        thread = threading.Thread(target=look_on)
        thread.start()
        try:
            yield self
        finally:
            ended.set()
            thread.join()

    def _look(self, pid: int) -> None:
        place = Path("/proc") / str(pid)
        # A process may end between two looks.
        with contextlib.suppress(OSError):
            line, environment = ((place / name).read_bytes() for name in ("cmdline", "environ"))
            if line not in self._lines:
                self._lines.add(line)
                self.command_lines += line.rstrip(b"\0") + b"\n"
                self.environments += environment + b"\n"
            for children in (place / "task").glob("*/children"):
                for child in children.read_text().split():
                    self._look(int(child))
