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

from ncpconsole.core.errors import ConsoleError
from ncpconsole.tui.account_controller import SessionFailed
from ncpconsole.tui.messages import AccountChanged
from ncpconsole.tui.palette import theme_palette
from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.help import HelpScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen, Turn
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog, WaitingScreen
from ncpconsole.tui.text.server_list import Waiting
from ncpconsole.tui.textual_fixes.app import missed_on_leaving
from ncpconsole.tui.textual_fixes.dialogs import ConsolePalette
from tests.core.fakes import NOTHING_AROUND
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tests.tui.console_driver import Backend

pytestmark = pytest.mark.slow


STEPS = range(6)
"""So many turns of the event loop pass before the screen is closed again: at 0 it was only asked for."""


@pytest.mark.parametrize("what", ["history", "help", "details", "raw", "login", "region", "profile"])
async def test_a_screen_may_be_closed_before_it_is_whole(backend: Backend, what: str) -> None:
    async with open_console(backend) as console:
        app = console.app
        for steps in STEPS:
            getattr(app, f"action_{what}")()
            for _ in range(steps):
                await asyncio.sleep(0)
            leaving = app.screen
            app.pop_screen()
            await console.wait_for(lambda leaving=leaving: not leaving.is_running)  # type: ignore[misc]  # bound here
            assert app.screen is console.servers
        assert app.crash is None
        await console.press("j")


@pytest.mark.parametrize(
    ("what", "steps"),
    [
        (what, steps)
        for what in ("history", "raw", "interrupt", "refresh", "region", "profile", "login")
        for steps in STEPS
    ],
)
async def test_the_console_may_be_left_before_a_screen_is_whole(backend: Backend, what: str, steps: int) -> None:
    async with open_console(backend) as console:
        console.servers.table.select(backend.row().key)
        await console.wait_for_idle()
        getattr(console.app, f"action_{what}")()
        for _ in range(steps):
            await asyncio.sleep(0)
        console.app.exit()
    assert console.app.crash is None
    assert console.app.return_code == 0
    gc.collect()  # a coroutine that never began is a warning, and a warning fails here


async def confirm_screen(backend: Backend) -> ConfirmScreen:
    session = backend.session()
    server = backend.row().server
    return ConfirmScreen(
        session, await session.interrupter.plan(backend.region, server.server_instance_no, NOTHING_AROUND)
    )


DIALOGS: dict[str, Callable[[], Screen[Any]]] = {
    "review": lambda: ReviewScreen([Turn("web-1", "1"), Turn("web-2", "2")], 1),
    "briefing": lambda: WaitingScreen(Waiting(["A note."])),
    "blocked": lambda: RefusalDialog("web-1", ["It is stopped."]),
    "export": lambda: ExportScreen(()),
    "quit": lambda: QuitConfirm(["web-1 (1)"]),
    "reread": lambda: LoadingDialog("web-1", lambda: None),
    "notice": TooSmallScreen,
    "palette": ConsolePalette,
    "themes": theme_palette,
}


@pytest.mark.parametrize("name", [*DIALOGS, "confirm", "result"])
async def test_a_dialog_may_be_closed_before_it_is_whole(backend: Backend, name: str) -> None:
    async with open_console(backend) as console:
        app = console.app
        for steps in STEPS:
            if name == "confirm":
                dialog: Screen[Any] = await confirm_screen(backend)
            else:
                dialog = ResultScreen(console.session, "web-1", "1") if name == "result" else DIALOGS[name]()
            app.push_screen(dialog)
            for _ in range(steps):
                await asyncio.sleep(0)
            if app.screen is dialog:
                app.pop_screen()
            await console.wait_for(lambda dialog=dialog: not dialog.is_running)  # type: ignore[misc]  # bound here
            assert app.screen is console.servers
        assert app.crash is None
        await console.press("j")


