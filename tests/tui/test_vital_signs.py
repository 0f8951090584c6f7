"""Vital signs on screen: in the dialog where they cannot be missed, in the details, and in the watch."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from ncpconsole.ncp.metrics import Metric
from ncpconsole.simulator.insight import Guest, guest_of
from ncpconsole.tui.screens.detail import DetailScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.widgets.dialog import Body
from ncpconsole.tui.widgets.header import HeaderState
from ncpconsole.tui.widgets.sparkline import BARS, GAP
from tests.tui.console_driver import Accounts, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.inventory import Row
    from tests.tui.console_driver import Backend, ConsoleDriver

SILENT, ALIVE = 8, 12
"""Places in the simulator's fleet: one that is silent for six minutes, and one that sends."""


@asynccontextmanager
async def backend_of(directory: Path, *faults: str, **more: float) -> AsyncIterator[Backend]:
    async with open_backend(directory, servers=64, agents=True, faults=faults, **more) as opened:
        yield opened


def at(backend: Backend, place: int) -> Row:
    """The server of a place, as the list has it."""
    number = backend.simulator.fleet.number(backend.region, place)
    return backend.row(lambda server, _: server.server_instance_no == number)


def check_whole(console: ConsoleDriver) -> None:
    """Nothing of the dialog lies below its fold."""
    assert console.app.screen.query_one(Body).max_scroll_y == 0, console.text
    assert console.app.screen.query_one("#send", Button).region.width > 0


@pytest.mark.parametrize("protected", [False, True])
async def test_a_silent_server_shows_its_silence_and_is_confirmed_by_name(tmp_path: Path, protected: bool) -> None:
    policy = {"protected": True, "require_reason": True} if protected else {}
    async with backend_of(tmp_path) as backend, open_console(Accounts(backend, policies={"prod": policy})) as console:
        row = at(backend, SILENT)
        await console.interrupt(row)
        await console.wait_for(lambda: "activity log: reading" not in console.text)
        shown = " ".join(console.text.replace("│", " ").split())
        for words in ("Last sign of life", "silent for", "last 60 min", "cpu", "mem", "net", "disk", " %"):
            assert words in shown, console.text
        (line,) = [line for line in console.text.splitlines() if "cpu " in line]
        assert GAP in line
        assert set(line) & set(BARS)
        assert "Type the name" in console.text
        check_whole(console)


async def test_everything_at_once_is_in_view(tmp_path: Path) -> None:
    """A silent server of another one's name, interrupted before, in a protected profile that wants a reason."""
    policy = {"protected": True, "require_reason": True, "cooldown": 0.0}
    async with backend_of(tmp_path) as backend, open_console(Accounts(backend, policies={"prod": policy})) as console:
        row = at(backend, SILENT)
        backend.simulator.state().change(at(backend, ALIVE).number, name=row.name)
        await console.interrupt(row)
        await console.wait_for(lambda: "activity log: reading" not in console.text)
        for words in ("Another server has the same name", "silent for", "0x80", "page file", "activity log"):
            assert words in console.text
        check_whole(console)


@pytest.mark.parametrize("protected", [False, True])
async def test_a_server_that_is_alive_says_so_first_and_wants_the_number(tmp_path: Path, protected: bool) -> None:
    async with (
        backend_of(tmp_path) as backend,
        open_console(Accounts(backend, policies={"prod": {"protected": protected}})) as console,
    ):
        row = at(backend, ALIVE)
        await console.interrupt(row)
        await console.wait_for(lambda: "activity log: reading" not in console.text)
        lines = console.text.splitlines()
        assert "! It does not look hung: the guest sends its metrics" in lines[2]
        assert "Type the number" in console.text
        check_whole(console)
        await console.write(row.name)
        await console.press("enter", "enter", "enter")
        assert console.app.screen.query_one("#send", Button).disabled
        assert backend.sends == 0


