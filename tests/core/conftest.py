"""A journal on disk, and consoles that work with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.journal.journal import Journal
from tests.core.fakes import ALICE, Clock, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    """Where a journal may be; neither it nor its directory exists yet."""
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def open_journal(journal_path: Path, clock: Clock) -> Iterator[Callable[..., Journal]]:
    """Opens the journal, as often as wanted; each is one console. All are closed in the end."""
    opened: list[Journal] = []

    def open_one(**changes: Any) -> Journal:
        journal = Journal.open(**{"path": journal_path, "origin": ALICE, "clock": clock, **changes})
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(open_journal: Callable[..., Journal]) -> Journal:
    """One open journal."""
    return open_journal()


@pytest.fixture
def new_desk(journal_path: Path, clock: Clock) -> Iterator[Callable[..., Desk]]:
    """Opens consoles on one journal, each with a gateway of its own unless given one."""
    desks: list[Desk] = []

    def open_one(**changes: Any) -> Desk:
        desk = Desk(**{"path": journal_path, "clock": clock, **changes})
        desks.append(desk)
        return desk

    yield open_one
    for desk in desks:
        desk.journal.close()


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """One console."""
    return new_desk()
