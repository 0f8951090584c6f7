"""What waits for the operator when the console starts, and until it is settled: in a line, and in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import clock, count

NAMED = 3
"""Servers that the line names."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``notes`` are sentences of the start; ``surfaced`` what an ended program left behind; ``unresolved`` what
    locks its server; ``watched`` whose server is not back yet and is watched again."""

    notes: Sequence[str] = ()
    surfaced: Sequence[Intent] = ()
    unresolved: Sequence[Intent] = ()
    watched: Sequence[Intent] = ()

    def __bool__(self) -> bool:
        return bool(self.notes or self.surfaced or self.unresolved or self.watched)

    def line(self, key: str) -> str:
        """All of it in one line, what locks first; ``key`` opens the whole text. Empty where nothing waits."""
        if not self:
            return ""
        locked = {intent.id for intent in self.unresolved}
        unsent = [intent for intent in self.surfaced if intent.id not in locked]
        parts = [_locked(self.unresolved)] if self.unresolved else []
        parts += [f"an earlier console ended before it sent to {_names(unsent)}"] if unsent else []
        parts += [f"watched again: {_names(self.watched)}, not back yet"] if self.watched else []
        if self.notes:
            more = f" (and {count(len(self.notes) - 1, 'more note')})" if len(self.notes) > 1 else ""
            parts.append(f"{safe_text(self.notes[0], 160)}{more}")
        return f"! {' · '.join(parts)}  {key} tells all"


def _locked(intents: Sequence[Intent]) -> str:
    if len(intents) == 1:
        return f"{_names(intents)} is locked since {clock(intents[0].time)}: outcome unknown"
    return f"{len(intents)} servers are locked, outcomes unknown: {_names(intents)}"


def _names(intents: Sequence[Intent]) -> str:
    names = ", ".join(safe_text(intent.draft.server_name, 30) for intent in intents[:NAMED])
    more = f" and {len(intents) - NAMED} more" if len(intents) > NAMED else ""
    return f"{names}{more}"
