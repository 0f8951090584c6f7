"""The sentences the journal itself has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.models import FIND_OUT_FIRST, Outcome, SendResult

if TYPE_CHECKING:
    from ncpconsole.core.journal.records import Intent


def died_while_sending() -> SendResult:
    """The outcome of an intent whose console ended after SENDING was committed."""
    return SendResult(
        outcome=Outcome.UNKNOWN,
        message="The console ended while the request was under way: it is unknown whether it was received. "
        f"{FIND_OUT_FIRST}",
    )


def died_before_sending() -> SendResult:
    """The outcome of an intent whose console ended before SENDING was committed."""
    return SendResult(
        outcome=Outcome.NOT_SENT, message="The console ended before the request was sent: nothing was sent."
    )


def holder_sentence(holder: Intent) -> str:
    """Why a server is locked, by whom and since when, and the way out.

    Names are cut short, so that no screen cuts off the way out.
    """
    origin, draft = holder.origin, holder.draft
    terminal = f" ({safe_text(origin.terminal, 30)})" if origin.terminal else ""
    who = f"{safe_text(origin.user, 30)} on {safe_text(origin.host, 30)}{terminal}"
    server = f"server {safe_text(draft.server_no, 20)} ({safe_text(draft.server_name, 40)})"
    when = f"{holder.time:%Y-%m-%d %H:%M:%S} UTC"
    if holder.is_open:
        return f"An interrupt of {server} by {who} is under way since {when}: wait for its outcome."
    return (
        f"The interrupt of {server} by {who} at {when} has an unknown outcome. Find out what became of it, "
        "then resolve it in the history or with "
        f"'ncpconsole resolve {holder.id} --as accepted|not-received --note TEXT'."
    )


def why_not_resolvable(intent: Intent) -> str:
    """Why there is nothing to resolve."""
    if intent.is_open:
        return f"Interrupt {intent.id} is still under way: wait for its outcome."
    if intent.resolution:
        return f"Interrupt {intent.id} was already resolved as {intent.resolution.resolved_as.value}."
    outcome = intent.outcome.value.replace("_", " ") if intent.outcome else "open"
    return f"Interrupt {intent.id} needs no resolving: its outcome is known ({outcome})."
