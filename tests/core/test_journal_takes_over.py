"""A journal of an earlier console is taken over: its events stay as they are, and its locks hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import ServerLocked
from ncpconsole.core.records import ResolvedAs, State
from tests.core.fakes import a_draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.journal.journal import Journal

OLD = Path(__file__).parents[1] / "data" / "journal_schema_1.sql"
HEAD = "aff03fabcdb3f0e5d9c833efe0da02ca9101b40005d9bff2784187e7ddb69996"


@pytest.fixture
def old_journal(journal_path: Path) -> Path:
    """Eight interrupts of version 0.1: 2 is resolved, 3 and twice 4 are unknown, 7 is orphaned."""
    journal_path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(journal_path)) as database:
        database.executescript(OLD.read_text("utf-8"))
    journal_path.chmod(0o600)
    return journal_path


def test_the_chain_is_kept_and_the_whole_verifies(old_journal: Path, open_journal: Callable[..., Journal]) -> None:
    journal = open_journal()
    assert journal.head() == HEAD
    checked = journal.verify(expect_head=HEAD)
    assert (checked.fault, checked.events) == (None, 23)
    assert open_journal().verify().fault is None


def test_its_records_are_all_there(old_journal: Path, open_journal: Callable[..., Journal]) -> None:
    found = {one.draft.server_no: one for one in open_journal().intents()}
    assert list(found) == ["7", "6", "5", "4", "3", "2", "1"]
    assert found["1"].observations[0].after == "NSTOP"
    assert found["2"].resolution is not None
    assert found["2"].resolution.resolved_as is ResolvedAs.NOT_RECEIVED
    assert found["2"].resolution.origin is None
    assert found["3"].sent is not None
    assert found["5"].sent is None
    assert found["7"].state is State.CLAIMED


def test_its_locks_hold_and_the_gateways_that_were_two_are_one(
    old_journal: Path, open_journal: Callable[..., Journal]
) -> None:
    journal = open_journal()
    assert [one.draft.server_no for one in journal.unresolved()] == ["4", "4", "3"]
    for number in ("3", "4"):
        with pytest.raises(ServerLocked, match="unknown outcome"):
            journal.claim(a_draft(number, gateway="https://elsewhere.test"))
    assert [one.draft.server_no for one in journal.recover()] == ["7"]
    assert journal.claim(a_draft("7")).is_open
    assert journal.verify().fault is None


def test_a_chain_that_was_broken_before_is_still_told_of(
    old_journal: Path, open_journal: Callable[..., Journal]
) -> None:
    with closing(sqlite3.connect(old_journal)) as database, database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("UPDATE events SET kind = 'nonsense' WHERE sequence = 2")
    assert "event 2 was changed" in (open_journal().verify().fault or "")
