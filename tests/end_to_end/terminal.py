"""A real terminal for the program: a PTY, and pyte to read its screen."""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pyte
from pyte import modes as mo
from wcwidth import wcwidth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

CONSOLE = str(Path(sys.executable).with_name("ncpconsole"))
BETWEEN_KEYS = 0.05
"""Seconds between what a typed key painted and the next key."""
UNPAINTED_AFTER = 1.0
"""Seconds after which a typed key is taken to paint nothing."""
WHOLE_AFTER = 0.01
"""Seconds without a byte after which a frame is taken to be whole; the parts of one follow at once."""

LOST_AFTER = 5
"""Seconds after which a key that changed nothing is pressed again."""

ALTERNATE_SCREEN = 1049
STAY, QUIT = "Keep watching", "Quit, end the watch"
"""The answers to the question that is asked while a server is not back."""

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pgdn": "\x1b[6~",
    "backspace": "\x7f",
    "ctrl+p": "\x10",
    "ctrl+c": "\x03",
    "ctrl+a": "\x01",
    "ctrl+k": "\x0b",
    "space": " ",
}


@lru_cache(maxsize=8192)
def cell(attributes: pyte.screens.Char, char: str) -> pyte.screens.Char:
    """A cell of the screen. They are many and alike, and pyte's making of one is slow."""
    return attributes._replace(data=char)


class Screen(pyte.Screen):
    """pyte's screen. As it is, it drops the rest of a text behind a character without width, where a terminal
    draws on, cannot be read while half of a wide character is painted over, and knows one screen alone.
    """

    def reset_mode(self, *modes: int, private: bool = False, **more: bool) -> None:
        """Clear what was drawn on the alternate screen when it is left."""
        super().reset_mode(*modes, private=private, **more)
        if private and ALTERNATE_SCREEN in modes:
            self.erase_in_display(2)
            self.cursor_position()

    @property
    def display(self) -> list[str]:
        """The lines as text. The second half of a wide character is an empty cell."""
        return ["".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)]

    def draw(self, data: str) -> None:
        """Draw the characters that have a width, and the marks that combine with them."""
        if data.isascii() and self.cursor.x + len(data) <= self.columns and mo.IRM not in self.mode:
            line, attributes, x = self.buffer[self.cursor.y], self.cursor.attrs, self.cursor.x
            for char in data:
                line[x] = cell(attributes, char)
                x += 1
            self.cursor.x = x
            return
        super().draw("".join(char for char in data if wcwidth(char) > 0 or unicodedata.combining(char)))


def unbroken(text: str) -> str:
    """A screen's text without its frames and line breaks."""
    return " ".join(text.replace("│", " ").split())


