"""A database for each test, and consoles of two machines on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.journal import team_database
from ncpconsole.core.journal.team import TeamJournal, open_team_journal
from tests.core.fakes import ALICE, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.team.postgres import Server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The PostgreSQL of this test run."""
    from tests.team.postgres import shared_server  # the driver is loaded where it is used

    own = tmp_path_factory.getbasetemp()
    yield from shared_server(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no fault; who tests what stands still is `hasty`."""
    monkeypatch.setattr(team_database, "CONNECT_SECONDS", 30.0)
    monkeypatch.setattr(team_database, "CALL_SECONDS", 30.0)


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits about as short as with an operator before the screen."""
    del patient
    monkeypatch.setattr(team_database, "CALL_SECONDS", 5.0)


@pytest.fixture
def database(postgres: Server) -> str:
    """A database of the test's own, with an empty team's journal."""
    return postgres.new_database()


@pytest.fixture
def url(postgres: Server, database: str) -> str:
    return postgres.url(database)


@pytest.fixture
def clock() -> Clock:
    """This machine's clock, which the test moves; it begins with the real time, as the database has no other."""
    from datetime import UTC, datetime

    return Clock(datetime.now(UTC))


@pytest.fixture
def machine(tmp_path: Path, url: str, clock: Clock) -> Iterator[Callable[..., TeamJournal]]:
    """Opens the journal of a console; each name is a machine with an own journal."""
    opened: list[TeamJournal] = []

    def open_one(name: str = "one", **changes: Any) -> TeamJournal:
        given = {"path": tmp_path / name / "journal.db", "url": url, "origin": ALICE, "clock": clock, **changes}
        opened.append(open_team_journal(**given))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close()
