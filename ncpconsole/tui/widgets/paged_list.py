"""Textual's list of options, with page keys that may come early."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual._widget_navigation import Direction


class PagedList(OptionList):
    """A list to choose from. Textual's breaks when a page key comes before its lines are laid out."""

    def _move_page(self, direction: Direction) -> None:
        with suppress(LookupError):
            super()._move_page(direction)
