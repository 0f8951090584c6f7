"""A screen that holds one text to read: it scrolls with the keys that move the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.widgets.footer import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class ReadingScreen(ConsoleScreen):
    """Scrolls the widget that `body` gives; Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.back_or_quit", "back", show=False)]

    def body(self) -> Widget:
        """What scrolls."""
        return self.query_one(VerticalScroll)

    def foot(self) -> ComposeResult:
        """The footer of this place."""
        yield KeyBar(self.console_app.keys, self.console_app.situation_at(self.PLACE))

    def action_move(self, where: str) -> None:
        """Scroll the text: a line, half a page, a page, or to an end."""
        body = self.body()
        page = max(1, body.scrollable_content_region.height - 1)
        steps = {
            "down": 1, "up": -1, "half_down": page // 2, "half_up": -(page // 2),
            "page_down": page, "page_up": -page,
        }  # fmt: skip
        if where == "first":
            body.scroll_home(animate=False)
        elif where == "last":
            body.scroll_end(animate=False)
        else:
            body.scroll_relative(y=steps[where], animate=False)
