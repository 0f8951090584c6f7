"""What the journal's intents say about each server now, as far as a verdict cares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ncpconsole.core.journal.records import ResolvedAs
from ncpconsole.ncp.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ncpconsole.core.journal.records import Intent


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier interrupts of one server.

    ``recent`` is when the last one within the cooldown was confirmed (UTC), ``outcome`` what became of it;
    ``unresolved``: one has an unknown outcome that locks the server; ``under_way``: one is not finished.
    """

    recent: datetime | None = None
    outcome: str = Outcome.ACCEPTED.value
    unresolved: bool = False
    under_way: bool = False


def _may_have_arrived(intent: Intent) -> bool:
    """Whether the server received it, or nobody can say that it did not."""
    if intent.outcome is Outcome.UNKNOWN:
        return intent.resolution is None or intent.resolution.resolved_as is ResolvedAs.ACCEPTED
    return intent.outcome is Outcome.ACCEPTED


def _outcome_word(intent: Intent) -> str:
    known = intent.outcome is Outcome.ACCEPTED or intent.resolution is not None
    return (Outcome.ACCEPTED if known else Outcome.UNKNOWN).value


def earlier_interrupts(intents: Iterable[Intent], now: datetime, cooldown: float) -> dict[str, Earlier]:
    """By server number, the earlier interrupts that matter at ``now``; ``cooldown`` in seconds.

    An interrupt from the future (the clock was set back) counts as recent.
    """
    found: dict[str, Earlier] = {}
    for intent in intents:
        recent = _may_have_arrived(intent) and (now - intent.time).total_seconds() < cooldown
        if not (recent or intent.is_open or intent.is_unresolved):
            continue
        number = intent.draft.server_no
        before = found.get(number, Earlier())
        is_last = recent and (before.recent is None or intent.time > before.recent)
        found[number] = Earlier(
            recent=intent.time if is_last else before.recent,
            outcome=_outcome_word(intent) if is_last else before.outcome,
            unresolved=before.unresolved or intent.is_unresolved,
            under_way=before.under_way or intent.is_open,
        )
    return found
