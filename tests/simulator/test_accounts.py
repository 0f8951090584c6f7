"""Which key opens what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator import accounts
from ncpconsole.simulator.accounts import Account, Key, Rights
from ncpconsole.simulator.simulator import Simulator
from tests.simulator.caller import Caller, gateway_code

if TYPE_CHECKING:
    from tests.clock import Clock


async def test_a_viewer_may_look_and_not_interrupt(simulator: Simulator, clock: Clock) -> None:
    keys = accounts.VIEWER_ACCESS_KEY, accounts.VIEWER_SECRET_KEY
    async with Caller(simulator, *keys, clock=clock) as viewer:
        assert len(await viewer.servers()) == 128
        assert gateway_code(await viewer.interrupt("142300012")) == (401, "210")
        # Whatever the server: permission comes first.
        assert gateway_code(await viewer.interrupt("39999999")) == (401, "210")
    assert [one.accepted for one in simulator.interrupts] == [False, False]


async def test_a_key_bound_to_another_address(simulator: Simulator, clock: Clock) -> None:
    keys = accounts.RESTRICTED_ACCESS_KEY, accounts.RESTRICTED_SECRET_KEY
    async with Caller(simulator, *keys, clock=clock) as restricted:
        answer = await restricted.get("getRegionList")
    assert gateway_code(answer) == (401, "210")
    assert "address" in answer.json()["error"]["details"]


async def test_two_accounts_hold_the_same_number(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    keys = accounts.SECOND_ACCESS_KEY, accounts.SECOND_SECRET_KEY
    async with Caller(simulator, *keys, clock=clock) as second:
        assert (await caller.server("142300012"))["serverName"] == "web-00012"
        assert (await second.server("142300012"))["serverName"] == "test-web-00012"
        await second.interrupt("142300012")
        assert (await second.server("142300012"))["serverInstanceOperation"]["code"] == "SETUP"
        assert (await caller.server("142300012"))["serverInstanceOperation"]["code"] == "NULL"
    (received,) = simulator.interrupts
    assert (received.account, received.access_key) == ("second", accounts.SECOND_ACCESS_KEY)


async def test_accounts_of_ones_own() -> None:
    only = Account("mine", (Key("AK", "SK", Rights.MANAGER, ("127.0.0.1",)),), servers=3)
    async with Simulator(accounts=[only]) as simulator, Caller(simulator) as caller:
        assert (simulator.access_key, simulator.secret_key, simulator.region) == ("AK", "SK", "KR")
        assert len(await caller.servers()) == 3


async def test_keys_of_ones_own() -> None:
    async with Simulator(access_key="OTHER", secret_key="secret", servers=3) as simulator:
        async with Caller(simulator, "OTHER", "secret") as caller:
            assert len(await caller.servers()) == 3
        async with Caller(simulator, accounts.ACCESS_KEY, accounts.SECRET_KEY) as stranger:
            assert gateway_code(await stranger.get("getRegionList")) == (401, "200")


async def test_without_any_signature(simulator: Simulator, caller: Caller) -> None:
    answer = await caller.client.get("/vserver/v2/getRegionList?responseFormatType=json")
    assert gateway_code(answer) == (401, "200")


async def test_a_wrong_clock_is_told_by_the_date(simulator: Simulator, clock: Clock) -> None:
    async with Caller(simulator, clock=lambda: clock.now - 301) as late:
        answer = await late.get("getRegionList")
    assert gateway_code(answer) == (401, "200")
    assert answer.headers["date"] == "Wed, 18 Nov 2026 11:06:40 GMT"


def test_a_site_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="public, gov, fin"):
        Simulator(site="moon")
