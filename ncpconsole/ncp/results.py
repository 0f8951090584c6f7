"""What becomes of an interrupt, as values. Without msgspec, which would slow the start down.

Source: the public API page of interruptServerInstance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ncpconsole.language import Sentence, shown


class Outcome(StrEnum):
    """The four things that can become of one interrupt, and nothing else."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


FIND_OUT_FIRST = Sentence("Find out what happened before another interrupt.")
"""The last sentence about every unknown outcome."""

INTERRUPT_PATH = "/vserver/v2/interruptServerInstance"
"""Where every interrupt is sent, below the gateway's base URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What became of one interrupt request.

    ``message`` is a `Sentence` for the operator: its value is English, for the journal; ``facts`` stand in brackets at
    its end, and are fields as well. Texts in ``return_message`` come from outside and pass
    ``core.safe_text`` before a terminal. ``http_status`` is None when no status line was read.
    ``request_ids`` are the header's and, where it is another, the body's. ``others_may_be_behind``: nothing was sent
    because of what others did, or may have done, to this server.
    """

    outcome: Outcome
    message: str
    facts: str = ""
    method: str = "POST"
    path: str = INTERRUPT_PATH
    http_status: int | None = None
    return_code: str = ""
    return_message: str = ""
    request_ids: tuple[str, ...] = ()
    trace_id: str = ""
    others_may_be_behind: bool = False

    @property
    def request_id(self) -> str:
        """The gateway's own request id, else the service's; empty where neither was told."""
        return next(iter(self.request_ids), "")

    @property
    def said(self) -> str:
        """The message in the language in force, without the facts at its end."""
        return shown(self.message).removesuffix(f" ({shown(self.facts)})")

    @classmethod
    def not_sent(cls, message: str, *, method: str = "POST", others_may_be_behind: bool = False) -> Self:
        """Not a byte of the request left this machine; ``message`` says why, in whole sentences."""
        return cls(outcome=Outcome.NOT_SENT, message=message, method=method, others_may_be_behind=others_may_be_behind)

    @classmethod
    def unknown(
        cls,
        message: str,
        *,
        facts: str = "",
        method: str = "POST",
        http_status: int | None = None,
        request_ids: tuple[str, ...] = (),
        trace_id: str = "",
    ) -> Self:
        """The request may have left, and nothing proves what became of it.

        ``message`` says why, in whole sentences; what to do next is added to it, then ``facts`` in brackets.
        """
        return cls(
            outcome=Outcome.UNKNOWN,
            message=facts_behind(Sentence.joined(message, FIND_OUT_FIRST), facts),
            facts=facts,
            method=method,
            http_status=http_status,
            request_ids=request_ids,
            trace_id=trace_id,
        )


def facts_behind(said: str, facts: str) -> Sentence:
    """What is said, and the facts behind it in brackets, where there are any."""
    return Sentence.joined(said, Sentence.joined("(", facts, ")", by="") if facts else "")


@dataclass(slots=True)
class SendProgress:
    """Whether a byte of one request may have left this machine; also after the send was cancelled or raised.

    Hand one to the sender and keep it: ``may_have_been_sent`` False is *not sent*, True is *unknown* until an
    answer tells more. It turns True at most once, after ``before_first_byte`` returned and before the first
    byte, and only the sender's gate sets it.
    """

    may_have_been_sent: bool = False


@dataclass(frozen=True, slots=True)
class RequestPreview:
    """An interrupt request as it would be sent, without the three headers that sign it.

    ``url`` holds the query where there is one; names of ``headers`` are in small letters, each once.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
