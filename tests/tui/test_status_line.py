"""What is told for a moment stands in a line above the keys, and covers neither keys nor results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast

from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.detail import DetailScreen
from tests.tui.console_driver import open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.console_driver import Backend


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=24) as opened:
        yield opened


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


async def test_a_notice_over_a_dialog_covers_neither_its_keys_nor_its_boxes(backend: Backend) -> None:
    async with open_console(backend) as console:
        dialog = await console.open_dialog(backend.row().key)
        console.app.notify("Something that happened elsewhere.", markup=False)
        await console.wait_for_text("Something that happened elsewhere.")
        assert isinstance(console.app.screen, ConfirmScreen)
        covered = console.app.screen.query_one(Toast).region
        for part in ("#target", "#reason", "#send", "#why-not", "#hints"):
            assert not dialog.query_one(part).region.overlaps(covered), part
