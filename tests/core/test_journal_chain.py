"""The chain finds what was edited, removed, swapped or cut off, and names the place."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.journal.chain import GENESIS, ChainError, Event, Kind, canonical, follow, next_event
from ncpconsole.core.records import Observation, ResolvedAs
from tests.core.fakes import ACCEPTED, NOT_SENT, START, UNKNOWN, a_draft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ncpconsole.core.journal.journal import Journal


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, opened by somebody who may write it and knows SQLite."""
    database = sqlite3.connect(path)
    database.execute("DROP TRIGGER IF EXISTS events_are_not_changed")
    database.execute("DROP TRIGGER IF EXISTS events_are_not_removed")
    with database:
        yield database
    database.close()


@pytest.fixture
def filled(journal: Journal) -> Journal:
    """Eleven events: an accepted one with a sighting, a resolved unknown one, one not sent, one open."""
    first = journal.claim(a_draft("1")).id
    journal.mark_sending(first)
    second = journal.claim(a_draft("2")).id
    journal.finish(first, ACCEPTED)
    journal.observe(first, Observation(START, "status", "RUN", "NSTOP"))
    journal.mark_sending(second)
    journal.finish(second, UNKNOWN)
    journal.resolve(second, ResolvedAs.ACCEPTED, "blue screen")
    third = journal.claim(a_draft("3")).id
    journal.finish(third, NOT_SENT)
    journal.claim(a_draft("4"))
    return journal


def test_a_whole_journal_verifies(filled: Journal) -> None:
    checked = filled.verify()
    assert (checked.events, checked.fault) == (11, None)
    assert checked.head == filled.head()
    assert filled.verify(expect_head=filled.head().upper() + "\n").fault is None


def test_an_empty_journal_verifies(journal: Journal) -> None:
    checked = journal.verify(expect_head=GENESIS)
    assert (checked.events, checked.head, checked.fault) == (0, GENESIS, None)


def test_an_earlier_head_stays_in_the_chain(filled: Journal) -> None:
    head = filled.head()
    filled.claim(a_draft("5"))
    assert filled.head() != head
    assert filled.verify(expect_head=head).fault is None


EDITS = {
    "body": "UPDATE events SET body = replace(body, 'hangs', 'asked') WHERE sequence = 3",
    "time": "UPDATE events SET time = '2020-01-01T00:00:00.000000+00:00' WHERE sequence = 3",
    "kind": "UPDATE events SET kind = 'observed' WHERE sequence = 3",
    "intent": "UPDATE events SET intent = (SELECT intent FROM events WHERE sequence = 1) WHERE sequence = 3",
    "previous": f"UPDATE events SET previous = '{GENESIS}' WHERE sequence = 3",
    "hash": f"UPDATE events SET hash = '{GENESIS}' WHERE sequence = 3",
}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS)
def test_an_edited_row_is_found(filled: Journal, journal_path: Path, statement: str) -> None:
    with tampering(journal_path) as database:
        assert database.execute(statement).rowcount == 1
    assert filled.verify().fault == "event 3 was changed: its content does not match its hash"


@pytest.mark.parametrize("sequence", range(1, 11))
def test_a_deleted_row_is_found(filled: Journal, journal_path: Path, sequence: int) -> None:
    with tampering(journal_path) as database:
        database.execute("DELETE FROM events WHERE sequence = ?", (sequence,))
    assert filled.verify().fault == f"event {sequence} is missing; the next one present is {sequence + 1}"


def test_a_deleted_row_is_found_when_the_gap_was_closed(filled: Journal, journal_path: Path) -> None:
    with tampering(journal_path) as database:
        database.execute("DELETE FROM events WHERE sequence = 5")
        for sequence in range(6, 12):
            database.execute("UPDATE events SET sequence = ? WHERE sequence = ?", (sequence - 1, sequence))
    assert filled.verify().fault == "event 5 was changed: its content does not match its hash"


@pytest.mark.parametrize("first", range(1, 11))
def test_a_swapped_pair_is_found(filled: Journal, journal_path: Path, first: int) -> None:
    with tampering(journal_path) as database:
        for was, becomes in ((first, -1), (first + 1, first), (-1, first + 1)):
            database.execute("UPDATE events SET sequence = ? WHERE sequence = ?", (becomes, was))
    assert filled.verify().fault == f"event {first} was changed: its content does not match its hash"


def test_a_rehashed_row_is_found_by_the_next_link(filled: Journal, journal_path: Path) -> None:
    with tampering(journal_path) as database:
        row = database.execute("SELECT * FROM events WHERE sequence = 3").fetchone()
        forged = Event(row[0], row[1], row[2], row[3], row[4].replace("hangs", "asked"), row[5], "")
        database.execute(
            "UPDATE events SET body = ?, hash = ? WHERE sequence = 3", (forged.body, forged.computed_hash())
        )
    assert filled.verify().fault == "event 4 does not continue event 3"


