"""The database fails at every step: never a second send, never a lost outcome, never a wait without an end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.errors import GuardUnavailable, Refused, ServerLocked
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, NOT_SENT, NOTHING_AROUND, UNKNOWN, FakeGateway, a_draft
from tests.team.proxy import CuttingProxy
from tests.team.racers import racers_said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ncpconsole.core.journal.team import TeamJournal
    from ncpconsole.core.plan import Report
    from tests.team.postgres import Server

    Machine = Callable[..., TeamJournal]

LONGEST = 100.0
"""Far less than what stands still would take, and far more than a busy machine adds."""


@pytest.fixture
def proxy(postgres: Server) -> Iterator[CuttingProxy]:
    made = CuttingProxy(postgres.port)
    yield made
    made.close()


@pytest.fixture
def far(machine: Machine, postgres: Server, database: str, proxy: CuttingProxy) -> TeamJournal:
    """A console whose way to the database goes through the proxy."""
    return machine("far", url=postgres.url(database, port=proxy.port))


def test_of_32_machines_that_claim_at_once_one_gets_the_server(url: str, tmp_path: Path, machine: Machine) -> None:
    assert racers_said(tmp_path, url, 32) == ["held"] * 31 + ["took"]
    assert machine("look").verify_team().fault is None


@pytest.mark.parametrize(("step", "outcome"), [("claimed", Outcome.NOT_SENT), ("sending", Outcome.UNKNOWN)])
def test_a_console_that_is_killed_leaves_the_truth_for_all(
    url: str, tmp_path: Path, machine: Machine, step: str, outcome: Outcome, postgres: Server
) -> None:
    assert racers_said(tmp_path, url, 1, step) == (["took"] if step == "claimed" else ["sending", "took"])
    other = machine("other")
    give_up = time.monotonic() + 60
    while not (ended := other.recover()) and time.monotonic() < give_up:
        pass  # the database notices the end of the process, not we
    assert [each.outcome for each in ended] == [outcome]
    if outcome is Outcome.UNKNOWN:
        with pytest.raises(ServerLocked, match="unknown outcome"):
            other.claim(a_draft())
    else:
        other.claim(a_draft())


def test_down_at_the_start(far: TeamJournal, proxy: CuttingProxy) -> None:
    proxy.down()
    asyncio.run(far.catch_up())
    assert "The team's journal cannot be used" in far.team_trouble
    with pytest.raises(GuardUnavailable, match="--without-team"):
        far.claim(a_draft())
    assert far.intents() == []
    proxy.up()
    far.claim(a_draft())
    assert far.team_trouble == ""


def test_down_between_claim_and_sending(far: TeamJournal, proxy: CuttingProxy, machine: Machine) -> None:
    intent = far.claim(a_draft())
    proxy.down()
    with pytest.raises((GuardUnavailable, Refused)):
        far.mark_sending(intent.id)
    far.finish(intent.id, NOT_SENT)
    assert [each.id for each in far.owed()] == [intent.id]
    proxy.up()
    asyncio.run(far.catch_up())
    assert far.owed() == []
    machine("other").claim(a_draft())


@pytest.mark.parametrize("result", [ACCEPTED, UNKNOWN])
def test_down_between_sending_and_outcome(
    far: TeamJournal, proxy: CuttingProxy, machine: Machine, result: object
) -> None:
    from ncpconsole.ncp.results import SendResult

    assert isinstance(result, SendResult)
    intent = far.claim(a_draft())
    far.mark_sending(intent.id)
    proxy.down()
    assert far.finish(intent.id, result).outcome is result.outcome
    assert [each.id for each in far.owed()] == [intent.id]
    other = machine("other")
    with pytest.raises(ServerLocked):
        other.claim(a_draft())
    proxy.up()
    asyncio.run(far.catch_up())
    assert far.owed() == []
    other.read_team()
    told = other.intent(intent.id)
    assert told is not None
    assert told.outcome is result.outcome


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does in its own time."""
    give_up = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < give_up


