"""With ASCII marks no screen draws a character of this program's own beyond ASCII."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from rich.segment import Segment
from textual.color import Color

from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog, StartupNotices
from ncpconsole.tui.themes import PlainAscii
from tests.core.records import intent
from tests.tui.desk import Accounts, Desk, sit_down

if TYPE_CHECKING:
    from textual.screen import Screen

    from tests.tui.bench import Bench


def own_characters(desk: Desk) -> set[str]:
    """What is drawn beyond ASCII and is no letter of a name."""
    return {char for char in desk.text if not char.isascii() and not char.isalpha()}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)], ids=str)
async def test_the_consoles_own_screens(bench: Bench, size: tuple[int, int]) -> None:
    accounts = Accounts(bench, policies={"prod": {"protected": True}, "test": {}}, incident="INC-1")
    async with sit_down(accounts, size=size, ascii_marks=True) as desk:
        row = bench.row()
        desk.servers.table.select(row.key)
        for what in ("help", "details", "raw", "login", "region", "profile", "history", "command_palette"):
            getattr(desk.app, f"action_{what}")()
            await desk.until(lambda: desk.app.screen is not desk.servers)
            await desk.pilot.pause(0.2)
            assert own_characters(desk) == set(), f"{what}\n{desk.text}"
            await desk.app.pop_screen()
        await desk.press("slash")
        await desk.write("web")
        await desk.until_shown("Up earlier filters")
        assert own_characters(desk) == set(), desk.text
        await desk.press("escape", "space", "e")
        await desk.until_shown("1 marked")
        assert own_characters(desk) == set(), desk.text
        await desk.pilot.resize_terminal(50, 10)
        await desk.until_shown("Make it larger")
        assert own_characters(desk) == set(), desk.text


@pytest.mark.parametrize("unresolved", [False, True])
async def test_the_dialogs(bench: Bench, unresolved: bool) -> None:
    async with sit_down(Accounts(bench), ascii_marks=True) as desk:
        session = desk.app.session
        assert session is not None
        row = bench.row()
        desk.servers.table.select(row.key)
        record = intent(outcome=Outcome.UNKNOWN if unresolved else Outcome.ACCEPTED)
        dialogs: list[Screen[Any]] = [
            RefusalDialog(row.name, ["It is stopped."], next_step="Start it."),
            StartupNotices(("A note.",), (record,), (record,)),
            ExportScreen([record]),
            QuitConfirm((row.name,)),
            LoadingDialog(row.name, lambda: None),
            ResolveScreen(session, record),
            ReviewScreen([Turn(row.name, row.number, "accepted", "●"), Turn("b", "2")], 1),
            ReviewScreen([Turn(row.name, row.number, "skipped", " "), Turn("b", "2", "not sent", "○")], None),
        ]
        for dialog in dialogs:
            desk.app.push_screen(dialog)
            await desk.until(lambda dialog=dialog: dialog.is_mounted)  # type: ignore[misc]  # bound here
            await desk.pilot.pause(0.1)
            assert own_characters(desk) == set(), f"{dialog}\n{desk.text}"
            await desk.app.pop_screen()


async def test_an_interrupt_from_the_dialog_to_the_history(bench: Bench) -> None:
    async with sit_down(Accounts(bench), ascii_marks=True) as desk:
        row = bench.row()
        desk.servers.table.select(row.key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        await desk.until_shown("Type the name")
        await desk.write(row.name)
        await desk.until_shown("matches")
        assert own_characters(desk) == set(), desk.text
        await desk.press("enter")
        await desk.until_shown("SENDS")
        assert own_characters(desk) == set(), desk.text
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, ResultScreen))
        assert own_characters(desk) == set(), desk.text
        await desk.until_shown("ACCEPTED")
        assert own_characters(desk) == set(), desk.text
        await desk.press("escape", "h")
        await desk.until(lambda: isinstance(desk.app.screen, HistoryScreen))
        await desk.until_shown("accepted")
        assert own_characters(desk) == set(), desk.text


async def test_what_stands_in_the_lists_place(bench: Bench) -> None:
    accounts = Accounts(bench, troubles=[NotReached("No answer.")], held=asyncio.Event())
    async with sit_down(accounts, listed=False, ascii_marks=True) as desk:
        await desk.until_shown("Opening")
        assert own_characters(desk) == set(), desk.text
        assert accounts.held is not None
        accounts.held.set()
        await desk.until_shown("The gateway is not reached")
        assert own_characters(desk) == set(), desk.text


def test_names_from_outside_stay_and_no_cell_moves() -> None:
    line = [Segment("결제-서버 é"), Segment("▌● “web” … 🔎"), Segment("plain")]
    drawn = PlainAscii().apply(line, Color(0, 0, 0))
    assert [segment.text for segment in drawn] == ["결제-서버 é", '>* "web" ~ / ', "plain"]
    assert [segment.cell_length for segment in drawn] == [segment.cell_length for segment in line]
