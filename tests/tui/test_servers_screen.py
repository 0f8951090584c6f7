"""The list: filter, order, selection, marks, and keys that act only where they should."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from ncpconsole.core.eligibility import verdict
from ncpconsole.tui.commands import BY_ID
from ncpconsole.tui.screens.detail import DetailScreen
from ncpconsole.tui.screens.help import HelpScreen
from ncpconsole.tui.widgets.footer import Footer, lay_out
from ncpconsole.tui.widgets.panels import DetailPanel
from tests.tui.console_driver import RULES, Accounts, open_backend, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.console_driver import Backend


async def test_the_first_frame_does_not_wait_for_the_account(backend: Backend) -> None:
    accounts = Accounts(backend, held=asyncio.Event())
    async with open_console(accounts, listed=False) as console:
        await console.wait_for_text("ncpconsole", "NAME", "VERDICT", "Opening ...", "q quit", "? help")
        assert accounts.opened == [(None, None)]
        assert backend.simulator.requests[len(backend.simulator.requests) :] == []
        accounts.held.set()  # type: ignore[union-attr]  # set above
        await console.wait_for_list()
        assert len(console.names) == len(backend.servers)


async def test_the_list_shows_every_server_with_its_verdict_and_private_address(backend: Backend) -> None:
    async with open_console(backend, size=(120, 36)) as console:
        assert sorted(row.number for row in console.servers.table.rows) == sorted(
            server.server_instance_no for server in backend.servers
        )
        eligible = sum(verdict(server, RULES).eligible for server in backend.servers)
        assert f"{len(backend.servers)} servers · {eligible} eligible" in console.text
        row = console.servers.table.rows[0]
        assert row.private_ips
        assert row.ip == row.private_ips[0]


async def test_the_filter_narrows_while_typing_and_counts(backend: Backend) -> None:
    async with open_console(backend) as console:
        every = len(console.names)
        await console.press("slash")
        await console.write("web")
        await console.wait_for(lambda: len(console.names) < every)
        assert all("web" in name.casefold() for name in console.names)
        assert f"{len(console.names)} of {every}" in console.text
        assert isinstance(console.app.focused, Input)


async def test_enter_keeps_the_filter_and_goes_to_the_first_match_when_the_selection_is_hidden(
    backend: Backend,
) -> None:
    async with open_console(backend) as console:
        hidden = console.selected
        await console.press("slash")
        await console.write("web-")
        await console.press("enter")
        assert console.app.focused is console.servers.table
        assert console.names[0].startswith("web")
        assert console.selected == console.servers.table.rows[0].number != hidden


async def test_enter_leaves_a_selection_that_the_filter_shows(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("G")
        last = console.selected
        assert last is not None
        await console.press("slash")
        await console.write(f"no:{last}")
        await console.press("enter")
        assert console.selected == last


async def test_esc_clears_the_filter_and_the_hidden_selection_comes_back(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("j", "j", "j")
        before, every = console.selected, console.names
        await console.press("slash")
        await console.write("is:blocked")
        await console.press("escape")
        assert console.names == every
        assert console.selected == before
        assert console.app.focused is console.servers.table


async def test_esc_on_the_list_clears_a_kept_filter(backend: Backend) -> None:
    async with open_console(backend) as console:
        every = len(console.names)
        await console.press("slash")
        await console.write("web")
        await console.press("enter", "escape")
        await console.wait_for(lambda: len(console.names) == every)


async def test_the_up_arrow_brings_earlier_filters_back(backend: Backend) -> None:
    async with open_console(backend) as console:
        for text in ("web", "db"):
            await console.press("slash")
            await console.write(text)
            await console.press("enter", "escape")
        await console.press("slash", "up")
        assert console.servers.filter_bar.box.value == "db"
        await console.press("up")
        assert console.servers.filter_bar.box.value == "web"
        await console.press("down", "down")
        assert console.servers.filter_bar.box.value == ""


async def test_a_filter_that_cannot_be_understood_is_said_and_the_last_good_one_stays(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash")
        await console.write("web")
        good = console.names
        await console.write(":x")
        await console.wait_for(lambda: console.servers.filter_bar.query_one("#matches").has_class("-wrong"))
        assert "“web”" in console.text
        assert console.names == good
        await console.press("backspace", "backspace")
        assert not console.servers.filter_bar.query_one("#matches").has_class("-wrong")


async def test_a_filter_without_a_match_says_how_to_get_out(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash")
        await console.write("nothing-is-called-so")
        await console.wait_for_text("No server matches. Esc clears the filter.")


async def test_e_shows_only_what_may_be_interrupted(backend: Backend) -> None:
    async with open_console(backend) as console:
        every = len(console.names)
        await console.press("e")
        assert 0 < len(console.names) < every
        assert all(row.verdict.eligible for row in console.servers.table.rows)
        assert "eligible only" in console.text
        await console.press("e")
        assert len(console.names) == every


async def test_the_selection_follows_its_server_through_sort_and_refresh(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("j", "j", "j", "j")
        chosen = console.selected
        orders = {tuple(console.names)}
        for key in ("s", "s", "S", "s"):
            await console.press(key)
            orders.add(tuple(console.names))
            assert console.selected == chosen
        assert len(orders) > 2
        before = console.app.account.read_at
        await console.press("r")
        await console.wait_for(lambda: console.app.account.read_at != before)
        assert console.selected == chosen


async def test_a_click_on_a_title_sorts_and_a_second_one_turns_round(backend: Backend) -> None:
    async with open_console(backend) as console:
        at = next(line for line in console.text.splitlines() if "NUMBER" in line).index("NUMBER")
        await console.pilot.click(console.servers.table, offset=(at + 1, 0))
        numbers = [row.number for row in console.servers.table.rows]
        assert numbers == sorted(numbers, key=int)
        await console.pilot.click(console.servers.table, offset=(at + 1, 0))
        assert [row.number for row in console.servers.table.rows] == numbers[::-1]


async def test_letters_are_text_while_the_filter_has_the_focus(backend: Backend) -> None:
    async with open_console(backend) as console:
        chosen = console.selected
        await console.press("slash")
        await console.write("!qehrsjkgpRy?")
        assert console.servers.filter_bar.box.value == "!qehrsjkgpRy?"
        assert console.app.screen is console.servers
        assert not console.servers.model.view.eligible_only  # type: ignore[union-attr]  # a list was read
        assert console.app.is_running
        await console.press("escape")
        assert console.selected == chosen


async def test_space_marks_and_goes_on_and_the_footer_offers_the_review(backend: Backend) -> None:
    async with open_console(backend) as console:
        first = console.servers.table.rows[0].key
        await console.press("space", "space")
        assert first in console.servers.model.marked
        assert len(console.servers.model.marked) == 2
        assert "! review 2 marked" in console.text
        await console.press("k", "space")
        assert len(console.servers.model.marked) == 1


async def test_marks_of_servers_that_are_gone_go_too(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("space")
        backend.simulator.faults.set("empty-account")
        await console.press("r")
        await console.wait_for_text("No servers here")
        assert console.servers.model.marked == frozenset()


async def test_a_key_that_is_not_possible_says_why(backend: Backend) -> None:
    async with open_console(Accounts(backend, held=asyncio.Event()), listed=False) as console:
        await console.wait_for_text("Opening")
        await console.press("exclamation_mark")
        await console.wait_for_text("interrupt: no account is open yet.")
        assert console.app.check_action("interrupt", ()) is None


async def test_keys_of_the_filters_box_are_not_taken_for_keys_of_the_list(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash", "escape", "slash")
        await console.write("web-")
        await console.press("enter")
        assert list(console.app._notifications) == []


async def test_the_footer_dims_what_is_not_possible(backend: Backend) -> None:
    async with open_console(Accounts(backend, held=asyncio.Event()), listed=False) as console:
        await console.wait_for_text("! interrupt")
        bar = console.servers.query_one(Footer)
        drawn = {command.id: text for _, _, command, text in lay_out(bar.situation, bar.keys, 80)}
        dimmed = {name for name, text in drawn.items() if any("disabled" in str(s.style) for s in text.spans)}
        assert "interrupt" in dimmed
        assert not dimmed & {"quit", "help", "refresh"}


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_footer_fits_and_always_ends_with_help(backend: Backend, width: int) -> None:
    async with open_console(backend, size=(width, 24)) as console:
        last = console.text.splitlines()[-1]
        assert len(last) <= width
        assert last.rstrip().endswith("? help")
        assert "! interrupt" in last


async def test_the_footer_at_eighty_shows_the_whole_way_through(backend: Backend) -> None:
    async with open_console(backend) as console:
        last = console.text.splitlines()[-1]
        for key in ("! interrupt", "/ filter", "Enter details", "h history", "q quit"):
            assert key in last


async def test_a_click_on_the_footer_does_what_the_key_does(backend: Backend) -> None:
    async with open_console(backend) as console:
        at = console.text.splitlines()[-1].index("? help")
        await console.pilot.click(Footer, offset=(at, 0))
        await console.wait_for_screen(HelpScreen)


async def test_details_stand_beside_the_list_where_there_is_room(backend: Backend) -> None:
    async with open_console(backend, size=(180, 36)) as console:
        panel = console.servers.query_one("#panel", DetailPanel)
        assert panel.region.width > 30
        await console.press("j")
        number = console.selected
        assert number is not None
        await console.wait_for_text(f"number {number}")
        await console.pilot.resize_terminal(100, 36)
        await console.wait_for(lambda: panel.region.width == 0)


async def test_enter_opens_the_details_and_q_comes_back(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("j", "enter")
        await console.wait_for_screen(DetailScreen)
        number = console.selected
        await console.wait_for_text(f"number {number}", "Next", "State", "q back")
        await console.press("q")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.selected == number


async def test_the_interrupt_key_asks_about_the_selected_server(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = backend.row()
        await console.open_dialog(row.key)
        assert row.number in console.text
        assert backend.sends == 0


async def test_the_keys_of_an_operator_are_in_force_everywhere(backend: Backend) -> None:
    keymap = {"refresh": "x", "down": "b", "interrupt": "f9"}
    async with open_console(backend, keymap=keymap) as console:
        first = console.selected
        await console.press("j")
        assert console.selected == first
        await console.press("b")
        assert console.selected == console.servers.table.rows[1].number
        before = console.app.account.read_at
        await console.press("x")
        await console.wait_for(lambda: console.app.account.read_at != before)
        assert "f9 interrupt" in console.text
        await console.press("question_mark")
        await console.wait_for_screen(HelpScreen)
        await console.wait_for_text("f9")
        assert console.app.keys.shown(BY_ID["down"]) == "b"


async def test_a_server_that_vanishes_leaves_nothing_selected_even_when_it_comes_back(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("j")
        backend.simulator.faults.set("empty-account")
        await console.press("r")
        await console.wait_for_text("No servers here")
        assert console.selected is None
        backend.simulator.faults.clear()
        await console.press("r")
        await console.wait_for(lambda: console.names)
        assert console.selected is None


async def test_a_filter_may_be_typed_before_the_first_page_has_come(tmp_path: Path) -> None:
    async with open_backend(tmp_path, latency_ms=1500) as backend, open_console(backend, listed=False) as console:
        await console.wait_for(lambda: console.app.account.session is not None)
        await console.press("slash")
        await console.wait_for(lambda: console.servers.is_typing)
        await console.write("no:142300012")
        await console.wait_for_list()
        await console.wait_for_text("1 of 64")
        assert [row.number for row in console.servers.table.rows] == ["142300012"]


async def test_a_filter_may_be_typed_while_the_account_is_being_opened(backend: Backend) -> None:
    held = asyncio.Event()
    async with open_console(Accounts(backend, held=held), listed=False) as console:
        await console.wait_for_text("Opening", "/ filter")
        await console.press("slash")
        await console.write("no:142300012")
        assert console.servers.is_typing
        assert not console.app._notifications
        held.set()
        await console.wait_for_list()
        await console.wait_for_text("no:142300012", "1 of 64")
        assert [row.number for row in console.servers.table.rows] == ["142300012"]


async def test_with_a_trouble_in_the_lists_place_there_is_no_box_to_type_into(backend: Backend) -> None:
    backend.simulator.faults.set("list:permission-denied")
    async with open_console(backend, listed=False) as console:
        await console.wait_for(lambda: console.servers.problem is not None)
        await console.press("slash")
        assert not console.servers.is_typing


async def test_the_address_that_was_looked_for_is_the_one_on_show(backend: Backend) -> None:
    async with open_console(backend) as console:
        rows = console.servers.table.rows
        public = next(row for row in rows if row.public_ip and row.private_ips)
        second = next(row for row in rows if row.addresses.secondary)
        assert public.public_ip not in console.text
        await console.press("slash")
        await console.write(public.public_ip)
        await console.wait_for_text(f"{public.number} {public.public_ip} pub")
        await console.press("escape", "slash")
        await console.write(f"ip:{second.addresses.secondary[0]}")
        await console.wait_for_text(f"{second.number} {second.addresses.secondary[0]} 2nd")
        await console.press("escape", "slash")
        await console.write(f"{public.private_ips[0]}")
        await console.wait_for_text(f"{public.number} {public.private_ips[0]} ")


async def test_a_public_address_that_was_looked_for_takes_no_column_from_the_lists_after_it(backend: Backend) -> None:
    async with open_console(backend, size=(80, 24)) as console:
        before = console.servers.table.columns_shown
        public = max((row.public_ip for row in console.servers.table.rows), key=len)
        await console.press("slash")
        await console.write(public)
        await console.wait_for_text(f"{public} pub")
        assert console.servers.table.columns_shown != before, "nothing gave way to it"
        await console.press("escape", "escape")
        await console.wait_for(lambda: console.servers.table.columns_shown == before)


async def test_addresses_that_came_late_take_no_column_from_the_whole_list(tmp_path: Path) -> None:
    """Until they are read, longer ones stand in for them."""
    shown: list[str] = []
    for faults in ((), ("interfaces:slow=0.5",)):
        async with (
            open_backend(tmp_path / str(len(faults)), faults=faults) as backend,
            open_console(backend, listed=False) as console,
        ):
            if faults:
                await console.wait_for(lambda: console.names)
                assert console.servers.table.rows[0].ip == console.servers.table.rows[0].public_ip
            await console.wait_for_list()
            shown.append(console.text.splitlines()[2])
    assert shown[0] == shown[1]


async def test_a_digit_sorts_by_that_column_and_again_the_other_way_round(backend: Backend) -> None:
    async with open_console(backend, size=(120, 36)) as console:
        shown = console.servers.table.columns_shown
        at = shown.index("uptime") + 1
        await console.press(str(at))
        started = [row.uptime for row in console.servers.table.rows]
        assert started == sorted(started)
        assert "UP ▲" in console.text
        await console.press(str(at))
        assert [row.uptime for row in console.servers.table.rows] == sorted(started, reverse=True)
        assert "UP ▼" in console.text
        await console.press("9")
        assert console.servers.model.view is not None
        assert console.servers.model.view.sort.value == (shown[8] if len(shown) > 8 else "uptime")


async def test_in_the_filter_a_digit_is_a_letter_like_any_other(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash", "2")
        assert console.servers.model.filter_text == "2"
        assert console.servers.model.view is not None
        assert console.servers.model.view.sort.value == "name"


async def test_an_order_by_a_column_that_is_not_on_show_is_said(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert console.servers.model.view is not None
        assert "region" not in console.servers.table.columns_shown
        while console.servers.model.view.sort.value != "region":
            await console.press("s")
        await console.wait_for_text("by REGION")


async def test_a_column_that_has_no_room_is_there_while_the_list_is_sorted_by_it(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert console.servers.model.view is not None
        shown = console.servers.table.columns_shown
        assert "public_ip" not in shown
        while console.servers.model.view.sort.value != "public_ip":
            await console.press("s")
        assert "public_ip" in console.servers.table.columns_shown
        heading = next(line for line in console.text.splitlines() if " NAME" in line and "VERDICT" in line)
        assert "PUBLIC IP" in heading
        await console.press("s")
        assert "public_ip" not in console.servers.table.columns_shown


async def test_an_operators_own_digit_takes_the_place_of_the_column(backend: Backend) -> None:
    async with open_console(backend, keymap={"eligible": "2"}) as console:
        every = len(console.names)
        await console.press("2")
        assert 0 < len(console.names) < every
        await console.press("3")
        assert console.servers.model.view is not None
        assert console.servers.model.view.sort.value == "ip"


async def test_a_row_tells_which_server_has_its_name_and_which_one_it_looks_like(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=128) as backend, open_console(backend, size=(120, 36)) as console:
        rows = console.servers.table.rows
        same = next(row for row in rows if row.verdict.word == "same name")
        alike = next(row for row in rows if row.verdict.word == "look-alike name")
        twin = next(row for row in rows if row.name == same.name and row is not same)
        console.servers.table.select(same.key)
        await console.wait_for_text(f"! same as {twin.number}")
        await console.press("enter")
        await console.wait_for_text("the same name", twin.number)
        await console.press("escape")
        console.servers.table.select(alike.key)
        await console.wait_for(lambda: "! like " in console.text or "! look-alike name" in console.text)
        (other,) = {row.name for row in rows if row.confusable_key == alike.confusable_key} - {alike.name}
        assert f"! like {other}" in console.text
