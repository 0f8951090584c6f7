"""What each outcome is called, what it means, and what to do next: words of result and history."""

from __future__ import annotations

from dataclasses import dataclass

from ncpconsole.ncp.models import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeText:
    """``tone`` is the theme's word for the colour; the mark and the word say the same without it."""

    mark: str
    word: str
    tone: str
    meaning: str
    next_step: str


ACCEPTED = OutcomeText(
    "●",
    "ACCEPTED",
    "success",
    "NAVER Cloud took the interrupt. That is an acceptance, not proof: nothing says that a dump was written.",
    "Watch the server come back, then look for the dump inside Windows. Do not interrupt it again while "
    "it writes.",
)
REJECTED = OutcomeText(
    "✗",
    "REJECTED",
    "error",
    "NAVER Cloud refused the request. The server was not interrupted.",
    "Read the answer above. When its cause is gone, you may try again.",
)
NOT_SENT = OutcomeText(
    "○",
    "NOT SENT",
    "warning",
    "No byte of the request left this machine. The server was not interrupted.",
    "When the cause is gone, you may try again.",
)
UNKNOWN = OutcomeText(
    "?",
    "UNKNOWN",
    "error",
    "The request may have reached NAVER Cloud, or not. Nobody can tell from here.",
    "Do not repeat it: a second interrupt can destroy a dump that is being written. The server is locked. "
    "Watch it, then resolve this in the history (h).",
)
REFUSED = OutcomeText(
    "✗",
    "REFUSED",
    "warning",
    "This console did not send anything. The server was not interrupted.",
    "Read the reasons above.",
)

TEXTS: dict[str, OutcomeText] = {
    Outcome.ACCEPTED: ACCEPTED,
    Outcome.REJECTED: REJECTED,
    Outcome.NOT_SENT: NOT_SENT,
    Outcome.UNKNOWN: UNKNOWN,
}


def outcome_text(outcome: Outcome) -> OutcomeText:
    """The words for one outcome."""
    return TEXTS[outcome]
