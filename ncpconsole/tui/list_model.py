"""What the list holds: an inventory through the filter, in an order, and the marks. No widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.errors import InvalidFilter
from ncpconsole.language import shown, tr
from ncpconsole.tui.text.server_list import EmptyList, match_words, named_words, nothing_found, signs_known_words
from ncpconsole.tui.widgets.columns import LIFE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.core.view import View
    from ncpconsole.tui.availability import Elsewhere
    from ncpconsole.tui.list_signs import ListSigns


class ListModel:
    """Keeps filter, order and marks from one inventory to the next; marks go by row key.

    ``view`` is None before the first list of an account. ``order`` is a `core.view.SortKey` and whether downwards.
    """

    def __init__(self, order: tuple[str, bool] = ("", False)) -> None:
        self.view: View | None = None
        self.filter_text = ""
        self.filter_wrong = ""
        """What is wrong with the text; the last filter that could be understood goes on."""
        self.marked: frozenset[str] = frozenset()
        self.marked_for: dict[str, tuple[str, ...]] = {}
        """What was looked for when a server was marked, by row key."""
        self.named_are_marked = False
        """Whether all that the filter's text names, a line of a ticket, were marked at once."""
        self._first_order = order

    @property
    def order(self) -> tuple[str, bool]:
        """What the list is sorted by, and whether downwards; by silence is for one look, and not told."""
        if self.view is None or self.view.sort == LIFE:
            return self._first_order
        return self.view.sort.value, self.view.descending

    def reset(self) -> None:
        """Another account is being opened: nothing of the one before stays but the order and the filter."""
        self._first_order = self.order
        self.view = None
        self.marked = frozenset()

    def take(self, inventory: Inventory, *, complete: bool) -> None:
        """Hold what was read. Marks of servers that are gone from a ``complete`` list go too."""
        from ncpconsole.core.view import SORT_KEYS, SortKey, View

        view = self.view
        if view is None:
            view = self.view = View()
            sort, descending = self._first_order
            if sort in SORT_KEYS:
                view.sort, view.descending = SortKey(sort), descending
            view.inventory = inventory
            self._apply_filter()
        view.inventory = inventory
        view.recent = inventory.recent
        if complete:
            self.mark(self.marked & inventory.by_key.keys())

    def narrow(self, text: str) -> None:
        """Take the text over as the filter, or keep the last good one and hold what is wrong."""
        self.filter_text = text
        self._apply_filter()

    def _apply_filter(self) -> None:
        self.filter_wrong, self.named_are_marked = "", False
        if self.view is not None:
            try:
                self.view.narrow(self.filter_text)
            except InvalidFilter as error:
                self.filter_wrong = shown(error)

    def mark(self, keys: frozenset[str]) -> None:
        """Set the review queue's marks."""
        self.marked = keys
        if not keys:
            self.named_are_marked = False
        if self.view is not None:
            self.view.marked = keys

    def mark_named(self) -> bool:
        """Mark all that a line of a ticket names; False where the filter is none, or they were marked already."""
        view = self.view
        if view is None or view.named is None or self.named_are_marked:
            return False
        self.named_are_marked = True
        self.marked_for |= {row.key: view.looked_for_in(row) for row in view.rows}
        self.mark(self.marked | {row.key for row in view.rows})
        return True

    def toggle_mark(self, row: Row) -> None:
        """Mark a server, or unmark it."""
        if self.view is not None:
            self.marked_for[row.key] = self.view.looked_for_in(row)
            self.mark(self.marked ^ {row.key})

    # What is said of it

    def nothing_found(self, elsewhere: Callable[[], Elsewhere], signs: ListSigns | None, *, typing: bool) -> EmptyList:
        """Why no server is on show; nothing where some are, or no filter is set."""
        if self.view is None or self.view.rows:
            return EmptyList()
        if self.filter_wrong:
            return EmptyList(tr("This is not a filter: the line below says why. Esc clears it."))
        return nothing_found(self.view, elsewhere, self.filter_text, signs, typing=typing)

    def note(self, signs: ListSigns | None, *, typing: bool) -> str:
        """What is wrong with the filter, or missing of what it asks for, in a line; empty where nothing is."""
        if self.filter_wrong:
            return self.filter_wrong
        if self.view is None:
            return ""
        return named_words(self.view, self.named_are_marked, typing=typing) or signs_known_words(
            self.view, signs, typing=typing
        )

    def match_words(self, columns_shown: Collection[str]) -> str:
        """How many servers are on show, and why these, in few words."""
        if self.view is None:
            return ""
        return match_words(self.view, len(self.marked), self.filter_text, columns_shown)
