"""Lines that are there only when they have something to say."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class QuietLine(Static):
    """One line, or a few, that takes no room while it is empty. ``tone`` is one of `TONES` or empty."""

    DEFAULT_CSS = """
    QuietLine {
        height: auto; max-height: 3; padding: 0 1; display: none; background: $surface;
        &.-said { display: block; }
        &.-warning { color: $text-warning; }
        &.-error { color: $text-error; }
        &.-success { color: $text-success; }
    }
    """
    TONES = ("warning", "error", "success")

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id)
        self.words = ""

    def say(self, words: str, tone: str = "") -> None:
        """Show the words, or go away when there are none. They must be safe already."""
        if words == self.words and (not tone or self.has_class(f"-{tone}")):
            return
        self.words = words
        for other in self.TONES:
            self.set_class(other == tone, f"-{other}")
        self.set_class(bool(words), "-said")
        self.update(Content(words))
