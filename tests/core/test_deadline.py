"""One deadline from Enter to the first byte: what was confirmed long ago does not leave, whatever took so long."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.results import Outcome
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator
from tests.core.fakes import NOTHING_AROUND, Clock, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.journal.journal import Journal

NAME = Confirmation("web-1")


class Seconds:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def slept(desk: Desk, wall: float, monotonic: float, seconds: Seconds) -> None:
    desk.clock.move(wall)
    seconds.now += monotonic


TIMES = pytest.mark.parametrize(
    ("wall", "monotonic"),
    [(40, 0), (0, 40), (-3600, 40), (8 * 3600, 0)],
    ids=["suspended", "clock stopped", "clock set back", "a night"],
)


@TIMES
async def test_time_that_goes_by_before_the_first_byte_keeps_the_request_in(
    new_desk: Callable[..., Desk], wall: float, monotonic: float
) -> None:
    desk = new_desk(monotonic=(seconds := Seconds()))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)

    async def connecting() -> None:
        slept(desk, wall, monotonic, seconds)

    desk.gateway.connecting = connecting
    report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])
    assert "30 seconds" in report.result.message
    assert "confirm it again" in report.result.message


@TIMES
async def test_time_that_goes_by_while_sending_is_recorded_keeps_the_request_in(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, wall: float, monotonic: float
) -> None:
    desk = new_desk(monotonic=(seconds := Seconds()))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    mark = desk.journal.mark_sending

    def slow(intent_id: str) -> None:
        mark(intent_id)
        slept(desk, wall, monotonic, seconds)

    monkeypatch.setattr(desk.journal, "mark_sending", slow)
    report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])


@TIMES
async def test_a_slow_claim_leaves_no_time_for_a_send(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, wall: float, monotonic: float
) -> None:
    desk = new_desk(monotonic=(seconds := Seconds()))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    claim = desk.journal.claim

    def slow(draft: object) -> object:
        intent = claim(draft)  # type: ignore[arg-type]  # handed on
        slept(desk, wall, monotonic, seconds)
        return intent

    monkeypatch.setattr(desk.journal, "claim", slow)
    report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, desk.gateway.wire, desk.gateway.reads) == (Outcome.NOT_SENT, [], 1)


async def test_the_sender_gets_what_is_left_of_the_time(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(monotonic=(seconds := Seconds()))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    read = desk.gateway.server

    async def slow(region: str, number: str, **more: bool) -> object:
        seconds.now += 20
        return await read(region, number, **more)

    desk.gateway.server = slow  # type: ignore[method-assign,assignment]  # as the real one, slower
    assert (await desk.interrupter.execute(plan, NAME)).result.outcome is Outcome.ACCEPTED
    assert desk.gateway.deadlines == [10]


async def test_a_second_look_that_does_not_end_is_given_up_after_a_few_seconds(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = new_desk(policy=Policy(send_deadline=1))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(desk.gateway, "server", never)
    report = await asyncio.wait_for(desk.interrupter.execute(plan, NAME), 5)
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])
    assert "could not be read again" in report.result.message


@pytest.mark.parametrize("fault", ["detail:error-503", "detail:error-429=1", "detail:reset-after-request"])
async def test_the_second_look_is_one_try(journal: Journal, fault: str) -> None:
    async with Simulator(servers=64) as simulator:
        client = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
        policy = Policy(send_deadline=3)
        interrupter = Interrupter(client, journal, rules_named("xen-windows"), policy, profile="prod")
        number = simulator.fleet.number("KR", 12)
        plan = await interrupter.plan("KR", number, NOTHING_AROUND)
        before = len(simulator.requests)
        simulator.faults.set(fault)
        began = time.monotonic()
        report = await interrupter.execute(plan, Confirmation(plan.demands.text))
        assert (report.result.outcome, simulator.counts()["interrupts"]) == (Outcome.NOT_SENT, 0)
        assert time.monotonic() - began < 3
        assert len(simulator.requests) - before == 1
        await client.aclose()


@pytest.mark.parametrize(("wall", "monotonic"), [(8 * 3600, 0), (0, 8 * 3600), (-3600, 8 * 3600)])
async def test_a_reading_of_yesterday_is_not_confirmed_today(
    new_desk: Callable[..., Desk], wall: float, monotonic: float
) -> None:
    desk = new_desk(monotonic=(seconds := Seconds()))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    slept(desk, wall, monotonic, seconds)
    report = await desk.interrupter.execute(plan, NAME)
    assert report.refused
    assert "8 h ago" in report.refused[0]
    assert (desk.gateway.wire, desk.journal.intents()) == ([], [])
    assert isinstance(desk.clock, Clock)
