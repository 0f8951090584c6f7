"""Two accounts whose servers have the same numbers and names: what is confirmed in one stays in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.results import Outcome
from ncpconsole.simulator.accounts import Account, Key
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.tui.bench import open_bench
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.session import OnWait, Session
    from tests.tui.bench import Bench
    from tests.tui.desk import Desk

KEYS = {"prod": ("KEY-OF-PROD", "secret-of-prod"), "test": ("KEY-OF-TEST", "secret-of-test")}
SAME_FLEET = [Account(name, (Key(*KEYS[name]),), servers=8, seed=1) for name in KEYS]


class TwoAccounts(Accounts):
    """Each profile has the key of an account of its own."""

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """The profile's session, on its own account."""
        name = profile or "prod"
        session = self.bench.session(profile=name, pair=KEYS[name])
        self.sessions.append(replace(session))
        return session


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, accounts=SAME_FLEET) as opened:
        yield opened


async def confirm(desk: Desk, bench: Bench) -> None:
    """Everything but the Enter that sends."""
    row = bench.row()
    desk.servers.table.select(row.key)
    await desk.press("exclamation_mark")
    await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
    await desk.write(row.name)
    await desk.until_shown("matches")
    await desk.press("enter")
    await desk.until_shown("enter SENDS")


async def switch(desk: Desk, profile: str) -> None:
    desk.app.open_account(profile, None)
    await desk.until(lambda: desk.app.session is not None and desk.app.session.identity.profile == profile)


async def test_a_switch_between_dialog_and_send_sends_with_neither_key(bench: Bench) -> None:
    async with sit_down(TwoAccounts(bench)) as desk:
        await confirm(desk, bench)
        await switch(desk, "test")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, RefusalDialog))
        assert "not sent with another key" in desk.text
    assert bench.simulator.interrupts == []
    assert bench.intents() == []


async def test_a_switch_while_it_connects_leaves_it_with_its_own_key(bench: Bench) -> None:
    async with sit_down(TwoAccounts(bench)) as desk:
        client = bench.clients[-1]
        client.connecting = asyncio.Event()
        await confirm(desk, bench)
        await desk.press("enter")
        await desk.until_shown("CONNECTING")
        await switch(desk, "test")
        client.connecting.set()
        await desk.until_shown("ACCEPTED")
    (received,) = bench.simulator.interrupts
    assert received.access_key == KEYS["prod"][0]
    (intent,) = bench.intents()
    assert (intent.draft.profile, intent.outcome) == ("prod", Outcome.ACCEPTED)


@pytest.mark.parametrize("profile", KEYS)
async def test_each_profile_sends_with_its_own_key(bench: Bench, profile: str) -> None:
    async with sit_down(TwoAccounts(bench)) as desk:
        await switch(desk, profile)
        await desk.until_listed()
        await confirm(desk, bench)
        await desk.press("enter")
        await desk.until_shown("ACCEPTED")
    (received,) = bench.simulator.interrupts
    assert received.access_key == KEYS[profile][0]
