"""The screen that says no: every reason, and no way on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.widgets.dialog import Body, Dialog, heading, point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class BlockedScreen(Dialog[None]):
    """Tells why nothing is sent. ``about`` names the server or the matter; ``word`` is the short verdict.

    All texts are made safe here; ``next_step`` is the one thing the operator can do, or empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "cancel", "close")]

    def __init__(
        self,
        about: str,
        reasons: Sequence[str],
        *,
        word: str = "BLOCKED",
        said: str = "It is not interrupted, because:",
        next_step: str = "",
    ) -> None:
        super().__init__()
        self.about = about
        self.reasons = tuple(reasons)
        self.word = word
        self.said = said
        self.next_step = next_step

    def compose(self) -> ComposeResult:
        """Draw the word, the reasons and the way back."""
        with Vertical(classes="box -small"):
            yield Static(
                Content.assemble(
                    (f" {self.mark('✗')} {self.word} ", "bold reverse"), "  ", (safe_text(self.about), "bold")
                ),
                classes="verdict -warning",
            )
            with Body():
                yield heading(self.said, first=True)
                for reason in self.reasons:
                    yield point(self.mark("✗"), safe_text(reason, 400))
                if self.next_step:
                    yield heading("What to do")
                    yield point(self.mark("→"), safe_text(self.next_step, 400))
            yield Static(self.hint(("esc", "close")), classes="hints")
