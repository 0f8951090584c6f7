"""What is told for a moment stands in a line above the keys, and covers neither keys nor results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static
from textual.widgets._toast import Toast

from ncpconsole.tui.screens.detail import DetailScreen
from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from ncpconsole.tui.widgets.panels import StatusLine
from tests.tui.console_driver import NEVER, Accounts, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.console_driver import Backend


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=24) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("where", ["list", "details"])
async def test_a_notice_stands_above_the_keys_and_goes_by_itself(backend: Backend, where: str) -> None:
    async with open_console(backend) as console:
        console.servers.table.select(backend.row().key)
        if where == "details":
            await console.press("enter")
            await console.wait_for_screen(DetailScreen)
        keys = console.text.splitlines()[-1]
        await console.press("y")
        await console.wait_for_text("Copied the number")
        lines = console.text.splitlines()
        assert lines[-1] == keys
        assert "Copied the number" in lines[-2]
        assert not console.app.screen.query(Toast)
        await console.wait_for(lambda: "Copied the number" not in console.text)


async def test_escape_with_nothing_to_clear_says_nothing(backend: Backend) -> None:
    async with open_console(backend) as console:
        before = console.text
        await console.press("escape", "escape")
        await console.wait_for_idle()
        assert console.text == before


DIALOGS = ("confirm", "history", "region", "profile", "login", "note", "quit")


@pytest.mark.slow
@pytest.mark.parametrize("kind", DIALOGS)
@pytest.mark.parametrize("size", [(80, 24), (60, 16)], ids=str)
async def test_a_notice_stands_in_a_dialogs_foot_above_its_keys(
    backend: Backend, kind: str, size: tuple[int, int]
) -> None:
    async with open_console(backend, size=size) as console:
        app = console.app
        console.servers.table.select(backend.row().key)
        if kind == "confirm":
            await console.open_dialog(backend.row().key)
        elif kind == "quit":
            app.push_screen(QuitConfirm(["web-1 (1)"]))
        else:
            getattr(app, f"action_{kind}")()
        await console.wait_for(lambda: app.screen is not console.servers and bool(app.screen.query("#hints")))
        await console.wait_for_idle()
        keys = app.screen.query_one("#hints", Static).render()
        app.notify("Something that happened elsewhere.", markup=False, timeout=NEVER)
        await console.wait_for_text("Something that happened elsewhere.")
        assert not app.screen.query(Toast)
        hints, line = app.screen.query_one("#hints"), app.screen.query_one(StatusLine)
        assert line.region.bottom <= hints.region.y
        assert hints.region.height == 1
        assert str(app.screen.query_one("#hints", Static).render()) == str(keys)
        for part in app.screen.query("Input, Button"):
            assert not part.region.overlaps(line.region)
        app.notify("Something else.", markup=False, timeout=0.01)
        await console.wait_for(lambda: not line.display)


async def test_after_a_login_the_list_says_it_and_not_the_dialog_that_leaves(backend: Backend) -> None:
    async with open_console(Accounts(backend)) as console:
        console.app.action_login()
        await console.wait_for_text("ccess key")
        await console.write("ABCDEFGHIJ0123456789")
        await console.press("tab")
        await console.write("s" * 40)
        await console.press("enter", "enter")
        await console.wait_for_text("Logged in: Kept.")
        assert console.app.screen is console.servers
        assert not console.app.screen.query(Toast)
