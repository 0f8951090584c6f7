"""The work-arounds for Textual: what they take for granted, and that each says what it is for."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from textual._context import active_message_pump
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import Notification
from textual.widgets import OptionList

import ncpconsole.tui.textual_fixes as fixes

ROOT = Path(__file__).parents[2]
PINNED = "8.2.8"
FILES = [path for path in Path(fixes.__file__).parent.glob("*.py") if path.stem != "__init__"]


def test_textual_is_pinned_exactly_and_is_the_one_installed() -> None:
    assert f'"textual=={PINNED}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert version("textual") == PINNED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_says_its_symptom_its_version_and_its_tests(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split('"""')[1]
    assert "Symptom" in head
    assert f"Textual {PINNED}" in head
    tests = re.findall(r"tests/tui/test_\w+\.py", head)
    assert tests
    assert all((ROOT / test).is_file() for test in tests)


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (App, "_handle_exception _close_messages_no_wait _filters _exit _return_code"),
        (App, "_exception _exception_event _closing _pruning panic on_event screen_change_signal"),
        (LinuxDriver, "run_input_thread write stop_application_mode _sigtstp_application close"),
        (LinuxDriver, "_writer_thread _app attrs_before exit_event fileno"),
        (OptionList, "_move_page _on_click"),
        (CommandList, "_move_page _on_click"),
        (CommandPalette, "_placeholder compose dismiss"),
        (Notification, "time_left has_expired"),
        (XTermParser, "feed tick"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_the_names_they_use_are_there(owner: type, names: str) -> None:
    made: object = owner
    if owner is App:
        made = App()
    elif owner is LinuxDriver:
        made = LinuxDriver(App())
    elif owner is CommandPalette:
        made = CommandPalette()
    assert [name for name in names.split() if not hasattr(made, name)] == []


def test_the_pump_that_runs_is_known() -> None:
    assert active_message_pump.get(None) is None
