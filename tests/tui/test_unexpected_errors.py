"""Errors that nobody expected, in what runs in the background: said, logged, and the console goes on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ncpconsole import tui
from ncpconsole.tui import screens
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.console_driver import Backend, ConsoleDriver

CANARY = "canary-9d2f-secret"


def broken(*_: object, **__: object) -> None:
    """A bug, with a secret in a local variable."""
    secret = CANARY
    raise ZeroDivisionError(f"a bug of {len(secret)}")


async def ask(console: ConsoleDriver, backend: Backend) -> None:
    await console.open_dialog(backend.row().key)


async def pick_region(console: ConsoleDriver, backend: Backend) -> None:
    await console.press("R")
    await console.wait_for_screen(screens.RegionPicker)


async def look_at_the_record(console: ConsoleDriver, backend: Backend) -> None:
    await console.press("J")
    await console.wait_for_screen(screens.RawScreen)


@pytest.mark.parametrize(
    ("reads", "begin", "what", "instead"),
    [
        ("activities", ask, "the activity log", "activity log: unavailable (an internal error"),
        ("regions", pick_region, "the reading of the regions", "an internal error"),
        ("raw_server", look_at_the_record, "the reading of the record", "an internal error"),
    ],
)
async def test_it_is_said_and_logged_and_nothing_waits_for_ever(
    backend: Backend,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    reads: str,
    begin: Callable[[ConsoleDriver, Backend], object],
    what: str,
    instead: str,
) -> None:
    caplog.set_level(logging.ERROR, "ncpconsole")
    async with open_console(backend, size=(120, 36)) as console:
        monkeypatch.setattr(console.session.gateway, reads, broken)
        await begin(console, backend)  # type: ignore[misc]  # a coroutine
        await console.wait_for_text(f"An internal error ended {what}.", "ZeroDivisionError", instead)
        assert "reading ..." not in console.text
        assert CANARY not in console.text + caplog.text
        assert "ZeroDivisionError" in caplog.text
        assert "test_unexpected_errors.py" in caplog.text
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.press("j")
        assert console.app.is_running


async def test_a_watch_that_breaks_is_said_and_over(
    backend: Backend, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console(backend, size=(120, 36)) as console:
        monkeypatch.setattr(type(console.session.interrupter), "watch", broken)
        await console.send(backend.row())
        await console.wait_for_text("An internal error ended the watch.", "ACCEPTED", "the watch stopped: it broke off")
        await console.press("escape")
        assert CANARY not in console.text + caplog.text


def test_no_worker_keeps_its_errors_to_itself() -> None:
    files = [path for path in Path(tui.__file__).parent.rglob("*.py") if path.stem != "background"]
    assert [path.name for path in files if "exit_on_error" in path.read_text(encoding="utf-8")] == []
