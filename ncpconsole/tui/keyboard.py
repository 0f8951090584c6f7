"""What a terminal sends, made fit to be read: pasted text stays pasted text, and no byte ends the program.

Textual 8.2.8 takes what follows an ESC inside a bracketed paste for keys, so a text on the clipboard could
press them; and a byte that is not UTF-8 (a paste from a terminal in another encoding) ends the program.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

ESC = "\x1b"
PASTE_BEGINS = "\x1b[200~"
PASTE_ENDS = "\x1b[201~"


class PasteFilter:
    """Takes every ESC out of pasted text, but those of the brackets. Call it with each piece that was read.

    Outside a paste nothing is changed or held back: a lone ESC is the Esc key. Inside, an ESC and what may
    still become the closing bracket wait for the next piece.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._pasting = False
        self._held = ""

    def __call__(self, text: str) -> str:
        """The piece to be read on."""
        return "".join(map(self._passed, text))

    def _passed(self, char: str) -> str:
        if self._pasting:
            return self._pasted(char)
        self._begun = self._begun + 1 if char == PASTE_BEGINS[self._begun] else int(char == ESC)
        if self._begun == len(PASTE_BEGINS):
            self._begun, self._pasting = 0, True
        return char

    def _pasted(self, char: str) -> str:
        self._held += char
        if PASTE_ENDS.startswith(self._held):
            if self._held != PASTE_ENDS:
                return ""
            self._held, self._pasting = "", False
            return PASTE_ENDS
        # It was none, and only its last character can be the first of another.
        text, self._held = (self._held[:-1], ESC) if char == ESC else (self._held, "")
        return text.replace(ESC, "")


@cache
def driver_for(base: type[Driver]) -> type[Driver]:
    """Textual's driver for terminals with the filter before its reader; any other driver as it is."""
    from textual.drivers import linux_driver

    if base is not linux_driver.LinuxDriver:
        return base

    class TerminalDriver(linux_driver.LinuxDriver):
        """Reads the keyboard through `PasteFilter`; bytes that are not UTF-8 become U+FFFD."""

        def run_input_thread(self) -> None:
            """Read until the driver stops or the terminal is gone; an error ends the program."""
            try:
                self.read_keys()
            except Exception as error:  # noqa: BLE001 - nothing is above a thread; the program is told
                self._app.call_later(self._app._handle_exception, error)

        def read_keys(self) -> None:
            """Read, take apart, and pass on."""
            from textual._xterm_parser import XTermParser

            parser = XTermParser()
            fit = PasteFilter()
            decode = getincrementaldecoder("utf-8")("replace").decode
            with selectors.DefaultSelector() as ready:
                ready.register(self.fileno, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    if ready.select(0.1):
                        read = os.read(self.fileno, 4096)
                        if not read:
                            return
                        # An empty text would tell the parser that this is the end.
                        if text := fit(decode(read)):
                            for event in parser.feed(text):
                                self.process_message(event)
                    for event in parser.tick():
                        self.process_message(event)

    return TerminalDriver
