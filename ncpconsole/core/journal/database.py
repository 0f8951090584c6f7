"""The journal's SQLite database: events are added, intents follow, one short transaction at a time."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any, TypeVar

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.chain import (
    GENESIS,
    ChainError,
    Document,
    Event,
    Kind,
    canonical,
    check_hashes,
    check_links,
    follow,
    gateway_key,
    guard_site,
    intent_from,
    is_unresolved,
    loss_sentence,
    next_event,
    replay,
    storable,
)
from ncpconsole.core.journal.files import FileIdentity, database_files, file_identity, prepare, refusal, unavailable
from ncpconsole.core.records import Intent, State, Verification

T = TypeVar("T")


class JournalDatabase:
    """Events and their projection in one file. Every call raises JournalUnavailable when the file fails.

    ``refused`` opens what can be read of a journal that cannot be used, and is what every write raises.
    """

    def __init__(self, path: Path, refused: JournalUnavailable | None = None) -> None:
        self._path = path
        self._refused = refused
        self._identity: tuple[FileIdentity, ...] = ()
        self._seen: Event | None = None
        if refused:
            self._connection, self.is_readable = connect_read_only(path)
            return
        prepare(path)
        self._connection, self.is_readable = connect(path), True
        with self.reading():
            # Only now, as the first read opens the log.
            self._seen = self.last_event()
            self._identity = self._identities()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, on disk when the block ends; undone when the block raises."""
        if self._refused:
            raise self._refused
        self._check_still_there()
        with self._transaction("BEGIN IMMEDIATE"):
            self._check_continuity()
            yield
            last = self.last_event()
        self._seen = last

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view, whatever other consoles write meanwhile."""
        with self._transaction("BEGIN"):
            yield

    def append(self, intent_id: str, kind: Kind, body: Any, document: Document | None, time: str) -> Document | None:
        """Add one event to the chain and bring its intent's row up to date; inside `writing`.

        ``document`` is the intent as it is now, None before its claim; ``time`` is UTC as text. Gives the
        intent as it is then.
        """
        event = next_event(self.last_event(), time=time, intent=intent_id, kind=kind, body=body)
        after = None if kind is Kind.LOSS_ACCEPTED else follow(document, event)
        self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(event))
        if after is not None:
            self._project(after)
        return after

    def _project(self, document: Document) -> None:
        # Not INSERT OR REPLACE: that would remove the intent that holds the server instead of failing.
        self._connection.execute(
            "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "is_open = excluded.is_open, is_locking = excluded.is_locking, document = excluded.document",
            projected(document),
        )

    def document(self, intent_id: str) -> Document | None:
        """One intent folded from its events, or None."""
        return self._folded("intent = ?", intent_id).get(intent_id)

    def documents_of_server(self, server_no: str) -> list[Document]:
        """The intents of this number behind any gateway, oldest first, folded from their events."""
        return list(self._folded(f"intent IN ({CLAIMS_OF_A_SERVER})", canonical(server_no)[1:-1]).values())

    def documents(self, tail: str, *values: str | int) -> list[Document]:
        """The documents that a tail of SQL selects from the projection, in its order."""
        return self._selected(json.loads, tail, values)

    def intents(self, tail: str, *values: str | int) -> list[Intent]:
        """The intents that a tail of SQL selects from the projection, in its order."""
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

    def _events(self, where: str = "TRUE", *values: str) -> list[Event]:
        statement = f"SELECT * FROM events WHERE {where} ORDER BY sequence"  # noqa: S608 - constants
        return [Event(*row) for row in self._connection.execute(statement, values)]

    def _folded(self, where: str, *values: str) -> dict[str, Document]:
        """What the selected events, whole intents of them, amount to. The projection is not asked."""
        try:
            return replay(check_hashes(self._events(where, *values)))
        except ChainError as broken:
            raise self._altered(str(broken)) from broken

    def last_event(self) -> Event | None:
        row = self._connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        return Event(*row) if row else None

    def hash_at(self, sequence: int) -> str:
        """The hash of one event; empty where there is none."""
        row = self._connection.execute("SELECT hash FROM events WHERE sequence = ?", (sequence,)).fetchone()
        return str(row[0]) if row else ""

    def check_chain(self) -> None:
        """Raise JournalUnavailable unless every event has its hash and continues the one before."""
        self._check_links(self._events())

    def check_last_link(self) -> None:
        """The same for the last event alone."""
        last = self._events("sequence > (SELECT max(sequence) FROM events) - 2")
        self._check_links(last, last[0].sequence if len(last) > 1 else 1)

    def _check_links(self, events: list[Event], first: int = 1) -> None:
        try:
            deque(check_links(events, first), maxlen=0)
        except ChainError as broken:
            raise self._altered(str(broken)) from broken

    def verification(self, expect_head: str | None) -> Verification:
        """Check the chain and the projection; inside `reading`."""
        events = self._events()
        head = events[-1].hash if events else GENESIS
        losses = tuple(loss_sentence(event) for event in events if event.kind == Kind.LOSS_ACCEPTED)
        return Verification(len(events), head, self._fault(events, expect_head), losses)

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

    def _identities(self) -> tuple[FileIdentity, ...]:
        try:
            return tuple(file_identity(file) for file in database_files(self._path))
        except OSError as error:
            raise unavailable(self._path, error) from error

    def _check_still_there(self) -> None:
        """SQLite goes on writing to files that were removed or replaced; nobody would ever read that."""
        if self._identities() != self._identity:
            raise refusal(
                f"The journal {self._path} or its log was replaced while the console ran: start the console again."
            )

    def _check_continuity(self) -> None:
        """An earlier copy that was written over the file, or a file that was emptied, lacks what was seen."""
        if self._seen and self.hash_at(self._seen.sequence) != self._seen.hash:
            raise refusal(
                f"The journal {self._path} lost its event {self._seen.sequence} while the console ran, as if "
                "an earlier copy had been put back: start the console again."
            )

    def _altered(self, what: str) -> JournalUnavailable:
        return refusal(
            f"The journal {self._path} was altered ({what}): run 'ncpconsole history --verify', keep the "
            "file as evidence, and find out what was sent."
        )


def projected(document: Document) -> tuple[str | int, ...]:
    """An intent as its row; the columns beside the document are for finding it."""
    draft = document["draft"]
    is_open = document["state"] != State.DONE
    return (
        storable(document["id"]),
        document["sequence"],
        gateway_key(draft["gateway"]),
        storable(draft["server_no"]),
        storable(draft["incident"]),
        int(is_open),
        int(is_open or is_unresolved(document)),
        canonical(document),
        guard_site(draft["gateway"]),
    )


SCHEMA = 2
APPLICATION_ID = 0x4E435043  # "NCPC": tells a journal from any other SQLite file
BUSY_MS = 2000

# Events are the truth and are only ever added. Intents are their projection, written in the same transaction:
# it answers questions fast. What holds a server is folded from the events themselves; the projection's unique
# index stands behind that.
# The server's number in a claim's canonical JSON, where no other text can hold that key unescaped. Not with
# json_extract, which older versions of SQLite take for unsafe in a schema.
_AFTER_KEY = """substr(body, instr(body, '"server_no":"') + 13)"""
SERVER_NO = f"""substr({_AFTER_KEY}, 1, instr({_AFTER_KEY}, '"') - 1)"""
CLAIMS_OF_A_SERVER = f"SELECT intent FROM events WHERE kind = '{Kind.CLAIMED}' AND {SERVER_NO} = ?"  # noqa: S608
EVENT_INDEXES = (
    f"CREATE INDEX claims_of_a_server ON events ({SERVER_NO}) WHERE kind = '{Kind.CLAIMED}'",
    "CREATE INDEX events_of_an_intent ON events (intent, sequence)",
)
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
    document TEXT NOT NULL,
    site TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
    "CREATE UNIQUE INDEX one_interrupt_per_server ON intents (gateway, server_no) WHERE is_locking = 1",
    "CREATE INDEX intents_of_an_incident ON intents (incident, sequence)",
    *EVENT_INDEXES,
)
# Schema 1 had no site, and no index on events: what held a server was read from the projection.
FROM_SCHEMA_1 = (
    "DROP INDEX intents_of_a_server",
    "ALTER TABLE intents ADD COLUMN site TEXT NOT NULL DEFAULT ''",
    *EVENT_INDEXES,
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


def connect_read_only(path: Path) -> tuple[sqlite3.Connection, bool]:
    """What can be read of a journal that cannot be written or locked, and whether that is anything.

    Where not even reading works, an empty journal in memory stands for it.
    """
    # The second way takes no lock and reads no log: better than nothing where there are no locks.
    for how in ("mode=ro", "immutable=1"):
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
            try:
                connection.execute("SELECT count(*) FROM events")
                if connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,):
                    return connection, True
            except sqlite3.Error:
                connection.close()
                raise
            connection.close()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in TABLES:
        connection.execute(statement)
    return connection, False


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


def _schema_version(connection: sqlite3.Connection, path: Path, *, update: bool = False) -> int:
    """The file's schema, 0 for an empty one; raises JournalUnavailable for a foreign or newer one.

    In one transaction, as another console may create the tables meanwhile. ``update`` creates them, or takes
    an older journal over: its events, and so its chain, stay as they are.
    """
    with connection:
        connection.execute("BEGIN IMMEDIATE" if update else "BEGIN")
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
        if update and version < SCHEMA:
            for statement in FROM_SCHEMA_1 if version else TABLES:
                connection.execute(statement)
            if version:
                _take_over(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    return version


def _take_over(connection: sqlite3.Connection) -> None:
    """Draw the projection anew, but for intents whose events are broken: verifying tells of those."""
    for (intent_id,) in connection.execute("SELECT DISTINCT intent FROM events").fetchall():
        rows = connection.execute("SELECT * FROM events WHERE intent = ? ORDER BY sequence", (intent_id,))
        with suppress(ChainError):
            document = replay(Event(*row) for row in rows.fetchall())[intent_id]
            row = projected(document)
            connection.execute("UPDATE intents SET document = ?, site = ? WHERE id = ?", (row[7], row[8], row[0]))


def _ensure_schema(connection: sqlite3.Connection, path: Path) -> None:
    if _schema_version(connection, path) < SCHEMA:
        _schema_version(connection, path, update=True)
