"""The gate in front of the first byte: it lets exactly one request out, and knows for certain whether it did.

httpcore calls a request's trace callback with ``http11.send_request_headers.started`` and awaits it before
it writes; an exception raised in it sends no byte. Exception classes tell nothing of the kind: a proxy that
hangs on CONNECT raises a read time-out although nothing was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncpconsole.ncp.signing import SIGNATURE_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpcore

FIRST_BYTE = "http11.send_request_headers.started"
CONNECTING = {"connection", "proxy", "socks"}


class SendProgress:
    """Tells a caller that cancels a send whether the request may have left.

    Hand one to the sender and keep it: after a cancellation, ``may_have_been_sent`` False means that not a
    byte of the request left this machine, True means that nobody can know. It turns True at most once, after
    the barrier returned and before the first byte.
    """

    __slots__ = ("_may_have_been_sent",)

    def __init__(self) -> None:
        self._may_have_been_sent = False

    @property
    def may_have_been_sent(self) -> bool:
        """Whether the gate let the request out."""
        return self._may_have_been_sent

    def mark_sent(self) -> None:
        """Called by the gate, and by nobody else."""
        self._may_have_been_sent = True


class Withheld(Exception):
    """The gate kept the request in; the text is a clause for the operator."""


class Gate:
    """The trace callback of one request.

    ``before_first_byte`` is the barrier: it runs when the connection stands, and what it raises keeps the
    request in. ``now`` and ``ends_at`` are on one monotonic clock: a barrier that comes back too late, such
    as a journal on a stalled disk, keeps the request in as well.
    """

    def __init__(
        self,
        before_first_byte: Callable[[], None],
        progress: SendProgress,
        *,
        now: Callable[[], float],
        ends_at: float,
    ) -> None:
        self._before_first_byte = before_first_byte
        self._progress = progress
        self._now = now
        self._ends_at = ends_at
        self.withheld: Withheld | None = None
        self.bypassed = False

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore for every step; opens on the request's own first byte and nothing else."""
        request = info.get("request")
        if request is None or request.method == b"CONNECT" or event.partition(".")[0] in CONNECTING:
            return
        if event == FIRST_BYTE:
            try:
                self._open(request)
            except Withheld as reason:
                self.withheld = self.withheld or reason
                raise
        elif not self._progress.may_have_been_sent and self.withheld is None:
            # The transport sends in a way that this gate does not know: nobody can say what left.
            self.bypassed = True

    def _open(self, request: httpcore.Request) -> None:
        if self._progress.may_have_been_sent:
            raise Withheld("the transport tried to send the request a second time")
        if SIGNATURE_HEADER.encode() not in {name.lower() for name, _value in request.headers}:
            raise Withheld("the transport tried to send a request that is not this one")
        self._refuse_when_late()
        try:
            self._before_first_byte()
        except Exception as error:
            sentence = str(error).rstrip(".") or f"the journal failed with {type(error).__name__}"
            raise Withheld(sentence) from error
        self._refuse_when_late()
        self._progress.mark_sent()

    def _refuse_when_late(self) -> None:
        if self._now() >= self._ends_at:
            raise Withheld("the time for sending was over before the first byte could leave")
