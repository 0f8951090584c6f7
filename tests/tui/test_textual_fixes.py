"""The work-arounds for Textual: what they take for granted, and that each says what it is for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import textual
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
OFFERED = (ROOT / "docs/textual-driver.md").read_text(encoding="utf-8")
"""The repairs to the driver, as they can be offered to Textual."""
EXAMPLES = sorted((ROOT / "docs/textual").glob("*.py"))
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


def section_of(example: Path) -> str:
    (section,) = (section for section in OFFERED.split("\n## ") if f"(textual/{example.name})" in section)
    return section


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", section, re.DOTALL)


def printed_by(example: Path, path: Path | None = None) -> str:
    """What the example prints with the Textual that is installed, or with the one in the folder ``path``."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    if path is not None:
        variables["PYTHONPATH"] = str(path)
    ran = subprocess.run(
        [sys.executable, example], env=variables, capture_output=True, text=True, check=True, timeout=120
    )
    return ran.stdout.strip()


def change(folder: Path, diff: str) -> None:
    """Apply the one file's diff of a section to the Textual in the folder; each piece must fit in one place."""
    head, *pieces = diff.split("\n@@\n")
    changed = folder / head.split("+++ ")[1]
    source = changed.read_text(encoding="utf-8")
    for piece in pieces:
        lines = [(line[:1] or " ", line[1:]) for line in piece.split("\n")]
        before = "\n".join(text for sign, text in lines if sign != "+")
        assert source.count(before) == 1, before
        source = source.replace(before, "\n".join(text for sign, text in lines if sign != "-"))
    changed.write_text(source, encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_offered_to_textual_shows_the_fault_and_mends_it(example: Path, tmp_path: Path) -> None:
    section = section_of(example)
    as_it_is, mended = blocks(section, "text")
    assert printed_by(example) == as_it_is
    shutil.copytree(Path(textual.__file__).parent, tmp_path / "textual")
    (diff,) = blocks(section, "diff")
    change(tmp_path, diff)
    assert printed_by(example, tmp_path) == mended


def test_each_repair_that_is_offered_has_its_example() -> None:
    assert len(EXAMPLES) == len(OFFERED.split("\n## ")) - 1 > 2
