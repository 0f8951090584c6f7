"""What a terminal sends, made fit to be read: pasted text stays pasted text, and no byte ends the program.

Textual 8.2.8 takes what follows an ESC inside a bracketed paste for keys, so a text on the clipboard could
press them; and a byte that is not UTF-8 (a paste from a terminal in another encoding) ends the program.
"""

from __future__ import annotations

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


def driver_for(base: type[Driver]) -> type[Driver]:
    """Our driver in place of Textual's for Unix terminals; any other as it is, such as the one of Windows."""
    if base.__module__ != "textual.drivers.linux_driver":
        return base
    from ncpconsole.tui.textual_fixes.terminal_driver import TerminalDriver

    return TerminalDriver
