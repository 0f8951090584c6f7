"""The journal's SQLite database: events are added, intents follow, one short transaction at a time."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.chain import (
    GENESIS,
    OF_NO_INTENT,
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
    loss_sentence,
    next_event,
    note_from,
    replay,
    storable,
)
from ncpconsole.core.journal.files import FileIdentity, database_files, file_identity, prepare, refusal, unavailable
from ncpconsole.core.journal.schema import CLAIMS_OF_A_SERVER, connect, connect_read_only, projected
from ncpconsole.core.journal.shared import check_shared
from ncpconsole.core.records import Intent, Note, Verification
from ncpconsole.language import Sentence, said

T = TypeVar("T")


class JournalDatabase:
    """Events and their projection in one file. Every call raises JournalUnavailable when the file fails.

    ``refused`` opens what can be read of a journal that cannot be used, and is what every write raises.
    ``is_shared``: a group shares it (see `shared`), and it is never created here.
    """

    def __init__(self, path: Path, refused: JournalUnavailable | None = None, *, is_shared: bool = False) -> None:
        self._path = path
        self._refused = refused
        self._identity: tuple[FileIdentity, ...] = ()
        self._seen: Event | None = None
        if refused:
            self._connection, self.is_readable = connect_read_only(path)
            return
        (check_shared if is_shared else prepare)(path)
        self._connection, self.is_readable = connect(path), True
        try:
            with self.reading():
                # Only now, as the first read opens the log.
                self._seen = self.last_event()
                self._identity = self._identities()
        except BaseException:
            self._connection.close()
            raise

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
        after = None if kind in OF_NO_INTENT else follow(document, event)
        self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(event))
        if after is not None:
            self._project(after)
        return after

    def fingerprints(self) -> set[tuple[str, str, str, str]]:
        """What each event says, but for its place in the chain; inside `writing`."""
        return {(event.time, event.intent, event.kind, event.body) for event in self._events()}

    def add_events(self, events: list[Event]) -> None:
        """Add the events of another journal behind those that are here; inside `writing`.

        Each gets a place in this chain. The intents are projected as they are in the end, since some were open once.
        """
        last = self.last_event()
        for event in events:
            body = json.loads(event.body)
            last = next_event(last, time=event.time, intent=event.intent, kind=Kind(event.kind), body=body)
            self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(last))
        intents = dict.fromkeys(event.intent for event in events if event.intent)
        for document in map(self.document, intents):
            if document is None:
                continue
            try:
                self._project(document)
            except sqlite3.IntegrityError as error:
                server = storable(document["draft"]["server_no"])
                raise refusal(
                    Sentence(
                        "Server {number} is held in both journals by an interrupt of unknown outcome: settle one of "
                        "them with 'ncpconsole resolve' first. Nothing was taken over.",
                        number=server,
                    )
                ) from error

    def _project(self, document: Document) -> None:
        # Not INSERT OR REPLACE: that would remove the intent that holds the server instead of failing.
        self._connection.execute(
            "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "is_open = excluded.is_open, is_locking = excluded.is_locking, document = excluded.document",
            projected(document),
        )

    def document(self, intent_id: str) -> Document | None:
        """One intent folded from its events, or None; SQLite cannot even be asked for text that is not Unicode."""
        if not intent_id.isascii():
            return None
        return self._folded("intent = ?", intent_id).get(intent_id)

    def events_of(self, intent_id: str) -> list[Event]:
        """What happened to one intent, in order; inside `reading`."""
        return self._events("intent = ?", intent_id)

    def documents_of_server(self, server_no: str) -> list[Document]:
        """The intents of this number behind any gateway, oldest first, folded from their events."""
        return list(self._folded(f"intent IN ({CLAIMS_OF_A_SERVER})", canonical(server_no)[1:-1]).values())

    def notes(self) -> list[Note]:
        """Every note, oldest first."""
        try:
            return [note_from(event) for event in check_hashes(self._events("intent = '' AND kind = ?", Kind.NOTED))]
        except ChainError as broken:
            raise self._altered(broken) from broken

    def open_intents(self) -> list[str]:
        """The ids of the intents that the projection has without an outcome, oldest first."""
        return [one["id"] for one in self._selected(json.loads, "WHERE is_open = 1 ORDER BY sequence", ())]

    def intents(
        self,
        *,
        gateway: str | None = None,
        sent_through: str | None = None,
        incident: str | None = None,
        limit: int | None = None,
    ) -> list[Intent]:
        """The intents of the projection that match all that is given, newest first (see `Journal.intents`)."""
        terms, values = _terms(gateway)
        if sent_through is not None:
            terms, values = [*terms, "gateway = ?"], [*values, gateway_key(sent_through)]
        if incident is not None:
            terms, values = [*terms, "incident = ?"], [*values, storable(incident)]
        where = f"WHERE {' AND '.join(terms)} " if terms else ""
        return self._intents(f"{where}ORDER BY sequence DESC LIMIT ?", *values, -1 if limit is None else limit)

    def unresolved(self, gateway: str | None = None) -> list[Intent]:
        """The intents of unknown outcome that nobody has resolved, newest first."""
        terms, values = _terms(gateway)
        where = " AND ".join(["is_locking = 1", "is_open = 0", *terms])
        return self._intents(f"WHERE {where} ORDER BY sequence DESC", *values)

    def _intents(self, tail: str, *values: str | int) -> list[Intent]:
        return self._selected(lambda text: intent_from(json.loads(text)), tail, values)

    def _selected(self, decode: Callable[[str], T], tail: str, values: tuple[str | int, ...]) -> list[T]:
        statement = f"SELECT document FROM intents {tail}"  # noqa: S608 - tails are constants of this file
        rows = self._connection.execute(statement, values).fetchall()
        try:
            return [decode(text) for (text,) in rows]
        except ValueError as error:
            raise refusal(
                Sentence(
                    "The journal {path} holds an unreadable record: run 'ncpconsole history --verify'.", path=self._path
                )
            ) from error

    def _events(self, where: str = "TRUE", *values: str) -> list[Event]:
        statement = f"SELECT * FROM events WHERE {where} ORDER BY sequence"  # noqa: S608 - constants
        return [Event(*row) for row in self._connection.execute(statement, values)]

    def _folded(self, where: str, *values: str) -> dict[str, Document]:
        """What the selected events, whole intents of them, amount to. The projection is not asked."""
        try:
            return replay(check_hashes(self._events(where, *values)))
        except ChainError as broken:
            raise self._altered(broken) from broken

    def last_event(self) -> Event | None:
        row = self._connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        return Event(*row) if row else None

    def hash_at(self, sequence: int) -> str:
        """The hash of one event; empty where there is none."""
        row = self._connection.execute("SELECT hash FROM events WHERE sequence = ?", (sequence,)).fetchone()
        return str(row[0]) if row else ""

    def foreign_version(self) -> int:
        """A number that changes when another connection wrote to the file; inside `reading`."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

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
            raise self._altered(broken) from broken

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
            return said(broken)
        heads = {GENESIS, *(event.hash for event in events)}
        if expect_head is not None and expect_head.strip().lower() not in heads:
            return Sentence("the expected head is not in the chain: the end was cut off, or it is another journal")
        stored = {row[0]: row for row in self._connection.execute("SELECT * FROM intents")}
        for intent_id, document in documents.items():
            row = stored.pop(storable(intent_id), None)
            if row is None:
                return Sentence("intent {id} is in the events but was removed from the intents", id=intent_id)
            if row != projected(document):
                return Sentence("intent {id} was changed: its row does not follow from its events", id=intent_id)
        if stored:
            return Sentence("intent {id} is in the intents but in no event", id=min(stored))
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
                Sentence(
                    "The journal {path} or its log was replaced while the console ran: start the console again.",
                    path=self._path,
                )
            )

    def _check_continuity(self) -> None:
        """An earlier copy that was written over the file, or a file that was emptied, lacks what was seen."""
        if self._seen and self.hash_at(self._seen.sequence) != self._seen.hash:
            raise refusal(
                Sentence(
                    "The journal {path} lost its event {number} while the console ran, as if an earlier copy had been "
                    "put back: start the console again.",
                    path=self._path,
                    number=self._seen.sequence,
                )
            )

    def _altered(self, broken: ChainError) -> JournalUnavailable:
        return refusal(
            Sentence(
                "The journal {path} was altered ({what}): run 'ncpconsole history --verify', keep the file as "
                "evidence, and find out what was sent.",
                path=self._path,
                what=said(broken),
            )
        )


