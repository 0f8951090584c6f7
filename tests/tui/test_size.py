"""The size is the terminal's own, whatever the environment says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

WRONG = {"COLUMNS": "200", "LINES": "50"}


def opened(directory: Path, columns: int, lines: int) -> Terminal:
    """The console in a terminal of this size, with another one in its environment."""
    return Terminal(
        "-m",
        "tests.tui.pty_app",
        str(directory),
        program=sys.executable,
        environment=WRONG,
        columns=columns,
        lines=lines,
    )


def is_filled(text: str, lines: int) -> bool:
    """Whether the footer stands in the last of so many lines."""
    shown = text.split("\n")
    return len(shown) == lines and "? help" in shown[-1]


def test_a_terminal_too_small_takes_no_key_whatever_the_environment_says(tmp_path: Path) -> None:
    with opened(tmp_path, 50, 12) as console:
        console.shows("This terminal is 50×12")
        console.press("!", "enter", "enter")
        console.shows("This terminal is 50×12")
        console.resize(100, 30)
        console.shows("128 servers", "? help")


def test_the_screen_is_as_large_as_the_terminal_at_start_and_after_every_resize(tmp_path: Path) -> None:
    with opened(tmp_path, 80, 24) as console:
        console.shows("128 servers")
        assert "? help" in console.text.splitlines()[23]
        console.resize(120, 36)
        console.until(
            lambda text: "? help" in text.split("\n")[-1] and text.count("\n") == 35, "the footer in the last line"
        )
        console.resize(80, 24)
        console.until(
            lambda text: "? help" in text.split("\n")[-1] and text.count("\n") == 23, "the footer in the last line"
        )
        console.press("q")
        assert console.ended() == 0
