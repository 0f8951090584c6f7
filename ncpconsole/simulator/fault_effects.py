"""Applies faults: to an operation, to the content and the bytes of its response, and to its delivery."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from ncpconsole.simulator.http_server import Reply, Response, TransportFault
from ncpconsole.simulator.responses import (
    TRY_AGAIN,
    Document,
    ErrorResponse,
    Format,
    GatewayError,
    Record,
    ServiceError,
    authentication_failed,
    bad_parameter,
    encode_error,
    gateway_error,
    permission_denied,
)

HTML_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
BOMB_MEGABYTES = 200


def _xml_error(root: str) -> Response:
    """An error in XML: old gateways spell its root *Error*, new ones *error*, services *responseError*."""
    family = ServiceError if root == "responseError" else GatewayError
    error = family(400, "25013" if root == "responseError" else "100", "Simulated.")
    body = encode_error(error, Format.XML, root)
    return Response(400, [("Content-Type", Format.XML.value)], body)


INSTEAD: dict[str, Callable[[str], ErrorResponse | Response]] = {
    "error-400": lambda _: gateway_error(400, "100"),
    "error-404": lambda _: gateway_error(404, "300"),
    "error-413": lambda _: gateway_error(413, "430"),
    "error-429": lambda _: gateway_error(429, "420"),
    "error-500": lambda _: gateway_error(500, "900"),
    "error-503": lambda _: gateway_error(503, "500"),
    "error-504": lambda _: gateway_error(504, "510"),
    "service-error": lambda code: ServiceError(500, code, TRY_AGAIN),
    "refused-saying": bad_parameter,
    "permission-denied": lambda _: permission_denied("Simulated."),
    "authentication-failed": lambda _: authentication_failed("Simulated."),
    "xml-error": _xml_error,
    "html-error": lambda _: Response(502, [("Content-Type", "text/html")], HTML_PAGE),
    "redirect": lambda location: Response(307, [("Location", location)], b""),
}
"""Faults that respond in place of the operation, by name; given the fault's value."""


# ---- what the response says


def _wrong_echo(document: Document, value: str) -> None:
    rows = [{**row, "serverInstanceNo": value} for row in document.rows()]
    document.rows = lambda: rows


def _other_return_code(document: Document, value: str) -> None:
    document.return_code = value


def _wrong_total(document: Document, value: str) -> None:
    document.total = int(float(value))


def _short_pages(document: Document, value: str) -> None:
    rows = document.rows()
    rows = rows[: max(0, len(rows) - int(float(value)))]
    document.rows = lambda: rows


def _number_as_int(document: Document, _: str) -> None:
    rows = [_with_numbers(row) for row in document.rows()]
    document.rows = lambda: rows
    document.return_code = int(document.return_code)


def _with_numbers(row: Record) -> Record:
    return {key: _as_number(value) if "No" in key else value for key, value in row.items()}


