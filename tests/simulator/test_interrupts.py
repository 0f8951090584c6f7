"""What an interrupt needs to be accepted, what it does, and what is counted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from ncpconsole.simulator.fleet import ServerKind
from ncpconsole.simulator.responses import BAD_PARAMETER, NOT_SUPPORTED, UNKNOWN_SERVER
from tests.simulator.caller import Caller, gateway_code, service_code

if TYPE_CHECKING:
    from ncpconsole.simulator.simulator import Simulator
    from tests.clock import Clock

INTERRUPT = "interruptServerInstance"
DOCUMENTED = Path(__file__).parent.parent / "data" / "interrupt-response.json"
ACCEPTED = {ServerKind.XEN_WINDOWS}
IN_OPERATION = {ServerKind.SHUTTING_DOWN, ServerKind.REBOOTING, ServerKind.SETTING_UP, ServerKind.CREATING}
IN_OPERATION |= {ServerKind.REQUESTED}


@pytest.mark.parametrize("kind", ServerKind)
async def test_which_servers_can_be_interrupted(simulator: Simulator, caller: Caller, kind: ServerKind) -> None:
    machine = next(each for each in simulator.state().machines("KR") if each.kind is kind)
    answer = await caller.interrupt(machine.number)
    if kind in ACCEPTED:
        assert answer.status_code == 200
        assert answer.json()[f"{INTERRUPT}Response"]["returnCode"] == "0"
    else:
        assert service_code(answer) == (400, "25013" if kind in IN_OPERATION else NOT_SUPPORTED)
        assert "<strong>" in answer.json()["responseError"]["returnMessage"]
    counts = simulator.counts()
    assert (counts["interrupts"], counts["accepted"]) == (1, int(kind in ACCEPTED))
    assert counts["by_server"] == {machine.number: 1}


async def test_the_accepted_answer_has_the_documented_shape(caller: Caller) -> None:
    documented = json.loads(DOCUMENTED.read_text("utf-8"))[f"{INTERRUPT}Response"]
    answered = (await caller.interrupt("142300012")).json()[f"{INTERRUPT}Response"]
    assert set(answered) == set(documented)
    echoed, example = answered["serverInstanceList"][0], documented["serverInstanceList"][0]
    assert set(echoed) == set(example)
    assert {name: type(value) for name, value in echoed.items()} == {
        name: type(value) for name, value in example.items()
    }
    assert echoed["serverInstanceNo"] == "142300012"
    assert (echoed["serverInstanceOperation"]["code"], echoed["serverInstanceStatusName"]) == ("SETUP", "setting up")


async def test_an_accepted_interrupt_sets_the_server_up_and_brings_it_back(caller: Caller, clock: Clock) -> None:
    before = await caller.server("142300012")
    listed_before = await caller.servers()
    await caller.interrupt("142300012")
    clock.now += 7.9
    during = await caller.server("142300012")
    assert during == {
        **before,
        "serverInstanceOperation": {"code": "SETUP", "codeName": "서버 셋업 OP"},
        "serverInstanceStatusName": "setting up",
    }
    # A page kept from before must not hide it, and no other server has changed.
    listed = await caller.servers()
    assert listed[11] == during
    assert listed[:11] + listed[12:] == listed_before[:11] + listed_before[12:]
    clock.now += 0.2
    after = await caller.server("142300012")
    assert after == {**before, "uptime": "2026-11-18T20:06:48+0900"}
    assert (await caller.servers())[11] == after


async def test_a_second_interrupt_meets_an_operation_in_progress(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    await caller.interrupt("142300012")
    assert service_code(await caller.interrupt("142300012")) == (400, "25013")
    clock.now += 8
    assert (await caller.interrupt("142300012")).status_code == 200
    assert [one.accepted for one in simulator.interrupts] == [True, False, True]
    assert [one.code for one in simulator.interrupts] == ["0", "25013", "0"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, BAD_PARAMETER),
        ({"serverInstanceNo": ""}, BAD_PARAMETER),
        ({"serverInstanceNo": "142300129"}, UNKNOWN_SERVER),
        ({"serverInstanceNo": "142300012", "regionCode": "SGN"}, UNKNOWN_SERVER),
        ({"serverInstanceNo": "142300012", "regionCode": "MARS"}, BAD_PARAMETER),
        ({"serverInstanceNoList__1": "142300012"}, BAD_PARAMETER),
    ],
)
async def test_what_names_no_server(simulator: Simulator, caller: Caller, asked: dict[str, object], code: str) -> None:
    assert service_code(await caller.post(INTERRUPT, **asked)) == (400, code)
    assert [one.accepted for one in simulator.interrupts] == [False]


async def test_both_methods_and_the_first_region_by_default(simulator: Simulator, caller: Caller) -> None:
    assert (await caller.get(INTERRUPT, serverInstanceNo="142300012")).status_code == 200
    assert (await caller.post(INTERRUPT, serverInstanceNo="142300001")).status_code == 200
    assert [(one.method, one.server_no, one.region) for one in simulator.interrupts] == [
        ("GET", "142300012", "KR"),
        ("POST", "142300001", "KR"),
    ]


async def test_a_forged_interrupt_is_not_counted_and_does_nothing(simulator: Simulator, caller: Caller) -> None:
    forger = Caller(simulator, secret_key="wrong", clock=caller.clock)
    async with forger:
        assert gateway_code(await forger.interrupt("142300012")) == (401, "200")
    assert simulator.interrupts == []
    assert (await caller.server("142300012"))["serverInstanceOperation"]["code"] == "NULL"


async def test_counts_over_http(simulator: Simulator, caller: Caller) -> None:
    await caller.interrupt("142300012")
    await caller.interrupt("142300044")
    await caller.get("getRegionList")
    async with httpx.AsyncClient(base_url=simulator.url) as stranger:
        counts = (await stranger.get("/simulator/counts")).json()
    assert counts["interrupts"] == 2
    assert counts["accepted"] == 1
    assert counts["by_server"] == {"142300012": 1, "142300044": 1}
    assert counts["requests"] == 3


async def test_waiting_for_an_interrupt(simulator: Simulator, caller: Caller) -> None:
    waiting = asyncio.create_task(simulator.interrupt_received(10))
    await caller.get("getRegionList")
    assert not waiting.done()
    await caller.interrupt("142300012")
    assert (await waiting).server_no == "142300012"
    # One that came before anybody waited is not lost, and none is handed out twice.
    await caller.interrupt("142300001")
    assert (await simulator.interrupt_received(10)).server_no == "142300001"
    with pytest.raises(TimeoutError):
        await simulator.interrupt_received(0.01)
    await simulator.wait_until(lambda sim: sim.recorder.count("interrupt") == 2, 10)


async def test_a_server_changed_by_somebody_else(simulator: Simulator, caller: Caller) -> None:
    await caller.servers()
    simulator.state().change("142300012", name="web-00012-old", status="NSTOP")
    assert (await caller.servers())[11]["serverName"] == "web-00012-old"
    assert service_code(await caller.interrupt("142300012")) == (400, NOT_SUPPORTED)
