"""HTTP connections: the system's certificates, one proxy, bounded bodies, no logging."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Callable, Generator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import truststore

from ncpconsole import __version__
from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import ProxyUnusable
from ncpconsole.ncp.proxies import MALFORMED_PROXY, proxy_for
from ncpconsole.ncp.signing import ACCESS_KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Credentials, sign

USER_AGENT = f"ncpconsole/{__version__}"
READ_HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
FORM = "application/x-www-form-urlencoded"
CLOSE_WITHIN = 1.0
UNASKED_WITHIN = 0.001
STREAM_OPENED = ("connect_tcp.complete", "start_tls.complete")
LOGGERS = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


REQUESTS = logging.getLogger("ncpconsole.requests")
"""Tells of each request at DEBUG, where that was asked for."""


def told(call: httpx.Request, began: float, status: int | None, request_id: str, attempt: int = 1) -> None:
    """Log one request: method, path, what came of it, in how many milliseconds. No query, header or body is told.

    ``began`` is a time of the monotonic clock; ``status`` is None where no answer came.
    """
    if not REQUESTS.isEnabledFor(logging.DEBUG):
        return
    came = "no answer" if status is None else f"HTTP {status}"  # no message: the debug log is English
    took = (time.monotonic() - began) * 1000
    words = (
        f"{call.method} {call.url.host}{call.url.path}: {came}, request id {request_id or 'none'}"  # no message: a log
    )
    REQUESTS.debug("%s, %.0f ms, attempt %d", words, took, attempt)  # no message: a log


class AnswerTooLarge(Exception):
    """The body is larger than its reader allows."""


class AnswerEncoded(Exception):
    """The body is compressed although only identity was asked for."""


def silence_logs() -> None:
    """Keep the HTTP libraries from logging below WARNING, whatever level the program or a host set before.

    At INFO they write whole addresses, at DEBUG every step with the headers of answers; none of it may hold
    what a request carries. Called whenever a connection is about to be used.
    """
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


@lru_cache(maxsize=1)
def system_certificates() -> ssl.SSLContext:
    """The context that trusts what the operating system trusts; one for the whole program.

    It holds no connection and no session, so sharing it does not tie one request to another.
    """
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_client(
    base_url: str, *, timeout: httpx.Timeout, limits: httpx.Limits, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """A client with HTTP/1.1, no redirects and no retries of its own, through the gateway's proxy.

    Raises ProxyUnusable.
    """
    silence_logs()
    verify = ssl_context if ssl_context is not None else system_certificates()
    return httpx.AsyncClient(
        verify=verify,
        http1=True,
        http2=False,
        proxy=_client_proxy(base_url, verify),
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        limits=limits,
        headers=READ_HEADERS,
    )


def _client_proxy(base_url: str, verify: ssl.SSLContext) -> httpx.Proxy | None:
    found = proxy_for(base_url)
    if found is None:
        return None
    try:
        is_tls = urlsplit(found.url).scheme == "https"
        return httpx.Proxy(found.url, ssl_context=verify if is_tls else None)
    except (httpx.InvalidURL, ValueError):
        pass
    # Raised out here, so that no cause of it holds the address and its password.
    raise ProxyUnusable(Sentence(MALFORMED_PROXY, variable=found.variable))


class OpenedStreams:
    """The streams that one request opened, so that they can be closed whatever became of the request.

    httpcore loses hold of a TCP stream when a TLS handshake is cancelled; its descriptor would stay open.
    """

    def __init__(self) -> None:
        self._streams: list[httpcore.AsyncNetworkStream] = []

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Remember the stream when this event of the request's trace brought one."""
        if event.endswith(STREAM_OPENED):
            self._streams.append(info["return_value"])

    async def said_unasked(self) -> bytes:
        """What the other side of the newest wrote before it was asked; the stream is of no use then.

        Waits a millisecond. A TLS session ticket is none; that a connection is lost shows when it is used.
        """
        try:
            return await self._streams[-1].read(1, timeout=UNASKED_WITHIN) if self._streams else b""
        except (httpcore.TimeoutException, httpcore.NetworkError):
            return b""

    async def aclose(self) -> None:
        """Close them all, each within a second; what a close reports cannot change what an answer said."""
        while self._streams:
            await closed_quietly(self._streams.pop())


async def closed_quietly(one: httpx.AsyncClient | httpcore.AsyncNetworkStream) -> None:
    """Close within a second; errors of closing are of no consequence to anyone and end here."""
    with contextlib.suppress(httpx.HTTPError, OSError, TimeoutError, RuntimeError):
        async with asyncio.timeout(CLOSE_WITHIN):
            await one.aclose()


async def read_body(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """The body as sent, at most ``limit`` bytes; raises AnswerTooLarge, AnswerEncoded or TransportError.

    With ``cut``, of a longer one the beginning.

    A compressed body is refused before a byte of it is read: 200 KB of gzip can unfold to 200 MB.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise AnswerEncoded
    body = bytearray()
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("The answer belongs to a synchronous client.")  # no message: never raised
    # The stream is read below httpx's iterators: those close the connection before they hand over the last
    # byte, and a close that hangs would then lose an answer that was complete.
    async for chunk in stream:
        body += chunk
        if len(body) > limit and cut:
            break
        if len(body) > limit:
            raise AnswerTooLarge
    del body[limit:]
    return bytes(body)


class SignatureV2(httpx.Auth):
    """Signs a request over ``request.url.raw_path``, the bytes that will be sent; sends it once.

    ``clock`` gives seconds since the epoch; the gateway refuses a timestamp that is five minutes or more off.
    """

    def __init__(self, credentials: Credentials, clock: Callable[[], float] = time.time) -> None:
        self._credentials = credentials
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the three headers and hand the request on; an answer is never met with a second request."""
        timestamp = str(int(self._clock() * 1000))
        target = request.url.raw_path.decode("ascii")
        access_key = self._credentials.access_key
        request.headers[TIMESTAMP_HEADER] = timestamp
        request.headers[ACCESS_KEY_HEADER] = access_key
        request.headers[SIGNATURE_HEADER] = sign(
            request.method, target, timestamp, access_key, self._credentials.secret_key.reveal()
        )
        yield request
