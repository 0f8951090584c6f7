"""A screen with nothing but the server table, that notes what the table says and paints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import App, ComposeResult

from ncpconsole.tui.widgets.server_table import ServerTable

if TYPE_CHECKING:
    from textual.message import Message
    from textual.pilot import Pilot
    from textual.strip import Strip


class CountingTable(ServerTable):
    """Notes which lines are painted."""

    def __init__(self, *, changed_for: float = 0.0) -> None:
        super().__init__(changed_for=changed_for)
        self.lines_painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.lines_painted.append(y)
        return super().render_line(y)


class TableApp(App[None]):
    """Shows one table and collects its messages, newest last."""

    def __init__(self, *, changed_for: float = 0.0) -> None:
        super().__init__()
        self.animation_level = "none"
        self.table = CountingTable(changed_for=changed_for)
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    @on(ServerTable.Selected)
    @on(ServerTable.Opened)
    @on(ServerTable.MarkToggled)
    @on(ServerTable.SortRequested)
    def note(self, message: Message) -> None:
        self.said.append(message)


async def frame(pilot: Pilot[None]) -> None:
    """Wait until every message is handled and the screen is painted."""
    await pilot.pause()
    painted = asyncio.Event()
    pilot.app.screen.call_after_refresh(painted.set)
    await asyncio.wait_for(painted.wait(), 10)


def lines(table: ServerTable) -> list[str]:
    """The text of every line, the header first."""
    return [strip.text for strip in table.render_lines(table.size.region)]


def line_of(table: ServerTable, text: str) -> int:
    """The line of the screen on which ``text`` is."""
    return next(y for y, line in enumerate(lines(table)) if text in line)
