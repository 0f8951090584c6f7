"""HTTP/1.1 on loopback: h11 understands the requests, asyncio moves the bytes.

Connections are kept alive and pipelined requests are answered in their order. What to answer is decided
elsewhere, at once; a response that is held back holds back its own connection alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import h11

if TYPE_CHECKING:
    import ssl

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``target`` is path and query exactly as sent, header names are in lower case.

    ``connection`` counts the connections, so that a reused one can be told from a fresh one.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    peer: str
    connection: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark, or empty."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class Response:
    """Status, headers and body; ``Content-Length`` is added when it is written."""

    status: int
    headers: Headers
    body: bytes

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [f"HTTP/1.1 {self.status} {reason(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""]).encode("latin-1")


@dataclass(slots=True)
class Reply:
    """A response, and what keeps it from being delivered whole; ``value`` is that fault's parameter.

    ``delay`` is in seconds and holds back this response alone.
    """

    response: Response
    transport_fault: TransportFault | None = None
    value: str = ""
    delay: float = 0.0


TransportFault = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Reply], Awaitable[None]]
Handler = Callable[[Request], Reply]


def reason(status: int) -> str:
    """The phrase of a status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


HOST = "127.0.0.1"
MOST_BODY = 1 << 20
CHUNK = 1 << 16


class HttpServer:
    """A server that asks ``handler`` for a reply to every request."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._accepted = 0

    async def start(self, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen on loopback; returns the port, which is a free one when 0 was asked for. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, HOST, port, ssl=tls, backlog=512)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End every connection at once and stop listening."""
        if self._server is None:
            return
        self._server.close()
        tasks = list(self._connections)
        for task, writer in self._connections.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._connections[task] = writer
        self._accepted += 1
        try:
            # A client that leaves and a gateway that stops are both an ordinary end of a connection.
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._converse(reader, writer, self._accepted)
        finally:
            del self._connections[task]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        http = h11.Connection(h11.SERVER)
        peer = writer.get_extra_info("peername")[0]
        while True:
            try:
                request = await _next_request(http, reader, writer, peer, connection)
            except h11.RemoteProtocolError as error:
                await _turn_away(http, writer, error.error_status_hint)
                return
            if request is None:
                return
            reply = self._handler(request)
            if reply.delay:
                await asyncio.sleep(reply.delay)
            if reply.transport_fault is not None:
                await reply.transport_fault(reader, writer, reply)
                return
            _write(http, writer, reply.response)
            await writer.drain()
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()


async def _next_request(
    http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str, connection: int
) -> Request | None:
    """Read one request, or None when the client has gone. Raises h11.RemoteProtocolError for no HTTP."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                writer.write(http.send(go_on) or b"")
            http.receive_data(await reader.read(CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MOST_BODY:
                raise h11.RemoteProtocolError("body too large", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Request(
                head.method.decode("ascii"),
                # Every byte is kept as it came, since the signature is over it.
                head.target.decode("utf-8", "surrogateescape"),
                {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
                bytes(body),
                peer,
                connection,
            )
        else:
            return None


def _write(http: h11.Connection, writer: asyncio.StreamWriter, response: Response) -> None:
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    head = h11.Response(status_code=response.status, headers=headers, reason=reason(response.status))
    writer.write(http.send(head) or b"")
    if response.body:
        writer.write(http.send(h11.Data(data=response.body)) or b"")
    writer.write(http.send(h11.EndOfMessage()) or b"")


async def _turn_away(http: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    if http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
        _write(http, writer, Response(status, [("Connection", "close")], b""))
        await writer.drain()
