"""What was seen of a server after its interrupt: one line per change, with its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back
from ncpconsole.core.wording import operation_words, status_words
from ncpconsole.tui.words import api_time, clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ncpconsole.core.journal.records import Observation

FIELD_WORDS = {"statusName": "state", "uptime": "last start"}
TROUBLE_WORDS = {"record": "the record", "journal": "the journal"}
"""Fields of an observation that tell of the watch itself: what cannot be read or written, and why."""


def _as_it_is(text: str) -> str:
    return safe_text(text, 40)


def moment_text(moment: datetime) -> str:
    """Local date and time with the zone's offset."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def start_text(text: str) -> str:
    """A time of the API in local time, like every other time of a watch; made safe where it is none."""
    moment = api_time(text)
    return _as_it_is(text) if moment is None else moment_text(moment)


VALUE_WORDS: dict[str, Callable[[str], str]] = {
    "operation": operation_words,
    "status": status_words,
    "uptime": start_text,
}


def words_after(observation: Observation) -> str:
    """What a field became, in words."""
    return VALUE_WORDS.get(observation.field, _as_it_is)(observation.after)


def without_repeats(observations: Iterable[Observation]) -> list[Observation]:
    """Leave out the state's name where the operation changed to the very same words in the same look."""
    seen = list(observations)
    operations = {(one.time, words_after(one)) for one in seen if one.field == "operation"}
    return [
        one
        for one in seen
        if one.field != "statusName" or not one.after or (one.time, words_after(one)) not in operations
    ]


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
    words = VALUE_WORDS.get(observation.field, _as_it_is)
    before, after = (words(text) or "none" for text in (observation.before, observation.after))
    return Content.assemble(when, f"{safe_text(field, 20)}: {before}, now ", (after, "bold"))


class WatchLine(Static):
    """The changes seen so far, under a line that says how the watch stands."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id, classes="watch")
        self.standing = ""
        self.seen: list[Observation] = []

    def say(self, standing: str) -> None:
        """Tell how the watch stands: going on, over, or given up and why."""
        self.standing = safe_text(standing)
        self._draw()

    def add(self, observation: Observation) -> None:
        """Show one more change."""
        self.seen.append(observation)
        self._draw()

    def _draw(self) -> None:
        first = [Content.styled(self.standing, "$foreground-muted")] if self.standing else []
        lines = map(observation_text, without_repeats(self.seen))
        self.update(Content("\n").join([*lines, *first]))
