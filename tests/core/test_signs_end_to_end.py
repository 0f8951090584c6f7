"""Client, rules and simulated Cloud Insight over sockets: the silent one, its interrupt, and how it comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.cautions import Surroundings
from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.vitals import LifeState
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.metrics import Metric
from ncpconsole.ncp.results import Outcome
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ncpconsole.core.journal.journal import Journal

SILENT, ALIVE, NO_AGENT = "142300031", "142300012", "142300014"


class Ahead:
    """The real time and what the test adds to it, less than what makes a signature stale."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


@pytest.fixture
def gateway_time() -> Ahead:
    return Ahead()


@pytest.fixture
async def simulator(gateway_time: Ahead) -> AsyncIterator[Simulator]:
    async with Simulator(servers=64, agents=True, clock=gateway_time, interrupt_seconds=8) as running:
        yield running


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    opened = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
    yield opened
    await opened.aclose()


async def test_the_story(simulator: Simulator, client: Client, gateway_time: Ahead, journal: Journal) -> None:
    vitals = VitalsReader(client)
    await client.servers("KR")
    numbers = [str(142300000 + index) for index in range(1, 65)]
    signs = await vitals.read(numbers)
    silent = {number for number in numbers if signs[number].state is LifeState.SILENT}
    assert silent == {"142300008", "142300011", SILENT}
    assert signs[ALIVE].state is LifeState.ALIVE
    assert signs[NO_AGENT].state is LifeState.NO_AGENT

    policy = Policy(watch_every=0.05, watch_for=10)
    interrupter = Interrupter(client, journal, rules_named("xen-windows"), policy, profile="prod", vitals=vitals)
    assert (await interrupter.plan("KR", ALIVE, Surroundings())).demands.what == "number"
    plan = await interrupter.plan("KR", SILENT, Surroundings())
    assert plan.demands.what == "name"
    assert all(plan.vitals.of(metric).points for metric in Metric)
    report = await interrupter.execute(plan, Confirmation(plan.demands.text))
    assert report.result.outcome is Outcome.ACCEPTED
    assert report.intent is not None

    gateway_time.seconds = 200
    await client.servers("KR")
    told = [seen.field async for seen in interrupter.watch(report.intent)]
    assert told[-1] == "signOfLife", "the watch ends with it"
    assert "uptime" in told
    again = (await vitals.read([SILENT], fresh=True))[SILENT]
    assert again.state is LifeState.ALIVE


async def test_five_hundred_servers_are_25_calls_and_one_for_the_key(simulator: Simulator, client: Client) -> None:
    signs = await VitalsReader(client).read(str(39990000 + index) for index in range(500))
    # Whom nobody knows has no point for an hour, and is asked for over a day.
    assert {one.state for one in signs.values()} == {LifeState.NO_AGENT}
    assert simulator.recorder.count("insight") == 1 + 25 + 25


async def test_a_gateway_whose_clock_is_two_minutes_ahead_is_believed(
    simulator: Simulator, client: Client, gateway_time: Ahead
) -> None:
    gateway_time.seconds = 170
    await client.servers("KR")
    assert (await VitalsReader(client).read([ALIVE]))[ALIVE].state is LifeState.ALIVE
    gateway_time.seconds = -170
    await client.servers("KR")
    assert (await VitalsReader(client).read([ALIVE]))[ALIVE].state is LifeState.ALIVE
