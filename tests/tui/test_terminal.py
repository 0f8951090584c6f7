"""What reaches a real terminal: bytes, not pictures."""

from __future__ import annotations

import base64
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

CANARY = "canary-4b1d-secret"
# Everything a program may send to draw: CSI, OSC, DCS and two-character escapes, whole.
ESCAPES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]"
)
OSC = re.compile(rb"\x1b\]([^\x07\x1b]*)(?:\x07|\x1b\\)")
BIDI_AND_HIDDEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def terminal(directory: Path, **more: object) -> Terminal:
    """The console in a terminal."""
    return Terminal("-m", "tests.tui.pty_app", str(directory), program=sys.executable, **more)  # type: ignore[arg-type]


def test_hostile_names_reach_the_terminal_as_text_on_every_screen(tmp_path: Path) -> None:
    with terminal(tmp_path, columns=100, lines=44) as console:
        console.shows("128 servers")
        console.type("/\\x")
        console.shows(" of 128")
        console.hides("▌")
        console.press("enter")
        console.shows("▌")
        for _ in range(4):
            console.press("enter")
            console.shows("Identity")
            console.press("J")
            console.shows("Raw record", '"serverName"')
            console.press("Y")
            console.shows("Copied the name")
            console.press("q")
            console.hides("Raw record")
            console.press("q")
            console.shows("VERDICT")
            console.press("down")
        console.press("q")
        console.ended()
    drawn = ESCAPES.sub(b"", bytes(console.raw))
    text = drawn.decode("utf-8")
    assert not {c for c in text if (ord(c) < 0x20 and c not in "\r\n") or 0x7F <= ord(c) <= 0x9F}
    assert not set(text) & set(BIDI_AND_HIDDEN)
    assert "\\x1b" in text
    copied = [kind for kind in OSC.findall(bytes(console.raw)) if kind.startswith(b"52;")]
    names = [base64.b64decode(kind.rpartition(b";")[2]).decode() for kind in copied]
    assert len(names) == 4
    assert all(name.isprintable() for name in names)
    assert all(kind.startswith((b"52;c;", b"22;")) for kind in OSC.findall(bytes(console.raw)))


@pytest.mark.parametrize(("key", "where"), [("\x1b[20~", "action_break_here"), ("\x1b[21~", "breaking")])
def test_a_crash_prints_a_short_report_without_locals_and_exits_non_zero(tmp_path: Path, key: str, where: str) -> None:
    with terminal(tmp_path, lines=48) as console:
        console.shows("128 servers")
        console.press(key)
        assert console.ended() == 1
        console.shows("ncpconsole stopped on an internal error", "ZeroDivisionError: a bug of 18")
    printed = bytes(console.raw).decode()
    assert f"in {where}" in printed
    assert f"log: {tmp_path / 'log'}" in printed
    assert CANARY not in printed
    assert "locals" not in printed
    after = printed[printed.rindex("ncpconsole stopped") :]
    assert "\x1b" not in after
    assert len(after.splitlines()) < 20


def test_no_color_sends_no_colour(tmp_path: Path) -> None:
    with terminal(tmp_path, environment={"NO_COLOR": "1"}) as console:
        console.shows("128 servers", "● eligible")
        console.press("q")
        console.ended()
    for colour in re.findall(rb"\x1b\[([0-9;]*)m", bytes(console.raw)):
        for red, green, blue in re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", colour):
            assert red == green == blue


def test_the_terminal_is_given_back_as_it_was(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.shows("128 servers")
        console.press("q")
        assert console.ended() == 0
    raw = bytes(console.raw)
    assert raw.rindex(b"\x1b[?1049l") > raw.rindex(b"\x1b[?1049h")
    assert raw.rindex(b"\x1b[?25h") > raw.rindex(b"\x1b[?25l")
