"""Doctor, paths, export and resolve by name, from the palette of the list."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from ncpconsole.doctor.findings import failure, ok, warning
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.machine import DoctorScreen, PathsScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from tests.end_to_end.terminal import Terminal
from tests.tui.console_driver import Accounts, open_console
from tests.tui.test_history import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.session import Examined
    from tests.tui.console_driver import Backend, ConsoleDriver


async def choose(console: ConsoleDriver, name: str) -> None:
    """Choose a command of the palette by its name."""
    await console.press("colon")
    await console.wait_for(lambda: console.app.screen.query(Input))
    await console.write(name)
    await console.wait_for_text(name)
    await console.wait_for_idle()
    await console.press("enter")


class Slow(Accounts):
    """A doctor whose second finding is held back."""

    def __init__(self, backend: Backend, findings: list[Examined]) -> None:
        super().__init__(backend, findings=findings)
        self.release = threading.Event()

    async def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        async for finding in super().examine(profile):
            yield finding
            await asyncio.to_thread(self.release.wait)


async def test_the_doctors_findings_come_one_by_one_and_keys_are_answered_meanwhile(backend: Backend) -> None:
    accounts = Slow(
        backend, findings=[ok("machine", "Linux"), failure("key", "none", "Log in."), warning("clock", "?")]
    )
    async with open_console(accounts) as console:
        await choose(console, "Doctor")
        await console.wait_for_screen(DoctorScreen)
        await console.wait_for_text("✓ machine: Linux", "checking ...")
        assert "key: none" not in console.text
        await console.press("j")  # the loop that draws is free
        accounts.release.set()
        await console.wait_for_text("✗ key: none", "Log in.", "! clock: ?", "3 checks; 1 failed.")
        ((profile, thread),) = accounts.examined
        assert profile == "prod"
        assert thread != "MainThread"
        await console.press("q")
        await console.wait_for(lambda: console.app.screen is console.servers)


async def test_paths_are_told(backend: Backend) -> None:
    async with open_console(backend, size=(120, 36)) as console:
        await choose(console, "Paths")
        await console.wait_for_screen(PathsScreen)
        shown = "".join(line.strip() for line in console.text.splitlines())
        assert str(backend.journal_path) in shown


async def test_records_are_exported_from_the_list(backend: Backend, tmp_path: Path) -> None:
    async with open_console(backend) as console:
        await choose(console, "Export records")
        await console.wait_for_text("There is no record to export.")
        record(backend, "web-1", "301", Outcome.REJECTED)
        await choose(console, "Export records")
        await console.wait_for_screen(ExportScreen)
        console.app.screen.query_one("#path", Input).value = str(tmp_path / "told")
        await console.wait_for_idle()
        await console.press("enter")
        await console.wait_for_text("Written:")  # and where: that breaks where the path of this run does
        assert "web-1 (301)" in (tmp_path / "told.md").read_text()


@pytest.mark.slow
async def test_an_unknown_outcome_is_resolved_by_name(backend: Backend) -> None:
    async with open_console(backend) as console:
        await choose(console, "Resolve outcome")
        await console.wait_for_text("No outcome is unknown.")
        record(backend, "web-1", "301", Outcome.UNKNOWN)
        await choose(console, "Resolve outcome")
        await console.wait_for_screen(ResolveScreen)
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        record(backend, "web-2", "302", Outcome.ACCEPTED)
        record(backend, "web-3", "303", Outcome.UNKNOWN)
        await choose(console, "Resolve outcome")
        await console.wait_for_screen(HistoryScreen)
        assert "2 of 3" in console.text
        assert "web-2" not in console.text


def test_the_doctor_of_the_demo_looks_at_the_machine_alone() -> None:
    with Terminal("demo") as terminal:
        terminal.shows("eligible")
        terminal.type(":")
        terminal.shows("Search for commands")
        terminal.type("doctor")
        terminal.shows("check machine, keyring")
        terminal.press("enter")
        terminal.shows("Doctor", "none failed.")
