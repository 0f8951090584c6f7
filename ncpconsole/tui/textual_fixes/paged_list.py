"""Lists of options with page keys and clicks that come early or late.

Symptom: the program ends when a page key comes before the lines are laid out, or a click on an option after
that option is gone; the palette says in English that nothing matches. Seen in Textual 8.2.8. Tests:
tests/tui/test_leaving.py, tests/tui/test_change_language.py.

A list is styled by the name of its first base, hence no base that both share.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from rich.align import Align
from rich.text import Text
from textual import events
from textual._widget_navigation import Direction
from textual.command import CommandList, CommandPalette
from textual.visual import VisualType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ncpconsole.language import tr


def drop_late_click(options: OptionList, event: events.Click) -> None:
    """Keep a click on an option that is gone from Textual's handler."""
    option = event.style.meta.get("option")
    if option is not None and option >= options.option_count:
        event.prevent_default()


class PagedList(OptionList):
    """A list to choose from."""

    def _move_page(self, direction: Direction) -> None:
        with suppress(LookupError):
            super()._move_page(direction)

    async def _on_click(self, event: events.Click) -> None:
        drop_late_click(self, event)


class PagedCommandList(CommandList):
    """The palette's list, which says in the language in force that nothing matches."""

    def add_option(self, option: Option | VisualType | None = None) -> Self:
        if isinstance(option, Option) and option.id == CommandPalette._NO_MATCHES:
            option = Option(Align.center(Text(tr("No matches found"))), id=option.id, disabled=True)
        return super().add_option(option)

    def _move_page(self, direction: Direction) -> None:
        with suppress(LookupError):
            super()._move_page(direction)

    async def _on_click(self, event: events.Click) -> None:
        drop_late_click(self, event)
