"""While the terminal is too small to be read, nothing acts unseen: what opens then opens under the notice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.palette import ConsolePalette
from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import QuitConfirm, RefusalDialog
from tests.tui import bench as tables
from tests.tui.bench import HeldClient, Table
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from tests.tui.bench import Bench

SMALL, ROOM = (40, 10), (80, 24)


async def shrink(table: Table) -> None:
    """Make the terminal too small."""
    await table.pilot.resize_terminal(*SMALL)
    await table.until_on(TooSmallScreen)


async def test_a_dialog_that_opens_waits_under_the_notice(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        app = desk.app
        await desk.pilot.resize_terminal(*SMALL)
        await desk.until(lambda: isinstance(app.screen, TooSmallScreen))
        dialog = RefusalDialog("web-1", ["It came while the terminal was small."])
        await app.push_screen(dialog)
        assert isinstance(app.screen, TooSmallScreen)
        await desk.press("escape", "enter", "q")
        await desk.until_shown("40×10")
        assert dialog in app.screen_stack
        await desk.pilot.resize_terminal(*ROOM)
        await desk.until_shown("It came while")
        await desk.press("escape")
        await desk.until(lambda: app.screen is desk.servers)
        assert len(app.screen_stack) == 1
        assert app.crash is None


async def test_a_screen_that_comes_back_is_covered_too(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        app = desk.app
        await desk.pilot.resize_terminal(*SMALL)
        await desk.until(lambda: isinstance(app.screen, TooSmallScreen))
        app.pop_screen()
        assert isinstance(app.screen, TooSmallScreen)
        await desk.pilot.resize_terminal(*ROOM)
        await desk.until(lambda: app.screen is desk.servers)


async def test_a_confirmation_that_was_typed_is_not_sent_unseen(bench: Bench) -> None:
    async with tables.sit_down(bench) as table:
        row = bench.row()
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter")
        assert table.focus == "send"
        await shrink(table)
        await table.press("enter", "space", "enter", "escape", "tab", "enter")
        assert isinstance(table.app.screen, TooSmallScreen)
        assert bench.intents() == []
        await table.pilot.resize_terminal(*ROOM)
        await table.until_on(ConfirmScreen)
        assert bench.sends == 0
        await table.press("enter")
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1


async def test_a_confirmation_that_opens_late_takes_no_key_before_there_is_room(bench: Bench) -> None:
    async with tables.sit_down(bench) as table:
        row = bench.row()
        await shrink(table)
        flow = asyncio.create_task(table.interrupt(row))
        await table.until(lambda: any(isinstance(s, ConfirmScreen) for s in table.app.screen_stack))
        await table.write(row.name)
        await table.press("enter", "enter")
        assert isinstance(table.app.screen, TooSmallScreen)
        await table.pilot.resize_terminal(*ROOM)
        await table.until_on(ConfirmScreen)
        await flow
        assert isinstance(table.app.screen, ConfirmScreen)
        assert not table.app.screen.confirmation.typed
        assert bench.sends == 0
        await table.press("escape")
        await table.until(lambda: table.reports == [None])
        await table.until(lambda: len(table.app.screen_stack) == 1)


async def test_the_result_and_the_question_whether_to_quit_wait_for_room(bench: Bench) -> None:
    async with tables.sit_down(bench) as table:
        app = table.app
        gateway = table.session.gateway
        assert isinstance(gateway, HeldClient)
        gateway.answering = asyncio.Event()
        row = bench.row()
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter", "enter")
        await table.until_on(ResultScreen)
        await shrink(table)
        await table.press("ctrl+q")
        await table.until(lambda: any(isinstance(s, QuitConfirm) for s in app.screen_stack))
        await table.press("tab", "enter", "ctrl+q", "ctrl+q", "enter")
        assert isinstance(app.screen, TooSmallScreen)
        assert sum(isinstance(s, QuitConfirm) for s in app.screen_stack) == 1
        assert app.is_running
        gateway.answering.set()
        await table.until(lambda: not app.sending)
        await table.pilot.resize_terminal(*ROOM)
        await table.until_on(ResultScreen)
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_no_palette_opens_unseen(bench: Bench, key: str) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.pilot.resize_terminal(*SMALL)
        await desk.until(lambda: isinstance(desk.app.screen, TooSmallScreen))
        await desk.press(key, "q", "enter")
        assert isinstance(desk.app.screen, TooSmallScreen)
        assert not any(isinstance(screen, ConsolePalette) for screen in desk.app.screen_stack)
