"""What the journal says about the servers on show: a word in the table, and the lines of one server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.tui.words import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.tui.widgets.row_painter import Annotation


def annotation(  # noqa: PLR0911 - a list of cases
    intent: Intent, now: datetime, cooldown: float
) -> Annotation | None:
    """What stands in the verdict's place for a server with this newest interrupt: mark, words, tone.

    An interrupt under way or of unresolved outcome always says so; an accepted or rejected one for as long as
    the cooldown lasts (seconds); one that was never sent leaves no mark.
    """
    if intent.is_open:
        return "◌", "sending", "busy"
    if intent.is_unresolved:
        return "!", "unknown: locked", "bad"
    if (now - intent.time).total_seconds() >= cooldown:
        return None
    outcome = intent.outcome.value if intent.outcome is not None else ""
    when = clock(intent.finished or intent.time)
    if intent.resolution is not None:
        return (
            ("●", f"accepted {when}", "good") if intent.resolution.resolved_as.value == "accepted" else None
        )
    if outcome == "accepted":
        return "●", f"accepted {when}", "good"
    if outcome == "rejected":
        return "✗", f"rejected {when}", "bad"
    return None


def of_server(row: Row, intents: Iterable[Intent]) -> list[Intent]:
    """This server's interrupts, in the order given. Region and number together name a server of a gateway."""
    number, region = row.server.server_instance_no, row.server.region_code
    return [
        intent
        for intent in intents
        if intent.draft.server_no == number and (not region or intent.draft.region_code in {"", region})
    ]


def verdict_notes(
    inventory: Inventory, intents: Iterable[Intent], now: datetime, cooldown: float
) -> Mapping[str, Annotation]:
    """The annotations of all rows by row key; ``intents`` newest first.

    A server that is locked or being sent to says that, whatever came after.
    """
    by_number: dict[str, list[Intent]] = {}
    for intent in intents:
        by_number.setdefault(intent.draft.server_no, []).append(intent)
    found: dict[str, Annotation] = {}
    if not by_number:
        return found
    for row in inventory.rows:
        if (held := by_number.get(row.server.server_instance_no)) is None:
            continue
        own = of_server(row, held)
        pressing = [i for i in own if i.is_open] or [i for i in own if i.is_unresolved] or own
        if pressing and (note := annotation(pressing[0], now, cooldown)) is not None:
            found[row.key] = note
    return found