async def test_what_a_screen_that_stays_misses_is_an_error(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert not missed_on_leaving(console.app, NoMatches())
        assert not missed_on_leaving(console.app, ZeroDivisionError())
        console.app.exit()
        assert missed_on_leaving(console.app, NoMatches())
        assert not missed_on_leaving(console.app, ZeroDivisionError())


@pytest.mark.parametrize("palette", [ConsolePalette, theme_palette])
async def test_the_palette_closes_only_itself(backend: Backend, palette: Callable[[], ConsolePalette]) -> None:
    async with open_console(backend) as console:
        console.app.action_help()
        await console.wait_for_screen(HelpScreen)
        below = console.app.screen
        if palette is ConsolePalette:
            console.app.action_command_palette()
        else:
            console.app.search_themes()
        await console.wait_for_screen(ConsolePalette)
        opened = console.app.screen
        opened.dismiss()
        opened.dismiss()
        await console.wait_for(lambda: not opened.is_running)
        assert console.app.screen is below


@pytest.mark.parametrize("what", ["history", "help", "details", "raw", "login", "region", "profile"])
async def test_a_key_may_come_before_a_screen_is_whole(backend: Backend, what: str) -> None:
    async with open_console(backend) as console:
        app = console.app
        for key in ("j", "G", "slash", "x", "a", "down", "pagedown"):
            getattr(app, f"action_{what}")()
            opened = app.screen
            assert opened is not console.servers
            await app._check_bindings(key)
            app.presenter.server_details_changed()
            await console.wait_for(lambda opened=opened: opened.is_mounted)  # type: ignore[misc]  # bound here
            await app.pop_screen()
        assert app.screen is console.servers
        assert app.crash is None


@pytest.mark.parametrize("key", ["pagedown", "pageup"])
@pytest.mark.parametrize("what", ["command_palette", "history", "profile"])
async def test_a_page_key_may_come_before_a_list_is_laid_out(backend: Backend, what: str, key: str) -> None:
    async with open_console(Accounts(backend, policies={"prod": {}, "test": {}})) as console:
        getattr(console.app, f"action_{what}")()
        await console.wait_for(
            lambda: console.app.screen is not console.servers and console.app.screen.query(OptionList)
        )
        options = console.app.screen.query_one(OptionList)
        if not options.option_count:
            options.add_option(Option("one"))
        options.highlighted = 0
        options._line_cache.clear()  # as before it is laid out
        options._update_lines = lambda: None  # type: ignore[method-assign]  # as before it is laid out
        if what == "command_palette":
            await console.app.screen.run_action(f"command_list('{key.replace('page', 'page_')}')")
        else:
            await console.press(key)
        del options._update_lines
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.app.crash is None


@pytest.mark.parametrize("what", ["command_palette", "profile"])
async def test_a_click_on_an_option_that_is_gone_does_nothing(backend: Backend, what: str) -> None:
    async with open_console(Accounts(backend, policies={"prod": {}, "test": {}})) as console:
        getattr(console.app, f"action_{what}")()
        await console.wait_for(
            lambda: console.app.screen is not console.servers and console.app.screen.query(OptionList)
        )
        options = console.app.screen.query_one(OptionList)

        def first_line() -> int | None:
            """Where the first option is painted, in lines below the top of the list."""
            for y in range(options.region.height):
                look = console.app.screen.get_style_at(options.region.x + 4, options.region.y + y)
                if "option" in look.meta:
                    return y
            return None

        await console.wait_for(lambda: first_line() is not None)
        options._options[:] = []  # as between the painting of a line and the click on it
        assert await console.pilot.click(OptionList, offset=(4, first_line() or 0))
        await console.wait_for_idle()
        assert console.app.crash is None


async def test_keys_may_come_before_the_first_screen_is_furnished(backend: Backend) -> None:
    async with open_console(backend, listed=False) as console:
        app, servers = console.app, console.servers
        await console.wait_for_list()
        servers.is_ready = False
        view = servers.problem_panel
        del servers.problem_panel
        for key in ("r", "slash", "e", "h", "p", "R", "l", "colon", "question_mark", "exclamation_mark"):
            await console.press(key)
        servers.problem_panel, servers.is_ready = view, True
        assert app.screen is servers
        assert app.crash is None


async def test_the_palette_may_be_opened_again_while_it_leaves(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.action_command_palette()
        await console.wait_for_screen(ConsolePalette)
        console.app.screen.dismiss()
        console.app.action_command_palette()
        await console.wait_for(lambda: isinstance(console.app.screen, ConsolePalette) and console.app.screen.is_mounted)
        assert console.app.crash is None


async def test_a_worker_may_miss_what_its_leaving_screen_has_lost(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.action_command_palette()
        await console.wait_for(lambda: console.app.screen.query(OptionList))
        palette = console.app.screen
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
        await console.wait_for_idle()
        palette.dismiss()
        await console.wait_for(lambda: not palette.is_running)
        assert missed
        assert console.app.crash is None
        await console.press("j")
        assert console.app.is_running


async def test_a_click_on_a_widget_that_is_gone_does_nothing(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.action_help()
        await console.wait_for_screen(HelpScreen)
        await console.wait_for_text("send one, after typing")
        gone, _ = console.app.screen.get_widget_at(20, 3)
        parent, gone._parent = gone._parent, None  # as between its removal and the next layout
        for kind in (events.MouseDown, events.MouseMove):  # as the terminal's reader posts them
            # The widget and the way; the button; Shift, Alt and Ctrl.
            console.app.post_message(kind(None, 20, 3, 0, 0, 1, False, False, False, 20, 3))
            await console.wait_for_idle()
        gone._parent = parent
        await console.wait_for_idle()
        assert console.app.crash is None
        await console.press("q")
        await console.wait_for(lambda: console.app.screen is console.servers)


async def test_what_arrives_while_the_widgets_go_is_no_error(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_console(backend) as console:
        app = console.app
        take_away = app._close_all

        async def arrives() -> None:
            await take_away()
            app.post_message(AccountChanged(SessionFailed(ConsoleError("No account."))))
            for _ in range(100):
                await asyncio.sleep(0)

        monkeypatch.setattr(app, "_close_all", arrives)
    assert app.crash is None
