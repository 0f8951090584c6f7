"""Sends an interrupt once: one POST on a connection of its own, no retry, and an outcome that claims no more than is
known.

Every interrupt is a non-maskable interrupt in the guest, and a second one can destroy the dump that the
first began. So the request travels on a fresh HTTP/1.1 connection (a kept one may die after the request was
written), follows no redirect, asks for no compression, reads at most 1 MiB, and an outer deadline ends
every wait (the client's own time-outs start anew with every byte).

Source: the API page of interruptServerInstance, which documents GET; POST with a form is what the official
SDKs send, and HTTP lets nobody on the way repeat it.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlencode

import httpcore
import httpx

from ncpconsole.language import Sentence, said
from ncpconsole.ncp.errors import InvalidRequest
from ncpconsole.ncp.network_errors import explain
from ncpconsole.ncp.outcome import classify, not_sent, unknown
from ncpconsole.ncp.responses import REQUEST_ID_HEADER, Response
from ncpconsole.ncp.results import INTERRUPT_PATH, RequestPreview, SendProgress, SendResult
from ncpconsole.ncp.signing import SIGNATURE_HEADER, Credentials
from ncpconsole.ncp.sites import checked_base_url
from ncpconsole.ncp.transport import (
    FORM,
    USER_AGENT,
    AnswerEncoded,
    AnswerTooLarge,
    OpenedStreams,
    SignatureV2,
    closed_quietly,
    new_client,
    read_body,
    told,
)

METHODS = ("POST", "GET")
MAX_ANSWER = 1024 * 1024
ONE_CONNECTION = httpx.Limits(max_connections=1, max_keepalive_connections=0)
NO_TIMEOUT = httpx.Timeout(None)
TESTED_TRANSPORT = "1.0.9"
"""The version of httpcore whose trace events were seen to come before the bytes that they tell of."""
FIRST_BYTE = "http11.send_request_headers.started"
CONNECTING = {"connection", "proxy", "socks"}


async def interrupt(
    base_url: str,
    credentials: Credentials,
    region_code: str,
    server_no: str,
    *,
    before_first_byte: Callable[[], None],
    deadline: float,
    method: str = "POST",
    progress: SendProgress | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> SendResult:
    """Send one interrupt, at most once, and tell what became of it; raises only when cancelled.

    ``before_first_byte`` runs once, when the connection stands and before a byte of the request has left; when it
    raises, nothing is sent and its sentence is the result's. It blocks the event loop while it runs, on purpose:
    nothing may happen between it and the first byte, but for one look whether an answer stands there already.
    ``deadline`` is in seconds and ends every wait; a barrier that returns after it keeps the request in, as such an
    answer does, so *not_sent* may follow a barrier that returned.

    A cancelled send raises CancelledError as ever; ``progress`` then tells whether the request may have left.
    ``ssl_context`` is what to trust instead of the operating system's certificates.
    """
    send = _Send(method, server_no, credentials, deadline, progress or SendProgress())
    try:
        request = _build(base_url, region_code, server_no, method)
        return await send.run(request, before_first_byte, ssl_context)
    except Exception as error:  # noqa: BLE001 - every error becomes the outcome it proves
        return send.result_after(error, base_url)


def describe_request(base_url: str, region_code: str, server_no: str, method: str = "POST") -> RequestPreview:
    """What `interrupt` would send, built by the same code; no connection is made.

    Raises InvalidBaseUrl or InvalidRequest when it could not be sent.
    """
    request = _build(base_url, region_code, server_no, method)
    return RequestPreview(
        method=request.method,
        url=str(request.url),
        headers=tuple(request.headers.multi_items()),
        body=request.content.decode("ascii"),
    )


def _build(base_url: str, region_code: str, server_no: str, method: str) -> httpx.Request:
    """The request, unsigned. Raises InvalidRequest or InvalidBaseUrl."""
    if httpcore.__version__ != TESTED_TRANSPORT:
        raise InvalidRequest(
            Sentence(
                "Interrupts are sent through httpcore {tested} alone, of which it is known when the first byte "
                "leaves; here is {found}. Install ncpconsole in an environment of its own.",
                tested=TESTED_TRANSPORT,
                found=httpcore.__version__,
            )
        )
    if method not in METHODS:
        raise InvalidRequest(Sentence("The interrupt method must be POST or GET; check the setting interrupt_method."))
    if not _is_code(server_no):
        raise InvalidRequest(Sentence("The server has no usable number, so no request can name it."))
    if not _is_code(region_code):
        raise InvalidRequest(Sentence("The region's code is missing or malformed, so no request can name it."))
    url = checked_base_url(base_url) + INTERRUPT_PATH
    parameters = {"regionCode": region_code, "serverInstanceNo": server_no, "responseFormatType": "json"}
    form = urlencode(parameters, quote_via=quote)
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": USER_AGENT,
    }
    if method == "GET":
        return httpx.Request("GET", f"{url}?{form}", headers=headers)
    return httpx.Request("POST", url, headers={**headers, "Content-Type": FORM}, content=form.encode("ascii"))


def _is_code(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and not set(text) & set(" ,&=?#%")


class _Send:
    """One send: what has been read so far, so that an error later cannot lose it."""

    def __init__(
        self, method: str, server_no: str, credentials: Credentials, deadline: float, progress: SendProgress
    ) -> None:
        self._method = method
        self._server_no = server_no
        self._credentials = credentials
        self._deadline = deadline
        self._progress = progress
        self._gate: Gate | None = None
        self._streams = OpenedStreams()
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._result: SendResult | None = None

    async def run(
        self, request: httpx.Request, before_first_byte: Callable[[], None], ssl_context: ssl.SSLContext | None
    ) -> SendResult:
        """Connect, pass the gate, send, read, judge. Leaves what it learned in this object."""
        now = asyncio.get_running_loop().time
        ends_at = now() + self._deadline
        gate = self._gate = Gate(
            before_first_byte, self._progress, said_unasked=self._streams.said_unasked, now=now, ends_at=ends_at
        )

        async def trace(event: str, info: dict[str, Any]) -> None:
            self._streams.note(event, info)
            await gate.trace(event, info)

        request.extensions["trace"] = trace
        began = time.monotonic()
        client = new_client(str(request.url), timeout=NO_TIMEOUT, limits=ONE_CONNECTION, ssl_context=ssl_context)
        try:
            async with asyncio.timeout_at(ends_at):
                response = await client.send(request, auth=SignatureV2(self._credentials), stream=True)
                self._status = response.status_code
                self._headers = {name.lower(): value for name, value in response.headers.items()}
                answer = Response(self._status, self._headers, await read_body(response, MAX_ANSWER))
                self._result = self._judged(answer)
                return self._result
        finally:
            await closed_quietly(client)
            await self._streams.aclose()
            told(request, began, self._status, self._headers.get(REQUEST_ID_HEADER, ""))

    def _judged(self, answer: Response) -> SendResult:
        """The outcome of a send whose answer is complete; what is bounded in size is judged at once."""
        if not self._progress.may_have_been_sent:
            return self._unknown(Sentence("an answer came although the request was never seen leaving"))
        try:
            key = self._credentials.access_key
            return classify(answer, self._server_no, self._method, now=time.time(), access_key=key)
        except Exception as error:  # noqa: BLE001 - an answer that cannot be judged proves nothing
            return self._unknown(Sentence("the answer could not be judged ({error})", error=type(error).__name__))

    def result_after(self, error: Exception, base_url: str) -> SendResult:
        """The outcome of a send that ended with an error, as the gate and what was read prove it."""
        if self._result is not None:
            return self._result
        if self._progress.may_have_been_sent:
            return self._without_response(error, base_url)
        if self._status is not None or (self._gate is not None and self._gate.bypassed):
            return self._unknown(Sentence("the request was never seen leaving, but may have left"))
        return not_sent(self._why_not_sent(error, base_url), self._method)

    def _unknown(self, why: str, more: str = "") -> SendResult:
        return unknown(why, self._method, self._status, self._headers, more=more)

    def _without_response(self, error: Exception, base_url: str) -> SendResult:
        match error:
            case TimeoutError():
                waited = Sentence.plural(
                    "no complete answer came within {count:g} second",
                    "no complete answer came within {count:g} seconds",
                    self._waited,
                )
                return self._unknown(waited)
            case AnswerEncoded():
                return self._unknown(Sentence("the answer is compressed, which was not asked for"))
            case AnswerTooLarge():
                return self._unknown(Sentence("the answer is larger than 1 MiB"))
            case SendPrevented():
                return self._unknown(SECOND_TIME)
        return self._unknown(Sentence("the request left, then no complete answer came"), explain(error, base_url))

    def _why_not_sent(self, error: Exception, base_url: str) -> str:
        if self._gate is not None and self._gate.withheld is not None:
            return said(self._gate.withheld)
        if isinstance(error, TimeoutError):
            return Sentence.plural(
                "No connection could be made within {count:g} second; check the address and the network.",
                "No connection could be made within {count:g} seconds; check the address and the network.",
                self._waited,
            )
        return explain(error, base_url)

    @property
    def _waited(self) -> float:
        # What was left of a deadline after other steps is no round number, and need not be told to the millisecond.
        return round(self._deadline, 1) or self._deadline


SECOND_TIME = Sentence("the transport tried to send the request a second time")


class SendPrevented(Exception):
    """The gate kept the request in; it is raised with a `Sentence`."""


class Gate:
    """The trace callback of one request.

    ``before_first_byte`` is the barrier: it runs when the connection stands, and what it raises keeps the
    request in. ``said_unasked`` gives what the other side wrote by itself, before the barrier or while it ran: an
    answer that came before its request proves nothing, so the request stays in. ``now`` and ``ends_at`` are on one
    monotonic clock: a barrier that comes back too late, such as a journal on a stalled disk, keeps the request in
    as well.
    """

    def __init__(
        self,
        before_first_byte: Callable[[], None],
        progress: SendProgress,
        *,
        said_unasked: Callable[[], Awaitable[bytes]],
        now: Callable[[], float],
        ends_at: float,
    ) -> None:
        self._before_first_byte = before_first_byte
        self._progress = progress
        self._said_unasked = said_unasked
        self._now = now
        self._ends_at = ends_at
        self.withheld: SendPrevented | None = None
        self.bypassed = False

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore for every step; opens on the request's own first byte and nothing else."""
        request = info.get("request")
        if request is None or request.method == b"CONNECT" or event.partition(".")[0] in CONNECTING:
            return
        if event == FIRST_BYTE:
            try:
                await self._open(request)
            except SendPrevented as reason:
                self.withheld = self.withheld or reason
                raise
        elif not self._progress.may_have_been_sent and self.withheld is None:
            # The transport sends in a way that this gate does not know: nobody can say what left.
            self.bypassed = True

    async def _open(self, request: httpcore.Request) -> None:
        if self._progress.may_have_been_sent:
            raise SendPrevented(SECOND_TIME)
        if SIGNATURE_HEADER.encode() not in {name.lower() for name, _value in request.headers}:
            raise SendPrevented(Sentence("The transport tried to send a request that is not this one."))
        await self._refuse_when_answered()
        self._refuse_when_late()
        try:
            self._before_first_byte()
        except Exception as error:
            sentence = said(error) or Sentence("The journal failed with {error}.", error=type(error).__name__)
            raise SendPrevented(sentence if sentence.endswith(".") else f"{sentence}.") from error
        await self._refuse_when_answered()
        self._refuse_when_late()
        self._progress.may_have_been_sent = True

    async def _refuse_when_answered(self) -> None:
        if await self._said_unasked():
            raise SendPrevented(Sentence("An answer stood there before the request; look at what is in between."))

    def _refuse_when_late(self) -> None:
        if self._now() >= self._ends_at:
            raise SendPrevented(Sentence("The time for sending was over before the first byte could leave."))
