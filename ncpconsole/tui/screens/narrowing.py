"""Which servers are on show, in which order, and which are marked: filter, sort, review queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.widgets.server_table import ServerTable

if TYPE_CHECKING:
    from collections.abc import Collection

    from ncpconsole.core.view import View
    from ncpconsole.tui.widgets.filter_bar import FilterBar


class NarrowingScreen(ConsoleScreen):
    """A screen with a list and a filter.

    ``view`` is None before the first list. ``hidden_key`` is the row that was selected last, to select it
    again when the filter lets it back in.
    """

    filter_bar: FilterBar

    def __init__(self) -> None:
        super().__init__()
        self.view: View | None = None
        self.filter_text = ""
        self.filter_wrong = ""
        self.hidden_key: str | None = None
        self.marked: frozenset[str] = frozenset()

    @property
    def table(self) -> ServerTable:
        """The list."""
        return self.query_one(ServerTable)

    def show_rows(self, changed: Collection[str] = ()) -> None:
        """Show the rows that pass the filter now; a selection that the filter hid comes back with its row."""
        view, table = self.view, self.table
        if view is None:
            return
        if table.selected is not None:
            self.hidden_key = table.selected.key
        table.sort = (view.sort.value, view.descending)
        table.placeholder = "No server matches. Esc clears the filter." if self.filter_text.strip() else ""
        table.show(view.rows, changed=changed)
        if self.hidden_key is None or self.hidden_key not in view.inventory.by_key:
            self.hidden_key = None
        elif table.selected is None:
            table.select(self.hidden_key)
        self.say_matches()
        self.console_app.situation_changed()

    def say_matches(self, wrong: str = "") -> None:
        """How many servers are on show, or what is wrong with the filter."""
        view = self.view
        if wrong or view is None:
            self.filter_bar.say(wrong, wrong=bool(wrong))
            return
        shown, every = len(view.rows), len(view.inventory.rows)
        words = [f"{len(self.marked)} marked"] if self.marked else []
        if view.eligible_only:
            words.append("eligible only")
        if shown != every or self.filter_text.strip():
            words.append(f"{shown:,} of {every:,}")
        self.filter_bar.say(" · ".join(words))

    def mark(self, keys: frozenset[str]) -> None:
        """Set the review queue's marks."""
        self.marked = keys
        self.table.marked = keys
        if self.view is not None:
            self.view.marked = keys

    # Filter

    def filter_while_typing(self) -> None:
        """Filter as the box's text changes.

        The box is watched and posts no message for this: the letter and the table it narrows are then painted
        in one frame, 20 ms after the key; with a message in between it took two, and up to 45 ms.
        """
        self.watch(self.filter_bar.box, "value", self.narrow, init=False)

    def narrow(self, text: str) -> None:
        """Show what passes this filter."""
        self.filter_text = text
        self.apply_filter()
        self.show_rows_unless_wrong()

    def apply_filter(self) -> None:
        """Take the text over as the filter, or keep the last good one and say what is wrong."""
        from ncpconsole.core.errors import InvalidFilter
        from ncpconsole.core.filters import parse

        self.filter_wrong = ""
        if self.view is None:
            return
        try:
            self.view.filter = parse(self.filter_text)
        except InvalidFilter as error:
            self.filter_wrong = str(error)

    def show_rows_unless_wrong(self) -> None:
        """Show what passes; with a filter that cannot be understood, what passed before stays."""
        if self.filter_wrong:
            self.say_matches(self.filter_wrong)
        else:
            self.show_rows()

    def on_filter_bar_kept(self) -> None:
        """On to the list, on the first match when the selected server is hidden."""
        self.table.focus()
        if self.table.selected is None:
            self.table.select_first()

    def on_filter_input_left(self) -> None:
        """The arrow down leaves the box for the list, as Enter does."""
        self.on_filter_bar_kept()

    def on_filter_input_cleared(self) -> None:
        """Back to the whole list."""
        self.table.focus()

    def action_filter(self) -> None:
        """Go to the filter's box at once: `Widget.focus` would let keys pass that are typed right behind."""
        if not self.has_class("-troubled"):
            self.set_focus(self.filter_bar.box)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter's box, the key that leads there is a letter like any other."""
        if action == "filter" and self.focused is not None and self.focused.id == "filter":
            return False
        return super().check_action(action, parameters)

    def action_clear_filter(self) -> None:
        """Show everything again."""
        self.filter_bar.box.action_clear()

    def action_eligible_only(self) -> None:
        """Show only what may be interrupted, or everything again."""
        if self.view is not None:
            self.view.eligible_only = not self.view.eligible_only
            self.show_rows()
            self.console_app.consider_emptiness()

    # Order and marks

    def action_sort(self) -> None:
        """Sort by the next column."""
        from ncpconsole.core.sorting import SORT_KEYS

        if self.view is not None:
            at = SORT_KEYS.index(self.view.sort)
            self.view.sort = SORT_KEYS[(at + 1) % len(SORT_KEYS)]
            self.view.descending = False
            self.show_rows()

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        if self.view is not None:
            self.view.descending = not self.view.descending
            self.show_rows()

    @on(ServerTable.SortRequested)
    def sort_clicked(self, event: ServerTable.SortRequested) -> None:
        """Sort by the clicked column; a second click turns it round."""
        from ncpconsole.core.sorting import SORT_KEYS, SortKey

        if self.view is not None and event.column in SORT_KEYS:
            self.view.sort_by(SortKey(event.column))
            self.show_rows()

    def action_mark(self) -> None:
        """Mark the selected server for review."""
        self.table.action_toggle_mark()

    @on(ServerTable.MarkToggled)
    def mark_toggled(self, event: ServerTable.MarkToggled) -> None:
        """Mark or unmark, and go on to the next server."""
        self.mark(self.marked ^ {event.row.key})
        if "is:marked" in self.filter_text:
            self.show_rows()
        else:
            self.say_matches()
        self.table.action_move_down()
        self.console_app.situation_changed()
