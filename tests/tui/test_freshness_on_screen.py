"""The list grows old, is read again, and says what went wrong, without getting in anybody's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual.worker import WorkerFailed

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.ncp.errors import NotReached
from ncpconsole.tui.messages import InventoryChanged, ListingProgress, SessionOpened
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.widgets.server_table import ServerTable
from tests.tui.bench import open_bench
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Session
    from ncpconsole.tui.app import ConsoleApp
    from tests.tui.bench import Bench


async def test_the_age_grows_and_the_list_is_read_again_when_it_is_due(bench: Bench) -> None:
    async with sit_down(Accounts(bench), refresh_every=30) as desk:
        before = desk.app.read_at
        await desk.pass_time(12)
        await desk.until_shown("updated 12 s ago")
        assert desk.app.read_at == before
        await desk.pass_time(18)
        await desk.until(lambda: desk.app.read_at != before)
        await desk.until_shown("updated 0 s ago")


async def test_nothing_is_read_again_while_a_dialog_is_open(bench: Bench) -> None:
    async with sit_down(Accounts(bench), refresh_every=30) as desk:
        desk.servers.table.select(bench.row().key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        lists = bench.simulator.counts()["requests"]
        await desk.pass_time(300)
        assert bench.simulator.counts()["requests"] == lists
        assert not desk.app.is_reading
        before = desk.app.read_at
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.servers)
        await desk.pass_time(1)
        await desk.until(lambda: desk.app.read_at != before)


async def test_a_failed_refresh_leaves_the_list_and_says_stale_with_cause_and_next_try(bench: Bench) -> None:
    async with sit_down(Accounts(bench), refresh_every=30) as desk:
        names = desk.names
        bench.simulator.faults.set("list:permission-denied")
        await desk.pass_time(30)
        await desk.until_shown(
            "STALE, 30 s old", "! STALE. Next try in 30 s; r tries now. NCP does not permit"
        )
        assert desk.names == names
        await desk.pass_time(30)
        await desk.until_shown("STALE, 60 s old", "Next try in 60 s")
        bench.simulator.faults.clear()
        await desk.press("r")
        await desk.until(lambda: "STALE" not in desk.text)
        assert "updated 0 s ago" in desk.text


async def test_an_old_list_is_stale_even_without_a_failure(bench: Bench) -> None:
    async with sit_down(Accounts(bench), refresh_every=30) as desk:
        desk.app.freshness = replace(desk.app.freshness, due=1e9)
        await desk.pass_time(95)
        await desk.until_shown("STALE, 95 s old")


async def test_a_region_that_fails_is_said_and_the_others_stand(bench: Bench) -> None:
    async with sit_down(Accounts(bench, regions=("KR", "MOON")), size=(120, 36)) as desk:
        assert {row.region for row in desk.servers.table.rows} == {"KR"}
        await desk.until_shown("! MOON failed, its servers are missing:")


async def test_a_region_that_fails_later_keeps_its_old_servers_and_says_so(bench: Bench) -> None:
    async with sit_down(Accounts(bench, regions=("KR", "SGN")), size=(120, 36)) as desk:
        names = desk.names
        bench.simulator.faults.set("once:list:permission-denied")
        await desk.press("r")
        await desk.until_shown("failed, its servers on show are old:")
        assert desk.names == names


async def test_a_journal_that_cannot_be_read_is_said_and_the_list_stands(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        names = desk.names

        def torn(**_: object) -> list[Intent]:
            raise JournalUnavailable("The journal is damaged.")

        bench.journal.intents = torn  # type: ignore[method-assign]  # a damaged file
        await desk.press("r")
        await desk.until_shown("! The journal is damaged. Earlier interrupts may be missing.")
        assert desk.names == names


async def test_missing_private_addresses_are_said_and_not_fatal(bench: Bench) -> None:
    bench.simulator.faults.set("interfaces:permission-denied")
    async with sit_down(Accounts(bench)) as desk:
        assert len(desk.names) == len(bench.servers)
        await desk.until_shown("KR: private IPs may be missing:")
        bench.simulator.faults.clear()
        await desk.press("r")
        await desk.until(lambda: "may be missing" not in desk.text)


async def test_rows_appear_as_pages_come_in_with_a_count(tmp_path: Path) -> None:
    async with open_bench(tmp_path, servers=3500, latency_ms=400) as bench:
        seen: list[Any] = []
        held = asyncio.Event()
        async with sit_down(Accounts(bench, held=held), listed=False) as desk:
            post = desk.app.post_message

            def noting(message: Any) -> bool:
                seen.append(message)
                return post(message)

            desk.app.post_message = noting  # type: ignore[method-assign]  # to listen in
            held.set()
            await desk.until_listed()
        inventories = [m for m in seen if isinstance(m, InventoryChanged)]
        progress = [(m.arrived, m.expected) for m in seen if isinstance(m, ListingProgress)]
        assert [m.complete for m in inventories] == [False] * (len(inventories) - 1) + [True]
        assert len(inventories) > 1
        sizes = [len(m.reading.inventory.rows) for m in inventories if m.reading.inventory]
        assert sizes[0] < 3500
        assert sizes[-1] == 3500
        assert progress[-1] == (3500, 3500)
        assert all(arrived <= expected == 3500 for arrived, expected in progress)


async def test_a_refresh_never_shrinks_the_list_while_pages_come_in(tmp_path: Path) -> None:
    async with open_bench(tmp_path, servers=2500) as bench, sit_down(Accounts(bench)) as desk:
        sizes = set()
        show = desk.servers.table.show

        def noting(rows: Any, **more: Any) -> None:
            sizes.add(len(rows))
            show(rows, **more)

        desk.servers.table.show = noting  # type: ignore[method-assign]  # to listen in
        before = desk.app.read_at
        await desk.press("r")
        await desk.until(lambda: desk.app.read_at != before)
        assert sizes == {2500}


async def test_a_refresh_that_changes_nothing_paints_no_line_of_the_list(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.pilot.pause()
        painted: list[int] = []
        render_line = ServerTable.render_line

        def noting(table: ServerTable, y: int) -> Any:
            painted.append(y)
            return render_line(table, y)

        try:
            ServerTable.render_line = noting  # type: ignore[method-assign,assignment]  # to listen in
            before = desk.app.read_at
            await desk.press("r")
            await desk.until(lambda: desk.app.read_at != before)
            await desk.pass_time(3)
            assert painted == []
            await desk.press("j")
            assert painted
        finally:
            ServerTable.render_line = render_line  # type: ignore[method-assign]  # as it was


async def test_only_the_server_that_changed_is_marked(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        seen: list[frozenset[str]] = []
        show_inventory = desk.servers.show_inventory

        def noting(*args: Any, changed: Any, complete: bool) -> None:
            seen.append(frozenset(changed))
            show_inventory(*args, changed=changed, complete=complete)

        desk.servers.show_inventory = noting  # type: ignore[method-assign,assignment]  # to listen in
        row = bench.row()
        session = desk.app.session
        assert session is not None
        await session.gateway.interrupt(bench.region, row.number, before_first_byte=lambda: None, deadline=10)
        before = desk.app.read_at
        await desk.press("r")
        await desk.until(lambda: desk.app.read_at != before)
        assert seen == [frozenset({row.number})]


async def test_what_an_account_sends_after_it_was_left_is_dropped(bench: Bench) -> None:
    accounts = Accounts(bench, policies={"prod": {}, "test": {}})
    async with sit_down(accounts) as desk:
        left: Session = accounts.sessions[0]
        old = InventoryChanged(left, desk.app.reading, desk.app.read_at)  # type: ignore[arg-type]  # a list was read
        desk.app.open_account("test", None)
        await desk.until(lambda: desk.app.session is not None and desk.app.session is not left)
        await desk.until_listed()
        shown = desk.app.reading
        desk.app.post_message(old)
        await desk.pilot.pause()
        assert desk.app.reading is shown


async def test_a_broken_listing_ends_the_program_rather_than_hanging(bench: Bench) -> None:
    accounts = Accounts(bench)

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    apps: list[ConsoleApp] = []

    async def refresh() -> None:
        async with sit_down(accounts) as desk:
            apps.append(desk.app)
            accounts.sessions[0].gateway.servers = broken  # type: ignore[method-assign,assignment]  # a bug
            await desk.press("r")
            await desk.until(lambda: desk.app.crash is not None)

    with pytest.raises(WorkerFailed, match="a bug"):
        await refresh()
    assert "a bug" in str(apps[0].crash)
    assert apps[0].return_code == 1


async def test_the_session_message_comes_with_the_session(bench: Bench) -> None:
    accounts = Accounts(bench, troubles=[NotReached("No answer.")])
    async with sit_down(accounts, listed=False) as desk:
        await desk.until_shown("The gateway is not reached")
        assert desk.app.session is None
        await desk.press("r")
        await desk.until_listed()
        assert desk.app.session is accounts.sessions[-1]
        assert SessionOpened(accounts.sessions[-1]).surfaced == ()
