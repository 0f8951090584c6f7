"""Tests look at a console at rest, and not at one that only waits for the processor."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.tui.settling import is_at_rest, settled


class Told(Message):
    """Something that a widget takes a while to show."""


class Line(Static):
    """A line that changes late, without using the processor meanwhile."""

    def __init__(self) -> None:
        super().__init__("before")
        self.may_show = asyncio.Event()

    async def on_told(self) -> None:
        """Show it, once it may."""
        await self.may_show.wait()
        self.update("after")


class OneLine(App[None]):
    """A line, which may be behind a dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()

    def compose(self) -> ComposeResult:
        """The line alone."""
        yield self.line


async def test_what_a_screen_behind_was_told_is_drawn_before_anybody_looks() -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        behind = app.screen
        await app.push_screen(ModalScreen())
        await pilot.pause()
        app.line.post_message(Told())
        await asyncio.sleep(0)
        assert not is_at_rest(app)
        asyncio.get_running_loop().call_later(0.2, app.line.may_show.set)
        await pilot.pause()
        assert is_at_rest(app)
        assert "after" in "".join(strip.text for strip in behind._compositor.render_strips())


async def test_a_wait_for_what_never_rests_ends() -> None:
    app = OneLine()
    async with app.run_test():
        app.line.post_message(Told())
        await settled(max_sleep=0.05)
        assert not is_at_rest(app)
        app.line.may_show.set()
