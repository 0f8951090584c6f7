"""Walking through marked servers: each with its own dialog and its own typed name, and no bulk send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.interrupt_flow import review
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.core.fakes import NOTHING_AROUND
from tests.tui.bench import Bench, Table, open_bench, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.inventory import Row


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path) as opened:
        yield opened


def eligible(bench: Bench, count: int) -> list[Row]:
    """Servers that may be interrupted by name."""
    names = [server.server_name for server in bench.servers]
    rows = [bench.row_of(server) for server in bench.servers]
    plain = [row for row in rows if row.name.isascii() and names.count(row.server.server_name) == 1]
    return [row for row in plain if row.verdict.state == "eligible"][:count]


async def begin(table: Table, rows: list[Row]) -> list[tuple[Turn, ...]]:
    """Begin a review; the list gets its end."""
    ends: list[tuple[Turn, ...]] = []

    async def walk() -> None:
        ends.append(await review(table.app, table.session, rows, lambda _: NOTHING_AROUND))

    table.app.run_flow(walk)
    await table.until_on(ReviewScreen)
    return ends


async def send(table: Table, row: Row) -> None:
    """From the queue through one server's dialog to its result, and back."""
    await table.press("enter")
    await table.until_on(ConfirmScreen)
    await table.write(row.name)
    await table.press("enter", "enter")
    await table.until(lambda: "ACCEPTED" in table.text)
    await table.press("escape")
    await table.until_on(ReviewScreen)


async def test_each_server_is_confirmed_on_its_own(bench: Bench) -> None:
    rows = eligible(bench, 2)
    async with sit_down(bench) as table:
        ends = await begin(table, rows)
        assert bench.sends == 0
        await send(table, rows[0])
        assert bench.sends == 1
        assert "accepted" in table.text
        await send(table, rows[1])
        assert "Review over" in table.text
        await table.press("enter")
        await table.until(lambda: ends)
        assert [turn.word for turn in ends[0]] == ["accepted", "accepted"]
        assert [sent.server_no for sent in bench.simulator.interrupts] == [row.number for row in rows]


async def test_skip_and_turn_back_and_stop(bench: Bench) -> None:
    rows = eligible(bench, 4)
    async with sit_down(bench) as table:
        ends = await begin(table, rows)
        await table.press("s")
        await table.until(lambda: "skipped" in table.text)
        await table.press("enter")
        await table.until_on(ConfirmScreen)
        assert "2 of 4" in table.text
        assert "Skip this server" in table.text
        await table.press("escape")
        await table.until_on(ReviewScreen)
        assert "not confirmed" in table.text
        await table.press("escape")
        await table.until(lambda: "Review over" in table.text)
        assert "not reached" in table.text
        await table.press("enter")
        await table.until(lambda: ends)
        assert [turn.word for turn in ends[0]] == ["skipped", "not confirmed", "", ""]
        assert bench.sends == 0


async def test_enter_all_the_way_sends_nothing(bench: Bench) -> None:
    rows = eligible(bench, 2)
    async with sit_down(bench) as table:
        await begin(table, rows)
        await table.press(*["enter"] * 8)
        assert bench.sends == 0
        assert bench.intents() == []


async def test_one_servers_name_confirms_no_other(bench: Bench) -> None:
    rows = eligible(bench, 2)
    async with sit_down(bench) as table:
        await begin(table, rows)
        await table.press("s")
        await table.until(lambda: "skipped" in table.text)
        await table.press("enter")
        await table.until_on(ConfirmScreen)
        await table.write(rows[0].name)
        await table.press("enter", "enter", "tab", "enter")
        assert bench.sends == 0


async def test_a_blocked_server_says_why_and_the_review_goes_on(bench: Bench) -> None:
    blocked = bench.row(lambda _, judged: not judged.eligible)
    rows = [blocked, *eligible(bench, 1)]
    async with sit_down(bench) as table:
        await begin(table, rows)
        await table.press("enter")
        await table.until_on(RefusalDialog)
        await table.press("escape")
        await table.until_on(ReviewScreen)
        await send(table, rows[1])
        assert bench.sends == 1


async def test_a_switch_ends_the_review(bench: Bench) -> None:
    rows = eligible(bench, 3)
    async with sit_down(bench) as table:
        await begin(table, rows)
        await send(table, rows[0])
        table.app.session = bench.session(profile="test")
        await table.press("enter")
        await table.until(lambda: "Review over" in table.text)
        assert "switched" in table.text
        assert "not reached" in table.text
        assert bench.sends == 1
