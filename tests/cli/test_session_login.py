"""Without a keyring a key that was typed is used until the console ends, and kept nowhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Input

from ncpconsole.cli.accounts import UserAccounts
from ncpconsole.cli.options import Options
from ncpconsole.cli.wiring import Wiring
from ncpconsole.config.login import PairRefused
from ncpconsole.config.paths import console_paths
from ncpconsole.core.errors import CredentialsError
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.screens.login import LoginScreen
from tests.cli.operator import form
from tests.config.secret_service import files_below
from tests.tui.console_driver import WAIT_LIMIT, screen_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.simulator.threaded import ThreadedSimulator


@pytest.fixture
def no_keyring(private_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose keyring is none."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return private_environment


async def test_a_pair_that_works_is_used_and_leaves_nothing_behind(
    no_keyring: Path, gateway: ThreadedSimulator
) -> None:
    async with Wiring(Options(), UserAccounts(Options())) as wiring:
        assert "kept nowhere" in await wiring.keyring_note()
        with pytest.raises(CredentialsError):
            await wiring.open_session("prod")
        sentence = await wiring.login(form(gateway))
        assert "works (regions: KR, SGN, JPN)" in sentence
        assert "used until this console ends, and kept nowhere" in sentence
        session = await wiring.open_session("prod")
        assert session.identity.key_source == "key of this session only"
        assert session.identity.base_url == gateway.url
        assert len(await session.gateway.servers("KR")) == 8
    assert not console_paths().config_file.exists()
    written = files_below(no_keyring)
    assert not [path for path in written if gateway.secret_key.encode() in path.read_bytes()]
    async with Wiring(Options(), UserAccounts(Options())) as wiring:
        with pytest.raises(CredentialsError):
            await wiring.open_session("prod")


async def test_a_pair_that_does_not_work_is_not_used_either(no_keyring: Path, gateway: ThreadedSimulator) -> None:
    async with Wiring(Options(), UserAccounts(Options())) as wiring:
        with pytest.raises(PairRefused):
            await wiring.login(form(gateway, secret_key="wrong"))
        with pytest.raises(CredentialsError):
            await wiring.open_session("prod")


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_LIMIT):
        while not true():
            await pilot.pause(0.01)


async def test_on_screen_it_is_said_before_the_first_letter_and_the_list_opens(
    no_keyring: Path, gateway: ThreadedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCLOUD_API_GW", gateway.url)
    async with Wiring(Options(), UserAccounts(Options())) as wiring:
        app = ConsoleApp(wiring)
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: "no key" in screen_text(app))
            await pilot.press("l")
            await until(pilot, lambda: isinstance(app.screen, LoginScreen))
            await until(pilot, lambda: "kept nowhere" in screen_text(app))
            screen = app.screen
            assert screen.query_one("#access", Input).value == ""
            screen.query_one("#access", Input).value = gateway.access_key
            screen.query_one("#secret", Input).value = gateway.secret_key
            screen.query_one("#url", Input).value = gateway.url
            screen.query_one("#save", Button).press()
            await until(pilot, lambda: "web-00001" in screen_text(app))
            assert "session" in screen_text(app)
            await until(pilot, lambda: app.account.read_at is not None and not app.account.is_reading)
            await pilot.pause()
