"""What waits for the operator when the console starts, and until it is settled: in a line, and in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import clock
from ncpconsole.language import shown, tr, tr_n

NAMED = 3
"""Servers that the line names."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``notes`` are sentences of the start; ``surfaced`` what an ended program left behind; ``unresolved`` what
    locks its server; ``watched`` whose server is not back yet and is watched again; ``owed`` what the team's journal
    does not have yet."""

    notes: Sequence[str] = ()
    surfaced: Sequence[Intent] = ()
    unresolved: Sequence[Intent] = ()
    watched: Sequence[Intent] = ()
    owed: Sequence[Intent] = ()

    def __bool__(self) -> bool:
        return bool(self.notes or self.surfaced or self.unresolved or self.watched or self.owed)

    def line(self, key: str) -> str:
        """All of it in one line, what locks first; ``key`` opens the whole text. Empty where nothing waits."""
        if not self:
            return ""
        locked = {intent.id for intent in self.unresolved}
        unsent = [intent for intent in self.surfaced if intent.id not in locked]
        parts = [_locked(self.unresolved)] if self.unresolved else []
        if unsent:
            parts.append(tr("an earlier console ended before it sent to {servers}", servers=_names(unsent)))
        if self.watched:
            parts.append(tr("watched again: {servers}, not back yet", servers=_names(self.watched)))
        if self.owed:
            parts.append(tr("owed to the team's journal: {servers}", servers=_names(self.owed)))
        if self.notes:
            more = tr_n("(and 1 more note)", "(and {count:,} more notes)", len(self.notes) - 1)
            parts.append(f"{safe_text(shown(self.notes[0]), 160)} {more if len(self.notes) > 1 else ''}".rstrip())
        more = tr("{key} tells all", key=key)
        return f"! {' · '.join(parts)}  {more}"


def _locked(intents: Sequence[Intent]) -> str:
    if len(intents) == 1:
        time = clock(intents[0].time)
        return tr("{server} is locked since {time}: outcome unknown", server=_names(intents), time=time)
    return tr("{count} servers are locked, outcomes unknown: {servers}", count=len(intents), servers=_names(intents))


def _names(intents: Sequence[Intent]) -> str:
    names = ", ".join(safe_text(intent.draft.server_name, 30) for intent in intents[:NAMED])
    more = len(intents) - NAMED
    return tr("{names} and {count} more", names=names, count=more) if more > 0 else names
