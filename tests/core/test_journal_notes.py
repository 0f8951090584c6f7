"""Notes in the record: in the chain, beside the interrupts, and without a say in what may be sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import InvalidNote, JournalUnavailable, ServerLocked
from ncpconsole.core.journal.journal import NOTE_CHARACTERS, Journal
from ncpconsole.core.records import Note, Subject
from tests.core.fakes import ALICE, GATEWAY, START, UNKNOWN, Clock, a_draft

if TYPE_CHECKING:
    from pathlib import Path

Open = Callable[..., Journal]
WEB = Subject(gateway=GATEWAY, server_no="300", server_name="web-1")


def test_notes_are_kept_newest_first_for_every_console(journal: Journal, open_journal: Open, clock: Clock) -> None:
    first = journal.add_note(" RDP answers again 17:04\n", WEB)
    clock.move(60)
    second = journal.add_note("멈춤 \x1b[31m \ud800", Subject(incident="INC-7"))
    assert first == Note(START, "RDP answers again 17:04", ALICE, WEB)
    assert open_journal().notes() == [second, first]


def test_a_note_is_an_event_of_the_chain(journal: Journal, open_journal: Open) -> None:
    journal.claim(a_draft())
    before = journal.head()
    journal.add_note("RDP answers", WEB)
    checked = open_journal().verify(before)
    assert (checked.events, checked.fault) == (2, None)
    assert checked.head not in (before, "")


def test_an_altered_note_is_found(journal: Journal, journal_path: Path) -> None:
    journal.add_note("RDP answers", WEB)
    with sqlite3.connect(journal_path) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("UPDATE events SET body = replace(body, 'answers', 'is dead')")
    assert "was changed" in (journal.verify().fault or "")
    with pytest.raises(JournalUnavailable, match="was altered"):
        journal.notes()


def test_a_note_neither_locks_nor_unlocks(journal: Journal) -> None:
    journal.add_note("looked at it", WEB)
    intent_id = journal.claim(a_draft()).id
    journal.mark_sending(intent_id)
    journal.add_note("still no answer", WEB)
    unknown = journal.finish(intent_id, UNKNOWN)
    journal.add_note("it was not received, I think", Subject(record=intent_id))
    assert journal.intent(intent_id) == unknown
    assert journal.unresolved() == [unknown]
    with pytest.raises(ServerLocked):
        journal.claim(a_draft())


@pytest.mark.parametrize(
    ("text", "about", "why"),
    [
        (" \n", WEB, "is empty"),
        ("x" * (NOTE_CHARACTERS + 1), WEB, "501 characters; 500"),
        ("seen", Subject(gateway=GATEWAY, server_name="web-1"), "name one"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused(journal: Journal, text: str, about: Subject, why: str) -> None:
    with pytest.raises(InvalidNote, match=why):
        journal.add_note(text, about)
    assert journal.verify().events == 0


def test_a_note_at_its_longest_is_kept(journal: Journal) -> None:
    journal.add_note("가" * NOTE_CHARACTERS, WEB)
    assert [len(note.text) for note in journal.notes()] == [NOTE_CHARACTERS]
