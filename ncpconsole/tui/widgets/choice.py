"""One of a few words, chosen with the arrows. The chosen one is told by its mark, not by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ncpconsole.core.cells import cell_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

GAP = 2


class Choice(Static, can_focus=True):
    """A line of choices. ``chosen`` is the index of one of them, or None while nothing is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "previous", show=False),
        Binding("right,space", "step(1)", "next", show=False),
        Binding("enter", "go_on", "go on", show=False),
    ]
    ALLOW_SELECT = False

    class Changed(Message):
        """Another choice was made."""

        def __init__(self, choice: Choice) -> None:
            self.choice = choice
            super().__init__()

    def __init__(self, words: Sequence[str], *, chosen: int | None, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes="choice")
        self.words = tuple(words)
        self.chosen = chosen

    def on_mount(self) -> None:
        """Show the choices."""
        self._draw()

    def choose(self, index: int) -> None:
        """Choose one of the words."""
        self.chosen = index
        self._draw()
        self.post_message(self.Changed(self))

    def action_step(self, step: int) -> None:
        """Choose the next word, or the one before; the ends are joined."""
        first = 0 if step > 0 else len(self.words) - 1
        self.choose(first if self.chosen is None else (self.chosen + step) % len(self.words))

    def action_go_on(self) -> None:
        """Go to the next box."""
        self.screen.focus_next()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        start = 0
        for index, word in enumerate(self.words):
            end = start + 4 + cell_width(word)
            if start <= event.x < end:
                self.choose(index)
            start = end + GAP

    def _draw(self) -> None:
        mark = "*" if getattr(self.app, "ascii_marks", False) else "●"
        shown = [
            Content.styled(f"({mark}) {word}", "bold") if index == self.chosen else Content(f"( ) {word}")
            for index, word in enumerate(self.words)
        ]
        self.update(Content(" " * GAP).join(shown))
