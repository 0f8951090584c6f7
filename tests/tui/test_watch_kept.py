"""A watch is not lost by leaving: asked about, told on the terminal, and taken up at the next start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.records import Observation
from ncpconsole.core.watch import BACK, is_awaited
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from tests.core.records import intent
from tests.tui.console_driver import Accounts, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.records import Intent
    from tests.tui.console_driver import Backend, ConsoleDriver

SLOWLY = 3600.0
"""Seconds that an interrupted server needs to come back: longer than any test."""


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator whose servers do not come back meanwhile."""
    async with open_backend(tmp_path, interrupt_seconds=SLOWLY) as opened:
        yield opened


async def interrupted(console: ConsoleDriver, backend: Backend) -> str:
    """Send an interrupt and go back to the list; gives the server's name and number."""
    row = backend.row()
    await console.send(row)
    await console.wait_for_text("ACCEPTED", "watching every")
    await console.press("escape")
    await console.wait_for(lambda: console.app.screen is console.servers)
    return f"{row.name} ({row.number})"


@pytest.mark.slow
@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_while_a_server_is_not_back_asks_first_and_says_how_to_go_on(slow: Backend, key: str) -> None:
    async with open_console(slow) as console:
        server = await interrupted(console, slow)
        await console.press(key)
        await console.wait_for_screen(QuitConfirm)
        await console.wait_for_text(f"{server} is not back yet, and watched.", "ncpconsole watch")
        await console.press("enter")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.app.is_running
        await console.press(key)
        await console.wait_for_screen(QuitConfirm)
        await console.press("tab", "enter")
        await console.wait_for(lambda: not console.app.is_running)
    (sentence,) = console.app.farewell
    assert sentence.startswith(f"The watch ended. {server} was not seen back; last: ")
    assert sentence.endswith(f"ncpconsole watch {slow.intents()[0].id}")


async def test_leaving_after_the_server_is_back_asks_nothing(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.send(backend.row())
        await console.wait_for(lambda: any(seen.after == BACK.after for seen in backend.intents()[0].observations))
        await console.press("escape", "q")
        await console.wait_for(lambda: not console.app.is_running)
    assert console.app.farewell == []


@pytest.fixture
async def later(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator whose servers come back when a console that leaves at once has left, on a busy machine too."""
    async with open_backend(tmp_path, interrupt_seconds=12) as opened:
        yield opened


@pytest.mark.slow
async def test_the_next_start_goes_on_with_a_watch_that_a_quit_ended(later: Backend) -> None:
    backend = later
    row = backend.row()
    async with open_console(backend) as console:
        await console.send(row)
        await console.wait_for_text("ACCEPTED")
        console.app.exit()
    before = len(backend.intents()[0].observations)
    async with open_console(Accounts(backend)) as console:
        await console.wait_for_text(f"watched again: {row.name}, not back yet")
        await console.wait_for_text("back: it runs")
        await console.wait_for(lambda: "watched again" not in console.text)
        seen = backend.intents()[0].observations
        assert len(seen) > before
        assert seen[-1].after == BACK.after or any(one.after == BACK.after for one in seen)
        await console.press("q")
        await console.wait_for(lambda: not console.app.is_running)


NOW = datetime.now(UTC)


def record(**changes: object) -> Intent:
    return replace(intent(outcome=Outcome.ACCEPTED), time=NOW - timedelta(minutes=1), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "awaited"),
    [
        (record(), True),
        (record(outcome=Outcome.UNKNOWN), True),
        (record(outcome=Outcome.REJECTED), False),
        (record(observations=(Observation(NOW, BACK.field, BACK.before, BACK.after),)), False),
        (replace(record(), time=NOW - timedelta(minutes=16)), False),
    ],
)
def test_what_is_watched_on(of: Intent, awaited: bool) -> None:
    assert is_awaited(of, NOW, 15 * 60) is awaited
