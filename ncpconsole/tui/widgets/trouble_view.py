"""What stands where the list would be when there is none: what is the case, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_block, safe_text
from ncpconsole.tui.widgets.panels import item

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ncpconsole.tui.text.problem import Trouble


LINE = 76


def trouble_text(trouble: Trouble, width: int, waiting: str = "") -> Content:
    """The whole text, made safe: title, case, steps, and when the next try is."""
    lines = [Content.styled(safe_text(trouble.title), "bold $text-warning"), Content("")]
    for line in safe_block(trouble.case, 1200).split("\n"):
        lines += Content(line).wrap(width)
    lines.append(Content(""))
    for step in trouble.steps:
        lines += item("–", "$foreground-muted", step, width)
    if waiting:
        lines += [Content(""), Content.styled(waiting, "$foreground-muted")]
    return Content("\n").join(lines)


class TroubleView(VerticalScroll, can_focus=False):
    """A calm page in the list's place."""

    DEFAULT_CSS = """
    TroubleView {
        display: none; height: 1fr; background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
        &.-shown { display: block; }
        & > Static { width: 100%; height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Trouble, str] | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(Content(""))

    def show(self, trouble: Trouble | None, waiting: str = "") -> None:
        """Say it, or go away."""
        self.shown = None if trouble is None else (trouble, waiting)
        self.set_class(trouble is not None, "-shown")
        self.draw()

    def on_resize(self) -> None:
        """Wrap anew."""
        self.draw()

    def draw(self) -> None:
        """Put the text into the page."""
        if self.shown is not None:
            width = min(LINE, self.scrollable_content_region.width or LINE)
            self.query_one(Static).update(trouble_text(self.shown[0], width, self.shown[1]))
