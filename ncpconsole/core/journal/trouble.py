"""A failing disk or database, in one sentence that says what to do."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

from ncpconsole.core.errors import JournalUnavailable

if TYPE_CHECKING:
    from pathlib import Path

NOTHING_SENT = "No interrupt is sent while the journal cannot be written."

SENTENCES = {
    "SQLITE_FULL": "The disk that holds the journal {path} is full: free some space.",
    "SQLITE_BUSY": "The journal {path} is locked by another process: end that process or wait for it.",
    "SQLITE_LOCKED": "The journal {path} is locked by another process: end that process or wait for it.",
    "SQLITE_READONLY": "The journal {path} is read-only: make the file and its directory writable for you.",
    "SQLITE_PERM": "The journal {path} may not be opened: make the file and its directory yours.",
    "SQLITE_CANTOPEN": "The journal {path} cannot be opened: make the file and its directory yours.",
    "SQLITE_NOTADB": "The file {path} is not a journal: move it away, and a new journal is begun.",
    "SQLITE_CORRUPT": "The journal {path} is damaged: keep it elsewhere as evidence; a new one is begun.",
    "SQLITE_IOERR": "The journal {path} cannot be read or written ({detail}): check the disk and its space.",
}

OS_SENTENCES = {
    errno.ENOSPC: SENTENCES["SQLITE_FULL"],
    errno.EDQUOT: "Your disk quota is used up, so the journal {path} cannot be written: free some space.",
    errno.EROFS: SENTENCES["SQLITE_READONLY"],
    errno.EACCES: SENTENCES["SQLITE_PERM"],
    errno.EPERM: SENTENCES["SQLITE_PERM"],
}


def unavailable(path: Path, error: Exception) -> JournalUnavailable:
    """The error to raise for one of sqlite3's or of the operating system's."""
    return JournalUnavailable(f"{_sentence(path, error)} {NOTHING_SENT}")


def _sentence(path: Path, error: Exception) -> str:
    template = "The journal {path} cannot be used: {detail}."
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        # Extended names carry their family in front: SQLITE_IOERR_WRITE, SQLITE_READONLY_DIRECTORY.
        template = SENTENCES.get("_".join(name.split("_")[:2]), template)
    elif isinstance(error, OSError):
        template = OS_SENTENCES.get(error.errno or 0, template)
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return template.format(path=path, detail=detail)
