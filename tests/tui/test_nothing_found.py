"""A filter that finds nothing says why, what to change, and takes the change over with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.console_driver import open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.console_driver import Backend


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=64) as opened:
        yield opened


async def test_a_line_of_a_ticket_tells_which_word_matches_and_tab_takes_it(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.press("slash")
        await console.write(f"INC-77 {row.number} hangs")
        await console.wait_for_text("No server matches", f"“{row.number}” alone matches 1", "Tab keeps it alone")
        await console.press("tab")
        await console.wait_for(lambda: console.names == [row.name])
        assert console.servers.filter_text == row.number
        await console.press("enter")
        assert console.selected == row.number


async def test_what_eligible_only_hides_is_told_with_its_reason(backend: Backend) -> None:
    row = backend.row(lambda server, judged: judged.state == "blocked" and server.server_name.isascii())
    async with open_console(backend) as console:
        await console.press("e", "slash")
        await console.write(f"no:={row.number}")
        await console.wait_for_text(row.name, f"blocked ({row.verdict.word})", "e shows blocked servers too")
        await console.press("enter", "e")
        await console.wait_for(lambda: [each.number for each in console.servers.table.rows] == [row.number])


async def test_nothing_at_all_says_what_else_can_be_done(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash")
        await console.write("nosuchserver")
        await console.wait_for_text("No server matches", "Esc clears the filter", "R looks in another region")
        await console.press("tab")
        assert console.servers.filter_text == "nosuchserver"


async def test_at_eighty_columns_what_is_wrong_with_a_filter_is_told_whole(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash")
        await console.write("foo:bar")
        await console.wait_for_text("There is no filter key “foo”")
        said = " ".join(console.text.split())
        assert "known are name, no, ip, region, zone, status, hv, os, vpc, verdict, silent and is." in said
        assert '"foo:…"' in said
        await console.press("escape")
        await console.wait_for(lambda: "no filter key" not in console.text)
