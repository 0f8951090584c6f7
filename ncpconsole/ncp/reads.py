"""Sends one read: signed, bounded in time and size, repeated with back-off when that may help."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
import stamina
import stamina.instrumentation

from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.errors import GatewayFailure, InvalidRequest, NcpError, NotReached, Throttled, UnreadableAnswer
from ncpconsole.ncp.network_errors import explain, is_permanent
from ncpconsole.ncp.responses import MAX_ANSWER, MIB, REQUEST_ID_HEADER, Response, api_error, clock_offset
from ncpconsole.ncp.signing import Credentials
from ncpconsole.ncp.sites import API_PATH
from ncpconsole.ncp.transport import (
    FORM,
    AnswerEncoded,
    AnswerTooLarge,
    OpenedStreams,
    SignatureV2,
    closed_quietly,
    new_client,
    read_body,
    silence_logs,
    told,
)
from ncpconsole.ncp.waits import waiting_for

MAX_ERROR = MIB // 4
LARGE_LIST = msgid("The answer is larger than {size} MiB; narrow the list with a filter.")
LARGE_ANSWER = msgid("The answer is larger than {size} MiB; look at the API address.")
RETRIED_STATUS = {429, 503, 504}
WAIT_INITIAL, WAIT_MAX, JITTER = 0.25, 4.0, 0.25
RETRY_AFTER_MAX = 15.0
AT_ONCE = 8
KEPT = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=60)


@dataclass(frozen=True, slots=True)
class _Call:
    """What is sent; without a body, no content type."""

    method: str
    url: str
    body: bytes | None = None
    content_type: str = ""


class Reader:
    """Reads for one key, over connections that are kept per gateway. All times are in seconds."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        connect_timeout: float,
        read_timeout: float,
        total_timeout: float,
        attempts: int,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self._auth = SignatureV2(credentials)
        self._access_key = credentials.access_key
        self._oddities = credentials.oddities
        self._timeout = httpx.Timeout(read_timeout, connect=connect_timeout)
        self._total_timeout = total_timeout
        self._attempts = attempts
        self._ssl_context = ssl_context
        self._clients: dict[str, httpx.AsyncClient] = {}
        # Whoever waits for a connection must not do so within the time of a request.
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.clock_offset: float | None = None

    async def post_form(self, url: str, form: dict[str, str], *, limit: int, retry: bool) -> Response:
        """The answer with status 200, of at most ``limit`` bytes; raises NcpError for everything else.

        Without ``retry`` it is asked for once, whatever the answer says of trying again.
        """
        try:
            body = urlencode(form, quote_via=quote).encode("ascii")
        except UnicodeEncodeError as error:
            raise InvalidRequest(
                Sentence("What was asked for holds bytes that are no text, so nothing was sent; type it again.")
            ) from error
        call = _Call("POST", url, body, FORM)
        if retry:
            return await self._patiently(call, limit)
        with waiting_for(url):
            return await self._once(call, limit)

    async def post_json(self, url: str, document: dict[str, Any], *, limit: int) -> Response:
        """The same with a JSON body."""
        return await self._patiently(_Call("POST", url, msgspec.json.encode(document), "application/json"), limit)

    async def get_json(self, url: str, *, limit: int) -> Response:
        """The same as GET, of an address without parameters."""
        return await self._patiently(_Call("GET", url), limit)

    async def aclose(self) -> None:
        """Close every kept connection; what a close reports changes nothing for anyone."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await closed_quietly(client)

    async def _patiently(self, call: _Call, limit: int) -> Response:
        attempts = stamina.retry_context(
            on=_wait_before_next,
            attempts=self._attempts,
            timeout=self._total_timeout,
            wait_initial=WAIT_INITIAL,
            wait_max=WAIT_MAX,
            wait_jitter=JITTER,
        )
        with waiting_for(call.url):
            async for attempt in attempts:
                with attempt:
                    async with self._slots:
                        return await self._once(call, limit, attempt.num)
        raise AssertionError("the last attempt returns or raises")  # no message: never raised

    async def _once(self, call: _Call, limit: int, attempt: int = 1) -> Response:
        try:
            async with asyncio.timeout(self._total_timeout):
                answer = await self._exchange(call, limit, attempt)
        except AnswerTooLarge as error:
            is_list = limit == MAX_ANSWER
            raise UnreadableAnswer(Sentence(LARGE_LIST if is_list else LARGE_ANSWER, size=limit // MIB)) from error
        except AnswerEncoded as error:
            raise UnreadableAnswer(
                Sentence("The answer is compressed although that was not asked for; look at a proxy in between.")
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise _not_reached(error, call.url) from error
        now = time.time()
        self.clock_offset = clock_offset(answer.headers, now)
        if answer.status != 200:
            raise api_error(answer, now, self._access_key, self._oddities)
        return answer

    async def _exchange(self, call: _Call, limit: int, attempt: int) -> Response:
        silence_logs()
        # Its own notice of every retry goes to standard error, into the middle of the screen.
        stamina.instrumentation.set_on_retry_hooks(())
        client, streams = self._client(call.url), OpenedStreams()

        async def trace(event: str, info: dict[str, Any]) -> None:
            streams.note(event, info)

        request = client.build_request(
            call.method,
            call.url,
            content=call.body,
            headers={"Content-Type": call.content_type} if call.content_type else None,
            extensions={"trace": trace},
        )
        began, status, request_id = time.monotonic(), None, ""
        try:
            response = await client.send(request, auth=self._auth, stream=True)
            status, request_id = response.status_code, response.headers.get(REQUEST_ID_HEADER, "")
            try:
                is_error = response.status_code != 200
                content = await read_body(response, MAX_ERROR if is_error else limit, cut=is_error)
            finally:
                await response.aclose()
        except BaseException:
            # Whatever this request opened is of no use to another one.
            await streams.aclose()
            raise
        finally:
            told(request, began, status, request_id, attempt)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, headers, content)

    def _client(self, url: str) -> httpx.AsyncClient:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin not in self._clients:
            self._clients[origin] = new_client(
                origin, timeout=self._timeout, limits=KEPT, ssl_context=self._ssl_context
            )
        return self._clients[origin]


def _not_reached(error: Exception, url: str) -> NotReached:
    return NotReached(explain(error, "{0.scheme}://{0.netloc}".format(urlsplit(url))))


def _wait_before_next(error: Exception) -> bool | float:
    """Whether to read again, and after how many seconds when NCP says so; True leaves it to the back-off."""
    if isinstance(error, NotReached):
        return not is_permanent(error)
    may_help = isinstance(error, Throttled) or (
        isinstance(error, GatewayFailure) and error.http_status in RETRIED_STATUS
    )
    if not may_help or not isinstance(error, NcpError):
        return False
    return True if error.retry_after is None else min(error.retry_after, RETRY_AFTER_MAX)


@dataclass(frozen=True, slots=True)
class Probe:
    """What an unsigned request brought: its HTTP status, and the gateway's clock minus ours in seconds."""

    status: int
    clock_offset: float | None


async def probe(base_url: str, seconds: float) -> Probe:
    """Ask once, without a key, and read no body. Raises NotReached after ``seconds`` at the latest."""
    try:
        async with (
            asyncio.timeout(seconds),
            new_client(base_url, timeout=httpx.Timeout(seconds), limits=httpx.Limits()) as client,
            client.stream("GET", f"{base_url}{API_PATH}/getRegionList") as response,
        ):
            return Probe(response.status_code, clock_offset(response.headers, time.time()))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotReached(Sentence.joined(Sentence("No answer."), explain(error, base_url))) from error
