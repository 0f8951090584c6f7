"""Turns one server, or the header, into a line of styled text exactly as wide as the table; its styles.

Text goes into segments as it is and is never read as markup, whatever brackets or colons a name holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.cache import LRUCache
from textual.content import Content
from textual.strip import Strip

from ncpconsole.core.safe_text import cell_width, fit
from ncpconsole.core.wording import state_word
from ncpconsole.language import tr
from ncpconsole.tui.widgets import columns
from ncpconsole.tui.widgets.row_state import (
    CHANGED_MARK,
    CONTAINS_MARK,
    QUEUED_MARK,
    SELECTED_MARK,
    TONES,
    Life,
    RowState,
    verdict_cell,
    verdict_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.style import Style
    from textual.geometry import Size
    from textual.style import Style as VisualStyle
    from textual.widget import Widget

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.widgets.columns import Placed

Token = tuple[object, ...]
"""Everything a line looks like, for comparing what is on the screen with what should be."""


class Palette(NamedTuple):
    """The styles of a line. A tone is for the verdict alone; a selected line has one style throughout."""

    row: Style
    blocked: Style
    changed: Style
    stale: Style
    selected: Style
    header: Style
    sorted_header: Style
    tones: dict[str, Style]


_PARTS = ("row", "blocked", "changed", "stale", "selected", "header", "sorted", "placeholder", *TONES)
COMPONENTS = frozenset(f"server-table--{part}" for part in _PARTS)

CSS = """
ServerTable {
    height: 1fr;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-gutter: stable;
    scrollbar-size-vertical: 1;
    background: $surface;
    color: $foreground;
    & > .server-table--row { color: $foreground; }
    & > .server-table--blocked { color: $text-muted; }
    & > .server-table--changed { color: $text-primary; text-style: bold italic; }
    & > .server-table--stale { color: $text-disabled; text-style: italic; }
    & > .server-table--header { background: $panel; color: $foreground; text-style: bold; }
    & > .server-table--sorted { background: $panel; color: $text-accent; text-style: bold; }
    & > .server-table--placeholder { color: $text-muted; }
    & > .server-table--good { color: $text-success; }
    & > .server-table--caution { color: $text-warning; text-style: bold; }
    & > .server-table--bad { color: $text-error; text-style: bold; }
    & > .server-table--busy { color: $text-primary; text-style: bold; }
    & > .server-table--quiet { color: $text-muted; }
    & > .server-table--selected {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground;
        text-style: bold;
    }
    &:focus > .server-table--selected {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: bold;
    }
    &:ansi > .server-table--blocked, &:ansi > .server-table--quiet { text-style: dim; }
    &:ansi > .server-table--header, &:ansi > .server-table--sorted { text-style: bold underline; }
}
"""


def palette_of(table: Widget) -> Palette:
    """The styles that the current theme and focus give the table."""
    style = table.get_component_rich_style
    return Palette(
        row=style("server-table--row"),
        blocked=style("server-table--blocked"),
        changed=style("server-table--changed"),
        stale=style("server-table--stale"),
        selected=style("server-table--selected"),
        header=style("server-table--header"),
        sorted_header=style("server-table--sorted"),
        tones={tone: style(f"server-table--{tone}") for tone in TONES},
    )


def fit_middle(text: str, cells: int) -> str:
    """Like `fit`, but cut in the middle: names of one group differ at their ends (``web-prod-…-00012``)."""
    if cells < 8 or cell_width(text) <= cells:
        return fit(text, cells)
    room = (cells - 1) // 2
    end = len(text)
    while cell_width(text[end - 1 :]) <= room:
        end -= 1
    return fit(fit(text, cells - cell_width(text[end:])).rstrip() + text[end:], cells)


VALUE_CELLS = 5
"""Cells of ``100 %`` behind a chart."""


def life_text(life: Life | None, width: int) -> str:
    """The cell in exactly ``width`` cells: the chart's latest bars, then the value at the right."""
    if life is None:
        return " " * width
    if not life.chart:
        return fit(life.text, width)
    bars = life.chart[-max(1, width - VALUE_CELLS) :]
    return fit(bars + life.text.rjust(width - len(bars)), width)


UNVOUCHED = frozenset({columns.STATUS, columns.LIFE, columns.STARTED, columns.VERDICT})
"""Columns that a list which is too old no longer vouches for."""


def paint_row(row: Row, state: RowState, placed: Sequence[Placed], width: int, palette: Palette) -> Strip:
    """One server as a strip of exactly ``width`` cells."""
    base = _row_style(row, state, palette)
    tone = palette.tones.get(verdict_cell(row, state.annotation).tone, base)
    pieces = [(cell, base) for cell in _prefix(state)]
    for item, room in _with_gaps(placed, width):
        key, style = item.column.key, base
        if key == columns.VERDICT:
            text = fit(verdict_text(row, state.annotation, item.width), item.width)
            style = base if state.selected else tone
        elif key == columns.NAME:
            text = fit_middle(row.name, item.width)
        elif key == columns.IP:
            text = fit(state.address or row.ip, item.width)
        elif key == columns.LIFE:
            text = life_text(state.life, item.width)
            style = base if state.selected or state.life is None else palette.tones.get(state.life.tone, base)
        elif key == columns.STARTED:
            text = fit(state.up, item.width)
        else:
            text = _fitting(_TEXTS[key](row), item.width)
        if state.stale and not state.selected and key in UNVOUCHED:
            style = palette.stale
        pieces.append((text + " " * (room - item.width), style))
    return _strip(pieces, width, base)


