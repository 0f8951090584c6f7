"""What stands on each line of the table's screen, so that only the lines that look different are painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.cache import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.strip import Strip

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.widgets.row_state import RowState

Token = tuple[object, ...]
"""Everything a line looks like, for comparing what is on the screen with what should be."""


class RowToken(NamedTuple):
    """The `Token` of a server's line."""

    row: Row
    state: RowState


class PaintedLines:
    """The lines as they were painted last, by their number on the screen, and painted strips to use again."""

    def __init__(self) -> None:
        self._tokens: dict[int, Token] = {}
        self._rows: dict[int, Row] = {}
        self._strips: LRUCache[tuple[str, RowState], tuple[Row, Strip]] = LRUCache(1024)

    def differs(self, y: int, token: Token) -> bool:
        """Whether line ``y`` looks otherwise on the screen."""
        return self._tokens.get(y) != token

    def note(self, y: int, token: Token) -> None:
        """Line ``y`` is painted so now."""
        self._tokens[y] = token
        if isinstance(token, RowToken):
            self._rows[y] = token.row
        else:
            self._rows.pop(y, None)

    def row_at(self, y: int) -> Row | None:
        """The server that is painted on line ``y``, whatever the list holds by now."""
        return self._rows.get(y)

    def strip_of(self, line: RowToken, paint: Callable[[RowToken], Strip]) -> Strip:
        """A server's line, painted only where it was not before."""
        row, state = line
        kept = self._strips.get((row.key, state))
        if kept is not None and kept[0] is row:
            return kept[1]
        strip = paint(line)
        self._strips[row.key, state] = (row, strip)
        return strip

    def forget_strips(self) -> None:
        """The colours are others now."""
        self._strips.clear()

    def forget(self) -> None:
        """The columns are others now: every line is to be painted again."""
        self._strips.clear()
        self._tokens.clear()
