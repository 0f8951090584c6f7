"""What an operator does next with one server, in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Policy


def next_step(row: Row, intents: Sequence[Intent], policy: Policy) -> str:  # noqa: PLR0911 - a list of cases
    """The next step for a server; ``intents`` are its own, newest first."""
    if any(intent.is_open for intent in intents):
        return "An interrupt is on its way. Wait for its outcome."
    if any(intent.is_unresolved for intent in intents):
        return (
            "Locked: nobody knows whether the last interrupt arrived. Look at the server, then resolve the "
            "record in the history (h)."
        )
    if not row.verdict.eligible:
        return "It cannot be interrupted as it is. If it must restart, use NAVER Cloud's web console."
    if policy.read_only:
        return "This console is read-only: ! shows what would be sent, and sends nothing."
    if row.circumstances.recent is not None:
        return (
            "It was interrupted a short while ago. Give the dump time to be written; a second interrupt can "
            "destroy it."
        )
    if row.verdict.cautions:
        return "Read the caution first. ! asks for the server number, then sends one interrupt."
    if policy.protected:
        return "! asks for the server's name and the profile's name, then sends one interrupt."
    return "! asks for the server's name, then sends one interrupt."
