"""The moment between the connection and the first byte, and what the answer is worth after it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.errors import ConsoleError
from ncpconsole.ncp.models import FIND_OUT_FIRST, Outcome, SendResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.journal.journal import Journal


class Stage(StrEnum):
    """How far a send has come, for the screen. From SENDING on there is no way back."""

    CLAIMING = "claiming"
    CHECKING = "checking"
    CONNECTING = "connecting"
    SENDING = "sending"
    DONE = "done"


class Barrier:
    """Runs between the connection and the first byte: once SENDING is on disk, the byte may leave."""

    def __init__(self, journal: Journal, intent_id: str, tell: Callable[[Stage], None]) -> None:
        self._journal = journal
        self._intent_id = intent_id
        self._tell = tell
        self.passed = False
        self.failure: BaseException | None = None

    def __call__(self) -> None:
        """Let one request through; raises, so that nothing is sent, when it is unrecorded or a second one."""
        try:
            self._journal.mark_sending(self._intent_id)
            self._tell(Stage.SENDING)
        except BaseException as error:
            self.failure = error
            raise
        self.passed = True


def settled(result: SendResult, barrier: Barrier) -> SendResult:
    """The sender's result, held against what the barrier saw.

    The sender alone knows whether a byte left, so its *not sent* stands. An answer to a request that never
    passed the barrier is a contradiction, and the outcome then is unknown.
    """
    if result.outcome is Outcome.NOT_SENT and isinstance(barrier.failure, ConsoleError):
        return result.but(f"{barrier.failure} Nothing was sent.")
    if barrier.passed or result.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN):
        return result
    message = f"An answer came to a request that was never seen leaving: {result.message} {FIND_OUT_FIRST}"
    return result.but(message, Outcome.UNKNOWN)


def not_sent(message: str) -> SendResult:
    """The outcome of a request that never left."""
    return SendResult(outcome=Outcome.NOT_SENT, message=message)


def unknown(message: str) -> SendResult:
    """The outcome of a request that may have left."""
    return SendResult(outcome=Outcome.UNKNOWN, message=f"{message} {FIND_OUT_FIRST}")
