"""The list: filter, order, selection, marks, and keys that act only where they should."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from ncpconsole.core.eligibility import verdict
from ncpconsole.tui.commands import BY_ID
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.detail import DetailScreen
from ncpconsole.tui.screens.help import HelpScreen
from ncpconsole.tui.widgets.footer import Footer, lay_out
from ncpconsole.tui.widgets.panels import DetailPanel
from tests.tui.bench import RULES, open_bench
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.bench import Bench


async def test_the_first_frame_does_not_wait_for_the_account(bench: Bench) -> None:
    accounts = Accounts(bench, held=asyncio.Event())
    async with sit_down(accounts, listed=False) as desk:
        await desk.until_shown("ncpconsole", "NAME", "VERDICT", "Opening ...", "q quit", "? help")
        assert accounts.opened == [(None, None)]
        assert bench.simulator.requests[len(bench.simulator.requests) :] == []
        accounts.held.set()  # type: ignore[union-attr]  # set above
        await desk.until_listed()
        assert len(desk.names) == len(bench.servers)


async def test_the_list_shows_every_server_with_its_verdict_and_private_address(bench: Bench) -> None:
    async with sit_down(Accounts(bench), size=(120, 36)) as desk:
        assert sorted(row.number for row in desk.servers.table.rows) == sorted(
            server.server_instance_no for server in bench.servers
        )
        eligible = sum(verdict(server, RULES).eligible for server in bench.servers)
        assert f"{len(bench.servers)} servers · {eligible} eligible" in desk.text
        row = desk.servers.table.rows[0]
        assert row.private_ips
        assert row.ip == row.private_ips[0]


async def test_the_filter_narrows_while_typing_and_counts(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        every = len(desk.names)
        await desk.press("slash")
        await desk.write("web")
        await desk.until(lambda: len(desk.names) < every)
        assert all("web" in name.casefold() for name in desk.names)
        assert f"{len(desk.names)} of {every}" in desk.text
        assert isinstance(desk.app.focused, Input)


async def test_enter_keeps_the_filter_and_goes_to_the_first_match_when_the_selection_is_hidden(
    bench: Bench,
) -> None:
    async with sit_down(Accounts(bench)) as desk:
        hidden = desk.selected
        await desk.press("slash")
        await desk.write("web-")
        await desk.press("enter")
        assert desk.app.focused is desk.servers.table
        assert desk.names[0].startswith("web")
        assert desk.selected == desk.servers.table.rows[0].number != hidden


async def test_enter_leaves_a_selection_that_the_filter_shows(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("G")
        last = desk.selected
        assert last is not None
        await desk.press("slash")
        await desk.write(f"no:{last}")
        await desk.press("enter")
        assert desk.selected == last


async def test_esc_clears_the_filter_and_the_hidden_selection_comes_back(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("j", "j", "j")
        before, every = desk.selected, desk.names
        await desk.press("slash")
        await desk.write("is:blocked")
        await desk.press("escape")
        assert desk.names == every
        assert desk.selected == before
        assert desk.app.focused is desk.servers.table


async def test_esc_on_the_list_clears_a_kept_filter(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        every = len(desk.names)
        await desk.press("slash")
        await desk.write("web")
        await desk.press("enter", "escape")
        await desk.until(lambda: len(desk.names) == every)


async def test_the_up_arrow_brings_earlier_filters_back(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        for text in ("web", "db"):
            await desk.press("slash")
            await desk.write(text)
            await desk.press("enter", "escape")
        await desk.press("slash", "up")
        assert desk.servers.filter_bar.box.value == "db"
        await desk.press("up")
        assert desk.servers.filter_bar.box.value == "web"
        await desk.press("down", "down")
        assert desk.servers.filter_bar.box.value == ""


async def test_a_filter_that_cannot_be_understood_is_said_and_the_last_good_one_stays(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("slash")
        await desk.write("web")
        good = desk.names
        await desk.write(":x")
        await desk.until(lambda: desk.servers.filter_bar.query_one("#matches").has_class("-wrong"))
        assert "“web”" in desk.text
        assert desk.names == good
        await desk.press("backspace", "backspace")
        assert not desk.servers.filter_bar.query_one("#matches").has_class("-wrong")


async def test_a_filter_without_a_match_says_how_to_get_out(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("slash")
        await desk.write("nothing-is-called-so")
        await desk.until_shown("No server matches. Esc clears the filter.")


async def test_e_shows_only_what_may_be_interrupted(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        every = len(desk.names)
        await desk.press("e")
        assert 0 < len(desk.names) < every
        assert all(row.verdict.eligible for row in desk.servers.table.rows)
        assert "eligible only" in desk.text
        await desk.press("e")
        assert len(desk.names) == every


async def test_the_selection_follows_its_server_through_sort_and_refresh(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("j", "j", "j", "j")
        chosen = desk.selected
        orders = {tuple(desk.names)}
        for key in ("s", "s", "S", "s"):
            await desk.press(key)
            orders.add(tuple(desk.names))
            assert desk.selected == chosen
        assert len(orders) > 2
        before = desk.app.read_at
        await desk.press("r")
        await desk.until(lambda: desk.app.read_at != before)
        assert desk.selected == chosen


async def test_a_click_on_a_title_sorts_and_a_second_one_turns_round(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        at = next(line for line in desk.text.splitlines() if "NUMBER" in line).index("NUMBER")
        await desk.pilot.click(desk.servers.table, offset=(at + 1, 0))
        numbers = [row.number for row in desk.servers.table.rows]
        assert numbers == sorted(numbers, key=int)
        await desk.pilot.click(desk.servers.table, offset=(at + 1, 0))
        assert [row.number for row in desk.servers.table.rows] == numbers[::-1]


async def test_letters_are_text_while_the_filter_has_the_focus(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        chosen = desk.selected
        await desk.press("slash")
        await desk.write("!qehrsjkgpRy?")
        assert desk.servers.filter_bar.box.value == "!qehrsjkgpRy?"
        assert desk.app.screen is desk.servers
        assert not desk.servers.view.eligible_only  # type: ignore[union-attr]  # a list was read
        assert desk.app.is_running
        await desk.press("escape")
        assert desk.selected == chosen


async def test_space_marks_and_goes_on_and_the_footer_offers_the_review(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        first = desk.servers.table.rows[0].key
        await desk.press("space", "space")
        assert first in desk.servers.marked
        assert len(desk.servers.marked) == 2
        assert "! review 2 marked" in desk.text
        await desk.press("k", "space")
        assert len(desk.servers.marked) == 1


async def test_marks_of_servers_that_are_gone_go_too(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("space")
        bench.simulator.faults.set("empty-account")
        await desk.press("r")
        await desk.until_shown("No servers here")
        assert desk.servers.marked == frozenset()


async def test_a_key_that_is_not_possible_says_why(bench: Bench) -> None:
    async with sit_down(Accounts(bench, held=asyncio.Event()), listed=False) as desk:
        await desk.until_shown("Opening")
        await desk.press("exclamation_mark")
        await desk.until_shown("interrupt: no account is open yet.")
        assert desk.app.check_action("interrupt", ()) is None


async def test_keys_of_the_filters_box_are_not_taken_for_keys_of_the_list(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("slash", "escape", "slash")
        await desk.write("web-")
        await desk.press("enter")
        assert list(desk.app._notifications) == []


async def test_the_footer_dims_what_is_not_possible(bench: Bench) -> None:
    async with sit_down(Accounts(bench, held=asyncio.Event()), listed=False) as desk:
        await desk.until_shown("! interrupt")
        bar = desk.servers.query_one(Footer)
        drawn = {command.id: text for _, _, command, text in lay_out(bar.situation, bar.keys, 80)}
        dimmed = {name for name, text in drawn.items() if any("disabled" in str(s.style) for s in text.spans)}
        assert "interrupt" in dimmed
        assert not dimmed & {"quit", "help", "refresh"}


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_footer_fits_and_always_ends_with_help(bench: Bench, width: int) -> None:
    async with sit_down(Accounts(bench), size=(width, 24)) as desk:
        last = desk.text.splitlines()[-1]
        assert len(last) <= width
        assert last.rstrip().endswith("? help")
        assert "! interrupt" in last


async def test_the_footer_at_eighty_shows_the_whole_way_through(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        last = desk.text.splitlines()[-1]
        for key in ("! interrupt", "/ filter", "Enter details", "h history", "q quit"):
            assert key in last


async def test_a_click_on_the_footer_does_what_the_key_does(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        at = desk.text.splitlines()[-1].index("? help")
        await desk.pilot.click(Footer, offset=(at, 0))
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))


async def test_details_stand_beside_the_list_where_there_is_room(bench: Bench) -> None:
    async with sit_down(Accounts(bench), size=(120, 36)) as desk:
        panel = desk.servers.query_one("#panel", DetailPanel)
        assert panel.region.width > 30
        await desk.press("j")
        number = desk.selected
        assert number is not None
        await desk.until_shown(f"number {number}")
        await desk.pilot.resize_terminal(100, 36)
        await desk.until(lambda: panel.region.width == 0)


async def test_enter_opens_the_details_and_q_comes_back(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("j", "enter")
        await desk.until(lambda: isinstance(desk.app.screen, DetailScreen))
        number = desk.selected
        await desk.until_shown(f"number {number}", "Next", "State", "q back")
        await desk.press("q")
        await desk.until(lambda: desk.app.screen is desk.servers)
        assert desk.selected == number


async def test_the_interrupt_key_asks_about_the_selected_server(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        row = bench.row()
        desk.servers.table.select(row.key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        assert row.number in desk.text
        assert bench.sends == 0


async def test_the_keys_of_an_operator_are_in_force_everywhere(bench: Bench) -> None:
    keymap = {"refresh": "x", "down": "n", "interrupt": "f9"}
    async with sit_down(Accounts(bench), keymap=keymap) as desk:
        first = desk.selected
        await desk.press("j")
        assert desk.selected == first
        await desk.press("n")
        assert desk.selected == desk.servers.table.rows[1].number
        before = desk.app.read_at
        await desk.press("x")
        await desk.until(lambda: desk.app.read_at != before)
        assert "f9 interrupt" in desk.text
        await desk.press("question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        await desk.until_shown("f9")
        assert desk.app.keys.shown(BY_ID["down"]) == "n"


async def test_a_server_that_vanishes_leaves_nothing_selected_even_when_it_comes_back(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("j")
        bench.simulator.faults.set("empty-account")
        await desk.press("r")
        await desk.until_shown("No servers here")
        assert desk.selected is None
        bench.simulator.faults.clear()
        await desk.press("r")
        await desk.until(lambda: desk.names)
        assert desk.selected is None


async def test_a_filter_may_be_typed_before_the_first_page_has_come(tmp_path: Path) -> None:
    async with (
        open_bench(tmp_path, latency_ms=1500) as bench,
        sit_down(Accounts(bench), listed=False) as desk,
    ):
        await desk.until(lambda: desk.app.session is not None)
        await desk.press("slash")
        await desk.until(lambda: desk.servers.is_typing)
        await desk.write("no:30000012")
        await desk.until_listed()
        await desk.until_shown("1 of 64")
        assert [row.number for row in desk.servers.table.rows] == ["30000012"]


async def test_a_filter_may_be_typed_while_the_account_is_being_opened(bench: Bench) -> None:
    held = asyncio.Event()
    async with sit_down(Accounts(bench, held=held), listed=False) as desk:
        await desk.until_shown("Opening", "/ filter")
        await desk.press("slash")
        await desk.write("no:30000012")
        assert desk.servers.is_typing
        assert not desk.app._notifications
        held.set()
        await desk.until_listed()
        await desk.until_shown("no:30000012", "1 of 64")
        assert [row.number for row in desk.servers.table.rows] == ["30000012"]


async def test_with_a_trouble_in_the_lists_place_there_is_no_box_to_type_into(bench: Bench) -> None:
    bench.simulator.faults.set("list:permission-denied")
    async with sit_down(Accounts(bench), listed=False) as desk:
        await desk.until(lambda: desk.servers.problem is not None)
        await desk.press("slash")
        assert not desk.servers.is_typing
