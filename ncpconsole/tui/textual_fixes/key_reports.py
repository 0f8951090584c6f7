"""What a terminal sends, taken apart so that no report can end the program or be typed into a box.

Symptoms: a key report with sub-parameters (``ESC[27;1:1u``, ``ESC[1;1:1B``), a code point beyond Unicode or
too large a number ends the program; the release of a key acts as a second press; a report that is not known
is typed as text. Seen in Textual 8.2.8. Test: tests/tui/test_key_reports.py.

Key reports are read as https://sw.kovidgoyal.net/kitty/keyboard-protocol/ says: code, modifiers and kind of
event (press, repeat, release), text. What cannot be understood is dropped.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import SPECIAL_SEQUENCES, XTermParser
from textual.message import Message

ESC = "\x1b"
ESCAPE_DELAY = 0.1
"""Seconds after which an ESC that nothing follows is the Esc key, and an unfinished report is dropped."""
LONGEST = 4096
"""Characters of one report; a longer one is dropped."""
LONGEST_KNOWN = 32
"""Characters of the longest report that Textual's parser looks at."""
ASK_FOR_KINDS = "\x1b[=2;2u"
"""Asks a terminal that speaks the protocol to tell presses, repeats and releases apart."""
ENTER_CODES = frozenset({13, 57414})
"""Enter, and Enter of the keypad: held down, they are pressed once."""

REPLY = r"[\]P_^X][^\x07\x1b\x9c]*"
"""The terminal's answer to a question (OSC, DCS and their like), without its end."""
COMPLETE = (
    r"\x1b(?:\[\[?(?:[0-?]+[ -/]*|[ -/]+)[@-~]|\[\[[@-~]|\[M[\s\S]{3}|\[[@-LN-Z\\-~]|O[0-?]*[@-~]"
    rf"|{REPLY}(?:\x07|\x9c|\x1b\\)|(?=\x1b)|[^\x1b\[O\]P_^X])"
)
UNFINISHED = rf"\x1b(?:\[(?:M[\s\S]{{0,2}}|\[?[0-?]*[ -/]*)|O[0-?]*|{REPLY}\x1b?)?"
BROKEN = rf"\x1b(?:\[\[?[0-?]*[ -/]*|O[0-?]*|{REPLY})?"
CURSOR = r"\x1b\[\d{1,5};\d{1,5}R"
KEY = r"\x1b\[([\d:;]*)([u~ABCDEFHPQRS])"
"""Patterns are texts: `re` compiles them at the first key, not for the first frame, and keeps them."""


def canonical(report: str) -> str | None:
    """A key report without sub-parameters, as Textual reads it; None when it is no press or unknown."""
    match = re.fullmatch(KEY, report)
    if match is None or report in SPECIAL_SEQUENCES:
        return report
    parameters, final = match.groups()
    fields = [field.split(":") for field in parameters.split(";")]
    if len(fields) > 3:
        return None
    fields += [[""]] * (3 - len(fields))
    try:
        code = int(fields[0][0] or "1")
        modifiers = int(fields[1][0] or "1") or 1
        kind = int((fields[1] + ["1"])[1] or "1")
        letters = [part for part in fields[2] if part and chr(int(part)).isprintable()]
        typed = ":".join(letters) if final == "u" else ""
        is_text = final == "u" and bool(typed or chr(code).isprintable())
    except (ValueError, OverflowError):
        return None
    if not is_text and f"{code}{final}" not in FUNCTIONAL_KEYS:
        return report if report in ANSI_SEQUENCES_KEYS or re.fullmatch(CURSOR, report) else None
    if modifiers > 256 or kind not in {1, 2} or (kind == 2 and code in ENTER_CODES and final == "u"):
        return None
    shown = str(modifiers) if modifiers > 1 else ""
    return f"\x1b[{code}" + (f";{shown};{typed}" if typed else f";{shown}" if shown else "") + final


class ReportReader:
    """Turns what a terminal sends into events. Textual's parser is given whole reports and text alone."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._parser = XTermParser()
        self._held = ""
        self._held_until = 0.0

    def feed(self, text: str) -> list[Message]:
        """The events of the next piece that was read."""
        self._held += text
        found: list[Message] = []
        while self._held:
            if not self._held.startswith(ESC):
                plain, escape, rest = self._held.partition(ESC)
                found += self._parsed(plain)
                self._held = escape + rest
            elif (match := re.match(COMPLETE, self._held)) is not None:
                self._held = self._held[match.end() :]
                found += self._events_of(match.group())
            elif re.fullmatch(UNFINISHED, self._held) is not None and len(self._held) <= LONGEST:
                self._held_until = self._now() + ESCAPE_DELAY
                break
            else:
                broken = re.match(BROKEN, self._held)
                self._held = self._held[broken.end() if broken is not None else 1 :]
        return found

    def tick(self) -> list[Message]:
        """The Esc key, if that is what is held back for too long; an unfinished report is dropped."""
        if not self._held or self._now() < self._held_until:
            return []
        held, self._held = self._held, ""
        return [events.Key("escape", ESC)] if held == ESC else []

    def _events_of(self, report: str) -> list[Message]:
        if report == ESC:
            return [events.Key("escape", ESC)]
        if len(report) == 2:
            known_as = ANSI_SEQUENCES_KEYS.get(report)
            return self._parsed(report) if known_as else [events.Key(f"alt+{report[1]}", None)]
        known = canonical(report) if report[1] in "[O" and len(report) <= LONGEST_KNOWN else None
        return [] if known is None else self._parsed(known)

    def _parsed(self, text: str) -> list[Message]:
        """What Textual's parser makes of a whole report or of text; it begins anew where it is at a loss."""
        try:
            found = list(self._parser.feed(text)) if text else []
        except Exception:  # noqa: BLE001 - whatever a terminal sends, it must not end the program
            found = []
            self._parser = XTermParser()
        if self._parser._awaiting.timeout is not None:
            self._parser = XTermParser()  # it waits for more of a report that is whole: it does not know it
        return found