def paint_header(placed: Sequence[Placed], width: int, sort: tuple[str, bool] | None, palette: Palette) -> Strip:
    """The titles as a strip of exactly ``width`` cells; ``sort`` is a column key and whether it descends."""
    pieces = [(" " * columns.PREFIX, palette.header)]
    for item, room in _with_gaps(placed, width):
        title, style = tr(item.column.title), palette.header
        if sort is not None and sort[0] == item.column.key:
            mark = "▼" if sort[1] else "▲"
            space = " " if item.width >= cell_width(title) + 2 else ""
            title, style = fit(title, min(cell_width(title), item.width - 1)) + space + mark, palette.sorted_header
        pieces.append((fit(title, item.width), style))
        pieces.append((" " * (room - item.width), palette.header))
    return _strip(pieces, width, palette.header)


def paint_placeholder(text: str | Content, y: int, size: Size, style: VisualStyle) -> Strip:
    """Line ``y`` of a table without servers: ``text``, wrapped, in the middle of the table."""
    base = style.rich_style
    content = text if isinstance(text, Content) else Content(text)
    lines = content.wrap(max(1, size.width - 4)) if text else []
    line = y - max(1, (size.height - len(lines)) // 2)
    if not 0 <= line < len(lines):
        return Strip.blank(size.width, base)
    strip = Strip(lines[line].render_segments(style))
    left = max(0, size.width - strip.cell_length) // 2
    return Strip([Segment(" " * left, base), *strip]).adjust_cell_length(size.width, base)


def measured_texts(row: Row, state: RowState) -> Iterator[tuple[str, str]]:
    """The texts that their columns widen to, by column."""
    yield columns.NUMBER, row.number
    yield columns.IP, state.address or row.ip
    yield columns.PUBLIC, row.public_ip
    yield columns.ZONE, row.zone
    yield columns.STATUS, state_word(row.server)
    yield columns.VERDICT, verdict_text(row, state.annotation)
    yield columns.SHORT_VERDICT, verdict_text(row, state.annotation, columns.DECIDES_WITHIN)


SHORT = {"Windows": "Win", "Linux": "Lin", "unknown": "?"}


def _fitting(text: str, width: int) -> str:
    """A text, or its short form where it has one and the column is too narrow, in exactly ``width`` cells."""
    words = tr(text)
    return fit(SHORT.get(text, words) if cell_width(words) > width else words, width)


def _prefix(state: RowState) -> tuple[str, str]:
    """The two cells before the name: the selection, and the review queue's mark, which nothing hides.

    That a server is not the one looked for, or changed, stands in the one that is free; cautions have their mark in
    the verdict.
    """
    told = CONTAINS_MARK if state.contains else CHANGED_MARK if state.changed else " "
    if state.marked:
        return SELECTED_MARK if state.selected else told, QUEUED_MARK
    return (SELECTED_MARK, told) if state.selected else (told, " ")


def _row_style(row: Row, state: RowState, palette: Palette) -> Style:
    if state.selected:
        return palette.selected
    if state.changed:
        return palette.changed
    return palette.row if row.verdict.eligible and not state.contains else palette.blocked


def _with_gaps(placed: Sequence[Placed], width: int) -> list[tuple[Placed, int]]:
    """Each column with the cells to the next one's start, or to the end of the line."""
    starts = [item.start for item in placed[1:]] + [width]
    return [(item, max(item.width, start - item.start)) for item, start in zip(placed, starts, strict=True)]


def _strip(pieces: Sequence[tuple[str, Style]], width: int, style: Style) -> Strip:
    """The pieces as one strip, in as few segments as will do: each sends some 40 bytes of colour codes.

    Around blanks at the start and characters beyond ASCII new segments begin, so that a renderer whose font
    draws those in another width than a terminal does (in pictures) keeps the columns in line.
    """
    segments: list[Segment] = []
    for text, piece_style in pieces:
        last = segments[-1] if segments else None
        if last is not None and last.style is piece_style and (last.text + text).isascii() and not last.text.isspace():
            segments[-1] = Segment(last.text + text, piece_style)
        elif text:
            segments.append(Segment(text, piece_style))
    return Strip(segments).adjust_cell_length(width, style)


_TEXTS: dict[str, Callable[[Row], str]] = {
    columns.NUMBER: lambda row: row.number,
    columns.PUBLIC: lambda row: row.public_ip,
    columns.REGION: lambda row: row.region,
    columns.ZONE: lambda row: row.zone,
    columns.STATUS: lambda row: state_word(row.server),
    columns.OS: lambda row: row.os,
    columns.HYPERVISOR: lambda row: row.hypervisor,
}


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
