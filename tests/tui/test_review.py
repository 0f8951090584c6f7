"""Walking through marked servers: each with its own dialog and its own typed name, and no bulk send."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.models import Activity
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.tui.console_driver import Backend, ConsoleDriver, open_console

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Row


def eligible(backend: Backend, count: int) -> list[Row]:
    """Servers that may be interrupted by name."""
    names = [server.server_name for server in backend.servers]
    rows = [backend.row_of(server) for server in backend.servers]
    plain = [row for row in rows if row.name.isascii() and names.count(row.server.server_name) == 1]
    return [row for row in plain if row.verdict.state == "eligible"][:count]


async def begin(console: ConsoleDriver, rows: list[Row]) -> list[tuple[Turn, ...]]:
    """Begin a review; the list gets its end."""
    ends: list[tuple[Turn, ...]] = []

    async def walk() -> None:
        ends.append(await console.app.flow.review(console.session, rows))

    console.app.interrupt_commands.run(walk)
    await console.wait_for_screen(ReviewScreen)
    return ends


async def send(console: ConsoleDriver, row: Row) -> None:
    """From the queue through one server's dialog to its result, and back."""
    await console.press("enter")
    await console.wait_for_screen(ConfirmScreen)
    await console.write(row.name)
    await console.press("enter", "enter")
    await console.wait_for_text("ACCEPTED")
    await console.press("escape")
    await console.wait_for_screen(ReviewScreen)


async def test_each_server_is_confirmed_on_its_own(backend: Backend) -> None:
    rows = eligible(backend, 2)
    async with open_console(backend) as console:
        ends = await begin(console, rows)
        assert backend.sends == 0
        await send(console, rows[0])
        assert backend.sends == 1
        assert "accepted" in console.text
        await send(console, rows[1])
        assert "Review over" in console.text
        await console.press("enter")
        await console.wait_for(lambda: ends)
        assert [turn.word for turn in ends[0]] == ["accepted", "accepted"]
        assert [sent.server_no for sent in backend.simulator.interrupts] == [row.number for row in rows]


async def test_skip_and_turn_back_and_stop(backend: Backend) -> None:
    rows = eligible(backend, 4)
    async with open_console(backend) as console:
        ends = await begin(console, rows)
        await console.press("s")
        await console.wait_for_text("skipped")
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)
        assert "2 of 4" in console.text
        assert "Skip this server" in console.text
        await console.press("escape")
        await console.wait_for_screen(ReviewScreen)
        assert console.text.count("skipped") == 2
        await console.press("escape")
        await console.wait_for_text("Review over")
        assert "not reached" in console.text
        await console.press("enter")
        await console.wait_for(lambda: ends)
        assert [turn.word for turn in ends[0]] == ["skipped", "skipped", "", ""]
        assert backend.sends == 0


async def test_enter_all_the_way_sends_nothing(backend: Backend) -> None:
    rows = eligible(backend, 2)
    async with open_console(backend) as console:
        await begin(console, rows)
        await console.press(*["enter"] * 8)
        assert backend.sends == 0
        assert backend.intents() == []


async def test_one_servers_name_confirms_no_other(backend: Backend) -> None:
    rows = eligible(backend, 2)
    async with open_console(backend) as console:
        await begin(console, rows)
        await console.press("s")
        await console.wait_for_text("skipped")
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)
        await console.write(rows[0].name)
        await console.press("enter", "enter", "tab", "enter")
        assert backend.sends == 0


async def test_a_blocked_server_says_why_and_the_review_goes_on(backend: Backend) -> None:
    blocked = backend.row(lambda _, judged: not judged.eligible)
    rows = [blocked, *eligible(backend, 1)]
    async with open_console(backend) as console:
        await begin(console, rows)
        await console.press("enter")
        await console.wait_for_screen(RefusalDialog)
        await console.press("escape")
        await console.wait_for_screen(ReviewScreen)
        await send(console, rows[1])
        assert backend.sends == 1


