"""A line of a ticket that names several servers finds those, says which are not here, and Space marks the found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from ncpconsole.tui.screens.review import ReviewScreen
from tests.tui.console_driver import open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.inventory import Row
    from tests.tui.console_driver import Backend, ConsoleDriver


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=64) as opened:
        yield opened


async def paste(console: ConsoleDriver, text: str) -> None:
    await console.press("slash")
    console.servers.filter_bar.box.post_message(Paste(text))
    await console.wait_for_idle()


def addressed(console: ConsoleDriver, count: int) -> list[Row]:
    """Servers with a private address, and one known by its public one, whose addresses no other contains."""
    rows = [row for row in console.servers.table.rows if row.private_ips and row.verdict.eligible]
    return [next(row for row in rows if row.public_ip), *[row for row in rows if not row.public_ip][: count - 1]]


@pytest.mark.parametrize("layout", ["[ALERT] {} hang since 03:04", "host: {} (prod)", "- {}\n\r\n  please look"])
async def test_a_pasted_alert_finds_its_servers_and_space_marks_them(backend: Backend, layout: str) -> None:
    async with open_console(backend) as console:
        first, *others = rows = addressed(console, 4)
        listed = ", ".join([first.public_ip, *(row.ip for row in others), "192.0.2.99"])
        await paste(console, layout.format(listed))
        await console.wait_for_text("5 addresses, 4 found, 1 unknown", "Not found here: 192.0.2.99")
        assert "Enter, then Space marks the 4 found." in console.text
        assert {row.key for row in console.servers.table.rows} == {row.key for row in rows}
        assert f"{first.public_ip} pub" in console.text
        await console.press("enter")
        await console.wait_for(lambda: "192.0.2.99. Space marks the 4 found." in console.text)
        await console.press("space")
        assert console.servers.model.marked == {row.key for row in rows}
        await console.wait_for_text("4 marked", "! walks the marked ones")
        await console.press("space")
        assert len(console.servers.model.marked) == 3
        await console.press("exclamation_mark")
        await console.wait_for_screen(ReviewScreen)


async def test_once_the_marks_are_removed_no_line_tells_of_them(backend: Backend) -> None:
    async with open_console(backend) as console:
        rows = addressed(console, 2)
        await paste(console, f"[ALERT] {rows[0].public_ip}, {rows[1].ip} hang")
        await console.press("enter", "space")
        await console.wait_for_text("2 marked", "! walks the marked ones")
        await console.press("U")
        await console.wait_for_text("Space marks the 2 found.")
        assert "walks the marked" not in console.text
        await console.press("space")
        assert console.servers.model.marked == {row.key for row in rows}


async def test_names_and_numbers_are_found_like_addresses(backend: Backend) -> None:
    async with open_console(backend) as console:
        one, two, three = [row for row in addressed(console, 4) if row.name.isascii()][:3]
        await paste(console, f"INC-9: {one.name}, ({two.number}) and {three.ip} do not answer")
        await console.wait_for_text("3 servers named, 3 found")
        assert {row.key for row in console.servers.table.rows} == {one.key, two.key, three.key}


async def test_the_dialog_is_told_only_what_named_this_server(backend: Backend) -> None:
    async with open_console(backend) as console:
        one, two = addressed(console, 2)
        await paste(console, f"{one.ip} {two.ip}")
        await console.press("enter")
        dialog = await console.open_dialog(two.key)
        assert dialog.plan.looked_for == (two.ip,)
        assert "not-looked-for" not in [found.code for found in dialog.plan.warnings]


async def test_a_filter_of_two_words_that_match_together_stays_a_filter(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = addressed(console, 1)[0]
        await paste(console, f"{row.ip} {row.number}")
        await console.wait_for(lambda: [shown.key for shown in console.servers.table.rows] == [row.key])
        assert "found" not in console.text


async def test_none_of_the_named_here_is_said(backend: Backend) -> None:
    async with open_console(backend) as console:
        await paste(console, "192.0.2.1 and 192.0.2.2")
        await console.wait_for_text("2 addresses, 0 found, 2 unknown", "No server matches")
        await console.press("escape")
        await console.wait_for(lambda: "Not found here" not in console.text)


async def test_what_eligible_only_hides_of_the_named_is_counted(backend: Backend) -> None:
    async with open_console(backend) as console:
        blocked = next(row for row in console.servers.table.rows if row.ip and not row.verdict.eligible)
        one = addressed(console, 1)[0]
        await console.press("e")
        await paste(console, f"{one.ip}; {blocked.ip}")
        await console.wait_for_text("2 addresses, 2 found, 1 hidden")
