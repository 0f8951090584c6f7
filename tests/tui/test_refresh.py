"""The list grows old, is read again, and says what went wrong, without getting in anybody's way."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from textual.worker import WorkerFailed

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.journal import Journal
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import SendProgress
from ncpconsole.tui.account_controller import InventoryChanged, ListingProgress, SessionOpened
from ncpconsole.tui.messages import AccountChanged
from ncpconsole.tui.widgets.server_table import ServerTable
from tests.core.fakes import ACCEPTED, a_draft
from tests.marked import marked_language, outside_marks
from tests.tui.console_driver import ORIGIN, Accounts, HeldClient, open_backend, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.records import Intent
    from ncpconsole.core.session import Session
    from ncpconsole.tui.app import ConsoleApp
    from tests.tui.console_driver import Backend, ConsoleDriver


async def test_the_age_grows_and_the_list_is_read_again_when_it_is_due(backend: Backend) -> None:
    async with open_console(backend, refresh_every=30) as console:
        before = console.app.account.read_at
        await console.pass_time(12)
        await console.wait_for_text(" 12 s ago")
        assert console.app.account.read_at == before
        await console.pass_time(18)
        await console.wait_for(lambda: console.app.account.read_at != before)
        await console.wait_for_text(" 0 s ago")


async def test_nothing_is_read_again_while_a_dialog_is_open(backend: Backend) -> None:
    async with open_console(backend, refresh_every=30) as console:
        await console.open_dialog(backend.row().key)
        lists = backend.simulator.counts()["by_operation"]["list"]
        await console.pass_time(300)
        assert backend.simulator.counts()["by_operation"]["list"] == lists
        assert not console.app.account.is_reading
        before = console.app.account.read_at
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.pass_time(1)
        await console.wait_for(lambda: console.app.account.read_at != before)


async def test_a_failed_refresh_leaves_the_list_and_says_stale_with_cause_and_next_try(backend: Backend) -> None:
    async with open_console(backend, refresh_every=30) as console:
        names = console.names
        backend.simulator.faults.set("list:permission-denied")
        await console.pass_time(30)
        await console.wait_for_text("STALE, 30 s old", "! STALE. Next try in 30 s; r tries now. NCP does not permit")
        assert console.names == names
        await console.pass_time(30)
        await console.wait_for_text("STALE, 60 s old", "Next try in 60 s")
        backend.simulator.faults.clear()
        await console.press("r")
        await console.wait_for(lambda: "STALE" not in console.text)
        assert " 0 s ago" in console.text


async def test_the_cause_is_said_in_the_language_in_force(backend: Backend) -> None:
    async with open_console(backend, refresh_every=30) as console:
        backend.simulator.faults.set("list:permission-denied")
        await console.pass_time(30)
        await console.wait_for(lambda: console.app.account.schedule.failures == 1)
        with marked_language():
            said = " ".join(console.app.account.warnings())
        assert "NCP does not permit" in said
        assert not re.search("[a-z]{2}", outside_marks(said)), said


async def test_an_old_list_is_stale_even_without_a_failure(backend: Backend) -> None:
    async with open_console(backend, refresh_every=30) as console:
        console.app.account.schedule = replace(console.app.account.schedule, due=1e9)
        await console.pass_time(95)
        await console.wait_for_text("STALE, 95 s old")


async def test_a_region_that_fails_is_said_and_the_others_stand(backend: Backend) -> None:
    async with open_console(Accounts(backend, regions=("KR", "MOON")), size=(120, 36)) as console:
        assert {row.region for row in console.servers.table.rows} == {"KR"}
        await console.wait_for_text("! MOON failed, its servers are missing:")


async def test_a_region_that_fails_later_keeps_its_old_servers_and_says_so(backend: Backend) -> None:
    async with open_console(Accounts(backend, regions=("KR", "SGN")), size=(120, 36)) as console:
        names = console.names
        backend.simulator.faults.set("once:list:permission-denied")
        await console.press("r")
        await console.wait_for_text("failed, its servers on show are old:")
        assert console.names == names


async def test_a_journal_that_cannot_be_read_is_said_and_the_list_stands(backend: Backend) -> None:
    async with open_console(backend) as console:
        names = console.names

        def torn(**_: object) -> list[Intent]:
            raise JournalUnavailable("The journal is damaged.")

        backend.journal.intents = torn  # type: ignore[method-assign]  # a damaged file
        await console.press("r")
        await console.wait_for_text("! The journal is damaged. Earlier interrupts may be missing.")
        assert console.names == names


async def test_missing_private_addresses_are_said_and_not_fatal(backend: Backend) -> None:
    backend.simulator.faults.set("interfaces:permission-denied")
    async with open_console(backend) as console:
        assert len(console.names) == len(backend.servers)
        await console.wait_for_text("KR: private IPs may be missing:")
        backend.simulator.faults.clear()
        await console.press("r")
        await console.wait_for(lambda: "may be missing" not in console.text)


async def test_rows_appear_as_pages_come_in_with_a_count(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=3500, latency_ms=400) as backend:
        seen: list[Any] = []
        held = asyncio.Event()
        async with open_console(Accounts(backend, held=held), listed=False) as console:
            post = console.app.post_message

            def noting(message: Any) -> bool:
                if isinstance(message, AccountChanged):
                    seen.append(message.event)
                return post(message)

            console.app.post_message = noting  # type: ignore[method-assign]  # to listen in
            held.set()
            await console.wait_for_list()
        inventories = [m for m in seen if isinstance(m, InventoryChanged)]
        progress = [(m.arrived, m.expected) for m in seen if isinstance(m, ListingProgress)]
        assert [m.complete for m in inventories] == [False] * (len(inventories) - 1) + [True]
        assert len(inventories) > 1
        sizes = [len(m.snapshot.inventory.rows) for m in inventories if m.snapshot.inventory]
        assert sizes[0] < 3500
        assert sizes[-1] == 3500
        assert progress[-1] == (3500, 3500)
        assert all(arrived <= expected == 3500 for arrived, expected in progress)


async def test_a_refresh_never_shrinks_the_list_while_pages_come_in(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=2500) as backend, open_console(backend) as console:
        sizes = set()
        show = console.servers.table.show

        def noting(rows: Any, **more: Any) -> None:
            sizes.add(len(rows))
            show(rows, **more)

        console.servers.table.show = noting  # type: ignore[method-assign]  # to listen in
        before = console.app.account.read_at
        await console.press("r")
        await console.wait_for(lambda: console.app.account.read_at != before)
        assert sizes == {2500}


async def test_a_refresh_that_changes_nothing_paints_no_line_of_the_list(backend: Backend) -> None:
    async with open_console(backend) as console:
        known = console.session.vitals.known
        eligible = {row.number for row in console.servers.table.in_view if row.verdict.eligible}
        await console.wait_for(lambda: eligible <= known.keys())  # they are painted when they come
        painted: list[int] = []
        render_line = ServerTable.render_line

        def noting(console: ServerTable, y: int) -> Any:
            painted.append(y)
            return render_line(console, y)

        try:
            ServerTable.render_line = noting  # type: ignore[method-assign,assignment]  # to listen in
            before = console.app.account.read_at
            await console.press("r")
            await console.wait_for(lambda: console.app.account.read_at != before)
            await console.pass_time(3)
            assert painted == []
            await console.press("j")
            assert painted
        finally:
            ServerTable.render_line = render_line  # type: ignore[method-assign]  # as it was


async def test_only_the_server_that_changed_is_marked(backend: Backend) -> None:
    async with open_console(backend) as console:
        seen: list[frozenset[str]] = []
        show_inventory = console.servers.show_inventory

        def noting(*args: Any, changed: Any, complete: bool) -> None:
            seen.append(frozenset(changed))
            show_inventory(*args, changed=changed, complete=complete)

        console.servers.show_inventory = noting  # type: ignore[method-assign,assignment]  # to listen in
        row = backend.row()
        session = console.app.account.session
        assert session is not None
        await session.gateway.interrupt(
            backend.region, row.number, before_first_byte=lambda: None, deadline=10, progress=SendProgress()
        )
        before = console.app.account.read_at
        await console.press("r")
        await console.wait_for(lambda: console.app.account.read_at != before)
        assert seen == [frozenset({row.number})]


async def test_what_an_account_sends_after_it_was_left_is_dropped(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {}, "test": {}})
    async with open_console(accounts) as console:
        left: Session = accounts.sessions[0]
        old = InventoryChanged(left, console.app.account.snapshot)
        console.app.account_flow.open("test", None)
        await console.wait_for(lambda: console.app.account.session not in {None, left})
        await console.wait_for_list()
        shown = console.app.account.snapshot
        console.app.post_message(AccountChanged(old))
        await console.wait_for_idle()
        assert console.app.account.snapshot is shown


async def test_a_broken_listing_ends_the_program_rather_than_hanging(backend: Backend) -> None:
    accounts = Accounts(backend)

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    apps: list[ConsoleApp] = []

    async def refresh() -> None:
        async with open_console(accounts) as console:
            apps.append(console.app)
            accounts.sessions[0].gateway.servers = broken  # type: ignore[method-assign,assignment]  # a bug
            await console.press("r")
            await console.wait_for(lambda: console.app.crash is not None)

    with pytest.raises(WorkerFailed, match="a bug"):
        await refresh()
    assert "a bug" in str(apps[0].crash)
    assert apps[0].return_code == 1


async def test_the_session_message_comes_with_the_session(backend: Backend) -> None:
    accounts = Accounts(backend, troubles=[NotReached("No answer.")])
    async with open_console(accounts, listed=False) as console:
        await console.wait_for_text("The gateway is not reached")
        assert console.app.account.session is None
        await console.press("r")
        await console.wait_for_list()
        assert console.app.account.session is accounts.sessions[-1]
        assert SessionOpened(accounts.sessions[-1]).surfaced == ()


async def test_a_row_is_held_by_the_gateways_clock_where_ours_runs_ahead(backend: Backend) -> None:
    row = backend.row()
    ours = datetime.now(UTC) - timedelta(minutes=40)
    with Journal.open(backend.journal_path, ORIGIN, lambda: ours) as earlier:
        intent = earlier.claim(a_draft(row.number, backend.simulator.url, server_name=row.name))
        earlier.mark_sending(intent.id)
        earlier.finish(intent.id, ACCEPTED)

    async def line(console: ConsoleDriver) -> str:
        console.servers.table.select(row.key)
        await console.wait_for_text(f" {row.number} ")
        (found,) = [one for one in console.text.splitlines() if f" {row.number} " in one]
        return found

    async with open_console(backend) as console:
        assert "eligible" in await line(console)
    # The gateway says that only twenty minutes have gone by: the dialog will say so too.
    with patch.object(HeldClient, "clock_offset", -20 * 60.0):
        async with open_console(backend) as console:
            assert "may dump" in await line(console)
