"""Keys that come faster than anyone reads or types: they send nothing, and confirm nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from textual import events

from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.screens.review import ReviewScreen
from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.inputs import PASTE_REFUSED
from tests.core.fakes import UNKNOWN, a_draft
from tests.end_to_end.terminal import Terminal
from tests.tui.console_driver import NAMED_KEYS, NEVER, Accounts, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.console_driver import Backend, ConsoleDriver

PACE = 0.05
"""Seconds between two keys of a quick typist."""
LONGEST_DELAY = 0.66
"""Seconds until a held key repeats, at most."""


async def typed(console: ConsoleDriver, text: str) -> None:
    """Type as quickly as a person does."""
    for character in text:
        await console.press(NAMED_KEYS.get(character, character))
        await asyncio.sleep(PACE)


async def at_send(console: ConsoleDriver, name: str) -> None:
    """Type the name and go to Send."""
    await typed(console, name)
    await console.press("enter")
    await console.wait_for(lambda: console.focus == "send")


def burst(console: ConsoleDriver, text: str) -> None:
    """Characters that the terminal delivers at one moment."""
    keys = [events.Key(NAMED_KEYS.get(character, character), character) for character in text]
    for key in keys:
        key.time = keys[0].time
        console.app.post_message(key)


async def test_two_enters_at_once_send_nothing(backend: Backend) -> None:
    assert EnterGuard.SECONDS > LONGEST_DELAY
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        await console.interrupt(row)
        with patch.object(EnterGuard, "SECONDS", NEVER):  # the second one comes within it, however busy the machine is
            await at_send(console, row.name)
        await console.press("enter")
        await console.wait_for_text("release Enter")
        assert console.is_on(ConfirmScreen)
        assert backend.sends == 0
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_an_enter_that_was_held_while_the_console_stood_still_sends_nothing(backend: Backend) -> None:
    """It is read after the time of the guard, in which it was held all the while."""
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        await console.interrupt(row)
        await at_send(console, row.name)
        time.sleep(EnterGuard.SECONDS + 0.2)  # noqa: ASYNC251 - this is what is tested: nothing goes on meanwhile
        await console.press("enter")
        await console.wait_for_text("release Enter")
        assert console.is_on(ConfirmScreen)
        await console.wait_for_text("enter SENDS")
        assert backend.sends == 0


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.25, 0.5])
async def test_a_held_enter_sends_nothing_however_long_it_is_held(backend: Backend, delay: float) -> None:
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        await console.interrupt(row)
        await at_send(console, row.name)
        await asyncio.sleep(delay - 0.03)  # what went by since the key went down
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            await console.press("enter")
            await asyncio.sleep(0.033)
        await console.wait_for_text("enter SENDS")
        assert backend.sends == 0


async def test_the_first_click_on_send_gives_it_the_focus_and_a_later_one_sends(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        await console.interrupt(row)
        await typed(console, row.name)
        await console.pilot.click("#send", times=2)
        await console.wait_for_text("release Enter")
        assert console.focus == "send"
        assert console.is_on(ConfirmScreen)
        assert backend.sends == 0
        await console.wait_for_text("enter SENDS")
        await console.pilot.click("#send")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_a_name_that_comes_faster_than_anyone_types_is_refused_as_pasted(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        dialog = await console.open_dialog(row.key)
        burst(console, row.name)
        await console.wait_for_text(PASTE_REFUSED)
        assert dialog.confirmation.typed == ""
        await asyncio.sleep(PACE * 3)
        await at_send(console, row.name)
        assert dialog.confirmation.typed == row.name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ad1", "erp7"])
async def test_a_short_name_that_comes_at_once_is_refused_as_pasted(backend: Backend, name: str) -> None:
    row = backend.row()
    backend.simulator.state().change(row.number, name=name)
    async with open_console(backend, hasty=True) as console:
        dialog = await console.open_dialog(row.key)
        burst(console, name)
        await console.wait_for_text(PASTE_REFUSED)
        assert dialog.confirmation.typed == ""
        await asyncio.sleep(PACE * 3)
        await at_send(console, name)
        assert dialog.confirmation.typed == name


async def test_letters_that_come_together_are_taken_where_they_are_not_all(backend: Backend) -> None:
    """Fingers overlap, and a slow line delivers keys in batches."""
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        dialog = await console.open_dialog(row.key)
        for start in range(0, len(row.name), 3):
            burst(console, row.name[start : start + 3])
            await asyncio.sleep(0.2)
        assert dialog.confirmation.typed == row.name


async def test_what_was_typed_by_hand_stays_when_the_rest_is_pasted(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend, hasty=True) as console:
        dialog = await console.open_dialog(row.key)
        await typed(console, row.name[:2])
        await asyncio.sleep(PACE * 2)
        burst(console, "x" * 12)
        await console.wait_for_text(PASTE_REFUSED)
        assert dialog.confirmation.typed == row.name[:2]


async def test_an_enter_for_the_dialog_before_does_not_begin_the_next_turn_of_a_review(backend: Backend) -> None:
    async with open_console(backend, hasty=True) as console:
        console.servers.table.select(backend.row().key)
        await console.press("space", "exclamation_mark")
        await console.wait_for_screen(ReviewScreen)
        await console.press("enter", "enter")
        assert console.is_on(ReviewScreen)
        await asyncio.sleep(EnterGuard.SECONDS)
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)


async def test_the_question_whether_to_quit_is_not_answered_in_haste(backend: Backend) -> None:
    async with open_console(Accounts(backend), hasty=True) as console:
        console.app.flow.sending.add("web-1 (300)")
        await console.press("q")
        await console.wait_for_screen(QuitConfirm)
        await console.press("tab", "enter", "enter")
        assert console.is_on(QuitConfirm)
        await console.press("escape")
        console.app.flow.sending.clear()


async def test_a_held_enter_resolves_nothing(backend: Backend) -> None:
    server = backend.row().server
    draft = a_draft(server.server_instance_no, backend.simulator.url, snapshot=server.as_plain())
    intent_id = backend.journal.claim(draft).id
    backend.journal.mark_sending(intent_id)
    intent = backend.journal.finish(intent_id, UNKNOWN)
    async with open_console(backend, hasty=True) as console:
        console.app.push_screen(ResolveScreen(console.session, intent))
        await console.wait_for_screen(ResolveScreen)
        await console.press("right", "tab")
        await typed(console, "bsod seen")
        await console.press("enter")
        await console.wait_for(lambda: console.focus == "resolve")
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            await console.press("enter")
            await asyncio.sleep(0.033)
        assert console.is_on(ResolveScreen)
        assert backend.intents()[0].is_unresolved
        await asyncio.sleep(EnterGuard.SECONDS)
        await console.press("enter")
        await console.wait_for(lambda: not backend.intents()[0].is_unresolved)


@pytest.mark.slow
def test_two_enters_in_one_burst_send_nothing_in_a_real_terminal(tmp_path: Path) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.press("e", "!")
        console.shows("Type the name")
        name = console.text.split("INTERRUPT")[1].split()[0]
        console.child.send(f"{name}\r\r")
        console.shows(PASTE_REFUSED)
        console.type(name)
        console.shows("matches")
        console.child.send("\r\r")
        console.shows("release Enter")
        console.shows("enter SENDS")
        console.press("enter")
        console.shows("ACCEPTED")