async def test_in_a_narrow_dialog_each_chart_has_a_line_of_its_own(tmp_path: Path) -> None:
    """Two in a line broke apart there, and the last two were out of sight."""
    async with backend_of(tmp_path) as backend, open_console(backend, size=(60, 40)) as console:
        await console.interrupt(at(backend, ALIVE))
        await console.wait_for_text("last 60 min", "disk ")
        charts = [line for line in console.text.splitlines() if set(line) & set("▁▂▃▄▅▆▇")]
        assert [re.findall("cpu|mem|net|disk", line) for line in charts] == [["cpu"], ["mem"], ["net"], ["disk"]]
        assert all(line.rstrip("│ ").endswith(("%", "bit/s", "B/s")) for line in charts)


async def test_without_an_agent_nothing_is_said_against_it(tmp_path: Path) -> None:
    async with backend_of(tmp_path) as backend, open_console(backend) as console:
        state = backend.simulator.state()
        quiet = {
            server.server_instance_no
            for server in backend.servers
            if (machine := state.machine(server.server_instance_no)) and guest_of(machine) is Guest.NO_AGENT
        }
        row = backend.row(
            lambda server, judged: judged.eligible and not judged.cautions and server.server_instance_no in quiet
        )
        await console.interrupt(row)
        assert "No sign of life in the last 24 hours" in console.text
        assert "cpu" not in console.text
        assert "Type the name" in console.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "reason"),
    [("insight:permission-denied", ""), ("insight:error-500", ""), ("insight:hang", "did not answer within")],
)
async def test_signs_that_are_not_known_are_no_caution_and_hold_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, reason: str
) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", 0.5)
    async with backend_of(tmp_path, fault) as backend, open_console(backend) as console:
        row = at(backend, ALIVE)
        await console.interrupt(row)
        shown = " ".join(console.text.replace("│", " ").split())
        assert "vital signs not known: " in shown
        assert reason in shown
        assert "Type the name" in console.text
        await console.write(row.name)
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_the_details_fill_with_charts(tmp_path: Path) -> None:
    async with backend_of(tmp_path) as backend, open_console(backend) as console:
        console.servers.table.select(at(backend, SILENT).key)
        await console.press("enter")
        await console.wait_for_screen(DetailScreen)
        await console.wait_for_text("Vital signs, the last 60 minutes", "silent for", "disk write")
        (line,) = [line for line in console.text.splitlines() if line.strip().startswith("cpu ")]
        assert GAP in line
        assert " to " in line
        assert " %" in line


async def test_signs_that_come_before_the_details_are_drawn_are_shown(tmp_path: Path) -> None:
    async with backend_of(tmp_path) as backend, open_console(backend) as console:
        row = at(backend, SILENT)
        less = replace(console.app.state.details_of(row), vitals=None)
        await console.session.vitals.read([row.number], metrics=tuple(Metric))
        screen = DetailScreen(console.app, less, HeaderState.of(console.app.account))
        console.app.push_screen(screen)
        assert not screen.is_mounted
        console.app.presenter.server_details_changed()
        await console.wait_for_text("disk write")


@pytest.mark.parametrize("size", [(60, 40), (80, 40)], ids=str)
async def test_the_details_of_a_server_that_is_alive_say_what_the_dialog_will_ask(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with backend_of(tmp_path) as backend, open_console(backend, size=size) as console:
        console.servers.table.select(at(backend, ALIVE).key)
        await console.press("enter")
        await console.wait_for_text("eligible, with caution", "It does not look hung", "asks for the server number")
        assert "Mbit/s" in console.text
        assert "…" not in console.text[console.text.index("Vital signs") : console.text.index("State")]


async def test_the_panel_beside_the_list_follows_the_selection(tmp_path: Path) -> None:
    async with backend_of(tmp_path) as backend, open_console(backend, size=(200, 50)) as console:
        console.servers.table.select(at(backend, SILENT).key)
        await console.wait_for_text("silent for", "disk write")
        console.servers.table.select(at(backend, ALIVE).key)
        await console.wait_for_text("the guest sends its metrics", "disk write")


async def test_the_watch_tells_of_silence_and_of_the_first_sign_of_life(tmp_path: Path) -> None:
    async with backend_of(tmp_path, interrupt_seconds=600) as backend, open_console(backend) as console:
        row = at(backend, SILENT)
        await console.send(row)
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("ACCEPTED", "silent since")
        (line,) = [line for line in console.text.splitlines() if "silent since" in line]
        assert "+" in line
