"""The fault table of the sender: what goes wrong on a real socket, its outcome, what was received.

Every behaviour here is a script of bytes on a loopback connection. ``requests`` is how many whole requests
the gateway had read when the outcome was told.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass
from typing import TypeAlias

from ncpconsole.ncp.results import Outcome
from tests.ncp.raw_gateway import TARGET, Behaviour, RawGateway, forever, http, reset, success

ACCEPTED, REJECTED = Outcome.ACCEPTED, Outcome.REJECTED
NOT_SENT, UNKNOWN = Outcome.NOT_SENT, Outcome.UNKNOWN

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


@dataclass(frozen=True)
class Fault:
    """One line of the table: a name, what the gateway does, the only right outcome, the requests it saw."""

    name: str
    behave: Behaviour
    outcome: Outcome
    requests: int
    status: int | None = None
    code: str = ""


# Before and around the request.


async def close_at_once(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    """Accept and close: the connection stood, so the request was on its way."""


async def reset_at_once(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    reset(writer)


async def reset_after(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await gateway.read_request(reader)
    reset(writer)


async def close_after(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await gateway.read_request(reader)
    writer.close()


async def close_within_head(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    gateway.stray_bytes += len(await reader.readexactly(20))
    writer.close()


async def never_answer(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await gateway.read_request(reader)
    await forever()


async def never_read(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await forever()


def says(*parts: bytes, then: str = "close", pause: float = 0.0) -> Behaviour:
    """Reads the request, writes the parts with a pause between them, then closes, stalls or resets."""

    async def behave(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
        await gateway.read_request(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "stall":
            await forever()
        elif then == "reset":
            reset(writer)
        else:
            writer.close()
            await writer.wait_closed()

    return behave


async def informational_forever(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await gateway.read_request(reader)
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    """A byte now and then: every wait is short, the whole never ends."""
    await gateway.read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless_body(gateway: RawGateway, reader: Reader, writer: Writer) -> None:
    await gateway.read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + success(TARGET))
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


OK = success(TARGET)
GZIPPED = gzip.compress(OK, mtime=0)
GZIP = "Content-Encoding: gzip"
BOMB = gzip.compress(b" " * 50_000_000, mtime=0)
REDIRECT = "Location: http://127.0.0.1:1/vserver/v2/interruptServerInstance"


def enveloped(**inner: object) -> bytes:
    return json.dumps({"interruptServerInstanceResponse": inner}).encode()


CONNECTION_FAULTS = [
    Fault("close before the request", close_at_once, UNKNOWN, 0),
    Fault("reset before the request", reset_at_once, UNKNOWN, 0),
    Fault("close within the request's head", close_within_head, UNKNOWN, 0),
    Fault("reset after the request", reset_after, UNKNOWN, 1),
    Fault("close after the request", close_after, UNKNOWN, 1),
    Fault("no answer", never_answer, UNKNOWN, 1),
    Fault("nothing is read", never_read, UNKNOWN, 0),
    Fault("partial status line, closed", says(b"HTTP/1.1 2"), UNKNOWN, 1),
    Fault("partial status line, stalled", says(b"HTTP/1.1 2", then="stall"), UNKNOWN, 1),
    Fault("partial status line, reset", says(b"HTTP/1.1 2", then="reset"), UNKNOWN, 1),
    Fault("garbage", says(b"\x00\xff\x1b]0;hello\x07\r\n\r\n" * 20), UNKNOWN, 1),
    Fault("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n"), UNKNOWN, 1),
    Fault("HTTP/0.9", says(OK), UNKNOWN, 1),
    Fault("300 KB of headers", says(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 123456789\r\n" * 15_000), UNKNOWN, 1),
    Fault("1xx forever", informational_forever, UNKNOWN, 1),
    Fault("switching protocols", says(b"HTTP/1.1 101 Switching\r\n\r\n", then="stall"), UNKNOWN, 1),
]

BODY_FAULTS = [
    Fault("200 truncated", says(http(200, OK[:40], length=len(OK))), UNKNOWN, 1, 200),
    Fault("200 truncated and reset", says(http(200, OK[:40], length=len(OK)), then="reset"), UNKNOWN, 1),
    Fault("200 stalled", says(http(200, OK[:40], length=len(OK)), then="stall"), UNKNOWN, 1, 200),
    Fault("200 dripped", drip, UNKNOWN, 1, 200),
    Fault("200 without an end", endless_body, UNKNOWN, 1, 200),
    Fault(
        "200 chunked, cut off", says(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"in'), UNKNOWN, 1, 200
    ),
    Fault("200 bad chunk", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), UNKNOWN, 1, 200),
    Fault("200 gzip", says(http(200, GZIPPED, GZIP)), UNKNOWN, 1, 200),
    Fault("200 broken gzip", says(http(200, GZIPPED[:-9], GZIP)), UNKNOWN, 1, 200),
    Fault("200 gzip in name only", says(http(200, OK, GZIP)), UNKNOWN, 1, 200),
    Fault("200 gzip bomb", says(http(200, BOMB, GZIP)), UNKNOWN, 1, 200),
    Fault("200 empty", says(http(200, b"")), UNKNOWN, 1, 200),
    Fault("200 HTML", says(http(200, b"<html><body>Log in</body></html>")), UNKNOWN, 1, 200),
    Fault("200 malformed", says(http(200, OK[:-1])), UNKNOWN, 1, 200),
    Fault("200 JSON text", says(http(200, b'"success"')), UNKNOWN, 1, 200),
    Fault("200 without return code", says(http(200, enveloped(totalRows=1))), UNKNOWN, 1, 200),
    Fault("200 return code null", says(http(200, enveloped(returnCode=None))), UNKNOWN, 1, 200),
    Fault("200 return code false", says(http(200, enveloped(returnCode=False))), UNKNOWN, 1, 200),
    Fault("200 return code 00", says(http(200, success(TARGET, code="00"))), UNKNOWN, 1, 200, "00"),
    Fault(
        "200 another action's answer", says(http(200, b'{"getZoneListResponse":{"returnCode":"0"}}')), UNKNOWN, 1, 200
    ),
    Fault("200 wrong echo", says(http(200, success("30000013"))), UNKNOWN, 1, 200, "0"),
    Fault("200 echo of two", says(http(200, success(TARGET, "30000013"))), UNKNOWN, 1, 200, "0"),
    Fault(
        "200 wrong number list",
        says(http(200, enveloped(returnCode="0", serverInstanceNoList=["1"]))),
        UNKNOWN,
        1,
        200,
        "0",
    ),
    Fault(
        "200 error and result",
        says(http(200, b'{"error":{"errorCode":"200"},"returnCode":"0"}')),
        UNKNOWN,
        1,
        200,
        "200",
    ),
    Fault("201", says(http(201, OK)), ACCEPTED, 1, 201, "0"),
    Fault("202", says(http(202, OK)), ACCEPTED, 1, 202, "0"),
    Fault("204", says(b"HTTP/1.1 204 No Content\r\n\r\n"), UNKNOWN, 1, 204),
    Fault("307 to another host", says(http(307, b"", REDIRECT)), UNKNOWN, 1, 307),
    Fault("302 with an accepting body", says(http(302, OK, REDIRECT)), UNKNOWN, 1, 302),
    Fault("403 HTML of a portal", says(http(403, b"<html><h1>Blocked</h1></html>")), UNKNOWN, 1, 403),
    Fault("407 of a proxy", says(http(407, b"Proxy Authentication Required")), UNKNOWN, 1, 407),
    Fault("429 empty", says(http(429, b"")), UNKNOWN, 1, 429),
    Fault("502 HTML", says(http(502, b"<html>Bad gateway</html>")), UNKNOWN, 1, 502),
    Fault("400 endpoint time-out", says(http(400, b'{"error":{"errorCode":"510"}}')), UNKNOWN, 1, 400, "510"),
]

GOOD_ANSWERS = [
    Fault("accepted", says(http(200, OK)), ACCEPTED, 1, 200, "0"),
    Fault("accepted, connection kept", says(http(200, OK), then="stall"), ACCEPTED, 1, 200, "0"),
    Fault("accepted, then reset", says(http(200, OK), pause=0.05, then="reset"), ACCEPTED, 1, 200, "0"),
    Fault("accepted in pieces", says(*(bytes([b]) for b in http(200, OK))), ACCEPTED, 1, 200, "0"),
    Fault("accepted after 100", says(b"HTTP/1.1 100 Continue\r\n\r\n" + http(200, OK)), ACCEPTED, 1, 200, "0"),
    Fault("accepted until close", says(b"HTTP/1.1 200 OK\r\n\r\n" + OK), ACCEPTED, 1, 200, "0"),
    Fault("accepted, return code 0", says(http(200, success(TARGET, code=0))), ACCEPTED, 1, 200, "0"),
    Fault("accepted, nothing but the code", says(http(200, enveloped(returnCode="0"))), ACCEPTED, 1, 200, "0"),
    Fault("accepted, bare", says(http(200, b'{"returnCode":0}')), ACCEPTED, 1, 200, "0"),
    Fault("accepted, empty echo", says(http(200, success())), UNKNOWN, 1, 200, "0"),
    Fault(
        "accepted, number list only",
        says(http(200, enveloped(returnCode="0", serverInstanceNoList=[int(TARGET)]))),
        ACCEPTED,
        1,
        200,
        "0",
    ),
    Fault(
        "accepted as XML",
        says(
            http(
                200,
                b"<?xml version='1.0'?><interruptServerInstanceResponse><serverInstanceList><serverInstance>"
                b"<serverInstanceNo>30000012</serverInstanceNo></serverInstance></serverInstanceList>"
                b"<returnCode>0</returnCode></interruptServerInstanceResponse>",
            )
        ),
        ACCEPTED,
        1,
        200,
        "0",
    ),
    Fault("200 other return code", says(http(200, success(code="25013"))), REJECTED, 1, 200, "25013"),
    Fault("200 other number", says(http(200, success(code=800))), REJECTED, 1, 200, "800"),
    Fault("200 with the gateway's error", says(http(200, b'{"error":{"errorCode":210}}')), REJECTED, 1, 200, "210"),
]

GATEWAY_CODES = [
    (400, "100"), (401, "200"), (401, "210"), (404, "300"), (429, "400"), (429, "410"), (429, "420"),
    (413, "430"), (503, "500"), (504, "510"), (500, "900"),
]  # fmt: skip
SERVICE_CODES = [(status, code) for status in (400, 500) for code in ("800", "1000", "1401", "25013", "25017")]


def _documented(status: int, code: str, json_body: str, xml_body: str) -> list[Fault]:
    outcome = REJECTED if status < 500 and code != "1000" else UNKNOWN
    bodies = {"JSON": json_body % code, "XML": "<?xml version='1.0' encoding='UTF-8'?>" + xml_body % code}
    return [
        Fault(f"{status}/{code} as {form}", says(http(status, body.encode())), outcome, 1, status, code)
        for form, body in bodies.items()
    ]


def documented_errors() -> list[Fault]:
    """Every documented error in both forms: a 4xx is a refusal but for "try again later"."""
    faults: list[Fault] = []
    for status, code in GATEWAY_CODES:
        faults += _documented(
            status,
            code,
            '{"error":{"errorCode":"%s","message":"Some Message","details":"Details."}}',
            "<error><errorCode>%s</errorCode><message>Some Message</message></error>",
        )
    for status, code in SERVICE_CODES:
        faults += _documented(
            status,
            code,
            '{"responseError":{"returnCode":"%s","returnMessage":"<strong>Not</strong> now<br>"}}',
            "<responseError><returnCode>%s</returnCode><returnMessage>No</returnMessage></responseError>",
        )
    return faults


ALL = [*CONNECTION_FAULTS, *BODY_FAULTS, *GOOD_ANSWERS, *documented_errors()]