def _terms(gateway: str | None) -> tuple[list[str], list[str | int]]:
    """Conditions on the projection for what the guard takes for the same site, and their values."""
    site = "" if gateway is None else guard_site(gateway)
    return (["site IN (?, '')"], [site]) if site else ([], [])


def foreign_events(path: Path) -> list[Event]:
    """Every event of a journal that is only looked at, also one of an older console.

    Raises JournalUnavailable, also where its chain is broken. A copy is read: whoever owns that journal has no say in
    what SQLite does here, and nothing is left beside it.
    """
    try:
        with TemporaryDirectory(prefix="ncpconsole-") as place:
            copy = Path(place) / "journal.db"
            for source, target in zip(database_files(path)[:2], database_files(copy)[:2], strict=True):
                if source == path or os.path.lexists(source):
                    with os.fdopen(os.open(source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                        target.write_bytes(file.read())
            with closing(sqlite3.connect(copy)) as connection:
                connection.execute("PRAGMA trusted_schema = OFF")
                events = [Event(*row) for row in connection.execute("SELECT * FROM events ORDER BY sequence")]
        replay(check_links(events))
    except ChainError as broken:
        altered = Sentence(
            "The journal {path} was altered ({what}), and is not taken over.", path=path, what=said(broken)
        )
        raise JournalUnavailable(altered) from broken
    except (OSError, sqlite3.Error) as error:
        raise unavailable(path, error) from error
    return events
