"""The traps of the toolkit that no other test holds: workers, widths, keys that terminals lack, versions."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ncpconsole.core.safe_text import cell_width
from ncpconsole.tui import interrupt_flow as interrupting
from ncpconsole.tui.commands import COMMANDS, split_keys
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen
from ncpconsole.tui.screens.servers import PANEL_FROM
from ncpconsole.tui.widgets.footer import Footer
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

HOUSE = Path(interrupting.__file__).parents[2]


async def test_a_send_outlives_its_screen_and_another_worker_does_not_end_it(backend: Backend) -> None:
    async with open_console(backend) as console:
        client = backend.clients[-1]
        client.answering = asyncio.Event()
        row = backend.row()
        await console.send(row)
        await console.wait_for(lambda: backend.sends == 1)
        await console.wait_for_screen(ResultScreen)
        gone = console.app.screen
        await console.app.pop_screen()
        assert not gone.is_running
        console.app.run_worker(asyncio.sleep(0), exclusive=True)
        console.app.account_flow.refresh()
        await console.wait_for(lambda: not console.app.account.is_reading)
        assert console.app.flow.sending
        client.answering.set()
        await console.wait_for(lambda: backend.intents()[0].outcome == "accepted")
        await console.wait_for(lambda: console.reports)
        assert not console.app.flow.sending
        assert console.app.is_running


@pytest.mark.slow
async def test_a_watch_that_breaks_does_not_end_the_console(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_console(backend) as console:

        async def watch(*_: Any, **__: Any) -> Any:
            raise ZeroDivisionError
            yield

        monkeypatch.setattr(console.session.interrupter, "watch", watch)
        row = backend.row()
        await console.send(row)
        await console.wait_for_text("it broke off")
        assert console.app.is_running
        assert console.app.crash is None


async def test_a_review_sends_each_server_in_its_own_region(backend: Backend) -> None:
    first, second = backend.simulator.regions[:2]
    there = await backend.session().gateway.servers(second)
    far = next(server for server in there if backend.row_of(server).verdict.state == "eligible")
    here = next(server for server in backend.servers if server.server_name == far.server_name)
    # Two of one name, so their numbers are asked for. A record may lack its region; it came from the first
    # one that is read.
    rows = [backend.row_of(far), backend.row_of(msgspec.structs.replace(here, region_code=""))]
    async with open_console(Accounts(backend, regions=(first, second))) as console:
        app = console.app
        assert app.account.session is not None
        app.interrupt_commands.run(partial(app.interrupt_commands.review, app.account.session, rows))
        for row in rows:
            await console.wait_for(lambda: isinstance(app.screen, ReviewScreen) and app.screen.is_mounted)
            await console.press("enter")
            await console.wait_for(lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
            await console.write(row.number)
            await console.press("enter", "enter")
            await console.wait_for_text("ACCEPTED")
            await console.press("escape")
    asked = [(intent.draft.region_code, intent.draft.server_no) for intent in reversed(backend.intents())]
    assert asked == [(second, rows[0].number), (first, rows[1].number)]
    assert backend.sends == 2


@pytest.mark.parametrize(
    ("width", "named"), [(80, "-narrow"), (174, "-narrow"), (175, "-wide"), (194, "-wide"), (195, "-vast")]
)
async def test_a_width_adds_its_class_and_no_other(backend: Backend, width: int, named: str) -> None:
    async with open_console(backend, size=(width, 24)) as console:
        assert console.servers.classes & {"-narrow", "-wide", "-vast"} == {named}
        assert console.servers.panel.display is (width >= PANEL_FROM)
        await console.pilot.resize_terminal(260 - width, 24)
        narrow = 260 - width < PANEL_FROM
        await console.wait_for(lambda: console.servers.has_class("-narrow") is narrow)


@pytest.mark.parametrize(
    ("width", "height", "named"),
    [
        (75, 21, {"-narrow", "-low"}),
        (76, 22, {"-wide", "-mid"}),
        (129, 33, {"-wide", "-mid"}),
        (130, 34, {"-side", "-tall"}),
    ],
)
async def test_a_size_adds_its_classes_to_dialogs(backend: Backend, width: int, height: int, named: set[str]) -> None:
    async with open_console(backend, size=(width, height)) as console:
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        known = {"-narrow", "-wide", "-side", "-low", "-mid", "-tall"}
        await console.wait_for(lambda: console.app.screen.classes & known == named)


async def test_a_key_that_is_not_possible_is_dimmed_and_does_nothing(backend: Backend) -> None:
    async with open_console(Accounts(backend, held=asyncio.Event()), listed=False) as console:
        await console.wait_for_text("! interrupt")
        assert console.app.check_action("interrupt", ()) is None
        assert console.app.check_action("help", ()) is True
        bar = console.servers.query_one(Footer)
        looks = {segment.text.strip(): segment.style for segment in bar.render_line(0)}
        dimmed, plain = looks["! interrupt"], looks["help"]
        assert dimmed is not None
        assert plain is not None
        assert dimmed.color != plain.color
        await console.press("exclamation_mark")
        await console.wait_for_idle()
        assert len(console.app.screen_stack) == 1


async def test_hangul_takes_two_cells_in_every_line_of_the_list(backend: Backend) -> None:
    async with open_console(backend) as console:
        korean = next(row for row in console.servers.table.rows if re.search("[가-힣]", row.name))
        console.servers.table.select(korean.key)
        await console.wait_for_idle()
        lines = [strip.text for strip in console.app.screen._compositor.render_strips()]
        assert {cell_width(line) for line in lines} == {80}
        title = next(line for line in lines if "NUMBER" in line)
        line = next(line for line in lines if korean.name in line)
        before = line[: line.index(korean.number)]
        assert len(before) < cell_width(before)
        assert cell_width(before) == title.index("NUMBER")


def bound_keys() -> set[str]:
    """Every key that anything of the console binds."""
    keys = {key for command in COMMANDS for key in split_keys(command.keys)}
    for file in sorted((HOUSE / "ncpconsole" / "tui").rglob("*.py")):
        keys |= set(re.findall(r"Binding\(\s*[\"']([^\"']+)", file.read_text("utf-8")))
    return {one for each in keys for one in each.split(",")}


def test_no_key_is_bound_that_terminals_do_not_deliver() -> None:
    keys = bound_keys()
    assert {"ctrl+q", "escape", "enter"} <= keys
    undelivered = {"ctrl+enter", "shift+enter", "alt+enter", "ctrl+space", "ctrl+i", "ctrl+m", "ctrl+h"}
    assert not keys & undelivered
    assert not [key for key in keys if key.startswith(("super+", "hyper+", "meta+"))]


def test_pictures_are_compared_with_the_versions_they_were_made_with() -> None:
    pinned = (HOUSE / "requirements" / "dev.txt").read_text("utf-8")
    for name in ("textual", "syrupy", "pytest", "pytest-textual-snapshot"):
        assert f"\n{name}=={version(name)} " in f"\n{pinned}"
