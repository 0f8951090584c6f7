"""While the terminal is too small to be read, nothing acts unseen: what opens then opens under the notice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import QuitConfirm, RefusalDialog
from ncpconsole.tui.textual_fixes.dialogs import ConsolePalette
from tests.tui.console_driver import ConsoleDriver, HeldClient, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

SMALL, ROOM = (40, 10), (80, 24)


async def shrink(console: ConsoleDriver) -> None:
    """Make the terminal too small."""
    await console.pilot.resize_terminal(*SMALL)
    await console.wait_for_screen(TooSmallScreen)


async def test_a_dialog_that_opens_waits_under_the_notice(backend: Backend) -> None:
    async with open_console(backend) as console:
        app = console.app
        await console.pilot.resize_terminal(*SMALL)
        await console.wait_for(lambda: isinstance(app.screen, TooSmallScreen))
        dialog = RefusalDialog("web-1", ["It came while the terminal was small."])
        await app.push_screen(dialog)
        assert isinstance(app.screen, TooSmallScreen)
        await console.press("escape", "enter", "q")
        await console.wait_for_text("40×10")
        assert dialog in app.screen_stack
        await console.pilot.resize_terminal(*ROOM)
        await console.wait_for_text("It came while")
        await console.press("escape")
        await console.wait_for(lambda: app.screen is console.servers)
        assert len(app.screen_stack) == 1
        assert app.crash is None


async def test_a_screen_that_comes_back_is_covered_too(backend: Backend) -> None:
    async with open_console(backend) as console:
        app = console.app
        await console.pilot.resize_terminal(*SMALL)
        await console.wait_for(lambda: isinstance(app.screen, TooSmallScreen))
        app.pop_screen()
        assert isinstance(app.screen, TooSmallScreen)
        await console.pilot.resize_terminal(*ROOM)
        await console.wait_for(lambda: app.screen is console.servers)


async def test_a_confirmation_that_was_typed_is_not_sent_unseen(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = backend.row()
        await console.confirm(row)
        assert console.focus == "send"
        await shrink(console)
        await console.press("enter", "space", "enter", "escape", "tab", "enter")
        assert isinstance(console.app.screen, TooSmallScreen)
        assert backend.intents() == []
        await console.pilot.resize_terminal(*ROOM)
        await console.wait_for_screen(ConfirmScreen)
        assert backend.sends == 0
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_a_confirmation_that_opens_late_takes_no_key_before_there_is_room(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = backend.row()
        await shrink(console)
        flow = asyncio.create_task(console.interrupt(row))
        await console.wait_for(lambda: any(isinstance(s, ConfirmScreen) for s in console.app.screen_stack))
        await console.write(row.name)
        await console.press("enter", "enter")
        assert isinstance(console.app.screen, TooSmallScreen)
        await console.pilot.resize_terminal(*ROOM)
        await console.wait_for_screen(ConfirmScreen)
        await flow
        assert isinstance(console.app.screen, ConfirmScreen)
        assert not console.app.screen.confirmation.typed
        assert backend.sends == 0
        await console.press("escape")
        await console.wait_for(lambda: console.reports == [None])
        await console.wait_for(lambda: len(console.app.screen_stack) == 1)


async def test_the_result_and_the_question_whether_to_quit_wait_for_room(backend: Backend) -> None:
    async with open_console(backend) as console:
        app = console.app
        gateway = console.session.gateway
        assert isinstance(gateway, HeldClient)
        gateway.answering = asyncio.Event()
        row = backend.row()
        await console.send(row)
        await console.wait_for_screen(ResultScreen)
        await shrink(console)
        await console.press("ctrl+q")
        await console.wait_for(lambda: any(isinstance(s, QuitConfirm) for s in app.screen_stack))
        await console.press("tab", "enter", "ctrl+q", "ctrl+q", "enter")
        assert isinstance(app.screen, TooSmallScreen)
        assert sum(isinstance(s, QuitConfirm) for s in app.screen_stack) == 1
        assert app.is_running
        gateway.answering.set()
        await console.wait_for(lambda: not app.flow.sending)
        await console.pilot.resize_terminal(*ROOM)
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_no_palette_opens_unseen(backend: Backend, key: str) -> None:
    async with open_console(backend) as console:
        await console.pilot.resize_terminal(*SMALL)
        await console.wait_for_screen(TooSmallScreen)
        await console.press(key, "q", "enter")
        assert isinstance(console.app.screen, TooSmallScreen)
        assert not any(isinstance(screen, ConsolePalette) for screen in console.app.screen_stack)
