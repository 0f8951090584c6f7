"""What a machine can keep of the journal's length: a file where no variable leads, and the system's log."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.anchor import AnchorUnavailable, Mark
from ncpconsole.core.journal.files import WRITABLE_BY_OTHERS, check_parents
from ncpconsole.language import Sentence, said

MACHINE_ANCHORS = Path("/var/lib/ncpconsole/anchors")
"""Where an administrator made this directory (mode 1733), it is the second place for every user of the machine."""
MOST_CHARACTERS = 65_536
SYSTEM_LOGS = ("/dev/log", "/var/run/syslog")
"""The sockets of journald and syslogd on Linux, and of macOS."""
AUTHPRIV_NOTICE = 10 * 8 + 5
"""Facility and severity as RFC 3164 joins them."""


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
            return file.read(MOST_CHARACTERS)

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
