"""The team's journal: several machines, one guard. A real PostgreSQL, real SQLite."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import GuardUnavailable, NotResolvable, Refused, ServerLocked
from ncpconsole.core.journal.chain import Event, check_links, replay
from ncpconsole.core.journal.team_database import TeamDatabase, set_up
from ncpconsole.core.records import ResolvedAs, State, Subject
from ncpconsole.core.resolution import Evidence
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, ALICE, BOB, NOT_SENT, REJECTED, UNKNOWN, Clock, a_draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.journal.team import TeamJournal
    from tests.team.postgres import Server

    Machine = Callable[..., TeamJournal]


def drop(journal: TeamJournal) -> None:
    """Have the console of this journal die: its connection and its file lock are gone, and it wrote nothing more."""
    journal._team.close()
    journal._locks.release()


def lose_connection(journal: TeamJournal) -> None:
    """Cut the console's connection to the team's database; the console lives on."""
    assert journal._team._line is not None
    journal._team._line._break()


LOCKS_HERE = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def gone(postgres: Server, database: str) -> None:
    """Wait until the test's own database has noticed that a connection is gone; others run beside it."""
    with postgres.admin(database) as connection:
        for _ in range(500):
            held = connection.execute(LOCKS_HERE).fetchone()
            if held == (0,):
                return
            connection.execute("SELECT pg_sleep(0.02)")
    raise AssertionError(database)


def test_one_of_two_machines_gets_the_server(machine: Machine) -> None:
    one, two = machine("one"), machine("two", origin=BOB)
    intent = one.claim(a_draft())
    with pytest.raises(ServerLocked, match=r"alice@bastion-1.*under way"):
        two.claim(a_draft())
    one.mark_sending(intent.id)
    with pytest.raises(ServerLocked, match="alice@bastion-1"):
        two.claim(a_draft())
    assert all(each.others_may_be_behind for each in two.intents() if each.outcome is Outcome.NOT_SENT)
    one.finish(intent.id, ACCEPTED)
    second = two.claim(a_draft())
    told = {each.id for each in two.intents(server_no="300") if each.outcome is not Outcome.NOT_SENT}
    assert told == {second.id, intent.id}


def test_another_spelling_of_the_gateway_is_the_same_guard_and_another_site_is_not(machine: Machine) -> None:
    one, two = machine("one"), machine("two")
    one.claim(a_draft(gateway="https://ncloud.apigw.ntruss.com"))
    for gateway in ("https://NCLOUD.apigw.ntruss.com:443/", "https://127.0.0.1:8443"):
        with pytest.raises(ServerLocked):
            two.claim(a_draft(gateway=gateway))
    two.claim(a_draft(gateway="https://ncloud.apigw.gov-ntruss.com"))
    two.claim(a_draft("301"))


def test_an_unknown_outcome_locks_for_all_and_whoever_settles_it_unlocks_for_all(machine: Machine) -> None:
    one, two, three = machine("one"), machine("two", origin=BOB), machine("three")
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, UNKNOWN)
    for journal in (one, two, three):
        with pytest.raises(ServerLocked, match="unknown outcome"):
            journal.claim(a_draft())
    assert [each.id for each in two.unresolved()] == [intent.id]
    two.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen")
    three.read_team()
    with pytest.raises(NotResolvable):
        three.resolve(intent.id, ResolvedAs.ACCEPTED, "once more")
    three.finish(three.claim(a_draft()).id, NOT_SENT)
    one.read_team()
    settled = one.intent(intent.id)
    assert settled is not None
    assert settled.resolution is not None
    assert (settled.resolution.user, settled.resolution.note) == ("bob", "blue screen")
    one.claim(a_draft())
    assert one.verify().fault is None


def test_evidence_against_accepted_holds_for_a_colleague_s_interrupt_too(machine: Machine, clock: Clock) -> None:
    one, two = machine("one"), machine("two", origin=BOB)
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, UNKNOWN)
    seen = Evidence(clock(), against_accepted=("The guest has sent its metrics without a gap.",))
    for journal in (one, two):
        with pytest.raises(NotResolvable, match=r"without a gap.*type the server's number"):
            journal.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen", seen)
    two.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen", replace(seen, despite="300"))
    assert two.unresolved() == []


def test_claimed_and_gone_is_voided_and_a_late_sending_fails(machine: Machine, postgres: Server, database: str) -> None:
    one, two = machine("one"), machine("two")
    intent = one.claim(a_draft())
    lose_connection(one)
    gone(postgres, database)
    second = two.claim(a_draft())
    with pytest.raises(Refused, match="gave the claim up"):
        one.mark_sending(intent.id)
    assert one.finish(intent.id, NOT_SENT).outcome is Outcome.NOT_SENT
    two.mark_sending(second.id)
    two.finish(second.id, ACCEPTED)
    two.read_team()
    told = {each.id: each.outcome for each in two.intents(server_no="300")}
    assert told == {intent.id: Outcome.NOT_SENT, second.id: Outcome.ACCEPTED}