class Terminal:
    """The program in a PTY of ``columns`` × ``lines``. ``raw`` holds every byte it wrote.

    Every wait ends when the screen shows what is awaited, when the program ends, or after ``patience``
    seconds: many, for a machine that does much else.
    """

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        columns: int = 80,
        lines: int = 24,
        patience: float = 120,
        program: str = CONSOLE,
        directory: Path | None = None,
        inherit: bool = True,
    ) -> None:
        self.screen = Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self._read = (-1, "")
        self.patience = patience
        variables = (dict(os.environ) if inherit else {}) | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
        }
        self.child = pexpect.spawn(
            program,
            list(arguments),
            env=variables | dict(environment or {}),
            cwd=directory,
            dimensions=(lines, columns),
            timeout=patience,
        )
        self.child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        """What the screen shows now, without trailing spaces."""
        written = len(self.raw)
        if self._read[0] != written:
            self._read = (written, "\n".join(line.rstrip() for line in self.screen.display))
        return self._read[1]

    def read(self, seconds: float) -> bool:
        """Take what the program writes within ``seconds``; False when it has ended."""
        try:
            chunk = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += chunk
        # pyte does not know private-parameter SGR and mode reports; they draw nothing.
        self.stream.feed(chunk)
        return True

    def until(self, condition: Callable[[str], bool], what: str) -> str:
        """Read until the screen satisfies ``condition``; returns the screen, or fails showing it.

        Only a screen that nothing is being written to is judged: half a frame may show what the other half
        takes away, or both what was and what is.
        """
        deadline = time.monotonic() + self.patience
        while True:
            written = len(self.raw)
            alive = self.read(WHOLE_AFTER)
            is_whole = len(self.raw) == written
            if is_whole and condition(self.text):
                return self.text
            if (is_whole and not alive) or time.monotonic() > deadline:
                ended = "time ran out" if alive else "the program ended"
                raise AssertionError(f"{ended} while waiting for {what}; the screen:\n{self.text}")

    def shows(self, *words: str) -> str:
        """Wait until all ``words`` are on the screen, wherever its lines break."""
        return self.until(lambda text: all(word in text or word in unbroken(text) for word in words), f"{words}")

    def hides(self, word: str) -> str:
        """Wait until ``word`` is not on the screen."""
        return self.until(lambda text: word not in text, f"{word!r} to go")

    def press(self, *keys: str) -> None:
        """Send keys by name (enter, esc, tab …) or as single characters."""
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def type(self, text: str) -> None:
        """Send text as a quick typist does: what comes faster counts as pasted where that matters.

        Each key is awaited on the screen. A program that was held up would read all at once that was sent meanwhile.
        """
        for character in text:
            before, give_up = len(self.raw), time.monotonic() + UNPAINTED_AFTER
            self.child.send(character)
            while len(self.raw) == before and time.monotonic() < give_up and self.read(WHOLE_AFTER):
                pass
            time.sleep(BETWEEN_KEYS)

    def press_and_see(self, *keys: str) -> None:
        """Press keys and wait until something is painted, such as a box that now has the focus."""
        before = len(self.raw)
        self.press(*keys)
        self.until(lambda _: len(self.raw) > before, f"what {keys} paint")

    def look(self, word: str) -> tuple[object, ...]:
        """How the first cell of the word is drawn: its colours and whether it is bold or reversed."""
        for y, line in enumerate(self.screen.display):
            if (at := line.find(word)) >= 0:
                # Wide characters before it count as two cells.
                x = sum(max(wcwidth(char), 0) for char in line[:at])
                cell = self.screen.buffer[y][x]
                return (cell.fg, cell.bg, cell.bold, cell.reverse)
        raise AssertionError(f"{word!r} is not on the screen:\n{self.text}")

    def press_to(self, key: str, word: str) -> None:
        """Press a key and wait until the word, such as a button's, is drawn otherwise: the focus moved."""
        before = self.look(word)
        self.press(key)
        self.until(lambda text: word in text and self.look(word) != before, f"{word!r} to get the focus")

    def find(self, text: str) -> None:
        """Filter the list down to one server and go to it, each key when there is somebody to take it."""
        self.press("/")
        self.shows("Enter to the list")
        self.type(text)
        self.until(lambda shown: re.search(r"(?<!\d)1 of \d", shown) is not None, "one server")
        self.press("enter")
        self.shows("! interrupt")

    def confirm(self, name: str) -> None:
        """Ask for the interrupt of the selected server and type its name; Send is ready then."""
        self.press("!")
        self.shows("Type the name")
        self.type(name)
        self.shows("matches")
        self.press("enter")
        self.shows("enter SENDS")

    def paste(self, text: str | bytes) -> None:
        """Send text as a terminal does that brackets what is pasted."""
        pasted = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        self.child.send(b"\x1b[200~" + pasted + b"\x1b[201~")

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size."""
        self.screen.resize(lines, columns)
        self._read = (-1, "")
        self.child.setwinsize(lines, columns)

    def leave(self) -> int:
        """Quit from the list, also while a server that was interrupted is not back; returns the exit code.

        Each key is pressed when the screen shows that it is due, and again where it came too early and was lost.
        """
        deadline = time.monotonic() + self.patience
        unchosen: tuple[object, ...] = ()
        seen, again_at = "", 0.0
        while self.read(0.05) and time.monotonic() < deadline:
            due = "q"
            if STAY in self.text:
                # The question opens with the other answer chosen; the server may come back, and it is moot.
                due = ""
                if QUIT in self.text:
                    unchosen = unchosen or self.look(QUIT)
                    due = "tab" if self.look(QUIT) == unchosen else "enter"
            if due and (due != seen or time.monotonic() > again_at):
                self.press(due)
                again_at = time.monotonic() + LOST_AFTER
            seen = due
        return self.ended()

    def ended(self) -> int:
        """Wait until the program has ended; returns its exit code."""
        deadline = time.monotonic() + self.patience
        while self.read(0.05):
            if time.monotonic() > deadline:
                raise AssertionError(f"the program did not end; the screen:\n{self.text}")
        self.child.wait()
        code = self.child.exitstatus
        return -(self.child.signalstatus or 0) if code is None else int(code)
