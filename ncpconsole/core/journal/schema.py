"""The journal's tables, and opening a file as that database and nothing else."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.trouble import NOTHING_SENT, unavailable

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
APPLICATION_ID = 0x4E435043  # "NCPC": tells a journal from any other SQLite file
BUSY_MS = 2000

# Events are the truth and are only ever added. Intents are their projection, written in the same transaction:
# it answers questions fast, and its unique index is what keeps two consoles from one server.
TABLES = """
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    intent TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    gateway TEXT NOT NULL,
    server_no TEXT NOT NULL,
    incident TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    is_locking INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_interrupt_per_server ON intents (gateway, server_no) WHERE is_locking = 1;
CREATE INDEX intents_of_a_server ON intents (gateway, server_no, sequence);
CREATE INDEX intents_of_an_incident ON intents (incident, sequence);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal's database, creating the tables in an empty file; raises JournalUnavailable.

    Write-ahead log with ``synchronous=FULL``: a commit that returned survives SIGKILL and power loss.
    """
    try:
        # The URI's mode=rw keeps SQLite from creating a file that `place.prepare` has not made private.
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise unavailable(path, error) from error
    try:
        _configure(database, path)
        _ensure_schema(database, path)
    except sqlite3.Error as error:
        database.close()
        raise unavailable(path, error) from error
    except JournalUnavailable:
        database.close()
        raise
    return database


def _configure(database: sqlite3.Connection, path: Path) -> None:
    database.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    database.execute("PRAGMA trusted_schema = OFF")
    _known_version(database, path)
    if (mode := _write_ahead(database)) != "wal":
        raise JournalUnavailable(
            f"The file system of {path} does not carry a write-ahead log (SQLite says {mode}): "
            f"put the journal on a local disk. {NOTHING_SENT}"
        )
    database.execute("PRAGMA synchronous = FULL")
    # macOS: without these, a flush stops at the drive's cache.
    database.execute("PRAGMA fullfsync = ON")
    database.execute("PRAGMA checkpoint_fullfsync = ON")


def _write_ahead(database: sqlite3.Connection) -> str:
    """Switch to WAL. While consoles start together on a fresh file SQLite may refuse without waiting."""
    give_up = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            return str(database.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _known_version(database: sqlite3.Connection, path: Path) -> int:
    """`_check_version` at one moment: between two looks another console may create the tables."""
    database.execute("BEGIN")
    version = _check_version(database, path)
    database.execute("COMMIT")
    return version


def _check_version(database: sqlite3.Connection, path: Path) -> int:
    """The file's schema, 0 for an empty one; raises JournalUnavailable for a foreign or newer one.

    Within a transaction, so that what it looks at belongs together.
    """
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    application = int(database.execute("PRAGMA application_id").fetchone()[0])
    has_tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
    if application != APPLICATION_ID and (has_tables or version or application):
        raise JournalUnavailable(
            f"{path} is a database of another program: move it away, and a new journal is begun. "
            f"{NOTHING_SENT}"
        )
    if version > SCHEMA:
        raise JournalUnavailable(
            f"The journal {path} was written by a newer ncpconsole (schema {version}; this one knows "
            f"{SCHEMA}): update ncpconsole. {NOTHING_SENT}"
        )
    return version


def _ensure_schema(database: sqlite3.Connection, path: Path) -> None:
    if _known_version(database, path) == SCHEMA:
        return
    database.execute("BEGIN IMMEDIATE")
    # Looked at again under the lock: another console may have created the tables meanwhile.
    if _check_version(database, path) == 0:
        for statement in _statements(TABLES):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {SCHEMA}")
    database.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """Split at complete statements, to run inside one transaction (``executescript`` would commit)."""
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found
