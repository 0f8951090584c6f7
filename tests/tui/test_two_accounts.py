"""Two accounts whose servers have the same numbers and names: what is confirmed in one stays in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.results import Outcome
from ncpconsole.simulator.accounts import Account, Key
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.tui.console_driver import Accounts, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.session import OnWait, Session
    from tests.tui.console_driver import Backend, ConsoleDriver

KEYS = {"prod": ("KEY-OF-PROD", "secret-of-prod"), "test": ("KEY-OF-TEST", "secret-of-test")}
SAME_FLEET = [Account(name, (Key(*KEYS[name]),), servers=8, seed=1) for name in KEYS]


class TwoAccounts(Accounts):
    """Each profile has the key of an account of its own."""

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """The profile's session, on its own account."""
        name = profile or "prod"
        session = self.backend.session(profile=name, pair=KEYS[name])
        self.sessions.append(replace(session))
        return session


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    async with open_backend(tmp_path, accounts=SAME_FLEET) as opened:
        yield opened


async def switch(console: ConsoleDriver, profile: str) -> None:
    console.app.account_flow.open(profile, None)
    await console.wait_for(
        lambda: console.app.account.session is not None and console.app.account.session.identity.profile == profile
    )


async def test_a_switch_between_dialog_and_send_sends_with_neither_key(backend: Backend) -> None:
    async with open_console(TwoAccounts(backend)) as console:
        await console.confirm(backend.row(), by_key=True)
        await switch(console, "test")
        await console.press("enter")
        await console.wait_for_screen(RefusalDialog)
        assert "not sent with another key" in console.text
    assert backend.simulator.interrupts == []
    assert backend.intents() == []


async def test_a_switch_while_it_connects_leaves_it_with_its_own_key(backend: Backend) -> None:
    async with open_console(TwoAccounts(backend)) as console:
        client = backend.clients[-1]
        client.connecting = asyncio.Event()
        await console.confirm(backend.row(), by_key=True)
        await console.press("enter")
        await console.wait_for_text("CONNECTING")
        await switch(console, "test")
        client.connecting.set()
        await console.wait_for_text("ACCEPTED")
    (received,) = backend.simulator.interrupts
    assert received.access_key == KEYS["prod"][0]
    (intent,) = backend.intents()
    assert (intent.draft.profile, intent.outcome) == ("prod", Outcome.ACCEPTED)


@pytest.mark.slow
@pytest.mark.parametrize("profile", KEYS)
async def test_each_profile_sends_with_its_own_key(backend: Backend, profile: str) -> None:
    async with open_console(TwoAccounts(backend)) as console:
        await switch(console, profile)
        await console.wait_for_list()
        await console.confirm(backend.row(), by_key=True)
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
    (received,) = backend.simulator.interrupts
    assert received.access_key == KEYS[profile][0]
