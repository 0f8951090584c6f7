"""The journal's database, worked one short transaction at a time: events are added, intents follow."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal import files as place
from ncpconsole.core.journal.chain import (
    GENESIS,
    ChainError,
    Document,
    Event,
    Kind,
    canonical,
    check_links,
    column,
    follow,
    guard_key,
    is_unresolved,
    next_event,
    replay,
)
from ncpconsole.core.journal.files import NOTHING_SENT, unavailable
from ncpconsole.core.journal.records import State, Verification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


Row = tuple[str | int, ...]


class Database:
    """Events and their projection in one file. Every call raises JournalUnavailable when the file fails."""

    def __init__(self, path: Path) -> None:
        place.prepare(path)
        self._path = path
        self._database = connect(path)
        try:
            self._identity = place.identity(path)
        except OSError as error:
            self._database.close()
            raise unavailable(path, error) from error

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, on disk when the block ends; undone when the block raises."""
        with self._reporting():
            self._check_still_there()
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view, whatever other consoles write meanwhile."""
        with self._reporting():
            self._database.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def append(self, intent_id: str, kind: Kind, body: Any, document: Document | None, time: str) -> None:
        """Add one event to the chain and bring its intent's row up to date; inside `writing`.

        ``document`` is the intent as it is now, None before its claim; ``time`` is UTC as text.
        """
        event = next_event(self.last_event(), time=time, intent=intent_id, kind=kind, body=body)
        row = projected(follow(document, event))
        self._database.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (event.sequence, event.time, event.intent, event.kind, event.body, event.previous, event.hash),
        )
        # Not INSERT OR REPLACE: that would remove the intent that holds the server instead of failing.
        self._database.execute(
            "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "is_open = excluded.is_open, is_locking = excluded.is_locking, document = excluded.document",
            row,
        )

    def document(self, intent_id: str) -> Document | None:
        """One intent's document, or None."""
        return next(self.documents("WHERE id = ?", column(intent_id)), None)

    def documents(self, tail: str, *values: str | int) -> Iterator[Document]:
        """The documents that a tail of SQL selects, in its order."""
        statement = f"SELECT document FROM intents {tail}"  # noqa: S608 - tails are constants of this package
        for (text,) in self._database.execute(statement, values).fetchall():
            yield self._decoded(text)

    def last_event(self) -> Event | None:
        """The event at the chain's head."""
        row = self._database.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        return Event(*row) if row else None

    def verification(self, expect_head: str | None) -> Verification:
        """Check the chain and the projection; inside `reading`."""
        count = int(self._database.execute("SELECT count(*) FROM events").fetchone()[0])
        last = self.last_event()
        return Verification(events=count, head=last.hash if last else GENESIS, fault=self._fault(expect_head))

    def _fault(self, expect_head: str | None) -> str | None:
        events = [Event(*row) for row in self._database.execute("SELECT * FROM events ORDER BY sequence")]
        try:
            documents = replay(check_links(events))
        except ChainError as broken:
            return str(broken)
        heads = {GENESIS, *(event.hash for event in events)}
        if expect_head is not None and expect_head.strip().lower() not in heads:
            return "the expected head is not in the chain: the end was cut off, or it is another journal"
        return self._projection_fault(documents)

    def _projection_fault(self, documents: dict[str, Document]) -> str | None:
        """The first row of the projection that does not follow from the events."""
        stored = {row[0]: row for row in self._database.execute("SELECT * FROM intents")}
        for intent_id, document in documents.items():
            row = stored.pop(column(intent_id), None)
            if row is None:
                return f"intent {intent_id} is in the events but was removed from the intents"
            if row != projected(document):
                return f"intent {intent_id} was changed: its row does not follow from its events"
        if stored:
            return f"intent {min(stored)} is in the intents but in no event"
        return None

    def _roll_back(self) -> None:
        # After some errors SQLite has rolled back by itself.
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise unavailable(self._path, error) from error

    def _check_still_there(self) -> None:
        """SQLite goes on writing to a file that was removed or replaced; nobody would ever read that."""
        try:
            same = place.identity(self._path) == self._identity
        except OSError as error:
            raise unavailable(self._path, error) from error
        if not same:
            raise JournalUnavailable(
                f"The journal {self._path} was replaced while the console ran: start the console again. "
                f"{NOTHING_SENT}"
            )

    def _decoded(self, text: str) -> Document:
        try:
            document: Document = json.loads(text)
        except ValueError as error:
            raise JournalUnavailable(
                f"The journal {self._path} holds an unreadable record: run 'ncpconsole history --verify'. "
                f"{NOTHING_SENT}"
            ) from error
        return document


def projected(document: Document) -> Row:
    """An intent as its row; the columns beside the document are for finding it."""
    draft = document["draft"]
    is_open = document["state"] != State.DONE
    return (
        column(document["id"]),
        document["sequence"],
        guard_key(draft["gateway"]),
        column(draft["server_no"]),
        column(draft["incident"]),
        int(is_open),
        int(is_open or is_unresolved(document)),
        canonical(document),
    )


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
