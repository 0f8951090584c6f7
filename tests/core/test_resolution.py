"""When "not received" may be recorded: not before the request has run out, and not against what is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import NotResolvable
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.records import ResolvedAs
from ncpconsole.core.resolution import Evidence, countdown, earliest_not_received, look, seconds_left
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Activity
from tests.core.fakes import ACCEPTED, BOB, GATEWAY, NOTHING_AROUND, START, UNKNOWN, FakeGateway, a_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.records import Intent
    from tests.core.fakes import Clock, Desk

WINDOW = 5 * 60 + 30
NOTE = "no blue screen on its console"


async def left_unknown(desk: Desk) -> Intent:
    desk.gateway.answer = UNKNOWN
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    report = await desk.interrupter.execute(plan, Confirmation(plan.demands.text))
    desk.gateway.answer = ACCEPTED
    assert report.intent is not None
    return report.intent


async def test_not_received_is_refused_while_the_request_may_still_be_executed(desk: Desk, clock: Clock) -> None:
    intent = await left_unknown(desk)
    for passed in (0, 6, 299, WINDOW - 1):
        clock.now = START + timedelta(seconds=passed)
        seen = await look(desk.gateway, intent, clock)
        with pytest.raises(NotResolvable, match=r"valid until \d\d:05:30 \S+ .* can be recorded in \d:\d\d"):
            desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen)
    clock.now = START + timedelta(seconds=WINDOW)
    seen = await look(desk.gateway, intent, clock)
    resolved = desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen)
    assert resolved.resolution is not None
    assert desk.journal.verify().fault is None


async def test_received_may_be_said_at_once(desk: Desk) -> None:
    intent = await left_unknown(desk)
    assert desk.journal.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen").resolution is not None


@pytest.mark.parametrize("offset", [240.0, -240.0])
async def test_a_clock_that_is_off_makes_the_wait_longer(desk: Desk, clock: Clock, offset: float) -> None:
    intent = await left_unknown(desk)
    desk.gateway.clock_offset = offset
    clock.move(WINDOW + 239)
    seen = await look(desk.gateway, intent, clock)
    with pytest.raises(NotResolvable, match="can be recorded in 0:01"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen)
    clock.move(1)
    seen = await look(desk.gateway, intent, clock)
    assert desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen).resolution


async def test_the_wait_is_from_the_first_byte_and_not_from_the_claim(desk: Desk, clock: Clock) -> None:
    intent = await left_unknown(desk)
    later = replace(intent, sent=START + timedelta(seconds=20))
    assert earliest_not_received(later) - START == timedelta(seconds=20 + WINDOW)
    assert seconds_left(later, START + timedelta(hours=1)) == 0
    assert [countdown(seconds) for seconds in (0, 0.2, 59, 60, 331.5)] == ["0:00", "0:01", "0:59", "1:00", "5:32"]


async def test_it_needs_a_look_at_the_server_that_is_fresh_and_after_the_wait(desk: Desk, clock: Clock) -> None:
    intent = await left_unknown(desk)
    early = Evidence(clock())
    clock.move(WINDOW + 10)
    with pytest.raises(NotResolvable, match="needs a fresh look"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE)
    with pytest.raises(NotResolvable, match="needs a fresh look"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, early)
    while_valid = Evidence(clock() - timedelta(seconds=11))
    with pytest.raises(NotResolvable, match="read while the request was still valid"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, while_valid)
    desk.gateway.broken = NotReached("The gateway cannot be reached.")
    unread = await look(desk.gateway, intent, clock)
    with pytest.raises(NotResolvable, match="could not be read: The gateway cannot be reached"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, unread)


async def test_what_was_seen_goes_on_record(desk: Desk, clock: Clock) -> None:
    intent = await left_unknown(desk)
    clock.move(WINDOW)
    seen = await look(desk.gateway, intent, clock)
    found = desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen).resolution
    assert found is not None
    assert found.seen is not None
    assert found.seen["read_at"] == "2026-03-01T12:05:30+00:00"
    assert (found.seen["status"], found.seen["start"]) == ("RUN", a_server().uptime)
    assert found.seen["clock_offset"] == 0.0


class Traced(FakeGateway):
    """A gateway whose activity log holds one line about the server."""

    action = "Interrupt Server"

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        when = until_ms - 1000
        return [
            Activity(event_time=when, resource_id="300", action_display_name=self.action),
            Activity(event_time=when, resource_id="301", action_display_name="Interrupt Server"),
        ]


async def test_a_log_that_does_not_answer_is_said_and_holds_no_finding_up(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ncpconsole.core.resolution.LOG_SECONDS", 0.05)
    intent = await left_unknown(desk)
    clock.move(340)
    desk.gateway.log = None
    seen = await look(desk.gateway, intent, clock)
    assert seen.activity_problem == "It gave no answer within 0.05 seconds."
    assert desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, "uptime unchanged", seen).resolution is not None


STARTED = a_server(uptime="2026-03-01T21:01:00+0900")


@pytest.mark.parametrize(
    ("gateway", "later", "why"),
    [
        (FakeGateway(), {"300": STARTED}, "started again at 2026-03-01 .*:01:00"),
        (FakeGateway(), {}, "The server is gone"),
        (Traced(), {"300": a_server()}, "activity log shows an interrupt"),
    ],
)
async def test_what_speaks_against_it_is_overcome_by_the_number_alone(
    new_desk: Callable[..., Desk], clock: Clock, gateway: FakeGateway, later: dict[str, object], why: str
) -> None:
    desk = new_desk(gateway=gateway)
    intent = await left_unknown(desk)
    desk.gateway.fleet = later  # type: ignore[assignment] # servers, as parametrized
    clock.move(WINDOW)
    seen = await look(desk.gateway, intent, clock)
    for typed in ("", "web-1", "301"):
        with pytest.raises(NotResolvable, match=f"{why}.* type the server's number"):
            desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, replace(seen, despite=typed))
    agreed = replace(seen, despite="300")
    found = desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, agreed).resolution
    assert found is not None
    assert found.seen is not None
    assert why.split(" at ", maxsplit=1)[0] in found.seen["contradictions"][0]


async def test_another_line_of_the_activity_log_says_nothing_against_it(
    new_desk: Callable[..., Desk], clock: Clock
) -> None:
    gateway = Traced()
    gateway.action = "Change Server Spec"
    desk = new_desk(gateway=gateway)
    intent = await left_unknown(desk)
    clock.move(WINDOW)
    seen = await look(desk.gateway, intent, clock)
    assert (seen.contradictions, len(seen.activities)) == ((), 1)


async def test_a_server_behind_another_gateway_cannot_be_looked_at(desk: Desk, clock: Clock) -> None:
    intent = await left_unknown(desk)
    clock.move(WINDOW)
    seen = await look(FakeGateway(base_url="https://other.test"), intent, clock)
    with pytest.raises(NotResolvable, match=f"was sent through {GATEWAY}: open a profile of that gateway"):
        desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, seen)


async def test_a_resolution_does_not_erase_the_trace(new_desk: Callable[..., Desk], desk: Desk, clock: Clock) -> None:
    """Unlocked, and within the cooldown the number stays demanded, whoever asks."""
    intent = await left_unknown(desk)
    clock.move(WINDOW)
    desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, NOTE, await look(desk.gateway, intent, clock))
    for window in (desk, new_desk(origin=BOB)):
        plan = await window.interrupter.plan("KR", "300", NOTHING_AROUND)
        assert (plan.why_not, plan.demands.what) == ((), "number")
        assert "may have been received" in plan.cautions[0]
    clock.now = START + timedelta(minutes=31)
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).demands.what == "name"
