"""After a send: the history, the resolution and a copy of what to hand on are one key away from the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static

from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.screens.result import ResultScreen
from tests.tui.console_driver import open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.console_driver import Backend, ConsoleDriver


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=24) as opened:
        yield opened


async def at_the_result(console: ConsoleDriver, outcome: Outcome) -> ResultScreen:
    """Send, and come to the result once it may be closed."""
    client, row = console.backend.clients[-1], console.backend.row()
    if outcome is not Outcome.ACCEPTED:
        client.says = SendResult(outcome=outcome, message="No answer came.")
    await console.send(row)
    await console.wait_for_screen(ResultScreen)
    screen = console.app.screen
    assert isinstance(screen, ResultScreen)
    await console.wait_for(lambda: screen.settled)
    return screen


async def test_h_opens_the_history_over_the_result_and_comes_back(backend: Backend) -> None:
    async with open_console(backend) as console:
        screen = await at_the_result(console, Outcome.ACCEPTED)
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is screen)


async def test_v_resolves_an_unknown_outcome_at_once_and_the_list_is_unlocked(backend: Backend) -> None:
    async with open_console(backend) as console:
        screen = await at_the_result(console, Outcome.UNKNOWN)
        await console.wait_for_text("v resolve")
        await console.press("v")
        await console.wait_for_screen(ResolveScreen)
        await console.wait_for_text("It was received.", "(●) accepted")
        await console.press("tab", "enter", "enter")
        await console.wait_for(lambda: console.app.screen is screen)
        await console.wait_for_text("resolved as accepted")
        assert "v resolve" not in console.text
        await console.press("escape")
        await console.wait_for_text("may dump: ")


async def test_in_a_narrow_terminal_the_foot_is_whole_too(backend: Backend) -> None:
    async with open_console(backend, size=(60, 16)) as console:
        await at_the_result(console, Outcome.UNKNOWN)
        await console.wait_for_text("v resolve", "h history", "esc or enter close")
        hints = console.app.screen.query_one("#hints", Static)
        assert hints.render_line(0).text.split() == str(hints.render()).split()


async def test_v_says_nothing_of_a_known_outcome(backend: Backend) -> None:
    async with open_console(backend) as console:
        screen = await at_the_result(console, Outcome.ACCEPTED)
        assert "v resolve" not in console.text
        await console.press("v")
        await console.wait_for_idle()
        assert console.app.screen is screen


@pytest.mark.slow
@pytest.mark.parametrize("where", ["result", "history"])
async def test_y_copies_what_to_hand_on(backend: Backend, where: str) -> None:
    async with open_console(backend) as console:
        screen = await at_the_result(console, Outcome.ACCEPTED)
        if where == "history":
            await console.press("h")
            await console.wait_for_screen(HistoryScreen)
        await console.press("y")
        await console.wait_for_text("Copied")
        intent = backend.intents()[0]
        copied = console.app.clipboard
        for part in (intent.draft.server_name, intent.draft.server_no, "accepted", "mina@bastion-1", intent.id):
            assert part in copied
        assert intent.request_id
        assert intent.request_id in copied
        assert copied.count("\n") == 4
        assert "y copy" in console.text
        assert screen.done


async def test_both_request_ids_are_shown_on_lines_of_their_own_and_copied(backend: Backend) -> None:
    """The gateway tells one in a header, the service another in its answer; support asks for either."""
    ids = ("gateway-9b340dae-78f2", "service-4b76926d-0b1b")
    async with open_console(backend) as console:
        backend.clients[-1].says = SendResult(
            outcome=Outcome.REJECTED, message=f"NCP refused it. (request id {ids[0]})", request_ids=ids
        )
        row = backend.row()
        await console.send(row)
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text(*ids)
        lines = [line.strip("│ ") for line in console.text.splitlines()]
        assert f"request id   {ids[0]} (header)" in lines
        assert f"request id   {ids[1]} (body)" in lines
        await console.press("y")
        assert all(one in console.app.clipboard for one in ids)
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        await console.press("pagedown")
        await console.wait_for_text(*ids)
