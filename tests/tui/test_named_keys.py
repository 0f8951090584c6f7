"""Every key that a footer names, on every screen at 80×24, does something, and what it says."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from ncpconsole.core.records import Observation
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.availability import unavailable_reason
from ncpconsole.tui.commands import split_keys
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.login import LoginScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog, WaitingScreen
from ncpconsole.tui.text.server_list import Waiting
from ncpconsole.tui.widgets.footer import Footer, lay_out
from tests.core.records import intent
from tests.tui.console_driver import Accounts, ConsoleDriver, open_backend, open_console
from tests.tui.test_history import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from textual.screen import Screen

    from tests.tui.console_driver import Backend

KEYS = {
    "↑": "up", "↓": "down", "←": "left", "→": "right", "pgup": "pageup", "pgdn": "pagedown", "esc": "escape",
    "/": "slash", "!": "exclamation_mark", "?": "question_mark",
}  # fmt: skip
OPPOSITES = {"up": "down", "left": "right", "pageup": "pagedown"}


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal with records of every kind, the newest unresolved."""
    async with open_backend(tmp_path, servers=64) as opened:
        for number, outcome in enumerate((Outcome.ACCEPTED, Outcome.REJECTED, Outcome.NOT_SENT, Outcome.UNKNOWN)):
            kept = record(opened, f"web-{number}", str(300 + number), outcome)
            now = datetime.now(UTC)
            changes = [Observation(now + timedelta(seconds=n), "operation", f"A{n}", f"B{n}") for n in range(12)]
            opened.journal.observe(kept.id, *changes, Observation(now, "server", "interrupted", "back"))
        yield opened


def named_keys(console: ConsoleDriver) -> list[str]:
    """The keys that the footer of the screen in front names, by Textual's names."""
    screen = console.app.screen
    if isinstance(screen, ConsoleScreen):
        footer = screen.query_one(Footer)
        return [
            KEYS.get(key, key)
            for _, _, command, _ in lay_out(footer.situation, footer.keys, footer.size.width)
            if unavailable_reason(command, footer.situation) is None
            for key in split_keys(footer.keys.of(command))[:1]
        ]
    found: list[str] = []
    for hints in screen.query(".hints").results(Static):
        content = hints.content
        assert isinstance(content, Content)
        for span in content.spans:
            if str(span.style) == "bold":
                found += spelled(content.plain[span.start : span.end])
    return found


def spelled(words: str) -> list[str]:
    """``esc or enter``, ``pgup/pgdn``, ``↑↓ pgup pgdn`` or ``/`` as single keys by Textual's names."""
    if len(words) == 1:
        return [KEYS.get(words, words)]
    return [KEYS.get(key, key) for key in re.findall(r"[↑↓←→]|[a-z+]+", words) if key != "or"]


def looks(console: ConsoleDriver) -> tuple[object, ...]:
    """Everything that a key can have changed."""
    screen = console.app.screen
    return (
        [id(each) for each in console.app.screen_stack],
        console.text,
        screen.focused,
        console.app.clipboard,
        [body.scroll_offset for body in screen.query(VerticalScroll)],
        [options.highlighted for options in screen.query(OptionList)],
        len(console.app._notifications),
        len(console.backend.simulator.requests),
        console.app.is_running,
    )


@dataclass(frozen=True)
class Place:
    """A screen, and how to get there from the list."""

    name: str
    reach: Callable[[ConsoleDriver], Awaitable[None]]
    least: tuple[str, ...] = ()
    """Keys that must be among those it names."""


def pushed(make: Callable[[ConsoleDriver], Screen[Any]]) -> Callable[[ConsoleDriver], Awaitable[None]]:
    async def reach(console: ConsoleDriver) -> None:
        screen = make(console)
        console.app.push_screen(screen)
        await console.wait_for(lambda: console.app.screen is screen and screen.is_mounted)
        await console.wait_for_idle()

    return reach


def by_action(name: str) -> Callable[[ConsoleDriver], Awaitable[None]]:
    async def reach(console: ConsoleDriver) -> None:
        console.servers.table.select(console.backend.row().key)
        await console.app.run_action(name)
        await console.wait_for(lambda: console.app.screen is not console.servers and console.app.screen.is_mounted)
        await console.wait_for_idle()

    return reach


async def at_the_list(console: ConsoleDriver) -> None:
    console.servers.table.select(console.backend.row().key)
    await console.wait_for_idle()


async def confirming(console: ConsoleDriver) -> None:
    await console.open_dialog(console.backend.row().key)


async def at_send(console: ConsoleDriver) -> None:
    dialog = await console.open_dialog(console.backend.row().key)
    await console.write(dialog.plan.demands.text)
    await console.press("enter")
    await console.wait_for_text("SENDS")


