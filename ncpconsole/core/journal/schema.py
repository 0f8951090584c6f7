"""The journal's tables, and the opening of its database: create, take over from older consoles, or read alone."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from ncpconsole.core.journal.chain import (
    ChainError,
    Document,
    Event,
    Kind,
    canonical,
    gateway_key,
    guard_site,
    is_unresolved,
    replay,
    storable,
)
from ncpconsole.core.journal.files import refusal, unavailable
from ncpconsole.core.records import State
from ncpconsole.language import Sentence

SCHEMA = 2
APPLICATION_ID = 0x4E435043  # "NCPC": tells a journal from any other SQLite file
BUSY_MS = 2000

# Events are the truth and are only ever added. Intents are their projection, written in the same transaction:
# it answers questions fast. What holds a server is folded from the events themselves; the projection's unique
# index stands behind that.
# The server's number in a claim's canonical JSON, where no other text can hold that key unescaped. Not with
# json_extract, which older versions of SQLite take for unsafe in a schema.
_AFTER_KEY = """substr(body, instr(body, '"server_no":"') + 13)"""  # no message: SQL
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
            Sentence(
                "The file system of {path} does not carry a write-ahead log (SQLite says {mode}): "
                "put the journal on a local disk.",
                path=path,
                mode=mode,
            )
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
            raise refusal(
                Sentence(
                    "{path} is a database of another program: move it away, and a new journal is begun.", path=path
                )
            )
        if version > SCHEMA:
            raise refusal(
                Sentence(
                    "The journal {path} was written by a newer ncpconsole (schema {version}; this one knows {known}): "
                    "update ncpconsole.",
                    path=path,
                    version=version,
                    known=SCHEMA,
                )
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
