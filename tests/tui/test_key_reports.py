"""Key reports: read as the protocol says, or dropped; none ends the console or is typed into a box."""

from __future__ import annotations

import random
import re
import sys
from typing import TYPE_CHECKING

import pytest
from textual import events

from ncpconsole.tui.textual_fixes.key_reports import ESCAPE_DELAY, LONGEST, ReportReader
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message import Message


class Read:
    """A reader with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reader = ReportReader(lambda: self.now)

    def __call__(self, *pieces: str) -> list[Message]:
        """The events of the pieces, and of the silence after them."""
        read = [event for piece in pieces for event in self.reader.feed(piece)]
        self.now += ESCAPE_DELAY
        return read + list(self.reader.tick())


def keys(read: list[Message]) -> list[str]:
    return [event.key for event in read if isinstance(event, events.Key)]


def typed(read: list[Message]) -> str:
    """What of it a box would take."""
    return "".join(event.character or "" for event in read if isinstance(event, events.Key) and event.is_printable)


@pytest.mark.parametrize(
    ("report", "key"),
    [
        ("\x1b[27;1:1u", "escape"),
        ("\x1b[1;1:1B", "down"),
        ("\x1b[1;1:2B", "down"),
        ("\x1b[1;5:1A", "ctrl+up"),
        ("\x1b[97;5:1u", "ctrl+a"),
        ("\x1b[1089::99;5:1u", "ctrl+с"),
        ("\x1b[13;1:1u", "enter"),
        ("\x1b[13u", "enter"),
        ("\x1b[57414;1:1u", "enter"),
        ("\x1b[3;1:1~", "delete"),
        ("\x1b[1;129A", "up"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1bOA", "up"),
        ("\x1b[[A", "f1"),
        ("\x1b\x1b[A", "escape up"),
        ("\x1b", "escape"),
        ("\x1bj", "alt+j"),
    ],
)
def test_a_press_is_read_as_the_protocol_says(report: str, key: str) -> None:
    assert keys(Read()(report)) == key.split()
    assert keys(Read()(*report[:1], *report[1:])) == key.split()


@pytest.mark.parametrize(
    ("report", "text"),
    [
        ("\x1b[97;;97u", "a"),
        ("\x1b[97:65;2:1;65u", "A"),
        ("\x1b[97;1:2;97u", "a"),
        ("\x1b[0;;44032u", "가"),
        ("ab", "ab"),
    ],
)
def test_text_that_a_report_brings_is_typed(report: str, text: str) -> None:
    assert typed(Read()(report)) == text


@pytest.mark.parametrize(
    "report",
    [
        "\x1b[97;1:3u", "\x1b[13;1:3u", "\x1b[1;1:3B", "\x1b[13;1:2u", "\x1b[57414;1:2u", "\x1b[1114112u",
        "\x1b[55296;1u", "\x1b[97;1:9u", "\x1b[97;;1114112u", "\x1b[99~", "\x1b[33;9999u",
        "\x1b[" + "9" * 400 + "u", "\x1b[<" + "9" * 400 + ";1;1M", "\x1b[1;1:1R", "\x1b[?27u", "\x1b[?1;2c",
        "\x1b[1;2;3;4;5;6z", "\x1b]10;rgb:0000/0000/0000\x07", "\x1b]11;?\x1b\\", "\x1bP>|xterm(1)\x1b\\",
        "\x1b_Gi=1;OK\x1b\\", "\x1b[M !!", "\x1b[12", "\x1b[", "\x1bO", "\x1b]4;1",
    ],
)  # fmt: skip
def test_what_is_no_press_or_not_understood_is_dropped(report: str) -> None:
    read = Read()
    before = read(report)
    assert typed(before) == ""
    assert not {"enter", "a"} & set(keys(before))
    assert typed(read("x")) == "x"
    assert keys(read("\x1b[B")) == ["down"]


def test_a_reply_that_never_ends_holds_nothing_up() -> None:
    read = Read()
    read("\x1b]10;" + "a" * (LONGEST + 1))
    assert keys(read("\x1b[B")) == ["down"]


def test_what_is_pasted_stays_one_text() -> None:
    read = Read()
    (paste, key) = read("\x1b[200~two words", " and more\x1b[201~", "j")
    assert isinstance(paste, events.Paste)
    assert paste.text == "two words and more"
    assert isinstance(key, events.Key)


NUMBERS = ["", "0", "1", "13", "27", "97", "3", "57414", "1114112", "55296", "9" * 30]


def garbage(rng: random.Random) -> str:
    """A report as no terminal should send it: whole, cut off, or of numbers that cannot be."""
    fields = [":".join(rng.choices(NUMBERS, k=rng.randint(1, 4))) for _ in range(rng.randint(0, 5))]
    report = "\x1b" + rng.choice(["[", "[", "[", "[", "O", "[["]) + rng.choice(["", "", "", "?", "<", ">", "="])
    report += ";".join(fields) + rng.choice("uuuu~~ABCDEFHPQRSZMmtycnIOxz@[`{|}")
    if rng.random() < 0.2:
        end = rng.choice(["\x07", "\x1b\\", ""])
        report = f"\x1b{rng.choice(']P_')}{rng.choice('019>')}{';'.join(fields)}{end}"
    return report[: rng.randint(1, len(report))] if rng.random() < 0.2 else report


def text_of(report: str) -> set[str]:
    """The characters that a report brings by right: its text, or what the keypad's key stands for."""
    if re.fullmatch(r"\x1bO[X\[j-y]", report):
        return set("*+,-./0123456789=")
    match = re.fullmatch(r"\x1b\[(\d*)[\d:]*(?:;[\d:]*)?(?:;([\d:]*))?u", report)
    codes = [match.group(1), *(match.group(2) or "").split(":")] if match else []
    return {chr(int(code)) for code in codes if code and int(code) < 0x110000}


@pytest.mark.slow
def test_a_hundred_thousand_reports_type_nothing_and_end_nothing() -> None:
    rng = random.Random(20261126)
    read = Read()
    for _ in range(100_000):
        report = garbage(rng)
        assert set(typed(read(report))) <= text_of(report), repr(report)
    assert keys(read("\x1b[B")) == ["down"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "report", ["[27;1:1u", "[1;1:1B", "[1114112u", "[97;1:3u", "[48;99999;99999;1;1t", "[55296u", "[13;1:2u"]
)
def test_no_report_ends_the_console(tmp_path: Path, report: str) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.press("/")
        console.shows("Enter to the list")
        console.child.send(f"\x1b{report}")
        # What the report does comes in its own time, so what follows it is the same before and after that.
        console.resize(100, 30)
        console.until(lambda text: len(text.splitlines()) == 30, "the console in its new size")
        console.press("\x11")
        assert console.ended() == 0
