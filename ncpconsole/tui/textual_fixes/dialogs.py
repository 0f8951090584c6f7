"""Dialogs, lists and the palette that take keys and clicks whenever they come. All seen in Textual 8.2.8.

Symptoms, each with the class that mends it; tests: tests/tui/test_leaving.py, tests/tui/test_change_language.py.

- `LeavingOnce`: two keys that arrive together close two screens, and a dialog that ends while something lies over it
  closes that instead, since Textual's ``dismiss`` takes away whatever is on top.
- `PagedList`: the program ends when a page key comes before the lines are laid out, or a click on an option after that
  option is gone. A list is styled by the name of its first base, hence no base for it and `PagedCommandList`.
- `ConsolePalette`: two keys at a time close the palette and the screen below it; one that is closed before it is whole
  fails for want of a screen to search; its list fails as above, and says in English that nothing matches.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Self, TypeVar

from rich.align import Align
from rich.text import Text
from textual import events
from textual._widget_navigation import Direction
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandList, CommandPalette, SearchIcon
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.visual import VisualType
from textual.widgets import LoadingIndicator, OptionList
from textual.widgets.option_list import Option

from ncpconsole.language import tr

Answer = TypeVar("Answer")


class LeavingOnce(ModalScreen[Answer]):
    """A modal screen that, asked to leave while it is covered, leaves as soon as it is uncovered."""

    waiting_to_leave: tuple[Answer | None] | None = None

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave with an answer, once."""
        if not self.is_active:
            self.waiting_to_leave = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self.waiting_to_leave is not None:
            self.dismiss(*self.waiting_to_leave)


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


class ConsolePalette(CommandPalette):
    """Textual's palette, which leaves once, and whose list takes early keys and late clicks."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave, unless that is done."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def on_mount(self, event: events.Mount) -> None:
        if self not in self.app.screen_stack:
            event.prevent_default()

    def compose(self) -> ComposeResult:
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield SearchIcon()
                yield CommandInput(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield PagedCommandList()
                yield LoadingIndicator()
