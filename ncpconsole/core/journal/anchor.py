"""The journal's head and length at a second place, so that a journal that is gone or cut off is noticed.

Whoever removes, replaces or cuts the journal leaves one that is whole in itself. The anchor is an item in the OS
keyring, or a file where no variable leads, out of reach of what happens to files. It lags behind the journal and never
leads it: it is written after each commit, on a thread, so that no send waits for it. Where it cannot be reached,
nothing is refused. The system's log is told as well, and read by nothing here.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.files import WRITABLE_BY_OTHERS, check_parents
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import Sentence, said

READ_SECONDS = 1.5
"""How long a plan may wait for the anchor, counted from when it was asked."""
WRITE_SECONDS = 1.5
"""How long a console that ends may wait for the last write."""
THREAD = "ncpconsole-anchor"
MOST_CHARACTERS = 1280 if sys.platform == "win32" else 20_000
"""Windows keeps no more in one item of its keyring."""
PATH_CHARACTERS = 200
MACHINE_ANCHORS = Path("/var/lib/ncpconsole/anchors")
"""Where an administrator made this directory (mode 1733), it is the second place for every user of the machine."""
FILE_CHARACTERS = 65_536
SYSTEM_LOGS = ("/dev/log", "/var/run/syslog")
"""The sockets of journald and syslogd on Linux, and of macOS."""
AUTHPRIV_NOTICE = 10 * 8 + 5
"""Facility and severity as RFC 3164 joins them."""


class AnchorUnavailable(Exception):
    """The anchor cannot be read or written now; raised with a sentence that says why."""


class Anchor(Protocol):
    """One text at a place that does not lie with the journal. Calls may be slow, and never ask a user."""

    @property
    def name(self) -> str:
        """What users call the place."""
        ...

    def read(self) -> str:
        """The text, empty where there is none yet. Raises AnchorUnavailable."""
        ...

    def write(self, text: str) -> None:
        """Put this text in place of the other. Raises AnchorUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one journal had come: ``first`` is the beginning of its first event's hash, and names it.

    ``path`` may lack its beginning.
    """

    first: str
    path: str
    events: int
    head: str


class AnchorState(StrEnum):
    """What the anchor said of the journal."""

    NONE = "none"
    """There is no anchor, or it was not asked yet."""
    UNAVAILABLE = "unavailable"
    AGREES = "agrees"
    DISAGREES = "disagrees"


def marks_from(text: str) -> list[Mark]:
    """The marks in an anchor's text; raises AnchorUnavailable for a text of another shape."""
    try:
        marks = [Mark(**mark) for mark in json.loads(text)["journals"]] if text else []
        if all(tuple(map(type, astuple(mark))) == (str, str, int, str) for mark in marks):
            return marks
    except (ValueError, TypeError, KeyError):
        pass
    raise AnchorUnavailable(Sentence("What it holds is not what this console wrote."))


def text_of(marks: list[Mark]) -> str:
    """The text that holds these marks."""
    return json.dumps({"journals": [asdict(mark) for mark in marks]}, separators=(",", ":"))


def loss_in(marks: list[Mark], own: Mark | None, hash_at: Callable[[int], str], path: Path) -> str:
    """What this journal lacks of what the anchor knows, in words; empty when nothing.

    ``own`` is the journal's mark, None while it is empty. ``hash_at`` gives the hash of its nth event, empty
    where there is none.
    """
    known = next((mark for mark in marks if own and mark.first == own.first), None)
    if known and hash_at(known.events) == known.head:
        return ""
    if known and own:
        return Sentence(
            "the record had {known} events, and the journal {path} holds {held} of which the last are missing or "
            "others: its end is gone, or an earlier copy was put back",
            known=known.events,
            path=path,
            held=own.events,
        )
    if not marks:
        return ""
    last = marks[-1]
    return Sentence(
        "the record of {known} events, last kept in {before}, is gone: the journal {path} is another one with "
        "{held} events",
        known=last.events,
        before=safe_text(last.path),
        path=path,
        held=own.events if own else 0,
    )


