"""How an answer leaves, when it does not leave as it should. Each of these ends the connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ncpconsole.simulator.answer import Reply

    Delivery = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Reply], Awaitable[None]]

HEADER_BYTES = 300 * 1024


async def _until_client_leaves(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(65536):
            pass


async def _hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _reply: Reply) -> None:
    await _until_client_leaves(reader)


async def _close(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _reply: Reply) -> None:
    """Nothing to send: the connection is closed by whoever called."""


async def _reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _reply: Reply) -> None:
    endpoint = writer.get_extra_info("socket")
    # Lingering for zero seconds makes the kernel send RST instead of FIN.
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _truncated(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    answer = reply.answer
    writer.write(answer.head() + answer.body[: len(answer.body) // 2])
    await writer.drain()


async def _stalled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    await _truncated(reader, writer, reply)
    await _until_client_leaves(reader)


async def _dripped(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(reply.answer.head())
    for byte in reply.answer.body:
        await writer.drain()
        await asyncio.sleep(float(reply.value))
        writer.write(bytes((byte,)))
    await writer.drain()


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _reply: Reply) -> None:
    writer.write(bytes(range(256)) * 4)
    await writer.drain()


async def _partial_status(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(reply.answer.head()[:11])
    await writer.drain()


async def _huge_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    answer = reply.answer
    answer.headers += [(f"X-Padding-{n}", "x" * 1000) for n in range(HEADER_BYTES // 1000)]
    writer.write(answer.head() + answer.body)
    await writer.drain()


async def _endless_100(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _reply: Reply) -> None:
    while not writer.transport.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 16)
        await writer.drain()
        await asyncio.sleep(0.01)


BEFORE: dict[str, str] = {
    "hang": "hang",
    "reset-after-request": "reset",
    "close-after-request": "close",
}
"""Faults that keep an operation from being carried out and send nothing, with the way they do it."""

AFTER: dict[str, str] = {
    "interrupt-unknown": "hang",
    "answer-reset": "reset",
    "answer-closed": "close",
    "truncated": "truncated",
    "stalled": "stalled",
    "dripped": "dripped",
    "garbage": "garbage",
    "partial-status": "partial-status",
    "huge-headers": "huge-headers",
    "endless-100": "endless-100",
}
"""Faults that spoil the delivery of an operation carried out, with the way they do it."""

DELIVERIES: dict[str, Delivery] = {
    "hang": _hang,
    "close": _close,
    "reset": _reset,
    "truncated": _truncated,
    "stalled": _stalled,
    "dripped": _dripped,
    "garbage": _garbage,
    "partial-status": _partial_status,
    "huge-headers": _huge_headers,
    "endless-100": _endless_100,
}
