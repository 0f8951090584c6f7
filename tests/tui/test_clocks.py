"""A machine that slept: what was read before is old, is read again, and confirms nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.wording import day_and_clock
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.text.server import status_text
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend, ConsoleDriver

NIGHT = 8 * 3600.0


async def sleep_until_morning(console: ConsoleDriver) -> None:
    """The wall's clock goes on for eight hours, the other one stands still; then one tick."""
    clock = console.clock
    console.app.account.clocks.wall = lambda: clock.now + NIGHT
    console.app.tick()
    await console.wait_for_idle()


async def test_after_a_sleep_the_list_is_said_to_be_old_and_read_at_once(backend: Backend) -> None:
    async with open_console(backend) as console:
        before = console.app.account.read_at
        await sleep_until_morning(console)
        await console.wait_for_text("This machine slept, or its clock was set")
        await console.wait_for(lambda: console.app.account.read_at != before)


async def test_a_list_that_cannot_be_read_after_a_sleep_is_stale_by_the_whole_night(backend: Backend) -> None:
    async with open_console(backend) as console:
        backend.simulator.faults.set("list:permission-denied")
        await sleep_until_morning(console)
        await console.wait_for_text("STALE, 8 h old")


async def test_a_dialog_that_is_open_asks_anew(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.confirm(row)
        dialog = console.app.screen
        await sleep_until_morning(console)
        await console.wait_for(lambda: console.is_on(ConfirmScreen) and console.app.screen is not dialog)
        fresh = console.app.screen
        assert isinstance(fresh, ConfirmScreen)
        assert fresh.confirmation.typed == ""
        await console.press("enter", "enter")
        assert backend.sends == 0
        await console.write(row.name)
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_a_send_pressed_before_the_next_tick_asks_anew_too(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.confirm(backend.row())
        dialog = console.app.screen
        assert isinstance(dialog, ConfirmScreen)
        dialog.clocks.wall = lambda: time.time() + NIGHT
        await console.press("enter")
        await console.wait_for(lambda: console.is_on(ConfirmScreen) and console.app.screen is not dialog)
        assert backend.sends == 0
        assert backend.intents() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "words"),
    [
        (timedelta(seconds=3), "; read at "),
        (timedelta(seconds=40), "; read 40 s ago"),
        (timedelta(days=1, hours=1), "; read 25 h ago, "),
    ],
)
async def test_a_dialog_says_how_old_its_reading_is(backend: Backend, old: timedelta, words: str) -> None:
    async with open_console(backend) as console:
        dialog = await console.open_dialog(backend.row().key)
        now = datetime.now(UTC)
        noon = now.astimezone().replace(hour=12)
        said = status_text(replace(dialog.plan, read_at=noon - old), noon)
        assert words in said
        assert said.endswith(f", {day_and_clock(noon - old, noon, to_second=True)}") is (old > timedelta(days=1))
        dialog.plan = replace(dialog.plan, read_at=now - timedelta(minutes=10))
        await console.wait_for_text("10 min ago")
