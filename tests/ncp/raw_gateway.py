"""Gateways and proxies that are nothing but a loopback socket and a script of bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

TARGET = "30000012"
ACCESS_KEY = "AKRAWTEST00000000001"
SECRET_KEY = "SKRAWTEST0000000000000000000000000000001"


@dataclass(frozen=True)
class Received:
    """One whole request: its line, its headers with lower-case names, its body."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[["RawGateway", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawGateway:
    """Serves every connection with ``behave``; counts connections, whole requests and bytes."""

    behave: Behaviour
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    connections: int = 0
    requests: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    stray_bytes: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = await asyncio.start_server(
            self._serve, self.host, 0, ssl=self.tls, limit=2**20, ssl_handshake_timeout=5 if self.tls else None
        )
        self._port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'https://localhost' if self.tls else f'http://{self.host}'}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.idle.clear()
        self.connected.set()
        try:
            await self.behave(self, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            # The other side left while the script was still speaking: what it saw is what counts.
            pass
        except asyncio.CancelledError:
            # The test is over. asyncio's own callback would log the cancellation as an error.
            pass
        finally:
            writer.transport.abort()
            # The transport gives its descriptor back in the next round of the loop.
            asyncio.get_running_loop().call_later(0, self.idle.set)

    async def read_request(self, reader: asyncio.StreamReader) -> Received:
        """One whole request, head and body; counted only when it is whole."""
        head = await reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = line.split(" ")
        received = Received(method, target, headers, body)
        self.requests.append(received)
        self.arrived.set()
        return received


def descriptors() -> int:
    """How many file descriptors this process holds."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def http(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """The bytes of one answer; ``length`` lies about the body's."""
    lines = [f"HTTP/1.1 {status} Some Reason", f"Content-Length: {len(body) if length is None else length}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def success(*numbers: str, code: object = "0", message: str = "success") -> bytes:
    """The body of an accepted interrupt that echoes these server numbers."""
    inner = {
        "totalRows": len(numbers),
        "serverInstanceList": [{"serverInstanceNo": number} for number in numbers],
        "requestId": "req-body",
        "returnCode": code,
        "returnMessage": message,
    }
    return json.dumps({"interruptServerInstanceResponse": inner}).encode()


def answering(*answers: bytes) -> Behaviour:
    """Reads one request per answer and gives the answers in turn, on one or several connections."""
    waiting = list(answers)

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await gateway.read_request(reader)
            writer.write(waiting.pop(0) if len(waiting) > 1 else waiting[0])
            await writer.drain()

    return behave


async def forever() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()


def tunnelling(port: int, *, connect: bool = True) -> Behaviour:
    """A proxy that answers CONNECT with 200 and then carries bytes to a loopback port; or only carries."""

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connect:
            await gateway.read_request(reader)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        if connect:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        try:
            await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer))
        finally:
            there_writer.transport.abort()

    return behave