def test_a_forged_event_at_the_end_must_still_make_sense(filled: Journal, journal_path: Path) -> None:
    """Somebody who recomputes hashes still cannot add a step that does not follow."""
    with tampering(journal_path) as database:
        last = Event(*database.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone())
        first = database.execute("SELECT intent FROM events WHERE sequence = 1").fetchone()[0]
        forged = next_event(last, time=last.time, intent=first, kind=Kind.SENDING, body={})
        database.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (forged.sequence, forged.time, forged.intent, forged.kind, forged.body, forged.previous, forged.hash),
        )
    assert "event 12 (sending) cannot follow" in (filled.verify().fault or "")


PROJECTION_EDITS = {
    "outcome": (
        'UPDATE intents SET document = replace(document, \'"outcome":"accepted"\', \'"outcome":"rejected"\') '
        "WHERE server_no = '1'",
        "was changed: its row does not follow from its events",
    ),
    "lock": ("UPDATE intents SET is_locking = 0 WHERE server_no = '4'", "does not follow from its events"),
    "number": ("UPDATE intents SET server_no = '9' WHERE server_no = '4'", "does not follow from its events"),
    "removed": ("DELETE FROM intents WHERE server_no = '4'", "was removed from the intents"),
    "added": (
        "INSERT INTO intents SELECT 'X', 99, gateway, '99', incident, 0, 0, document, site FROM intents LIMIT 1",
        "intent X is in the intents but in no event",
    ),
}


@pytest.mark.parametrize(("statement", "fault"), PROJECTION_EDITS.values(), ids=PROJECTION_EDITS)
def test_an_edited_projection_is_found(filled: Journal, journal_path: Path, statement: str, fault: str) -> None:
    with tampering(journal_path) as database:
        assert database.execute(statement).rowcount == 1
    assert fault in (filled.verify().fault or "")


def test_a_cut_tail_is_found_by_the_projection(filled: Journal, journal_path: Path) -> None:
    with tampering(journal_path) as database:
        database.execute("DELETE FROM events WHERE sequence > 8")
    assert "in no event" in (filled.verify().fault or "")


def test_a_cut_tail_is_found_by_a_head_noted_earlier(filled: Journal, journal_path: Path) -> None:
    head = filled.head()
    with tampering(journal_path) as database:
        database.execute("DELETE FROM events WHERE sequence > 8")
        database.execute("DELETE FROM intents WHERE sequence > 8")
    assert filled.verify().fault is None
    assert "expected head is not in the chain" in (filled.verify(expect_head=head).fault or "")


def test_an_emptied_journal_is_found_by_a_head_noted_earlier(filled: Journal, journal_path: Path) -> None:
    head = filled.head()
    with tampering(journal_path) as database:
        database.execute("DELETE FROM events")
        database.execute("DELETE FROM intents")
    assert filled.verify(expect_head=head).fault is not None


@pytest.mark.parametrize("statement", ["UPDATE events SET body = '{}'", "DELETE FROM events"])
def test_events_cannot_be_changed_by_accident(filled: Journal, journal_path: Path, statement: str) -> None:
    database = sqlite3.connect(journal_path)
    with pytest.raises(sqlite3.IntegrityError, match="events are only added"):
        database.execute(statement)
    database.close()


def test_the_index_alone_keeps_a_second_intent_from_a_server(filled: Journal, journal_path: Path) -> None:
    with tampering(journal_path) as database, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        database.execute(
            "INSERT INTO intents SELECT 'X', 99, gateway, server_no, incident, 1, 1, document, site "
            "FROM intents WHERE server_no = '4'"
        )


def test_reading_a_damaged_document_says_what_to_do(filled: Journal, journal_path: Path) -> None:
    from ncpconsole.core.errors import JournalUnavailable

    with tampering(journal_path) as database:
        database.execute("UPDATE intents SET document = '{' WHERE server_no = '1'")
    with pytest.raises(JournalUnavailable, match="history --verify"):
        filled.intents()


@pytest.mark.parametrize("value", [{"b": 1, "a": [None, True]}, "한글", "\ud800", {"x": "\x1b\u202e\x00"}, 2**70, -0.5])
def test_canonical_text_is_one_per_value_and_ascii(value: object) -> None:
    import json

    text = canonical(value)
    assert text.isascii()
    assert canonical(json.loads(text)) == text


def test_an_intent_cannot_begin_in_the_middle() -> None:
    event = next_event(None, time="t", intent="x", kind=Kind.SENDING, body={})
    with pytest.raises(ChainError, match="never claimed"):
        follow(None, event)
