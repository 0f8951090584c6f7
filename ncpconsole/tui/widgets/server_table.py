"""The list of servers, painted line by line: what a frame costs does not depend on how many there are.

Selection goes by server key, never by line number. A stock DataTable leaves its cursor on the line while the
rows move beneath it, so that another server is under it after a sort, and takes seconds to fill with 10,000.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView

from ncpconsole.tui.commands import table_bindings
from ncpconsole.tui.widgets import columns
from ncpconsole.tui.widgets.row_painter import (
    COMPONENTS,
    CSS,
    PaintedLines,
    Palette,
    RowToken,
    Token,
    measured_texts,
    paint_header,
    paint_placeholder,
    paint_row,
    palette_of,
)
from ncpconsole.tui.widgets.row_state import RowState, row_states
from ncpconsole.tui.widgets.selection import Selection, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.content import Content
    from textual.strip import Strip
    from textual.timer import Timer

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.widgets.row_state import Annotation, Life


HEADER = 1
"""Lines above the first server."""


class ServerTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Servers as lines under a fixed header. The owner sorts and filters, the table keeps the selection."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar = list(table_bindings())
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    DEFAULT_CSS = CSS

    selected: var[Row | None] = var(None)
    """The selected server as last shown, or None. Watch it; it is set through `select`."""
    column_keys: var[tuple[str, ...]] = var(columns.DEFAULT_COLUMNS)
    """Keys of the columns that may be shown, in order; see `columns.COLUMNS`."""
    several_regions: var[bool] = var(False)
    """Whether the servers come from more than one region, so that the region must be told."""
    sort: var[tuple[str, bool] | None] = var(None)
    """The column the rows are sorted by and whether downwards; only marked in the header."""
    marked: var[Set[str]] = var(frozenset[str]())
    """Keys of the servers in the review queue."""
    containing: var[Set[str]] = var(frozenset[str]())
    """Keys of the rows that only contain what was looked for."""
    moment: var[datetime | None] = var(None)
    """The time now, for what is told as an age or counted down; None before any is known."""
    stale: var[bool] = var(False)
    """Whether what is shown is too old to vouch for."""
    vital_signs: var[bool] = var(False)
    """Whether there is a column for vital signs."""
    life_of: var[Callable[[Row], Life | None] | None] = var(None)
    """What is known of a server's vital signs; None: nothing."""
    address_of: var[Callable[[Row], str] | None] = var(None)
    """The address to show for a row, with what it is; None: the row's own."""
    annotations: var[Mapping[str, Annotation]] = var(dict[str, "Annotation"])
    """By key: what stands in the verdict's place while an interrupt is on its way or just done."""
    placeholder: var[str | Content] = var("")
    """What is said where there is no server to show; a str is shown as it is."""

    @dataclass(eq=False, repr=False)
    class Selected(Message):
        """Another server, or none, is selected."""

        row: Row | None

    @dataclass(eq=False, repr=False)
    class Opened(Message):
        """The details of a server are asked for: Enter, or a double click."""

        row: Row

    @dataclass(eq=False, repr=False)
    class MarkToggled(Message):
        """A server is to enter or leave the review queue; the owner keeps the queue and sets ``marked``."""

        row: Row

    @dataclass(eq=False, repr=False)
    class SortRequested(Message):
        """The title of a column was clicked; ``column`` is its key, a `core.view.SortKey`."""

        column: str

    class InView(Message):
        """Other servers may be in view than before."""

    def __init__(self, *, changed_for: float = 2.0, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """``changed_for`` is how many seconds a changed server stays marked; 0 marks none."""
        super().__init__(id=id)
        self._changed_for = changed_for
        self._selection = Selection()
        self._page = 0
        self._changed: Set[str] = frozenset()
        self._calm_timer: Timer | None = None
        self._needs = columns.Needs()
        self._layout: tuple[columns.Placed, ...] | None = None
        self._state_of: Callable[[Row], RowState] | None = None
        self._most_rows = 0
        self._shows_other_addresses = False
        self._painted = PaintedLines()
        self._palette: Palette | None = None

    # What the owner tells the table

    def show(self, rows: Sequence[Row], *, changed: Collection[str] = ()) -> None:
        """Show ``rows``, already filtered and sorted; only lines that look different are painted again.

        Selection and scroll position follow the selected server's key, wherever it is now; when it is gone,
        nothing is selected. ``changed`` are keys of servers to mark for a moment. ``rows`` is kept, not
        copied, and must not be altered afterwards.
        """
        anchor, line = self._selection.anchor(self._window)
        self._selection.replace(rows)
        self._note_changed(changed)
        if (size := Size(0, len(rows) + HEADER)) != self.virtual_size:
            self.virtual_size = size
            # The layout that follows tells the scrollbar too, but it is painted a frame later: 15 of 45 ms.
            self.vertical_scrollbar.window_virtual_size = size.height
        kept = None if anchor is None else self._selection.find(anchor, self._top + line)
        self._scroll_rows(self._top if kept is None else kept - line)
        self._state_of = None
        if (
            self._shows_other_addresses
            and rows
            and not any(_is_other_address(row, self._state(row)) for row in self.in_view)
        ):
            # Its column was widened for a longer address that is looked for no longer, which cost others their room.
            self._shows_other_addresses = False
            self.measure_anew()
        if len(rows) > self._most_rows:
            self._most_rows = len(rows)
            self._make_room((row, self._state(row)) for row in rows[:: max(1, len(rows) // 32)])
        self._tell_selection()
        self._sync()
        self.post_message(self.InView())

    def select(self, key: str) -> bool:
        """Select the server with ``key`` and scroll to it; False when it is not shown."""
        index = self._selection.find(key, self._selection.last_index)
        if index is None:
            return False
        self._select_index(index)
        return True

    def select_first(self) -> None:
        """Select the first server shown, if there is one."""
        self._select_index(0)

    def settle(self) -> None:
        """Take the marks of changed servers away."""
        self._changed = frozenset()
        self._sync()

    @property
    def rows(self) -> Sequence[Row]:
        """The servers shown, in their order."""
        return self._selection.rows

    @property
    def in_view(self) -> Sequence[Row]:
        """The servers on the screen."""
        return self.rows[self._top : self._top + max(0, self._page)]

    def show_top(self) -> None:
        """Scroll to the first server; the selected one stays selected, in view or not."""
        self._scroll_rows(0)
        self._sync()

    def repaint_lives(self) -> None:
        """Paint the lines whose vital signs are others now."""
        self._sync()

    @property
    def columns_shown(self) -> tuple[str, ...]:
        """The keys of the columns on show, from the left."""
        return tuple(placed.column.key for placed in self._placed())

    # Keys

    def action_move_down(self) -> None:
        """Select the next server; with none selected, the one on the last one's line."""
        index = self._selection.index
        self._select_index(self._selection.start(self._window) if index is None else index + 1)

    def action_move_up(self) -> None:
        self._select_index(self._selection.start(self._window) - 1)

    def action_first(self) -> None:
        self._select_index(0)

    def action_last(self) -> None:
        self._select_index(len(self.rows) - 1)

    def action_page_down(self) -> None:
        self._turn(self._page)

    def action_page_up(self) -> None:
        self._turn(-self._page)

    def action_half_page_down(self) -> None:
        self._turn(self._page // 2)

    def action_half_page_up(self) -> None:
        self._turn(-(self._page // 2))

    def action_open(self) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def action_toggle_mark(self) -> None:
        if self.selected is not None:
            self.post_message(self.MarkToggled(self.selected))

    # Mouse: a click selects what is painted under it. Moving the pointer or the wheel selects nothing.

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        if offset.y < HEADER:
            column = columns.column_at(self._placed(), offset.x)
            if column is not None:
                self.post_message(self.SortRequested(column.key))
            return
        row = self._painted.row_at(offset.y)
        if row is None:
            return
        was_selected = self.selected is not None and self.selected.key == row.key
        if self.select(row.key) and event.chain == 2 and was_selected:
            self.action_open()

    # Painting

    def render_line(self, y: int) -> Strip:
        """Paint line ``y`` of the widget: the header, a server, or blank."""
        token = self._token(y)
        self._painted.note(y, token)
        if isinstance(token, RowToken):
            return self._painted.strip_of(token, self._paint)
        if y < HEADER:
            return paint_header(self._placed(), self.size.width, self.sort, self._styles())
        text = "" if self.rows else self.placeholder
        return paint_placeholder(text, y, self.size, self.get_visual_style("server-table--placeholder"))

    def _paint(self, line: RowToken) -> Strip:
        return paint_row(line.row, line.state, self._placed(), self.size.width, self._styles())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.InView())

    def notify_style_update(self) -> None:
        """Forget painted lines when a theme or the focus changes their colours."""
        self._palette = None
        self._painted.forget_strips()
        super().notify_style_update()

    def on_resize(self) -> None:
        was_in_view = self._page <= 0 or self._window.holds(self._selection.index)
        self._page = self.size.height - HEADER
        self._forget_lines()
        if was_in_view and self._selection.index is not None:
            self._reveal(self._selection.index)
        self.post_message(self.InView())

    def _state(self, row: Row) -> RowState:
        if self._state_of is None:
            self._state_of = row_states(
                selected=self._selection.row,
                marked=self.marked,
                changed=self._changed,
                containing=self.containing,
                stale=self.stale,
                moment=self.moment,
                annotations=self.annotations,
                address_of=self.address_of,
                life_of=self.life_of,
            )
        return self._state_of(row)

    def _token(self, y: int) -> Token:
        if y < HEADER:
            return (self._placed(), self.sort)
        index = self._top + y - HEADER
        if index < len(self.rows):
            row = self.rows[index]
            return RowToken(row, self._state(row))
        return () if self.rows else (self.placeholder,)

    def _sync(self) -> None:
        """Repaint the lines that look different from what is on the screen, and no others."""
        self._state_of = None
        width, height = self.size
        lines: Iterable[int] = range(height)
        tokens = {y: token for y in lines if self._painted.differs(y, token := self._token(y))}
        if not self._make_room(token for token in tokens.values() if isinstance(token, RowToken)):
            lines = tokens
        if stale := [Region(0, y, width, 1) for y in lines]:
            self.refresh(*stale)

    def _styles(self) -> Palette:
        if self._palette is None:
            self._palette = palette_of(self)
        return self._palette

    def _placed(self) -> tuple[columns.Placed, ...]:
        """The columns on show. Kept until something moves them: each painted line asks."""
        if self._layout is None:
            hidden = {columns.REGION: not self.several_regions, columns.LIFE: not self.vital_signs}
            keys = tuple(key for key in self.column_keys if not hidden.get(key, False))
            width, sorted_by = self.scrollable_content_region.width, self.sort[0] if self.sort else ""
            self._layout = columns.place(width, keys, self._needs.cells, sorted_by)
        return self._layout

    def _make_room(self, lines: Iterable[tuple[Row, RowState]]) -> bool:
        """Widen columns to the texts of a few servers, and say whether any was moved."""
        placed, lines = self._placed(), list(lines)
        if any(_is_other_address(row, state) for row, state in lines):
            self._shows_other_addresses = True
        if not self._needs.widen(text for row, state in lines for text in measured_texts(row, state)):
            return False
        self._layout = None
        if self._placed() == placed:
            return False
        self._forget_lines()
        return True

    def _forget_lines(self) -> None:
        self._layout = None
        self._painted.forget()

    # Selection and scrolling

    @property
    def _top(self) -> int:
        """Index of the first server in view."""
        return self.scroll_offset.y

    @property
    def _window(self) -> Window:
        return Window(self._top, self._page)

    def _select_index(self, index: int) -> None:
        """Select the server at ``index``, held within the list, and bring it into view."""
        self._selection.select(index)
        if self._selection.index is not None:
            self._reveal(self._selection.index)
            self._tell_selection()
            self._sync()

    def _tell_selection(self) -> None:
        before, self.selected = self.selected, self._selection.row
        if (before.key if before else None) != (self.selected.key if self.selected else None):
            self.post_message(self.Selected(self.selected))

    def _turn(self, lines: int) -> None:
        start = self._selection.start(self._window)
        self._scroll_rows(self._top + lines)
        self._select_index(start + lines)

    def _reveal(self, index: int) -> None:
        if self._page > 0:
            self._scroll_rows(self._window.top_to_show(index))

    def _scroll_rows(self, top: int) -> None:
        """Put the server at index ``top`` first, as far as the list's ends allow."""
        top = max(0, min(top, len(self.rows) - self._page))
        if self.is_mounted and top != self._top:
            self.scroll_to(y=top, animate=False, force=True)

    def _note_changed(self, changed: Collection[str]) -> None:
        if not (changed and self._changed_for and self.is_mounted):
            return
        self._changed = changed if isinstance(changed, Set) else frozenset(changed)
        if self._calm_timer is not None:
            self._calm_timer.stop()
        self._calm_timer = self.set_timer(self._changed_for, self.settle)

    # Whatever else the owner sets shows in the next frame, on the lines it concerns.

    def watch_sort(self) -> None:
        """Paint the header anew, and every line where the order brings a column that had no room."""
        before, self._layout = self._layout, None
        if before != self._placed():
            self._forget_lines()
        self._sync()

    def _rearrange(self) -> None:
        self._palette = None
        self._forget_lines()
        self._sync()

    def measure_anew(self) -> None:
        """Forget how wide the texts were that were shown so far; what is shown next is measured."""
        self._needs, self._most_rows = columns.Needs(), 0
        self._forget_lines()

    def words_changed(self) -> None:
        """Paint in the language that is in force now, whose words need other widths."""
        self.measure_anew()
        self._rearrange()

    watch_column_keys = _rearrange
    watch_several_regions = _rearrange
    watch_vital_signs = _rearrange
    watch_marked = _sync
    watch_containing = _sync
    watch_moment = _sync
    watch_stale = _sync
    watch_address_of = _sync
    watch_annotations = _sync
    watch_placeholder = _sync


def _is_other_address(row: Row, state: RowState) -> bool:
    """Whether the row shows an address that was looked for in place of its own."""
    return state.address not in {"", row.ip}