def _as_number(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_number(item) for item in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


UNHEARD_OF = {
    "serverInstanceStatus": "LIMBO",
    "serverInstanceOperation": "DREAM",
    "platformType": "QNX64",
    "hypervisorType": "HVX",
}


def _unknown_code(document: Document, _: str) -> None:
    unheard = {key: {"code": code, "codeName": code.title()} for key, code in UNHEARD_OF.items()}
    rows = [{**row, **unheard} for row in document.rows()]
    document.rows = lambda: rows


def _missing_field(document: Document, field: str) -> None:
    rows = [{key: value for key, value in row.items() if key != field} for row in document.rows()]
    document.rows = lambda: rows


SAYS: dict[str, Callable[[Document, str], None]] = {
    "wrong-echo": _wrong_echo,
    "other-return-code": _other_return_code,
    "wrong-total": _wrong_total,
    "short-pages": _short_pages,
    "number-as-int": _number_as_int,
    "unknown-code": _unknown_code,
    "missing-field": _missing_field,
}
"""Faults that change what a document says; given the fault's value."""


# ---- the bytes of the response


def _empty_body(response: Response) -> None:
    response.body = b""


def _malformed(response: Response) -> None:
    response.body = response.body[: len(response.body) * 2 // 3]


def _bad_utf8(response: Response) -> None:
    middle = len(response.body) // 2
    response.body = response.body[:middle] + b"\xff\xfe\xc3\x28" + response.body[middle:]


def _lone_surrogate(response: Response) -> None:
    response.body = response.body.replace(b'"serverName":"', b'"serverName":"\\ud83d')


def _gzip_bomb(response: Response) -> None:
    response.headers.append(("Content-Encoding", "gzip"))
    response.body = gzip_bomb()


def _broken_gzip(response: Response) -> None:
    response.headers.append(("Content-Encoding", "gzip"))


def _server_error(response: Response) -> None:
    response.status = 500
    response.body = b'{"error":{"errorCode":"900","message":"Unexpected Error","details":"Simulated."}}'


BYTES: dict[str, Callable[[Response], None]] = {
    "empty-body": _empty_body,
    "malformed-json": _malformed,
    "bad-utf8": _bad_utf8,
    "lone-surrogate": _lone_surrogate,
    "gzip-bomb": _gzip_bomb,
    "broken-gzip": _broken_gzip,
    "server-error-after": _server_error,
}
"""Faults that change a response after it was encoded."""


@cache
def gzip_bomb() -> bytes:
    """About 200 KB of gzip that expand to 200 MB of spaces, in a single valid member.

    After a full flush deflate keeps no state, so the bytes of one megabyte repeat: compressing it once is enough.
    """
    megabyte = b" " * 2**20
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_MEGABYTES):
        checksum = zlib.crc32(megabyte, checksum)
    size = BOMB_MEGABYTES * len(megabyte) & 0xFFFFFFFF
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return head + block * BOMB_MEGABYTES + packer.flush() + struct.pack("<II", checksum, size)


# ---- how the response is delivered

HEADER_BYTES = 300 * 1024
BLANKS = b" " * 65_536
HUGE_CHUNKS = 1600


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
    response = reply.response
    writer.write(response.head() + response.body[: len(response.body) // 2])
    await writer.drain()


async def _stalled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    await _truncated(reader, writer, reply)
    await _until_client_leaves(reader)


async def _dripped(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(reply.response.head())
    for byte in reply.response.body:
        await writer.drain()
        await asyncio.sleep(float(reply.value))
        writer.write(bytes((byte,)))
    await writer.drain()


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _reply: Reply) -> None:
    writer.write(bytes(range(256)) * 4)
    await writer.drain()


async def _partial_status(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(reply.response.head()[:11])
    await writer.drain()


async def _huge_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    response = reply.response
    response.headers += [(f"X-Padding-{n}", "x" * 1000) for n in range(HEADER_BYTES // 1000)]
    writer.write(response.head() + response.body)
    await writer.drain()


async def _huge_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
    response = reply.response
    whole = len(response.body) + HUGE_CHUNKS * len(BLANKS)
    writer.write(response.head().replace(f": {len(response.body)}\r\n\r\n".encode(), f": {whole}\r\n\r\n".encode()))
    for _ in range(HUGE_CHUNKS):
        writer.write(BLANKS)
        await writer.drain()
    writer.write(response.body)
    await writer.drain()


async def _endless_100(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _reply: Reply) -> None:
    while not writer.transport.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 16)
        await writer.drain()
        await asyncio.sleep(0.01)


NOT_CARRIED_OUT: dict[str, TransportFault] = {
    "hang": _hang,
    "reset-after-request": _reset,
    "close-after-request": _close,
}
"""Faults that keep an operation from being carried out and send nothing."""

CARRIED_OUT: dict[str, TransportFault] = {
    "interrupt-unknown": _hang,
    "answer-reset": _reset,
    "answer-closed": _close,
    "truncated": _truncated,
    "stalled": _stalled,
    "dripped": _dripped,
    "garbage": _garbage,
    "partial-status": _partial_status,
    "huge-headers": _huge_headers,
    "huge-body": _huge_body,
    "endless-100": _endless_100,
}
"""Faults that spoil how the response of an operation carried out reaches the client."""
