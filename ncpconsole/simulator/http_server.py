"""HTTP/1.1 on loopback: h11 understands the requests, asyncio moves the bytes.

Connections are kept alive and pipelined requests are answered in their order. What to answer is decided
elsewhere, at once; an answer that is held back holds back its own connection alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

import h11

from ncpconsole.simulator.answer import Answer, Reply, Request, reason
from ncpconsole.simulator.deliveries import DELIVERIES

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    Handler = Callable[[Request], Reply]

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

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
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
            if reply.manner != "whole":
                await DELIVERIES[reply.manner](reader, writer, reply)
                return
            _write(http, writer, reply.answer)
            await writer.drain()
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()


async def _next_request(
    http: h11.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    peer: str,
    connection: int,
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


def _write(http: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> None:
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    response = h11.Response(status_code=answer.status, headers=headers, reason=reason(answer.status))
    writer.write(http.send(response) or b"")
    if answer.body:
        writer.write(http.send(h11.Data(data=answer.body)) or b"")
    writer.write(http.send(h11.EndOfMessage()) or b"")


async def _turn_away(http: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    if http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
        _write(http, writer, Answer(status, [("Connection", "close")], b""))
        await writer.drain()
