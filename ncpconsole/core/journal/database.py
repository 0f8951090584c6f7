"""The journal's SQLite database: events are added, intents follow, one short transaction at a time."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any, TypeVar

from ncpconsole.core.journal.chain import (
    GENESIS,
    ChainError,
    Document,
    Event,
    Kind,
    canonical,
    check_links,
    follow,
    guard_key,
    intent_from,
    is_unresolved,
    next_event,
    replay,
    storable,
)
from ncpconsole.core.journal.files import file_identity, prepare, refusal, unavailable
from ncpconsole.core.records import Intent, State, Verification

T = TypeVar("T")


class JournalDatabase:
    """Events and their projection in one file. Every call raises JournalUnavailable when the file fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = prepare(path)
        self._connection = connect(path)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, on disk when the block ends; undone when the block raises."""
        self._check_still_there()
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view, whatever other consoles write meanwhile."""
        with self._transaction("BEGIN"):
            yield

    def append(self, intent_id: str, kind: Kind, body: Any, document: Document | None, time: str) -> None:
        """Add one event to the chain and bring its intent's row up to date; inside `writing`.

        ``document`` is the intent as it is now, None before its claim; ``time`` is UTC as text.
        """
        event = next_event(self.last_event(), time=time, intent=intent_id, kind=kind, body=body)
        row = projected(follow(document, event))
        self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(event))
        # Not INSERT OR REPLACE: that would remove the intent that holds the server instead of failing.
        self._connection.execute(
            "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "is_open = excluded.is_open, is_locking = excluded.is_locking, document = excluded.document",
            row,
        )

    def document(self, intent_id: str) -> Document | None:
        """One intent's document, or None."""
        return next(iter(self.documents("WHERE id = ?", storable(intent_id))), None)

    def documents(self, tail: str, *values: str | int) -> list[Document]:
        """The documents that a tail of SQL selects, in its order."""
        return self._selected(json.loads, tail, values)

    def intents(self, tail: str, *values: str | int) -> list[Intent]:
        """The intents that a tail of SQL selects, in its order."""
        return self._selected(lambda text: intent_from(json.loads(text)), tail, values)

    def _selected(self, decode: Callable[[str], T], tail: str, values: tuple[str | int, ...]) -> list[T]:
        statement = f"SELECT document FROM intents {tail}"  # noqa: S608 - tails are constants of this package
        rows = self._connection.execute(statement, values).fetchall()
        try:
            return [decode(text) for (text,) in rows]
        except ValueError as error:
            raise refusal(
                f"The journal {self._path} holds an unreadable record: run 'ncpconsole history --verify'."
            ) from error

    def last_event(self) -> Event | None:
        row = self._connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        return Event(*row) if row else None

    def verification(self, expect_head: str | None) -> Verification:
        """Check the chain and the projection; inside `reading`."""
        events = [Event(*row) for row in self._connection.execute("SELECT * FROM events ORDER BY sequence")]
        head = events[-1].hash if events else GENESIS
        return Verification(events=len(events), head=head, fault=self._fault(events, expect_head))

    def _fault(self, events: list[Event], expect_head: str | None) -> str | None:
        try:
            documents = replay(check_links(events))
        except ChainError as broken:
            return str(broken)
        heads = {GENESIS, *(event.hash for event in events)}
        if expect_head is not None and expect_head.strip().lower() not in heads:
            return "the expected head is not in the chain: the end was cut off, or it is another journal"
        stored = {row[0]: row for row in self._connection.execute("SELECT * FROM intents")}
        for intent_id, document in documents.items():
            row = stored.pop(storable(intent_id), None)
            if row is None:
                return f"intent {intent_id} is in the events but was removed from the intents"
            if row != projected(document):
                return f"intent {intent_id} was changed: its row does not follow from its events"
        if stored:
            return f"intent {min(stored)} is in the intents but in no event"
        return None

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        try:
            with self._connection:
                self._connection.execute(begin)
                yield
        except sqlite3.Error as error:
            raise unavailable(self._path, error) from error

    def _check_still_there(self) -> None:
        """SQLite goes on writing to a file that was removed or replaced; nobody would ever read that."""
        try:
            same = file_identity(self._path) == self._identity
        except OSError as error:
            raise unavailable(self._path, error) from error
        if not same:
            raise refusal(f"The journal {self._path} was replaced while the console ran: start the console again.")


def projected(document: Document) -> tuple[str | int, ...]:
    """An intent as its row; the columns beside the document are for finding it."""
    draft = document["draft"]
    is_open = document["state"] != State.DONE
    return (
        storable(document["id"]),
        document["sequence"],
        guard_key(draft["gateway"]),
        storable(draft["server_no"]),
        storable(draft["incident"]),
        int(is_open),
        int(is_open or is_unresolved(document)),
        canonical(document),
    )


SCHEMA = 1
APPLICATION_ID = 0x4E435043  # "NCPC": tells a journal from any other SQLite file
BUSY_MS = 2000

# Events are the truth and are only ever added. Intents are their projection, written in the same transaction:
# it answers questions fast, and its unique index is what keeps two consoles from one server.
TABLES = (
    """
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    intent TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT""",
    """
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END""",
    """
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END""",
    """
CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    gateway TEXT NOT NULL,
    server_no TEXT NOT NULL,
    incident TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    is_locking INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
    "CREATE UNIQUE INDEX one_interrupt_per_server ON intents (gateway, server_no) WHERE is_locking = 1",
    "CREATE INDEX intents_of_a_server ON intents (gateway, server_no, sequence)",
    "CREATE INDEX intents_of_an_incident ON intents (incident, sequence)",
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal's database, creating the tables in an empty file; raises JournalUnavailable.

    Write-ahead log with ``synchronous=FULL``: a commit that returned survives SIGKILL and power loss.
    """
    try:
        # The URI's mode=rw keeps SQLite from creating a file that `prepare` has not made private.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        try:
            _configure(connection, path)
            _ensure_schema(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise unavailable(path, error) from error
    return connection


def _configure(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA trusted_schema = OFF")
    _schema_version(connection, path)
    if (mode := _write_ahead(connection)) != "wal":
        raise refusal(
            f"The file system of {path} does not carry a write-ahead log (SQLite says {mode}): "
            f"put the journal on a local disk."
        )
    connection.execute("PRAGMA synchronous = FULL")
    # macOS: without these, a flush stops at the drive's cache.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Switch to WAL. While consoles start together on a fresh file SQLite may refuse without waiting."""
    give_up = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _schema_version(connection: sqlite3.Connection, path: Path, *, create: bool = False) -> int:
    """The file's schema, 0 for an empty one; raises JournalUnavailable for a foreign or newer one.

    In one transaction, as another console may create the tables meanwhile. ``create`` makes them.
    """
    with connection:
        connection.execute("BEGIN IMMEDIATE" if create else "BEGIN")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
        if application != APPLICATION_ID and (has_tables or version or application):
            raise refusal(f"{path} is a database of another program: move it away, and a new journal is begun.")
        if version > SCHEMA:
            raise refusal(
                f"The journal {path} was written by a newer ncpconsole (schema {version}; this one knows "
                f"{SCHEMA}): update ncpconsole."
            )
        if create and version == 0:
            for statement in TABLES:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    return version


def _ensure_schema(connection: sqlite3.Connection, path: Path) -> None:
    if _schema_version(connection, path) < SCHEMA:
        _schema_version(connection, path, create=True)
