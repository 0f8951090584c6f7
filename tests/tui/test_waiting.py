"""What waits is said in a line over the list, and takes no key that is typed meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.events import Key

from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import ResolvedAs
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.small_dialogs import WaitingScreen
from tests.end_to_end.terminal import Terminal
from tests.tui.console_driver import ORIGIN, Accounts, open_console
from tests.tui.test_switching import draft

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.records import Intent
    from tests.tui.console_driver import Backend


def unknown(backend: Backend, row: Row) -> Intent:
    """An interrupt of this server that nobody knows the end of."""
    intent = backend.journal.claim(draft(backend, row.number, row.name))
    backend.journal.mark_sending(intent.id)
    return backend.journal.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))


def plain_rows(backend: Backend) -> list[Row]:
    """Servers that may be interrupted by a plain name of their own, in the order of the list."""
    names = [server.server_name for server in backend.servers]
    rows = [backend.row_of(server) for server in backend.servers if names.count(server.server_name) == 1]
    rows = [row for row in rows if row.name.isascii() and row.verdict.word == "eligible"]
    return sorted(rows, key=lambda row: row.sort_name)


async def test_a_filter_typed_at_the_start_is_not_swallowed_by_what_waits(backend: Backend) -> None:
    locked, wanted = plain_rows(backend)[0], plain_rows(backend)[-1]
    unknown(backend, locked)
    async with open_console(backend, startup_notes=("The settings name an unknown key.",)) as console:
        assert console.app.screen is console.servers
        assert f"! {locked.name} is locked since" in console.text
        assert "The settings name an unknown key.  w tells all" in " ".join(console.text.split()).replace(" w ", "  w ")
        await console.press("slash")
        await console.write(wanted.name)
        await console.press("enter", "exclamation_mark")
        await console.wait_for_screen(ConfirmScreen)
        assert wanted.number in console.text


async def test_the_line_stays_until_what_locks_is_settled_and_notes_go_once_read(backend: Backend) -> None:
    row = plain_rows(backend)[0]
    intent = unknown(backend, row)
    async with open_console(backend, startup_notes=("The settings name an unknown key.", "Another note.")) as console:
        assert "(and 1 more note)" in " ".join(console.text.split())
        await console.press("w")
        await console.wait_for_screen(WaitingScreen)
        await console.wait_for_text("What waits", "Another note.", "Unknown and unresolved", row.number)
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert "unknown key" not in console.text
        assert f"{row.name} is locked since" in console.text
        backend.journal.resolve(intent.id, ResolvedAs.ACCEPTED, "it started again")
        console.app.presenter.journal_changed()
        await console.wait_for_idle()
        assert "is locked since" not in console.text
        await console.press("w")
        await console.wait_for_text("what waits: nothing waits")


async def test_what_another_console_leaves_unknown_waits_here_too_once_the_list_is_read_again(backend: Backend) -> None:
    row = plain_rows(backend)[0]
    async with open_console(backend) as console:
        assert "is locked since" not in console.text
        with Journal.open(backend.journal_path, ORIGIN) as other:
            intent = other.claim(draft(backend, row.number, row.name))
            other.mark_sending(intent.id)
            other.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))
        await console.press("r")
        await console.wait_for_text(f"! {row.name} is locked since")
        await console.press("w")
        await console.wait_for_screen(WaitingScreen)
        await console.wait_for_text("Unknown and unresolved", row.number)
        with Journal.open(backend.journal_path, ORIGIN) as other:
            other.resolve(intent.id, ResolvedAs.ACCEPTED, "it started again")
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.press("r")
        await console.wait_for(lambda: "is locked since" not in console.text)


async def test_what_is_owed_to_the_team_waits_until_it_is_paid(backend: Backend) -> None:
    row = plain_rows(backend)[0]
    intent = unknown(backend, row)
    backend.journal.resolve(intent.id, ResolvedAs.ACCEPTED, "it started again")
    owed = [intent]
    backend.journal.owed = lambda: owed  # type: ignore[method-assign]
    async with open_console(backend) as console:
        await console.wait_for_text(f"! owed to the team's journal: {row.name}", "w tells all")
        await console.press("w")
        await console.wait_for_text("Owed to the team's journal, which takes it once it can be reached", row.number)
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert "owed to the team's journal" in console.text
        owed.clear()
        await console.press("r")
        await console.wait_for(lambda: "owed to the team's journal" not in console.text)


async def test_keys_before_the_list_is_there_go_to_the_filter(backend: Backend) -> None:
    wanted = plain_rows(backend)[-1]
    accounts = Accounts(backend, held=asyncio.Event())
    async with open_console(accounts, listed=False) as console:
        await console.press("slash")
        await console.write(wanted.name)
        await console.press("enter", "exclamation_mark")
        assert console.servers.model.filter_text == wanted.name
        assert accounts.held is not None
        accounts.held.set()
        await console.wait_for_list()
        await console.wait_for(lambda: console.names)
        assert console.names == [wanted.name]
        assert console.app.screen is console.servers  # the ! was for no row that anybody saw
        assert not backend.intents()
        await console.press("exclamation_mark")
        await console.wait_for_screen(ConfirmScreen)


async def test_keys_before_the_first_screen_is_whole_are_kept(backend: Backend) -> None:
    async with open_console(backend, listed=False) as console:
        assert not console.app.listens
        for key, character in (("slash", "/"), ("s", "s"), ("q", "q"), ("enter", "\r"), ("exclamation_mark", "!")):
            console.app.post_message(Key(key, character))
        await console.wait_for_list()
        assert console.app.listens
        assert console.servers.model.filter_text == "sq"
        assert console.app.screen is console.servers
        assert set(console.names) < {server.server_name for server in backend.servers}


def test_what_stands_in_the_terminal_before_the_program_draws_is_the_filter() -> None:
    with Terminal("demo") as terminal:
        terminal.child.send("/web-00012")
        terminal.shows("1 of 128")


async def test_a_key_older_than_the_row_it_would_mean_does_nothing(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert console.servers.row is not None
        console.app.input_at = console.servers.seen_at - 0.001
        console.app.action_interrupt()
        await console.wait_for_text("came into the list after that key")
        assert console.app.screen is console.servers
        await console.press("exclamation_mark")
        await console.wait_for(lambda: console.app.screen is not console.servers)


async def test_a_burst_with_enter_in_it_means_the_server_that_was_filtered(backend: Backend) -> None:
    wanted = plain_rows(backend)[-1]
    async with open_console(backend) as console:
        for character in f"/{wanted.name}":
            console.app.post_message(Key("slash" if character == "/" else character, character))
        console.app.post_message(Key("enter", "\r"))
        console.app.post_message(Key("exclamation_mark", "!"))
        await console.wait_for_screen(ConfirmScreen)
        assert wanted.number in console.text
        assert console.servers.model.filter_text == wanted.name


async def test_a_problem_that_comes_while_a_filter_is_typed_takes_no_letter_for_a_command(backend: Backend) -> None:
    accounts = Accounts(backend, held=asyncio.Event(), troubles=[NotReached("The gateway cannot be reached.")])
    async with open_console(accounts, listed=False) as console:
        await console.press("slash")
        await console.write("s")
        assert accounts.held is not None
        accounts.held.set()
        await console.wait_for_text("cannot be reached")
        await console.write("qlq")
        await console.wait_for_idle()
        assert console.app.is_running
        assert console.app.screen is console.servers
        assert console.servers.model.filter_text == "sqlq"
        await console.press("escape")
        await console.press("q")
        await console.wait_for(lambda: not console.app.is_running)