def test_sending_and_gone_is_unknown_and_locked_until_the_owner_s_late_word(
    machine: Machine, postgres: Server, database: str
) -> None:
    one, two = machine("one"), machine("two")
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    lose_connection(one)
    gone(postgres, database)
    assert [each.id for each in two.recover()] == [intent.id]
    with pytest.raises(ServerLocked, match="unknown outcome"):
        two.claim(a_draft())
    one.finish(intent.id, REJECTED)
    two.read_team()
    settled = two.intent(intent.id)
    assert settled is not None
    assert (settled.outcome, settled.message) == (Outcome.REJECTED, REJECTED.message)
    two.claim(a_draft())
    assert two.verify_team().fault is None


def test_what_a_killed_console_left_is_told_by_its_next_start(
    machine: Machine, postgres: Server, database: str
) -> None:
    first = machine("one")
    intent = first.claim(a_draft())
    first.mark_sending(intent.id)
    drop(first)
    gone(postgres, database)
    again = machine("one")
    assert [each.outcome for each in again.recover()] == [Outcome.UNKNOWN]
    other = machine("two")
    with pytest.raises(ServerLocked, match="unknown outcome"):
        other.claim(a_draft())


def test_the_chain_is_the_database_s_and_hashed_as_here(machine: Machine, postgres: Server, database: str) -> None:
    one = machine("one")
    intent = one.claim(a_draft(server_name='결제 "\\ 01', reason="a\tb\x1b \ud800"))
    one.mark_sending(intent.id)
    one.finish(intent.id, ACCEPTED)
    one.add_note("RDP answers 다시", Subject(server_no="300"))
    with postgres.admin(database) as connection:
        rows = connection.execute(
            "SELECT sequence, time, intent, kind, body, previous, hash FROM ncpconsole.events ORDER BY sequence"
        ).fetchall()
    events = list(check_links([Event(*row) for row in rows]))
    assert [event.kind for event in events] == ["claimed", "sending", "finished", "noted"]
    assert replay(events)[intent.id]["outcome"] == "accepted"
    checked = one.verify_team()
    assert (checked.events, checked.head, checked.fault) == (4, events[-1].hash, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ncpconsole.events SET body = '{}'",
        "DELETE FROM ncpconsole.events",
        "TRUNCATE ncpconsole.events",
        "INSERT INTO ncpconsole.events VALUES (9, '', '', '', '', '', '')",
        "UPDATE ncpconsole.intents SET holds = false",
        "DELETE FROM ncpconsole.intents",
        "SELECT ncpconsole.append('', 'noted', '{}')",
        "SELECT ncpconsole.end_orphan('x')",
        "DROP TRIGGER events_are_only_added ON ncpconsole.events",
    ],
)
def test_a_console_s_role_can_only_add_and_the_owner_not_even_by_mistake(
    machine: Machine, postgres: Server, database: str, statement: str
) -> None:
    import psycopg

    machine("one").claim(a_draft())
    with (
        psycopg.connect(postgres.url(database), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    if "events SET" in statement or statement.startswith(("DELETE FROM ncpconsole.events", "TRUNCATE")):
        with postgres.admin(database) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(statement.encode())


def test_what_was_altered_by_force_is_found_and_keeps_everything_from_being_sent(
    machine: Machine, postgres: Server, database: str
) -> None:
    one, two = machine("one"), machine("two")
    one.finish(one.claim(a_draft()).id, NOT_SENT)
    two.read_team()
    with postgres.admin(database) as connection:
        connection.execute("ALTER TABLE ncpconsole.events DISABLE TRIGGER ALL")
        connection.execute("UPDATE ncpconsole.events SET body = replace(body, 'web-1', 'web-2') WHERE sequence = 1")
    fault = one.verify_team().fault
    assert fault is not None
    assert "event 1 was changed" in fault
    with pytest.raises(GuardUnavailable, match="was altered"):
        machine("three").claim(a_draft("301"))
    with postgres.admin(database) as connection:
        connection.execute("DELETE FROM ncpconsole.events WHERE sequence = 2")
    fault = two.verify_team().fault
    assert fault is not None


def test_a_database_that_was_put_back_to_an_earlier_state_refuses(
    machine: Machine, postgres: Server, database: str
) -> None:
    one, two = machine("one"), machine("two")
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, UNKNOWN)
    two.read_team()
    with postgres.admin(database) as connection:
        connection.execute("ALTER TABLE ncpconsole.events DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM ncpconsole.events WHERE sequence > 1")
        connection.execute("DELETE FROM ncpconsole.intents")
    with pytest.raises(GuardUnavailable, match="event 3, which this console saw, is gone"):
        two.claim(a_draft())
    with pytest.raises(GuardUnavailable, match="was altered"):
        two.claim(a_draft())


def test_a_slow_reading_that_is_overtaken_by_another_is_no_alteration(machine: Machine) -> None:
    one, two = machine("one"), machine("two")
    intent = one.claim(a_draft())
    two.read_team()
    asked_from = two._mirror.last
    assert asked_from is not None
    slow = two._team.events_from(asked_from.sequence)
    one.finish(intent.id, NOT_SENT)
    two.read_team()
    two._take(slow, asked_from)
    two.claim(a_draft())
    assert two.verify_team().fault is None


def test_clocks_of_machines_differ_and_the_database_s_decides(machine: Machine, clock: Clock) -> None:
    ahead = Clock(clock.now + timedelta(hours=2))
    one, two = machine("one", clock=ahead), machine("two")
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, ACCEPTED)
    two.read_team()
    told = two.intent(intent.id)
    assert told is not None
    assert told.sent is not None
    assert abs((told.sent - clock.now).total_seconds()) < 600


