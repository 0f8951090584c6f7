"""A filter that finds nothing says why, what to change, and takes the change over with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.console_driver import Accounts, open_backend, open_console

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
        assert console.servers.model.filter_text == row.number
        await console.press("enter")
        assert console.selected == row.number


async def test_an_empty_list_does_not_pass_for_none_is_silent_while_signs_are_not_known(backend: Backend) -> None:
    async with open_console(backend) as console:
        view, signs = console.servers.model.view, console.servers.signs
        assert view is not None
        assert signs is not None
        row = [one for one in view.rows if one.verdict.eligible][-1]  # far below what is in view, and asked for
        await console.press("slash")
        console.servers.filter_bar.box.value = f"is:silent no:={row.number}"  # at once: no half of it asks for signs
        unknown = "0 of 1 vital signs are known. Enter, then v reads them all."
        await console.wait_for(lambda: unknown in console.servers.nothing.words)
        await console.press("enter", "v")
        await console.wait_for(lambda: signs.reader.known.get(row.number))
        await console.wait_for(lambda: "vital signs are known" not in console.servers.nothing.words)


async def test_what_eligible_only_hides_is_told_with_its_reason(backend: Backend) -> None:
    row = backend.row(lambda server, judged: judged.state == "blocked" and server.server_name.isascii())
    async with open_console(backend) as console:
        await console.press("e", "slash")
        await console.write(f"no:={row.number}")
        await console.wait_for_text(row.name, f"blocked ({row.verdict.word})", "Enter, then e shows blocked")
        await console.press("enter")
        await console.wait_for(lambda: not console.servers.is_typing)
        await console.wait_for(lambda: "Enter, then" not in console.text)
        assert ": e shows blocked servers too." in " ".join(console.text.split())
        await console.press("e")
        await console.wait_for(lambda: [each.number for each in console.servers.table.rows] == [row.number])


async def test_what_no_server_here_has_is_looked_for_in_every_region_with_tab(backend: Backend) -> None:
    async with open_console(Accounts(backend, policies={"prod": {}, "stage": {}, "lab": {}})) as console:
        here = {server.server_instance_no for server in backend.servers}
        every = [server for code in backend.simulator.regions for server in await console.session.gateway.servers(code)]
        there = next(server for server in every if server.server_instance_no not in here)
        await console.press("slash")
        await console.write(there.server_instance_no)
        await console.wait_for_text("No server matches", "Esc clears the filter", "Tab looks in every region")
        await console.wait_for_text("p looks in another profile: stage, lab.")
        await console.press("tab")
        await console.wait_for_text("all regions")
        await console.wait_for(lambda: [row.number for row in console.servers.table.rows] == [there.server_instance_no])
        assert console.servers.model.filter_text == there.server_instance_no


async def test_where_every_region_was_read_other_profiles_are_left(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {}, **{f"stage-{n}": {} for n in range(9)}})
    async with open_console(accounts, region="all") as console:
        await console.press("slash")
        await console.write("nosuchserver")
        await console.wait_for_text("No server matches", "p looks in another profile: stage-0, stage-1", "and 5 more")
        assert "every region" not in console.text
        opened = len(accounts.opened)
        await console.press("tab")
        assert console.servers.model.filter_text == "nosuchserver"
        assert len(accounts.opened) == opened


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


async def test_at_sixty_columns_what_is_wrong_with_a_long_filter_is_told_whole(backend: Backend) -> None:
    async with open_console(backend, size=(60, 16)) as console:
        await console.press("slash")
        await console.write("averylongkeythatnobodywouldeverwantt:x")
        await console.wait_for_text("There is no filter key")
        assert 'quote it: "averylongkeythatnobodywouldeverwantt:…".' in " ".join(console.text.split())


async def test_over_what_is_no_filter_no_key_is_offered_that_does_nothing(backend: Backend) -> None:
    """Enter and Tab stay in the box, neither footer nor empty page names them, and a new list changes nothing."""
    async with open_console(backend) as console:
        await console.press("slash")
        await console.wait_for_text("Enter to the list")
        await console.write("zzzz")
        await console.wait_for_text("No server matches", "Tab looks in every region")
        await console.write(":x")
        await console.wait_for_text("There is no filter key “zzzz”", "This is not a filter: the line below says why.")
        for lie in ("Enter to the list", "Tab looks", "No server matches"):
            assert lie not in console.text
        await console.press("enter", "tab")
        assert console.servers.is_typing
        assert "all regions" not in console.text
        console.servers.show_rows()  # as after each list that is read anew
        await console.wait_for_idle()
        assert "There is no filter key “zzzz”" in console.text
        assert "not a filter" in console.text
