"""The activity tracer lists the interrupts received among other events, in both dialects of paging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.simulator import accounts
from ncpconsole.simulator.account_state import ncp_time
from tests.simulator.caller import Caller, gateway_code

if TYPE_CHECKING:
    from ncpconsole.simulator.simulator import Simulator
    from tests.clock import Clock


async def ask(caller: Caller, **body: object) -> dict[str, Any]:
    answer = await caller.activities(json.dumps(body).encode())
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def test_interrupts_are_listed_with_their_result(caller: Caller, clock: Clock) -> None:
    await caller.interrupt("142300012")
    await caller.interrupt("142300044")
    now = int(clock.now * 1000)
    answered = await ask(caller, fromEventTime=now - 1000, toEventTime=now, page=0, size=100)
    assert (answered["page"], answered["size"], answered["itemCount"], answered["hasMore"]) == (0, 100, 2, False)
    listed = [(item["resourceId"], item["resourceName"], item["actionResultType"]) for item in answered["items"]]
    assert listed == [("142300012", "web-00012", "SUCCESS"), ("142300044", "sql-00044", "FAIL")]
    assert {item["eventTime"] for item in answered["items"]} == {now}


@pytest.mark.parametrize(("page", "size"), [("page", "size"), ("pageIndex", "pageSize")])
async def test_paging_in_both_dialects(caller: Caller, clock: Clock, page: str, size: str) -> None:
    now = int(clock.now * 1000)
    window = {"fromEventTime": now - 24 * 3600 * 1000, "toEventTime": now}
    whole = (await ask(caller, **window, **{page: 0, size: 100}))["items"]
    assert len(whole) > 10
    assert [item["eventTime"] for item in whole] == sorted((item["eventTime"] for item in whole), reverse=True)
    joined, number, more = [], 0, True
    while more:
        answered = await ask(caller, **window, **{page: number, size: 4})
        joined += answered["items"]
        number, more = number + 1, answered["hasMore"]
    assert joined == whole


async def test_another_account_sees_its_own(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    await caller.interrupt("142300012")
    keys = accounts.SECOND_ACCESS_KEY, accounts.SECOND_SECRET_KEY
    now = int(clock.now * 1000)
    async with Caller(simulator, *keys, clock=clock) as second:
        assert (await ask(second, fromEventTime=now, toEventTime=now))["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"no",
        b"[]",
        b'{"page": -1}',
        b'{"size": 0}',
        b'{"size": 1001}',
        b'{"page": "1"}',
        b'{"fromEventTime": 2, "toEventTime": 1}',
    ],
)
async def test_what_is_not_understood(caller: Caller, body: bytes) -> None:
    assert gateway_code(await caller.activities(body)) == (400, "100")


async def test_it_wants_a_signature_and_a_post(caller: Caller) -> None:
    assert gateway_code(await caller.client.post("/api/v1/activities", content=b"{}")) == (401, "200")
    target = "/api/v1/activities"
    read = await caller.client.get(target, headers=caller.headers("GET", target))
    assert gateway_code(read) == (404, "300")


async def test_a_long_interval_stays_bounded(caller: Caller, clock: Clock) -> None:
    answered = await ask(caller, fromEventTime=0, toEventTime=int(clock.now * 1000), size=1000)
    assert answered["itemCount"] == 500


async def test_what_a_colleague_did_is_told_with_who_and_when(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    simulator.colleague("142300012", seconds_ago=74)
    simulator.colleague("142300044", "Stop Server Instances", sub_account_no="70456")
    now = int(clock.now * 1000)
    items = (await ask(caller, fromEventTime=now - 80_000, toEventTime=now))["items"]
    told = [(one["resourceId"], one["actionDisplayName"], one["actionSubAccountNo"], one["eventTime"]) for one in items]
    assert told == [
        ("142300044", "Stop Server Instances", "70456", now),
        ("142300012", "Interrupt Server Instance", "70455", now - 74_000),
    ]
    assert (await caller.server("142300012"))["uptime"] == ncp_time(clock.now - 66)
    assert simulator.interrupts == []


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ((accounts.ACCESS_KEY, accounts.SECRET_KEY), ("mina", "Sub")),
        ((accounts.VIEWER_ACCESS_KEY, accounts.VIEWER_SECRET_KEY), ("viewer", "Sub")),
        ((accounts.SECOND_ACCESS_KEY, accounts.SECOND_SECRET_KEY), ("main", "Customer")),
    ],
)
async def test_sts_tells_whose_key_it_is(
    simulator: Simulator, clock: Clock, pair: tuple[str, str], told: tuple[str, str]
) -> None:
    target = "/api/v1/caller-identity"
    async with Caller(simulator, *pair, clock=clock) as one:
        answer = await one.client.get(target, headers=one.headers("GET", target))
        unsigned = await one.client.get(target)
    assert answer.json() == {"id": told[0], "loginAlias": "simulated-team", "userType": told[1]}
    assert gateway_code(unsigned) == (401, "200")