async def test_a_server_that_stopped_or_cannot_be_read_at_its_turn_is_not_called_skipped(backend: Backend) -> None:
    """Nobody skipped it: who reads the summary must know that it could not be interrupted."""
    rows = eligible(backend, 3)
    async with open_console(backend) as console:
        ends = await begin(console, rows)
        backend.simulator.state().change(rows[0].number, status="NSTOP")
        for answer in ("BLOCKED", "NOT READ"):
            await console.press("enter")
            await console.wait_for_text(answer)
            backend.simulator.faults.set("detail:error-500")
            await console.press("escape")
            await console.wait_for_screen(ReviewScreen)
        await console.press("escape")
        await console.wait_for_text("Review over")
        await console.press("escape")
        await console.wait_for(lambda: ends)
        assert [turn.word for turn in ends[0]] == ["refused", "not sent", ""]
        assert backend.sends == 0


async def test_a_switch_ends_the_review(backend: Backend) -> None:
    rows = eligible(backend, 3)
    async with open_console(backend) as console:
        await begin(console, rows)
        await send(console, rows[0])
        console.app.account.session = backend.session(profile="test")
        await console.press("enter")
        await console.wait_for_text("Review over")
        assert "switched" in console.text
        assert "not reached" in console.text
        assert backend.sends == 1


async def test_a_review_ends_with_a_summary_to_copy(backend: Backend) -> None:
    rows = eligible(backend, 3)
    async with open_console(backend) as console:
        ends = await begin(console, rows)
        await send(console, rows[0])
        await console.press("y")
        assert not console.app.clipboard  # it is not over
        await console.press("s")
        await console.wait_for_text("skipped")
        await console.press("escape")
        await console.wait_for_text("Review over", "y copy the summary")
        await console.press("y")
        assert "the summary" in console.text
        (intent,) = backend.intents()
        head, *lines = console.app.clipboard.splitlines()
        assert head.startswith("Review of 3 servers, over at 20")
        ids = "".join(f", request id {one}" for one in intent.request_ids)
        assert lines == [
            f"{rows[0].name} ({rows[0].number}): accepted; record {intent.id}{ids}",
            f"{rows[1].name} ({rows[1].number}): skipped",
            f"{rows[2].name} ({rows[2].number}): not reached",
        ]
        await console.press("escape")
        await console.wait_for(lambda: ends)


async def mark(console: ConsoleDriver, rows: list[Row]) -> None:
    """Mark servers in the list."""
    for row in rows:
        console.servers.table.select(row.key)
        await console.press("space")


@pytest.mark.slow
async def test_a_review_that_is_left_keeps_its_marks_and_takes_no_further_key(backend: Backend) -> None:
    rows = eligible(backend, 2)
    async with open_console(backend) as console:
        await mark(console, rows)
        await console.press("exclamation_mark")
        await console.wait_for_screen(ReviewScreen)
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.servers.model.marked == {row.key for row in rows}
        await console.press("slash")
        await console.write("is:marked")
        await console.wait_for(lambda: len(console.names) == 2)
        await console.press("enter", "escape")
        assert console.servers.model.filter_text == ""
        await console.press("escape", "escape")
        assert console.servers.model.marked == {row.key for row in rows}
        await console.press("U")
        assert console.servers.model.marked == frozenset()
        await console.press("U")
        await console.wait_for_text("no server is marked")


async def test_what_was_sent_to_is_unmarked_and_the_rest_is_not(backend: Backend) -> None:
    rows = sorted(eligible(backend, 2), key=lambda row: row.sort_name)
    async with open_console(backend) as console:
        await mark(console, rows)
        await console.press("exclamation_mark")
        await console.wait_for_screen(ReviewScreen)
        await send(console, rows[0])
        await console.press("escape")
        await console.wait_for_text("Review over")
        await console.press("enter")
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.wait_for(lambda: console.servers.model.marked == {rows[1].key})


async def test_what_somebody_else_did_demands_the_number_in_a_review_too(backend: Backend) -> None:
    rows = eligible(backend, 2)
    async with open_console(backend) as console:
        backend.clients[-1].log = [
            Activity(
                event_time=int((time.time() - 74) * 1000),
                resource_id=rows[1].number,
                action_display_name="Stop Server Instances",
                action_result_type="SUCCESS",
            )
        ]
        await begin(console, rows)
        await send(console, rows[0])
        await console.press("enter")
        await console.wait_for_text("Someone stopped this server", "Type the number")
        await console.write(rows[1].name)
        await console.press("enter", "enter")
        assert backend.sends == 1
