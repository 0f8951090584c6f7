"""The simulated Cloud Insight: guests of every kind, points that come late, and an interrupt that is seen in them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.simulator import accounts
from ncpconsole.simulator.insight import SERVER_KEY, SHAPES, SILENT_FOR, late
from ncpconsole.simulator.simulator import Simulator
from tests.simulator.caller import Caller, gateway_code

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.clock import Clock

SILENT, IDLE, BUSY, NO_AGENT = "142300031", "142300012", "142300002", "142300014"
HOUR = 3600_000


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[Simulator]:
    """128 servers whose guests send their metrics; an interrupt takes eight seconds."""
    async with Simulator(clock=clock, interrupt_seconds=8, agents=True) as running:
        yield running


def condition(number: str, metric: str = "avg_cpu_used_rto", **changes: Any) -> dict[str, Any]:
    asked = {
        "prodKey": SERVER_KEY,
        "metric": metric,
        "interval": "Min1",
        "aggregation": "AVG",
        "dimensions": {"instanceNo": number},
    }
    return {**asked, **changes}


async def rows(
    caller: Caller, clock: Clock, *conditions: dict[str, Any], back: int = HOUR
) -> dict[tuple[str, str], list[list[Any]]]:
    now = int(clock.now * 1000)
    answer = await caller.insight(timeStart=now - back, timeEnd=now, metricInfoList=conditions)
    assert answer.status_code == 200, answer.text
    return {(row["dimensions"]["instanceNo"], row["metric"]): row["dps"] for row in answer.json()}


async def points(caller: Caller, clock: Clock, number: str, **changes: Any) -> list[list[Any]]:
    found = await rows(caller, clock, condition(number, **changes))
    return next(iter(found.values()), [])


async def ages(caller: Caller, clock: Clock, number: str) -> list[float]:
    """How many seconds ago each point was, the newest first."""
    return [clock.now - moment / 1000 for moment, _ in reversed(await points(caller, clock, number))]


async def test_points_come_every_minute_and_late(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    for step in range(0, 120, 7):
        clock.now += step
        newest, second, *_ = await ages(caller, clock, IDLE)
        assert 60 <= newest < 180
        assert second - newest == 60
    machine = simulator.fleet.machine(IDLE)
    assert machine is not None
    assert 60 <= late(machine) <= 120


async def test_the_kinds_of_guests(caller: Caller, clock: Clock) -> None:
    idle = [value for _, value in await points(caller, clock, IDLE)]
    busy = [value for _, value in await points(caller, clock, BUSY)]
    assert (len(idle), len(busy)) == (59, 59)
    assert max(idle) < 50 < 95 < min(busy)
    assert await points(caller, clock, NO_AGENT) == []
    for index, minutes in SILENT_FOR.items():
        newest, *_ = await ages(caller, clock, str(142300000 + index))
        assert minutes * 60 <= newest < (minutes + 1) * 60


async def test_three_servers_that_may_be_interrupted_are_silent_from_the_start(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    silent = [str(142300000 + index) for index in SILENT_FOR]
    assert len(silent) >= 3
    for number in silent:
        assert (await ages(caller, clock, number))[0] > 180
        assert (await caller.interrupt(number)).status_code == 200


@pytest.mark.parametrize("number", [SILENT, IDLE])
async def test_who_is_interrupted_falls_silent_and_comes_back(
    simulator: Simulator, caller: Caller, clock: Clock, number: str
) -> None:
    before = await points(caller, clock, number)
    interrupted = clock.now
    await caller.interrupt(number)
    for _ in range(12):
        clock.now += 15
        since = [moment / 1000 for moment, _ in await points(caller, clock, number) if moment / 1000 >= interrupted]
        if since:
            break
        assert clock.now - interrupted < 240
    assert since[0] >= interrupted + 8, "not before it runs again"
    assert clock.now - since[0] >= 60, "late, as every point"
    assert [moment for moment, _ in before][-1] / 1000 < interrupted


async def test_dimensions_are_echoed_and_the_order_says_nothing(caller: Caller, clock: Clock) -> None:
    asked = [condition(str(142300000 + index)) for index in range(1, 13, 2)]
    asked += [condition(IDLE, metric) for metric in ("mem_usert", "avg_rcv_bps", "avg_write_byt_cnt")]
    wanted = {(one["dimensions"]["instanceNo"], one["metric"]) for one in asked}
    orders = set()
    for _ in range(5):
        clock.now += 1
        found = await rows(caller, clock, *asked)
        assert set(found) == wanted
        orders.add(tuple(found))
    assert len(orders) > 1


async def test_no_points_are_a_row_without_any_or_no_row(caller: Caller, clock: Clock) -> None:
    found = await rows(caller, clock, condition(NO_AGENT), condition("39999999"), condition("39999998"))
    assert found == {("39999999", "avg_cpu_used_rto"): []}


async def test_a_day_in_five_minutes(caller: Caller, clock: Clock) -> None:
    found = await rows(caller, clock, condition(IDLE, interval="Min5"), back=24 * HOUR)
    moments = [moment for moment, _ in found[IDLE, "avg_cpu_used_rto"]]
    assert len(moments) > 280
    assert {later - earlier for earlier, later in pairwise(moments)} == {300_000}


async def test_one_series(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    now, target = int(clock.now * 1000), "/cw_fea/real/cw/api/data/query"
    asked = {"timeStart": now - HOUR, "timeEnd": now, "cw_key": SERVER_KEY, "productName": "System/Server(VPC)"}
    one = {name: value for name, value in condition(IDLE).items() if name != "prodKey"}
    answer = await caller.client.post(target, json={**asked, **one}, headers=caller.headers("POST", target))
    assert answer.json() == await points(caller, clock, IDLE)


async def test_the_schemas_name_servers(caller: Caller) -> None:
    target = "/cw_fea/real/cw/api/schema/system/list"
    listed = (await caller.client.get(target, headers=caller.headers("GET", target))).json()
    assert [one["cw_key"] for one in listed if one["prodName"].endswith("Server(VPC)")] == [SERVER_KEY]
    assert (await caller.client.get(target)).status_code == 401, "unsigned"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"timeStart": "x", "timeEnd": 1, "metricInfoList": [condition(IDLE)]},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": []},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": [condition(IDLE)] * 21},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": ["x"]},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": [condition(IDLE, prodKey="1")]},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": [condition(IDLE, "no_such_metric")]},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": [condition(IDLE, interval="Min2")]},
        {"timeStart": 0, "timeEnd": 1, "metricInfoList": [condition(IDLE, dimensions={})]},
    ],
)
async def test_what_it_does_not_take(caller: Caller, query: dict[str, Any]) -> None:
    assert gateway_code(await caller.insight(**query)) == (400, "100")


@pytest.mark.parametrize(
    ("fault", "status"), [("permission-denied", 401), ("error-500", 500), ("html-error", 502), ("error-429", 429)]
)
async def test_it_is_refused_by_name_and_the_servers_are_not(
    simulator: Simulator, caller: Caller, clock: Clock, fault: str, status: int
) -> None:
    simulator.faults.set(f"insight:{fault}")
    assert (await caller.insight(timeStart=0, timeEnd=1, metricInfoList=[condition(IDLE)])).status_code == status
    assert await caller.servers()


async def test_a_key_of_the_server_service_alone_is_refused(simulator: Simulator, clock: Clock) -> None:
    keys = accounts.VIEWER_ACCESS_KEY, accounts.VIEWER_SECRET_KEY
    async with Caller(simulator, *keys, clock=clock) as viewer:
        refused = await viewer.insight(timeStart=0, timeEnd=1, metricInfoList=[condition(IDLE)])
        assert gateway_code(refused) == (401, "210")
        assert await viewer.servers()


@pytest.mark.parametrize("form", sorted(SHAPES))
async def test_every_wrong_form_is_json_of_another_one(
    simulator: Simulator, caller: Caller, clock: Clock, form: str
) -> None:
    now = int(clock.now * 1000)
    query = {"timeStart": now - HOUR, "timeEnd": now, "metricInfoList": [condition(IDLE)]}
    right = json.loads((await caller.insight(**query)).text)
    simulator.faults.set(f"insight:wrong-shape={form}")
    assert repr(json.loads((await caller.insight(**query)).text)) != repr(right)


async def test_a_huge_body_comes_piece_by_piece(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("insight:huge-body")
    target = "/cw_fea/real/cw/api/schema/system/list"
    async with caller.client.stream("GET", target, headers=caller.headers("GET", target)) as answer:
        assert int(answer.headers["content-length"]) > 100_000_000
        async for chunk in answer.aiter_bytes():
            assert set(chunk) == {ord(" ")}
            break


async def test_without_agents_nobody_sends(clock: Clock) -> None:
    async with Simulator(clock=clock) as simulator, Caller(simulator, clock=clock) as caller:
        assert await points(caller, clock, IDLE) == []
