"""What the faults do to an operation, to what its answer says, and to the bytes of the answer.

How an answer is delivered, or is not, is in `deliveries`.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from ncpconsole.simulator.http_server import Answer
from ncpconsole.simulator.responses import (
    Refusal,
    ServiceRefusal,
    authentication_failed,
    bad_parameter,
    gateway_refusal,
    permission_denied,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.simulator.operations import Document
    from ncpconsole.simulator.responses import Record

HTML_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
BOMB_MEGABYTES = 200


def _page(_: str) -> Answer:
    return Answer(502, [("Content-Type", "text/html")], HTML_PAGE)


def _redirect(location: str) -> Answer:
    return Answer(307, [("Location", location)], b"")


INSTEAD: dict[str, Callable[[str], Refusal | Answer]] = {
    "error-400": lambda _: gateway_refusal(400, "100"),
    "error-404": lambda _: gateway_refusal(404, "300"),
    "error-413": lambda _: gateway_refusal(413, "430"),
    "error-429": lambda _: gateway_refusal(429, "420"),
    "error-500": lambda _: gateway_refusal(500, "900"),
    "error-503": lambda _: gateway_refusal(503, "500"),
    "error-504": lambda _: gateway_refusal(504, "510"),
    "service-error": lambda code: ServiceRefusal(500, code, "Please <strong>try again</strong> later.<br>"),
    "refused-saying": bad_parameter,
    "permission-denied": lambda _: permission_denied("Simulated."),
    "authentication-failed": lambda _: authentication_failed("Simulated."),
    "html-error": _page,
    "redirect": _redirect,
}
"""Faults that answer in place of the operation, by name; given the fault's value."""


# ---- what the answer says


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


# ---- the bytes of the answer


def _empty_body(answer: Answer) -> None:
    answer.body = b""


def _malformed(answer: Answer) -> None:
    answer.body = answer.body[: len(answer.body) * 2 // 3]


def _bad_utf8(answer: Answer) -> None:
    middle = len(answer.body) // 2
    answer.body = answer.body[:middle] + b"\xff\xfe\xc3\x28" + answer.body[middle:]


def _lone_surrogate(answer: Answer) -> None:
    answer.body = answer.body.replace(b'"serverName":"', b'"serverName":"\\ud83d')


def _gzip_bomb(answer: Answer) -> None:
    answer.headers.append(("Content-Encoding", "gzip"))
    answer.body = gzip_bomb()


def _broken_gzip(answer: Answer) -> None:
    answer.headers.append(("Content-Encoding", "gzip"))


def _server_error(answer: Answer) -> None:
    answer.status = 500
    answer.body = b'{"error":{"errorCode":"900","message":"Unexpected Error","details":"Simulated."}}'


BYTES: dict[str, Callable[[Answer], None]] = {
    "empty-body": _empty_body,
    "malformed-json": _malformed,
    "bad-utf8": _bad_utf8,
    "lone-surrogate": _lone_surrogate,
    "gzip-bomb": _gzip_bomb,
    "broken-gzip": _broken_gzip,
    "server-error-after": _server_error,
}
"""Faults that change an answer after it was encoded."""


@cache
def gzip_bomb() -> bytes:
    """About 200 KB of gzip that expand to 200 MB of spaces, in a single valid member.

    After a full flush deflate keeps no state, so the bytes of one megabyte repeat: compressing it
    once is enough.
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
