"""What was seen of a server after its interrupt: one line per change, with its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back
from ncpconsole.core.wording import operation_words, status_words
from ncpconsole.tui.words import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ncpconsole.core.records import Observation

FIELD_WORDS = {"statusName": "state", "uptime": "last start"}
TROUBLE_WORDS = {"record": "the record", "journal": "the journal"}
"""Fields of an observation that tell of the watch itself: what cannot be read or written, and why."""


def _as_it_is(text: str) -> str:
    return safe_text(text, 40)


CODE_WORDS: dict[str, Callable[[str], str]] = {"operation": operation_words, "status": status_words}


def moment_text(moment: datetime) -> str:
    """Local date and time with the zone's offset."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def observation_text(observation: Observation) -> Content:
    """One change in words; texts from outside are made safe."""
    when = f"{clock(observation.time)}  "
    if is_back(observation):
        return Content.assemble(
            when, ("the server is back: it runs, with a new start time", "bold $text-success")
        )
    if observation.field in TROUBLE_WORDS:
        return Content(f"{when}{TROUBLE_WORDS[observation.field]}: {safe_text(observation.after, 300)}")
    field = FIELD_WORDS.get(observation.field, observation.field)
    words = CODE_WORDS.get(observation.field, _as_it_is)
    before, after = (words(text) or "none" for text in (observation.before, observation.after))
    return Content.assemble(when, f"{safe_text(field, 20)}: {before}, now ", (after, "bold"))


class WatchLine(Static):
    """The changes seen so far, under a line that says how the watch stands."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id, classes="watch")
        self.standing = ""
        self.lines: list[Content] = []

    def say(self, standing: str) -> None:
        """Tell how the watch stands: going on, over, or given up and why."""
        self.standing = safe_text(standing)
        self._draw()

    def add(self, observation: Observation) -> None:
        """Show one more change."""
        self.lines.append(observation_text(observation))
        self._draw()

    def _draw(self) -> None:
        first = [Content.styled(self.standing, "$foreground-muted")] if self.standing else []
        self.update(Content("\n").join([*self.lines, *first]))
