"""One contract for every journal: an account's own, one shared on a machine, a team's."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable, Refused, ServerLocked
from ncpconsole.core.journal.chain import Kind, note_body
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.shared import make_shared
from ncpconsole.core.journal.team import TeamJournal, open_team_journal
from ncpconsole.core.records import ResolvedAs, Subject
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, ALICE, NOT_SENT, UNKNOWN, a_draft
from tests.team.racers import racers_said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.team.postgres import Server

KINDS = ["own", "machine", "team"]
ROWS = 10_000


@dataclass
class Store:
    """Where the consoles of one test record. ``names`` of consoles matter for a team alone: each is a machine."""

    kind: str
    directory: Path
    url: str
    postgres: Server
    database: str
    opened: list[Journal]

    def open(self, name: str = "one", ahead: timedelta = timedelta(0)) -> Journal:
        """A console's journal; its clock may be ahead."""

        def clock() -> datetime:
            return datetime.now(UTC) + ahead

        if self.kind == "team":
            journal: Journal = open_team_journal(self.directory / name / "journal.db", self.url, ALICE, clock=clock)
            assert isinstance(journal, TeamJournal)
            journal.read_team()
        else:
            path = self.directory / "journal.db"
            journal = Journal.open(path, ALICE, clock, is_shared=self.kind == "machine")
        self.opened.append(journal)
        return journal

    def look(self, journal: Journal) -> None:
        """Have a console learn what others did."""
        if isinstance(journal, TeamJournal):
            journal.read_team()

    def lose(self, journal: Journal) -> None:
        """What the others see when a console ends: its lock and its connection are gone. It does not know."""
        journal._locks.release()
        if isinstance(journal, TeamJournal):
            assert journal._team._line is not None
            key = journal._team.key
            journal._team._line._break()
            with self.postgres.admin(self.database) as connection:
                until(lambda: connection.execute("SELECT ncpconsole.is_gone(%s)", (key,)).fetchone() == (True,))

    def alter(self) -> None:
        """Alter the first event by force."""
        if self.kind == "team":
            with self.postgres.admin(self.database) as connection:
                connection.execute("ALTER TABLE ncpconsole.events DISABLE TRIGGER ALL")
                connection.execute("UPDATE ncpconsole.events SET body = replace(body, 'web-1', 'web-2')")
            return
        with sqlite3.connect(self.directory / "journal.db") as connection:
            connection.execute("DROP TRIGGER events_are_not_changed")
            connection.execute("UPDATE events SET body = replace(body, 'web-1', 'web-2')")

    def fill(self, rows: int) -> None:
        """Add so many events."""
        if self.kind == "team":
            with self.postgres.admin(self.database) as connection:
                connection.execute(
                    f"DO $$ BEGIN PERFORM ncpconsole.in_turn(); FOR n IN 1..{rows} LOOP "
                    "PERFORM ncpconsole.append('', 'noted', '{}'); END LOOP; END $$".encode()
                )
            return
        journal = self.open()
        body = note_body("seen", Subject(server_no="300"), ALICE)
        with journal._writing():
            for _ in range(rows):
                journal._append("", Kind.NOTED, body, None)

    def race(self, count: int, step: str = "") -> list[str]:
        """Processes that claim the same server at once, and what each said; see `racers`."""
        return racers_said(self.directory, self.url or self.kind, count, step)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does in its own time."""
    give_up = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < give_up


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, postgres: Server, database: str) -> Iterator[Store]:
    place = Path(tempfile.mkdtemp(prefix="ncpconsole-stores-", dir="/tmp"))
    place.chmod(0o755)
    made = Store(request.param, place / "lib", "", postgres, database, [])
    if made.kind == "team":
        made.url = postgres.url(database)
    elif made.kind == "machine":
        if os.geteuid() != 0:
            pytest.skip("a journal of a machine is root's, as CI is")
        make_shared(made.directory / "journal.db", 54400)
    yield made
    for journal in made.opened:
        journal.close()
    rmtree(place)


def test_of_32_processes_at_once_one_takes_the_server(store: Store) -> None:
    assert store.race(32) == ["held"] * 31 + ["took"]
    assert store.open("look").verify().fault is None


@pytest.mark.parametrize(("step", "outcome"), [("claimed", Outcome.NOT_SENT), ("sending", Outcome.UNKNOWN)])
def test_what_a_killed_console_leaves(store: Store, step: str, outcome: Outcome) -> None:
    assert "took" in store.race(1, step)
    other = store.open("other")
    found: list[Outcome | None] = []

    def recovered() -> bool:
        found.extend(each.outcome for each in other.recover())
        return bool(found)

    until(recovered)
    assert found == [outcome]
    if outcome is Outcome.NOT_SENT:
        other.claim(a_draft())
        return
    with pytest.raises(ServerLocked, match="unknown outcome"):
        other.claim(a_draft())
    (left,) = other.unresolved()
    other.resolve(left.id, ResolvedAs.ACCEPTED, "blue screen")
    other.claim(a_draft())


def test_a_console_killed_after_its_own_commit_still_has_its_say(store: Store) -> None:
    assert "finished" in store.race(1, "finished")
    if store.kind == "team":
        others = store.open("other")
        until(lambda: bool(others.recover()))
        assert [each.outcome for each in others.intents()] == [Outcome.UNKNOWN]
        with pytest.raises(ServerLocked, match="unknown outcome"):
            others.claim(a_draft())
        store.open("0").recover()  # the next start on the machine of the console that was killed
        store.look(others)
    else:
        others = store.open("other")
        assert others.recover() == []
    assert Outcome.ACCEPTED in {each.outcome for each in others.intents()}
    assert others.unresolved() == []


def test_a_voided_claim_never_leaves(store: Store) -> None:
    one, two = store.open("one"), store.open("two")
    intent = one.claim(a_draft())
    store.lose(one)
    assert [each.id for each in two.recover()] == [intent.id]
    second = two.claim(a_draft())
    with pytest.raises((Refused, JournalUnavailable)):
        one.mark_sending(intent.id)
    two.mark_sending(second.id)
    assert two.finish(second.id, ACCEPTED).outcome is Outcome.ACCEPTED


def test_sending_and_gone_is_unknown_for_all(store: Store) -> None:
    one, two = store.open("one"), store.open("two")
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    store.lose(one)
    assert [each.outcome for each in two.recover()] == [Outcome.UNKNOWN]
    for journal in (two, store.open("three")):
        with pytest.raises(ServerLocked, match="unknown outcome"):
            journal.claim(a_draft())


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(hours=-3)])
def test_no_clock_gets_past_the_guard(store: Store, ahead: timedelta) -> None:
    one, two = store.open("one", ahead), store.open("two")
    intent = one.claim(a_draft())
    with pytest.raises(ServerLocked):
        two.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, UNKNOWN)
    with pytest.raises(ServerLocked):
        two.claim(a_draft())
    assert two.verify().fault is None


def test_one_server_s_claim_holds_no_other(store: Store) -> None:
    one, two = store.open("one"), store.open("two")
    held = one.claim(a_draft("300"))
    other = two.claim(a_draft("301"))
    for journal, intent in ((one, held), (two, other)):
        journal.mark_sending(intent.id)
        journal.finish(intent.id, ACCEPTED)
    store.look(one)
    assert {each.draft.server_no: each.outcome for each in one.intents()} == {
        "300": Outcome.ACCEPTED,
        "301": Outcome.ACCEPTED,
    }


def test_what_was_altered_keeps_a_console_from_claiming(store: Store) -> None:
    one = store.open("one")
    one.finish(one.claim(a_draft()).id, NOT_SENT)
    store.alter()
    checked = one.verify_team() or one.verify()
    assert checked.fault is not None
    with pytest.raises(JournalUnavailable, match="was altered"):
        store.open("two").claim(a_draft("301"))


def test_ten_thousand_rows(store: Store) -> None:
    store.fill(ROWS)
    one = store.open("two")
    one.finish(one.claim(a_draft()).id, NOT_SENT)
    checked = one.verify_team() or one.verify()
    assert (checked.events, checked.fault) == (ROWS + 2, None)
