"""At 80×24 everything that an operator decides by is in view at once; nothing has to be scrolled to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from ncpconsole.tui.widgets.dialog import Body
from tests.tui.console_driver import Accounts, open_backend, open_console
from tests.tui.test_confirm import busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.console_driver import Backend, ConsoleDriver

DECISIVE = (
    *("INTERRUPT", "prod", "public", "142300", "read at", "0x80", "is lost", "Complete memory dump", "page file"),
    *("overwrit", "restart", "before", "activity log", "Reason or ticket", "Send the interrupt", "Cancel"),
)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=64) as opened:
        yield opened


async def check_in_view(console: ConsoleDriver, *more: str) -> None:
    """Everything is on screen, whole, and the body has nothing below its fold."""
    await console.wait_for(lambda: "activity log: reading" not in console.text)
    await console.wait_for_idle()
    missing = [words for words in (*DECISIVE, *more) if words not in console.text]
    assert not missing, f"{missing} not in view:\n{console.text}"
    assert console.app.screen.query_one(Body).max_scroll_y == 0, console.text
    assert console.app.screen.query_one("#send", Button).region.width > 0


@pytest.mark.parametrize("protected", [False, True])
async def test_a_server_without_a_caution(backend: Backend, protected: bool) -> None:
    policy = {"protected": True, "require_reason": True} if protected else {}
    async with open_console(Accounts(backend, policies={"prod": policy})) as console:
        await console.interrupt(backend.row())
        await check_in_view(console, "none in this console's journal", *(["PROTECTED"] if protected else []))


@pytest.mark.parametrize("protected", [False, True])
async def test_a_server_with_a_caution(backend: Backend, protected: bool) -> None:
    async with open_console(Accounts(backend, policies={"prod": {"protected": protected}})) as console:
        await console.interrupt(backend.row(busy))
        await check_in_view(console, "in progress")


async def test_a_server_that_was_interrupted_before_and_was_found_by_its_address(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.send(row)
        await console.wait_for_text("ACCEPTED")
        await console.press("escape")
        await console.wait_for(lambda: any(seen.field == "server" for seen in backend.intents()[0].observations))
        await console.wait_for(lambda: console.reports)
        await console.press("slash")
        await console.write(row.ip or row.name)
        await console.press("enter")
        await console.open_dialog(row.key)
        await check_in_view(console, "looked for", "mina@bastion-1")