async def interrupted(journal: TeamJournal, gateway: FakeGateway) -> Report:
    """Plan, confirm and execute as an operator would."""
    interrupter = Interrupter(gateway, journal, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", "300", NOTHING_AROUND)
    return await interrupter.execute(plan, Confirmation(plan.demands.text))


async def test_a_database_that_goes_while_the_request_is_on_the_wire_takes_no_outcome_with_it(
    far: TeamJournal, proxy: CuttingProxy, machine: Machine
) -> None:
    gateway = FakeGateway(on_wire=lambda _: proxy.down())
    report = await interrupted(far, gateway)
    assert (report.result.outcome, len(gateway.wire)) == (Outcome.ACCEPTED, 1)
    assert "delivered at the next chance" in report.result.message
    proxy.up()
    await far.catch_up()
    other = machine("other")
    other.read_team()
    (told,) = other.intents(server_no="300")
    assert told.outcome is Outcome.ACCEPTED


async def test_a_database_that_goes_before_the_first_byte_lets_none_leave(
    far: TeamJournal, proxy: CuttingProxy
) -> None:
    async def down() -> None:
        proxy.down()

    gateway = FakeGateway(connecting=down)
    report = await interrupted(far, gateway)
    assert (report.result.outcome, gateway.wire) == (Outcome.NOT_SENT, [])


async def test_a_colleague_who_was_quicker_is_told_as_a_refusal(far: TeamJournal, machine: Machine) -> None:
    other = machine("other")
    gateway = FakeGateway()
    interrupter = Interrupter(gateway, far, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", "300", NOTHING_AROUND)
    other.claim(a_draft())
    report = await interrupter.execute(plan, Confirmation(plan.demands.text))
    assert [one.code for one in report.against] == ["locked"]
    assert gateway.wire == []


PAST = Confirmation("300", without_team="the database is down")


@pytest.mark.parametrize("is_over", [False, True])
async def test_a_database_that_came_back_before_the_send_is_not_gone_past(
    far: TeamJournal, proxy: CuttingProxy, machine: Machine, *, is_over: bool
) -> None:
    proxy.down()
    gateway = FakeGateway()
    interrupter = Interrupter(gateway, far, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.lacks_team
    proxy.up()
    other = machine("other")
    theirs = other.claim(a_draft())
    if is_over:
        other.mark_sending(theirs.id)
        other.finish(theirs.id, ACCEPTED)
    report = await interrupter.execute(plan, PAST)
    assert (report.result.outcome, gateway.wire) == (Outcome.NOT_SENT, [])
    told = "It was interrupted at" if is_over else "under way"
    assert told in report.result.message


async def test_what_was_to_go_past_a_database_that_came_back_is_in_it(
    far: TeamJournal, proxy: CuttingProxy, machine: Machine
) -> None:
    proxy.down()
    gateway = FakeGateway()
    interrupter = Interrupter(gateway, far, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", "300", NOTHING_AROUND)
    proxy.up()
    report = await interrupter.execute(plan, PAST)
    assert (report.result.outcome, len(gateway.wire)) == (Outcome.ACCEPTED, 1)
    other = machine("other")
    other.read_team()
    (told,) = other.intents(server_no="300")
    assert (told.outcome, told.draft.without_team) == (Outcome.ACCEPTED, "")


STATEMENTS = [b"ncpconsole.claim", b"ncpconsole.sending", b"ncpconsole.finish"]


@pytest.mark.parametrize("how", ["lose_answer_to", "cut_before", "swallow"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_call_is_cut_or_its_answer_lost(
    hasty: None, far: TeamJournal, proxy: CuttingProxy, machine: Machine, statement: bytes, how: str
) -> None:
    """Failover with a lost acknowledgement: whether it was committed is looked up and never assumed."""
    del hasty
    began = time.monotonic()
    sent = 0
    setattr(proxy, how, statement)
    try:
        intent = far.claim(a_draft())
        far.mark_sending(intent.id)
        sent = 1
        far.finish(intent.id, ACCEPTED)
    except (GuardUnavailable, Refused):
        for each in far.intents():
            if each.outcome is None:
                far.finish(each.id, NOT_SENT)
    assert proxy.met.is_set()
    assert time.monotonic() - began < LONGEST
    assert sent == (statement == b"ncpconsole.finish")
    setattr(proxy, how, b"")
    until(lambda: asyncio.run(far.catch_up()) or (far.team_trouble, far.owed()) == ("", []))
    other = machine("other")
    give_up = time.monotonic() + 60
    while True:
        try:
            second = other.claim(a_draft())
            break
        except ServerLocked:
            assert time.monotonic() < give_up
    assert {each.outcome for each in other.intents() if each.id != second.id} <= {
        Outcome.ACCEPTED if sent else Outcome.NOT_SENT,
        Outcome.NOT_SENT,
    }
    assert other.verify_team().fault is None


def test_a_database_that_is_slow_is_waited_for_and_one_that_stands_still_is_not(
    hasty: None, far: TeamJournal, proxy: CuttingProxy
) -> None:
    del hasty
    proxy.delay = 0.02
    far.finish(far.claim(a_draft()).id, NOT_SENT)
    proxy.delay = 60.0
    began = time.monotonic()
    with pytest.raises(GuardUnavailable, match="did not answer within"):
        far.claim(a_draft())
    assert time.monotonic() - began < LONGEST


def test_another_owner_of_the_lock_is_not_waited_for_without_an_end(
    hasty: None, far: TeamJournal, postgres: Server, database: str
) -> None:
    del hasty
    far.read_team()
    began = time.monotonic()
    with postgres.admin(database) as connection, connection.transaction():
        connection.execute("SELECT ncpconsole.in_turn()")
        with pytest.raises(GuardUnavailable, match=r"took too long|did not answer"):
            far.claim(a_draft())
    assert time.monotonic() - began < LONGEST
    far.claim(a_draft())


WRONG = {
    "a read-only copy": ("ALTER DATABASE {database} SET default_transaction_read_only = on", "read-only copy"),
    "no rights": ("REVOKE ncpconsole_operator FROM {user}", "lacks the rights"),
    "no journal": ("DROP SCHEMA ncpconsole CASCADE", "no journal yet"),
    "a newer version": ("UPDATE ncpconsole.team SET version = 2", "update ncpconsole"),
    "an older version": ("UPDATE ncpconsole.team SET version = 0", "set it up again"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_database_that_cannot_be_used_is_told_in_words(machine: Machine, postgres: Server, what: str) -> None:
    statement, words = WRONG[what]
    database, user = postgres.new_database(), f"u{time.monotonic_ns()}"
    with postgres.admin(database) as connection:
        connection.execute(f"CREATE ROLE {user} LOGIN IN ROLE ncpconsole_operator".encode())
        connection.execute(statement.format(database=database, user=user).encode())
    journal = machine("one", url=postgres.url(database, user))
    with pytest.raises(GuardUnavailable, match=words):
        journal.claim(a_draft())
    assert journal.intents() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:hidden@127.0.0.1:{port}/{database}", "holds a password"),
        ("postgresql://ann@db.invalid/x?sslmode=require", "sslmode must be verify-full"),
        ("postgresql://ann@127.0.0.1:{port}/nowhere", "no such database"),
        ("postgresql://nobody@127.0.0.1:{port}/{database}", "does not let this role in|connection failed"),
    ],
)
def test_an_address_that_cannot_be_used(
    machine: Machine, postgres: Server, database: str, url: str, words: str
) -> None:
    journal = machine("one", url=url.format(port=postgres.port, database=database))
    with pytest.raises(GuardUnavailable, match=words) as raised:
        journal.claim(a_draft())
    assert "hidden" not in str(raised.value)


def test_ten_thousand_rows_are_read_and_checked(machine: Machine, postgres: Server, database: str) -> None:
    one = machine("one")
    one.finish(one.claim(a_draft()).id, NOT_SENT)
    with postgres.admin(database) as connection:
        connection.execute(
            "DO $$ BEGIN PERFORM ncpconsole.in_turn(); FOR n IN 1..10000 LOOP "
            "PERFORM ncpconsole.append('', 'noted', '{\"n\":' || n || '}'); END LOOP; END $$"
        )
    two = machine("two")
    two.read_team()
    checked = two.verify_team()
    assert (checked.events, checked.fault) == (10002, None)
    two.claim(a_draft())