class AnchorKeeper:
    """Reads one anchor and keeps it up to date, for one open journal. Without an anchor it does nothing."""

    def __init__(self, anchor: Anchor | None, path: Path, *, is_shared: bool = False) -> None:
        """``is_shared``: what the anchor knows of journals at other places says nothing, as no user chose this one."""
        self._anchor = anchor
        self._path = path
        self._is_shared = is_shared
        self._asked_at = 0.0
        self._answered = threading.Event()
        self._answer: list[Mark] | AnchorUnavailable | None = None
        self._pending: Mark | None = None
        self._wake = threading.Condition()
        self._writer: threading.Thread | None = None
        self.state = AnchorState.NONE
        self.lost = ""
        self.why_unavailable = ""

    @property
    def objection(self) -> str:
        """Why nothing may be sent, and what to do; empty when nothing speaks against it.

        The way out comes before paths of any length, so that no screen cuts it off.
        """
        if self._anchor is None or not self.lost:
            return ""
        return Sentence(
            "A part of the record of interrupts is gone: one may have been forgotten, so none is sent. When you know "
            "what happened, say so with 'ncpconsole history --accept-loss REASON'. "
            "By what {place} remembers, {lost}.",
            place=self._anchor.name,
            lost=self.lost,
        )

    @property
    def sentence(self) -> str:
        """How it stands, in words; empty without an anchor."""
        if self._anchor is None:
            return ""
        if self.state is AnchorState.UNAVAILABLE:
            return Sentence(
                "The journal's length is kept at no second place, as {place} cannot be used: {why} "
                "A journal that is removed or cut off would not be noticed.",
                place=self._anchor.name,
                why=self.why_unavailable,
            )
        kept = Sentence("The journal's length and head are kept in {place} too.", place=self._anchor.name)
        return self.objection or kept

    def ask(self) -> None:
        """Begin to read, once; `check` takes the answer."""
        if self._anchor and not self._asked_at:
            self._asked_at = time.monotonic()
            threading.Thread(target=self._read, args=(self._anchor,), name=THREAD, daemon=True).start()

    def check(self, own: Mark | None, hash_at: Callable[[int], str]) -> None:
        """Compare the anchor with the journal and set ``state``; waits for it, but not for long."""
        if self._anchor is None or self.state not in (AnchorState.NONE, AnchorState.UNAVAILABLE):
            return
        self.ask()
        answered = self._answered.wait(max(0.0, self._asked_at + READ_SECONDS - time.monotonic()))
        if not answered or self._answer is None or isinstance(self._answer, AnchorUnavailable):
            self.state = AnchorState.UNAVAILABLE
            silent = Sentence("It does not answer.")
            self.why_unavailable = said(self._answer) if isinstance(self._answer, AnchorUnavailable) else silent
            if answered:  # it may be unlocked later
                self._asked_at = 0.0
                self._answered.clear()
            return
        marks = self._answer
        if self._is_shared:
            here = str(self._path)[-PATH_CHARACTERS:]
            marks = [mark for mark in marks if mark.path == here or (own and mark.first == own.first)]
        self.lost = loss_in(marks, own, hash_at, self._path)
        self.state = AnchorState.DISAGREES if self.lost else AnchorState.AGREES
        self.advance(own)

    def advance(self, own: Mark | None) -> None:
        """Have this mark written soon, if the anchor agreed; what is overtaken before is left out."""
        if own is None or self.state is not AnchorState.AGREES:
            return
        with self._wake:
            self._pending = own
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, args=(self._anchor,), name=THREAD, daemon=True)
                self._writer.start()

    def accept(self, own: Mark | None) -> None:
        """Take the journal as it is now. Raises AnchorUnavailable."""
        if self._anchor is None or own is None:
            return
        kept = [one for one in marks_from(self._anchor.read()) if one.path != own.path]
        self._put(self._anchor, kept, own)
        self.state, self.lost = AnchorState.AGREES, ""

    def close(self) -> None:
        """Wait a moment for what is being written."""
        writer = self._writer
        if writer is not None:
            writer.join(WRITE_SECONDS)

    def _read(self, anchor: Anchor) -> None:
        try:
            self._answer = marks_from(anchor.read())
        except AnchorUnavailable as error:
            self._answer = error
        finally:
            self._answered.set()

    def _write(self, anchor: Anchor) -> None:
        while True:
            with self._wake:
                own, self._pending = self._pending, None
                if own is None:
                    self._writer = None
                    return
            try:
                marks = marks_from(anchor.read())
                known = next((mark for mark in marks if mark.first == own.first), None)
                if known is None or known.events < own.events:
                    self._put(anchor, marks, own)
            except AnchorUnavailable as error:
                self.why_unavailable = said(error)

    @staticmethod
    def _put(anchor: Anchor, marks: list[Mark], own: Mark) -> None:
        kept = [*(mark for mark in marks if mark.first != own.first), own]
        while len(text_of(kept)) > MOST_CHARACTERS:
            del kept[0]
        anchor.write(text_of(kept))


class FileAnchor:
    """A file of this user in a directory apart from the journal's: an `Anchor`."""

    def __init__(self, directory: Path = MACHINE_ANCHORS) -> None:
        user = 0
        if sys.platform != "win32":
            user = os.geteuid()
        self._file = directory / f"{user}.json"
        self.name = str(directory)

    def read(self) -> str:
        """The file's text, empty where there is none. Raises AnchorUnavailable."""
        if sys.platform == "win32":
            return ""
        try:
            check_parents(self._file)
            handle = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return ""
        except (OSError, JournalUnavailable) as error:
            raise AnchorUnavailable(said(error)) from error
        with os.fdopen(handle, encoding="utf-8", errors="replace") as file:
            status = os.fstat(handle)
            if status.st_uid != os.geteuid() or status.st_mode & WRITABLE_BY_OTHERS:
                raise AnchorUnavailable(Sentence("{path} is not yours alone to write.", path=self._file))
            return file.read(FILE_CHARACTERS)

    def write(self, text: str) -> None:
        """Put a new file in its place. Raises AnchorUnavailable."""
        try:
            check_parents(self._file)
            handle, name = tempfile.mkstemp(prefix=f"{self._file.name}.", dir=self._file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(handle)
            Path(name).replace(self._file)
        except (OSError, JournalUnavailable) as error:
            raise AnchorUnavailable(said(error)) from error


class SystemLog:
    """Tells the system's log after each commit how far the journal has come. Nothing here reads it back.

    The log is root's: ``history --verify --expect-head`` with the last head in it finds a cut-off end, whoever cut it.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        if sys.platform == "win32":
            return  # it has none of these logs
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # Without waiting: a log that is stuck must not hold a send up.
        self._socket.setblocking(False)

    def tell(self, mark: Mark) -> bool:
        """Send one line; whether a log took it."""
        text = f"journal {mark.path!r}: {mark.events} events, head {mark.head}"  # no message: a line of a log
        line = f"<{AUTHPRIV_NOTICE}>ncpconsole[{os.getpid()}]: {text}".encode("utf-8", "backslashreplace")
        if self._socket is None:
            return False
        for address in SYSTEM_LOGS:
            try:
                self._socket.sendto(line, address)
            except OSError:
                continue
            return True
        return False

    def close(self) -> None:
        if self._socket:
            self._socket.close()
