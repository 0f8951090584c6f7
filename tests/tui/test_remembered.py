"""Order, theme, region and earlier filters are there again at the next start; marks and "eligible only" are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.remembered import Remembered
from ncpconsole.tui.screens.pickers import RegionPicker
from ncpconsole.tui.themes import DEFAULT_THEME
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


async def test_a_console_that_changes_nothing_keeps_what_was_remembered(backend: Backend) -> None:
    was = Remembered("uptime", descending=True, theme="day", regions={"prod": "KR"}, filters=("web", "db"))
    async with open_console(backend, remembered=was) as console:
        app = console.app
        assert app.theme == "day"
        started = [row.uptime for row in console.servers.table.rows]
        assert started == sorted(started, reverse=True)
        await console.press("slash", "up")
        assert console.servers.filter_bar.box.value == "db"
        await console.press("up", "enter", "escape")
    assert app.remembered.filters == ("db", "web")
    assert app.remembered == Remembered("uptime", True, "day", {"prod": "KR"}, ("db", "web"))


async def test_what_the_operator_chose_is_remembered_and_no_mark(backend: Backend) -> None:
    async with open_console(Accounts(backend)) as console:
        app = console.app
        await console.press("e", "space", "2", "2", "slash")
        await console.write("web")
        await console.press("enter", "escape", "slash")
        await console.write("is:marked")
        await console.press("enter")
        app.theme = "day"
        await console.press("R")
        await console.wait_for_screen(RegionPicker)
        await console.wait_for_text("all")
        await console.press("end", "enter")
        await console.wait_for(lambda: app.screen is console.servers)
        await console.wait_for_list()
        chosen = console.session.identity
    kept = app.remembered
    assert (kept.sort, kept.descending, kept.theme) == ("number", True, "day")
    assert kept.filters == ("web",)
    assert kept.regions == {"prod": "all" if chosen.all_regions else chosen.regions[0]}


async def test_a_region_that_was_chosen_comes_back_with_its_profile(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {}, "stage": {}})
    async with open_console(accounts, remembered=Remembered(regions={"stage": "all"})) as console:
        console.app.account_flow.profile_chosen("stage")
        await console.wait_for_text("stage", "all regions")
        assert accounts.opened[-1] == ("stage", "all")


async def test_a_theme_given_at_the_start_is_not_remembered_over_the_chosen_one(backend: Backend) -> None:
    async with open_console(backend, theme="day", remembered=Remembered(theme="clear")) as console:
        app = console.app
        assert app.theme == "day"
    assert app.remembered.theme == "clear"


async def test_what_no_console_knows_is_passed_over(backend: Backend) -> None:
    async with open_console(backend, remembered=Remembered("no-such-order", True, "no-such-theme")) as console:
        assert console.app.theme == DEFAULT_THEME
        assert "NAME ▲" in console.text
        assert "no-such-theme" not in console.text


async def test_the_order_by_silence_is_for_one_look(backend: Backend) -> None:
    async with open_console(backend) as console:
        app = console.app
        await console.press("v")
        await console.wait_for_text("LIFE ▲")
    assert app.remembered.sort in {"", "name"}