async def at_a_result(console: ConsoleDriver) -> None:
    screen = ResultScreen(console.session, "web-00012", "142300012, region KR, profile prod")
    console.app.push_screen(screen)
    await console.wait_for(lambda: screen.is_mounted)
    result = SendResult(outcome=Outcome.UNKNOWN, message="No answer came.")
    await screen.show_result(result, console.backend.intents()[0])
    await console.wait_for(lambda: screen.settled)


UNKNOWN = intent(outcome=Outcome.UNKNOWN)
PLACES = (
    Place("list", at_the_list, ("exclamation_mark", "slash", "e", "h", "question_mark")),
    Place("details", by_action("app.details"), ("exclamation_mark", "h", "q")),
    Place("raw", by_action("app.raw"), ("q",)),
    Place("help", by_action("app.help"), ("q",)),
    Place("history", by_action("app.history"), ("pagedown", "slash", "x", "a", "v", "escape")),
    Place("profiles", by_action("app.profile"), ("up", "down", "enter", "escape")),
    Place("regions", by_action("app.region"), ("up", "down", "enter", "escape")),
    Place("login", pushed(lambda console: LoginScreen(console.app.account.console)), ("tab", "enter", "escape")),
    Place("confirm", confirming, ("tab", "escape")),
    Place("at send", at_send, ("enter", "escape")),
    Place("result", at_a_result, ("escape", "enter")),
    Place("refusal", pushed(lambda _: RefusalDialog("web-1", ["It is stopped."])), ("escape",)),
    Place("loading", pushed(lambda console: LoadingDialog("web-1", console.app.pop_screen)), ("escape",)),
    Place("quit", pushed(lambda _: QuitConfirm(("web-1",))), ("tab", "enter", "escape")),
    Place("notices", pushed(lambda _: WaitingScreen(Waiting(("A note.",), (), (UNKNOWN,)))), ("enter", "h")),
    Place("export", pushed(lambda _: ExportScreen([UNKNOWN])), ("tab", "enter", "escape")),
    Place("resolve", pushed(lambda console: ResolveScreen(console.session, console.backend.intents()[0]))),
    Place("review", pushed(lambda _: ReviewScreen([Turn("a", "1"), Turn("b", "2")], 0)), ("enter", "s", "escape")),
    Place("review over", pushed(lambda _: ReviewScreen([Turn("a", "1", "accepted", "●")], None)), ("enter",)),
)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_every_key_that_a_footer_names_does_something(
    place: Place, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    accounts = Accounts(backend, policies={"prod": {}, "stage": {}})
    async with open_console(accounts) as console:
        await console.wait_for_idle()
        while console.app.screen is not console.servers:
            await console.app.pop_screen()
        await place.reach(console)
        keys = named_keys(console)
        assert set(place.least) <= set(keys), (keys, console.text)
        for key in dict.fromkeys(keys):
            if (opposite := OPPOSITES.get(key)) is not None:
                await console.press(opposite)
            before = looks(console)
            await console.press(key)
            try:
                async with asyncio.timeout(10):
                    while looks(console) == before:
                        await console.pilot.pause(0.01)
            except TimeoutError:
                raise AssertionError(f"{key} does nothing:\n{console.text}") from None
            await console.wait_for_idle()
            if not console.app.is_running:
                return
            # A send opens its result once the first byte has left, and not at once.
            await console.wait_for(lambda: not console.app.flow.sending)
            while console.app.screen is not console.servers:
                await console.app.pop_screen()
            if key == "r":
                await console.wait_for_list()
            await console.press("escape")
            await place.reach(console)


async def test_at_80_by_24_the_history_shows_the_timeline_and_its_keys_scroll_it(backend: Backend) -> None:
    async with open_console(backend) as console:
        while console.app.screen is not console.servers:
            await console.app.pop_screen()
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        await console.wait_for_text("Timeline", "confirmed and claimed")
        screen = console.app.screen
        assert isinstance(screen, HistoryScreen)
        body, chosen = screen.query_one("#details"), screen.selected
        for key in ("pagedown", "pageup"):
            before = body.scroll_offset
            await console.press(key)
            await console.wait_for(lambda before=before: body.scroll_offset != before)
            assert screen.selected is chosen
        assert isinstance(screen.focused, OptionList)
        await console.press("down")
        await console.wait_for(lambda: screen.selected is not chosen)


def test_a_key_of_every_form_is_understood() -> None:
    assert spelled("esc or enter") == ["escape", "enter"]
    assert spelled("↑↓ pgup pgdn") == ["up", "down", "pageup", "pagedown"]
    assert spelled("pgup/pgdn") == ["pageup", "pagedown"]
    assert spelled("← →") == ["left", "right"]
    assert spelled("/") == ["slash"]
