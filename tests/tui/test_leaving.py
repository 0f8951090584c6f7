"""Keys that arrive together may close a screen, or the console, before the screen is whole."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.css.query import NoMatches
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ncpconsole.tui.palette import ConsolePalette, theme_palette
from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.help import HelpScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog, StartupNotices
from ncpconsole.tui.textual_fixes.leaving import missed_on_leaving
from tests.core.fakes import NOTHING_AROUND
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tests.tui.bench import Bench

STEPS = range(6)
"""So many turns of the event loop pass before the screen is closed again: at 0 it was only asked for."""


@pytest.mark.parametrize("what", ["history", "help", "details", "raw", "login", "region", "profile"])
async def test_a_screen_may_be_closed_before_it_is_whole(bench: Bench, what: str) -> None:
    async with sit_down(Accounts(bench)) as desk:
        app = desk.app
        for steps in STEPS:
            getattr(app, f"action_{what}")()
            for _ in range(steps):
                await asyncio.sleep(0)
            leaving = app.screen
            app.pop_screen()
            await desk.until(lambda leaving=leaving: not leaving.is_running)  # type: ignore[misc]  # bound here
            assert app.screen is desk.servers
        assert app.crash is None
        await desk.press("j")


@pytest.mark.parametrize(
    ("what", "steps"),
    [
        (what, steps)
        for what in ("history", "raw", "interrupt", "refresh", "region", "profile", "login")
        for steps in STEPS
    ],
)
async def test_the_console_may_be_left_before_a_screen_is_whole(bench: Bench, what: str, steps: int) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.servers.table.select(bench.row().key)
        await desk.pilot.pause()
        getattr(desk.app, f"action_{what}")()
        for _ in range(steps):
            await asyncio.sleep(0)
        desk.app.exit()
    assert desk.app.crash is None
    assert desk.app.return_code == 0
    gc.collect()  # a coroutine that never began is a warning, and a warning fails here


async def confirm(bench: Bench) -> ConfirmScreen:
    session = bench.session()
    server = bench.row().server
    return ConfirmScreen(
        session, await session.interrupter.plan(bench.region, server.server_instance_no, NOTHING_AROUND)
    )


DIALOGS: dict[str, Callable[[], Screen[Any]]] = {
    "review": lambda: ReviewScreen([Turn("web-1", "1"), Turn("web-2", "2")], 1),
    "briefing": lambda: StartupNotices(["A note."], (), ()),
    "blocked": lambda: RefusalDialog("web-1", ["It is stopped."]),
    "export": lambda: ExportScreen(()),
    "quit": lambda: QuitConfirm(["web-1 (1)"]),
    "reread": lambda: LoadingDialog("web-1", lambda: None),
    "result": lambda: ResultScreen("web-1", "1", deadline=30),
    "notice": TooSmallScreen,
    "palette": ConsolePalette,
    "themes": theme_palette,
}


@pytest.mark.parametrize("name", [*DIALOGS, "confirm"])
async def test_a_dialog_may_be_closed_before_it_is_whole(bench: Bench, name: str) -> None:
    async with sit_down(Accounts(bench)) as desk:
        app = desk.app
        for steps in STEPS:
            dialog = await confirm(bench) if name == "confirm" else DIALOGS[name]()
            app.push_screen(dialog)
            for _ in range(steps):
                await asyncio.sleep(0)
            if app.screen is dialog:
                app.pop_screen()
            await desk.until(lambda dialog=dialog: not dialog.is_running)  # type: ignore[misc]  # bound here
            assert app.screen is desk.servers
        assert app.crash is None
        await desk.press("j")


async def test_what_a_screen_that_stays_misses_is_an_error(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        assert not missed_on_leaving(desk.app, NoMatches())
        assert not missed_on_leaving(desk.app, ZeroDivisionError())
        desk.app.exit()
        assert missed_on_leaving(desk.app, NoMatches())
        assert not missed_on_leaving(desk.app, ZeroDivisionError())


@pytest.mark.parametrize("palette", [ConsolePalette, theme_palette])
async def test_the_palette_closes_only_itself(bench: Bench, palette: Callable[[], ConsolePalette]) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.action_help()
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        below = desk.app.screen
        if palette is ConsolePalette:
            desk.app.action_command_palette()
        else:
            desk.app.search_themes()
        await desk.until(lambda: isinstance(desk.app.screen, ConsolePalette))
        opened = desk.app.screen
        opened.dismiss()
        opened.dismiss()
        await desk.until(lambda: not opened.is_running)
        assert desk.app.screen is below


@pytest.mark.parametrize("what", ["history", "help", "details", "raw", "login", "region", "profile"])
async def test_a_key_may_come_before_a_screen_is_whole(bench: Bench, what: str) -> None:
    async with sit_down(Accounts(bench)) as desk:
        app = desk.app
        for key in ("j", "G", "slash", "x", "a", "down", "pagedown"):
            getattr(app, f"action_{what}")()
            opened = app.screen
            assert opened is not desk.servers
            await app._check_bindings(key)
            app.server_details_changed()
            await desk.until(lambda opened=opened: opened.is_mounted)  # type: ignore[misc]  # bound here
            await app.pop_screen()
        assert app.screen is desk.servers
        assert app.crash is None


@pytest.mark.parametrize("key", ["pagedown", "pageup"])
@pytest.mark.parametrize("what", ["command_palette", "history", "profile"])
async def test_a_page_key_may_come_before_a_list_is_laid_out(bench: Bench, what: str, key: str) -> None:
    async with sit_down(Accounts(bench, policies={"prod": {}, "test": {}})) as desk:
        getattr(desk.app, f"action_{what}")()
        await desk.until(lambda: desk.app.screen is not desk.servers and desk.app.screen.query(OptionList))
        options = desk.app.screen.query_one(OptionList)
        if not options.option_count:
            options.add_option(Option("one"))
        options.highlighted = 0
        options._line_cache.clear()  # as before it is laid out
        options._update_lines = lambda: None  # type: ignore[method-assign]  # as before it is laid out
        if what == "command_palette":
            await desk.app.screen.run_action(f"command_list('{key.replace('page', 'page_')}')")
        else:
            await desk.press(key)
        del options._update_lines
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.servers)
        assert desk.app.crash is None


@pytest.mark.parametrize("what", ["command_palette", "profile"])
async def test_a_click_on_an_option_that_is_gone_does_nothing(bench: Bench, what: str) -> None:
    async with sit_down(Accounts(bench, policies={"prod": {}, "test": {}})) as desk:
        getattr(desk.app, f"action_{what}")()
        await desk.until(lambda: desk.app.screen is not desk.servers and desk.app.screen.query(OptionList))
        options = desk.app.screen.query_one(OptionList)

        def first_line() -> int | None:
            """Where the first option is painted, in lines below the top of the list."""
            for y in range(options.region.height):
                look = desk.app.screen.get_style_at(options.region.x + 4, options.region.y + y)
                if "option" in look.meta:
                    return y
            return None

        await desk.until(lambda: first_line() is not None)
        options._options[:] = []  # as between the painting of a line and the click on it
        assert await desk.pilot.click(OptionList, offset=(4, first_line() or 0))
        await desk.pilot.pause()
        assert desk.app.crash is None


async def test_keys_may_come_before_the_first_screen_is_furnished(bench: Bench) -> None:
    async with sit_down(Accounts(bench), listed=False) as desk:
        app, servers = desk.app, desk.servers
        await desk.until_listed()
        servers.is_ready = False
        view = servers.problem_panel
        del servers.problem_panel
        for key in ("r", "slash", "e", "h", "p", "R", "l", "colon", "question_mark", "exclamation_mark"):
            await desk.press(key)
        servers.problem_panel, servers.is_ready = view, True
        assert app.screen is servers
        assert app.crash is None


async def test_the_palette_may_be_opened_again_while_it_leaves(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.action_command_palette()
        await desk.until(lambda: isinstance(desk.app.screen, ConsolePalette))
        desk.app.screen.dismiss()
        desk.app.action_command_palette()
        await desk.until(lambda: isinstance(desk.app.screen, ConsolePalette) and desk.app.screen.is_mounted)
        assert desk.app.crash is None


async def test_a_worker_may_miss_what_its_leaving_screen_has_lost(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.action_command_palette()
        await desk.until(lambda: desk.app.screen.query(OptionList))
        palette = desk.app.screen
        missed: list[NoMatches] = []

        async def search() -> None:
            while True:
                try:
                    palette.query_one(OptionList)
                except NoMatches as error:
                    missed.append(error)
                    raise
                await asyncio.sleep(0)

        palette.run_worker(search())
        await desk.pilot.pause()
        palette.dismiss()
        await desk.until(lambda: not palette.is_running)
        assert missed
        assert desk.app.crash is None
        await desk.press("j")
        assert desk.app.is_running


async def test_a_click_on_a_widget_that_is_gone_does_nothing(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.action_help()
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        await desk.until_shown("Interrupt the server, after")
        gone, _ = desk.app.screen.get_widget_at(20, 3)
        parent, gone._parent = gone._parent, None  # as between its removal and the next layout
        for kind in (events.MouseDown, events.MouseMove):  # as the terminal's reader posts them
            # The widget and the way; the button; Shift, Alt and Ctrl.
            desk.app.post_message(kind(None, 20, 3, 0, 0, 1, False, False, False, 20, 3))
            await desk.pilot.pause()
        gone._parent = parent
        await desk.pilot.pause()
        assert desk.app.crash is None
        await desk.press("q")
        await desk.until(lambda: desk.app.screen is desk.servers)