def test_notes_and_observations_are_everybody_s(machine: Machine) -> None:
    one, two = machine("one"), machine("two", origin=BOB)
    one.add_note("RDP answers", Subject(server_no="300"))
    two.add_note("seen too", Subject(server_no="300"))
    one.read_team()
    assert [note.text for note in one.notes()] == ["seen too", "RDP answers"]
    asyncio.run(two.catch_up())
    assert [note.text for note in two.notes()] == ["seen too", "RDP answers"]


def test_past_the_team_is_marked_in_both_and_paid_at_the_next_chance(machine: Machine, url: str) -> None:
    cut = machine("one", url="postgresql://ann@127.0.0.1:1/nowhere")
    with pytest.raises(GuardUnavailable, match="--without-team"):
        cut.claim(a_draft())
    intent = cut.claim(a_draft(without_team="the database is down, I called Ben"))
    cut.mark_sending(intent.id)
    cut.finish(intent.id, UNKNOWN)
    assert [each.id for each in cut.owed()] == [intent.id]
    cut.close()
    again, two = machine("one"), machine("two")
    asyncio.run(again.catch_up())
    assert again.owed() == []
    two.read_team()
    (told,) = two.intents(server_no="300")
    assert (told.id, told.outcome, told.state) == (intent.id, Outcome.UNKNOWN, State.DONE)
    assert told.draft.without_team == "the database is down, I called Ben"
    with pytest.raises(ServerLocked, match="unknown outcome"):
        two.claim(a_draft())
    asyncio.run(again.catch_up())
    assert len([each for each in two.intents() if each.outcome is Outcome.UNKNOWN]) == 1


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_finding_that_a_colleague_was_quicker_with_stands_in_both_journals(
    machine: Machine, url: str, clock: Clock, *, is_cut: bool
) -> None:
    one, two = machine("one"), machine("two", origin=BOB)
    intent = one.claim(a_draft())
    one.mark_sending(intent.id)
    one.finish(intent.id, UNKNOWN)
    two.read_team()
    two.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen")
    clock.move(331)
    seen = Evidence(clock(), clock_offset=0.0)
    if is_cut:
        one._team.url = "postgresql://ann@127.0.0.1:1/nowhere"
        one._team.close()
        one.resolve(intent.id, ResolvedAs.NOT_RECEIVED, "the list shows nothing", seen)
        one._team.url = url
        asyncio.run(one.catch_up())
    else:
        with pytest.raises(NotResolvable, match=r"accepted|Somebody"):
            one.resolve(intent.id, ResolvedAs.NOT_RECEIVED, "the list shows nothing", seen)
    for journal in (one, two):
        told = journal.intent(intent.id)
        assert told is not None
        assert told.resolution is not None
        assert (told.resolution.resolved_as, told.resolution.note) == (ResolvedAs.ACCEPTED, "blue screen")


def test_a_record_of_before_is_taken_over_once(machine: Machine, url: str, tmp_path: object) -> None:
    from pathlib import Path

    from ncpconsole.core.journal.database import foreign_events
    from ncpconsole.core.journal.journal import Journal

    path = Path(str(tmp_path)) / "old" / "journal.db"
    with Journal.open(path, ALICE) as old:
        for number, result in (("300", UNKNOWN), ("301", ACCEPTED)):
            intent = old.claim(a_draft(number))
            old.mark_sending(intent.id)
            old.finish(intent.id, result)
    team = TeamDatabase(url)
    assert [team.take_over(foreign_events(path)) for _ in range(2)] == [2, 0]
    team.close()
    one = machine("one")
    with pytest.raises(ServerLocked, match="unknown outcome"):
        one.claim(a_draft("300"))
    one.claim(a_draft("301"))
    assert one.verify_team().fault is None


def test_setting_up_twice_makes_one(postgres: Server) -> None:
    url = postgres.url(postgres.new_database("template1"), "postgres")
    assert [set_up(url, "ncpconsole_operator") for _ in range(2)] == [True, False]
