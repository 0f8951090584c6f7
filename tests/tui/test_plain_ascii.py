"""With ASCII marks no screen draws a character of this program's own beyond ASCII."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from rich.segment import Segment
from textual.color import Color

from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog, WaitingScreen
from ncpconsole.tui.text.server_list import Waiting
from ncpconsole.tui.themes import PlainAscii
from tests.core.records import intent
from tests.tui.console_driver import Accounts, ConsoleDriver, open_console

if TYPE_CHECKING:
    from textual.screen import Screen

    from tests.tui.console_driver import Backend

pytestmark = pytest.mark.slow


def own_characters(console: ConsoleDriver) -> set[str]:
    """What is drawn beyond ASCII and is no letter of a name."""
    return {char for char in console.text if not char.isascii() and not char.isalpha()}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)], ids=str)
async def test_the_consoles_own_screens(backend: Backend, size: tuple[int, int]) -> None:
    accounts = Accounts(backend, policies={"prod": {"protected": True}, "test": {}}, incident="INC-1")
    async with open_console(accounts, size=size, ascii_marks=True) as console:
        row = backend.row()
        console.servers.table.select(row.key)
        for what in ("help", "details", "raw", "login", "region", "profile", "history", "command_palette"):
            getattr(console.app, f"action_{what}")()
            await console.wait_for(lambda: console.app.screen is not console.servers)
            await console.pilot.pause(0.2)
            assert own_characters(console) == set(), f"{what}\n{console.text}"
            await console.app.pop_screen()
        await console.press("slash")
        await console.write("web")
        await console.wait_for_text("Up earlier filters")
        assert own_characters(console) == set(), console.text
        await console.press("escape", "space", "e")
        await console.wait_for_text("1 marked")
        assert own_characters(console) == set(), console.text
        await console.pilot.resize_terminal(50, 10)
        await console.wait_for_text("Make it larger")
        assert own_characters(console) == set(), console.text


@pytest.mark.parametrize("unresolved", [False, True])
async def test_the_dialogs(backend: Backend, unresolved: bool) -> None:
    async with open_console(backend, ascii_marks=True) as console:
        session = console.app.account.session
        assert session is not None
        row = backend.row()
        console.servers.table.select(row.key)
        record = intent(outcome=Outcome.UNKNOWN if unresolved else Outcome.ACCEPTED)
        dialogs: list[Screen[Any]] = [
            RefusalDialog(row.name, ["It is stopped."], next_step="Start it."),
            WaitingScreen(Waiting(("A note.",), (record,), (record,))),
            ExportScreen([record]),
            QuitConfirm((row.name,)),
            LoadingDialog(row.name, lambda: None),
            ResolveScreen(session, record),
            ReviewScreen([Turn(row.name, row.number, "accepted", "●"), Turn("b", "2")], 1),
            ReviewScreen([Turn(row.name, row.number, "skipped", " "), Turn("b", "2", "not sent", "○")], None),
        ]
        for dialog in dialogs:
            console.app.push_screen(dialog)
            await console.wait_for(lambda dialog=dialog: dialog.is_mounted)  # type: ignore[misc]  # bound here
            await console.pilot.pause(0.1)
            assert own_characters(console) == set(), f"{dialog}\n{console.text}"
            await console.app.pop_screen()


async def test_an_interrupt_from_the_dialog_to_the_history(backend: Backend) -> None:
    async with open_console(backend, ascii_marks=True) as console:
        row = backend.row()
        await console.open_dialog(row.key)
        await console.wait_for_text("Type the name")
        await console.write(row.name)
        await console.wait_for_text("matches")
        assert own_characters(console) == set(), console.text
        await console.press("enter")
        await console.wait_for_text("SENDS")
        assert own_characters(console) == set(), console.text
        await console.press("enter")
        await console.wait_for_screen(ResultScreen)
        assert own_characters(console) == set(), console.text
        await console.wait_for_text("ACCEPTED")
        assert own_characters(console) == set(), console.text
        await console.press("escape", "h")
        await console.wait_for_screen(HistoryScreen)
        await console.wait_for_text("accepted")
        assert own_characters(console) == set(), console.text


async def test_what_stands_in_the_lists_place(backend: Backend) -> None:
    accounts = Accounts(backend, troubles=[NotReached("No answer.")], held=asyncio.Event())
    async with open_console(accounts, listed=False, ascii_marks=True) as console:
        await console.wait_for_text("Opening")
        assert own_characters(console) == set(), console.text
        assert accounts.held is not None
        accounts.held.set()
        await console.wait_for_text("The gateway is not reached")
        assert own_characters(console) == set(), console.text


def test_names_from_outside_stay_and_no_cell_moves() -> None:
    line = [Segment("결제-서버 é"), Segment("▌● “web” … 🔎"), Segment("plain")]
    drawn = PlainAscii().apply(line, Color(0, 0, 0))
    assert [segment.text for segment in drawn] == ["결제-서버 é", '>* "web" ~ / ', "plain"]
    assert [segment.cell_length for segment in drawn] == [segment.cell_length for segment in line]


@pytest.mark.parametrize(
    ("line", "drawn"),
    [
        (
            ["↑↓ pgup pgdn", " read on  ", "esc", " cancel      "],
            ["up/down pgup pgdn", " read on  ", "esc", " cancel "],
        ),
        (["j ↓         ", "Next server   "], ["j Down      ", "Next server   "]),
        ([" ", "↑", " earlier filters  "], [" ", "Up", " earlier filters "]),
        (["↑", " no room"], ["^", " no room"]),
        (["web-↑↓-01  "], ["web-^v-01  "]),
    ],
)
def test_arrow_keys_are_words_where_there_is_room_and_no_line_changes_its_width(
    line: list[str], drawn: list[str]
) -> None:
    segments = PlainAscii().apply([Segment(text) for text in line], Color(0, 0, 0))
    assert [segment.text for segment in segments] == drawn
    assert sum(map(len, line)) == sum(map(len, drawn))
