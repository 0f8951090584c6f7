"""What the journal refuses is said in the language in force, on whichever screen it is said."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.team import open_team_journal
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.core.fakes import NOT_SENT, a_draft
from tests.marked import OPENS, marked_language, outside_marks
from tests.tui.console_driver import ORIGIN, open_console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.tui.console_driver import Backend, ConsoleDriver

NOBODYS_PORT = "postgresql://ann@127.0.0.1:1/team"


@pytest.fixture(autouse=True)
def marked() -> Iterator[None]:
    with marked_language():
        yield


def _execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


def newer(path: Path) -> None:
    _execute(path, "PRAGMA user_version = 7")


def foreign(path: Path) -> None:
    path.unlink()
    _execute(path, "CREATE TABLE bookmarks (url TEXT)")
    path.chmod(0o600)


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be read as one" * 20)


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))
    path.symlink_to(path.with_name("elsewhere.db"))


def open_to_all(path: Path) -> None:
    path.chmod(0o666)


def altered(path: Path) -> None:
    _execute(path, "DROP TRIGGER events_are_not_changed", "UPDATE events SET body = '{}' WHERE sequence = 2")


def sealed(path: Path) -> None:
    """Nothing can be written, by a rule of the database: permissions do not bind root."""
    _execute(path, "CREATE TRIGGER sealed BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'sealed'); END")


REFUSED: dict[Callable[[Path], None], str] = {
    newer: "was written by a newer ncpconsole",
    foreign: "is a database of another program",
    garbage: "is not a journal",
    linked: "is a symbolic link",
    open_to_all: "Other users can write to the journal",
}


def says(console: ConsoleDriver, begin: str, words: str) -> bool:
    """Whether these words are on screen as part of a message that begins so."""
    text = re.sub(r"\s+", " ", re.sub("[│┃▕▏▎▌█▊▁▔]", " ", console.text))
    return f"{OPENS}{begin}" in text and words in text


def used(journal: Journal) -> None:
    """Let one interrupt be on record."""
    journal.finish(journal.claim(a_draft()).id, NOT_SENT)


@pytest.mark.parametrize("damage", REFUSED, ids=lambda each: each.__name__)
async def test_a_journal_that_cannot_be_used(backend: Backend, damage: Callable[[Path], None]) -> None:
    used(backend.journal)
    backend.journal.close()
    damage(backend.journal_path)
    with pytest.raises(JournalUnavailable) as refused:
        Journal.open(backend.journal_path, ORIGIN)
    backend.journal = Journal.open_for_reading(backend.journal_path, ORIGIN, refused.value)
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        assert isinstance(console.app.screen, RefusalDialog)
        (reason,) = console.app.screen.reasons
        assert outside_marks(reason).strip() == ""
        assert REFUSED[damage] in reason
        assert says(console, "", "No interrupt is sent while the journal cannot be written")
        await console.press("escape")
        await console.press("h")
        await console.wait_for(lambda: says(console, "", REFUSED[damage][:20]))
    assert backend.sends == 0


async def test_a_journal_that_was_altered(backend: Backend) -> None:
    used(backend.journal)
    backend.journal.close()
    altered(backend.journal_path)
    backend.journal = Journal.open(backend.journal_path, ORIGIN)
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        assert console.is_on(ConfirmScreen)
        assert says(console, "The journal", f"was altered ({OPENS}event 2 was changed")
    assert backend.sends == 0


@pytest.mark.parametrize("why", ["locked", "sealed"])
async def test_a_journal_that_takes_no_claim(backend: Backend, why: str) -> None:
    used(backend.journal)
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        await console.write(row.name)
        await console.press("enter")
        await console.wait_for(lambda: console.focus == "send")
        with closing(sqlite3.connect(backend.journal_path, isolation_level=None)) as other:
            if why == "locked":
                other.execute("BEGIN EXCLUSIVE")
            else:
                sealed(backend.journal_path)
            await console.press("enter")
            await console.wait_for_screen(ResultScreen)
            words = {"locked": "is locked by another process", "sealed": "cannot be used: sealed"}[why]
            await console.wait_for(lambda: says(console, "The journal", words))
    assert backend.sends == 0


async def test_a_team_that_is_not_reached(backend: Backend) -> None:
    backend.journal.close()
    backend.journal = open_team_journal(backend.journal_path, NOBODYS_PORT, ORIGIN)
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        assert console.is_on(ConfirmScreen)
        words = f"cannot be used: {OPENS}it refuses the connection."
        await console.wait_for(lambda: says(console, "The team's journal", words))
    assert backend.sends == 0
