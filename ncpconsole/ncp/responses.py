"""What a body says, whatever it looks like: both error shapes, JSON or XML, HTML in messages, or nothing.

Source: the API overview page on error codes. Nothing here raises for a body: what cannot be read is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    NcpError,
    NotFound,
    PermissionDenied,
    Throttled,
    UnreadableAnswer,
    clock_error,
)

REQUEST_ID_HEADER = "x-ncp-apigw-request-id"
TRACE_ID_HEADER = "x-ncp-trace-id"
MESSAGE_LIMIT = 500
CODE_LIMIT = 64
XML_DEPTH_LIMIT = 32
SURROGATES = re.compile("[\ud800-\udfff]")
WRAPPER = re.compile(r"[A-Za-z]+Response")


@dataclass(frozen=True, slots=True)
class Response:
    """One answer as it came: ``headers`` has lower-case names, ``body`` is not decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """An error in one of NCP's two shapes. ``family`` is ``gateway`` or ``service``; texts are plain."""

    family: str
    code: str
    message: str


def to_plain_text(value: object, limit: int = MESSAGE_LIMIT) -> str:
    """A text or number from outside as one line: no HTML, no invisible character, at most ``limit`` long."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = without_html(str(value))
    text = "".join(mark if mark.isprintable() else "\ufffd" for mark in " ".join(text.split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def without_html(text: str) -> str:
    """The text alone: tags become blanks, entities become what they stand for."""
    if "<" not in text and "&" not in text:
        return text
    reader = _TextOnly()
    reader.feed(text)
    reader.close()
    return "".join(reader.parts)


class _TextOnly(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser's
        self.parts.append(" " if tag in {"br", "p", "div", "li", "tr", "td"} else "")


def read_document(body: bytes) -> dict[str, Any] | None:
    """The body as plain values when it is a JSON object or XML; None for everything else.

    XML becomes what the same answer looks like in JSON, except that every value is text.
    """
    text = body.strip()
    if text.startswith(b"<"):
        return _read_xml(text)
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = _read_leniently(text)
    return document if isinstance(document, dict) else None


def _read_leniently(text: bytes) -> Any:
    """JSON with a byte or an escape in it that is no character: one bad name must not hide a whole list."""
    try:
        return _without_surrogates(json.loads(text.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(one) for name, one in value.items()}
    return value


def _read_xml(text: bytes) -> dict[str, Any] | None:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        # ValueError and LookupError: an encoding that the XML declaration names and Python lacks.
        return None
    return {_name(root): _value(root, XML_DEPTH_LIMIT)}


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element, depth: int) -> Any:
    children = list(element)
    if not children or depth == 0:
        return (element.text or "").strip()
    if _name(element).endswith("List"):
        return [_value(child, depth - 1) for child in children]
    return {_name(child): _value(child, depth - 1) for child in children}


def fault_in(document: dict[str, Any] | None) -> Fault | None:
    """The error in the document, in the gateway's or the service's shape, or None when it holds neither."""
    if document is None:
        return None
    error = document.get("error")
    if isinstance(error, dict) and (code := to_plain_text(error.get("errorCode"), CODE_LIMIT)):
        message, details = to_plain_text(error.get("message")), to_plain_text(error.get("details"))
        both = f"{message}: {details}" if message and details and details != message else message or details
        return Fault("gateway", code, both)
    error = document.get("responseError")
    if isinstance(error, dict) and (code := to_plain_text(error.get("returnCode"), CODE_LIMIT)):
        return Fault("service", code, to_plain_text(error.get("returnMessage")))
    return None


def unwrap(document: dict[str, Any]) -> dict[str, Any]:
    """What stands inside the only ``…Response`` of the document, or the document itself."""
    if len(document) == 1:
        (name, inner) = next(iter(document.items()))
        if isinstance(inner, dict) and WRAPPER.fullmatch(name):
            return inner
    return document


def ids_of(headers: Mapping[str, str], document: dict[str, Any] | None = None) -> tuple[str, str]:
    """Request id and trace id: from the headers, else from the body; empty when neither tells."""
    inner: dict[str, Any] = unwrap(document) if document else {}
    for name in ("error", "responseError"):
        if document and isinstance(document.get(name), dict):
            inner = document[name]
    request_id = headers.get(REQUEST_ID_HEADER) or inner.get("requestId")
    trace_id = headers.get(TRACE_ID_HEADER) or inner.get("traceId")
    return to_plain_text(request_id, 128), to_plain_text(trace_id, 128)


SERVICE_TRY_LATER = "1000"
SERVICE_NO_AUTHORITY = "800"
GATEWAY_NO_PERMISSION = "210"


def clock_offset(headers: Mapping[str, str], now: float) -> float | None:
    """The gateway's clock minus this machine's, in seconds, by the ``Date`` header; None without one.

    ``now`` is this machine's clock in seconds since the epoch. A Date is cut to whole seconds.
    """
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        return date.timestamp() - now
    except (ValueError, OverflowError):
        return None


def clock_sentence(offset: float | None) -> str:
    """What is wrong with this machine's clock, or nothing when it is within the five minutes NCP allows."""
    off = clock_error(offset)
    return f"your clock is {off} NCP's; set this machine's clock, then try again" if off else ""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The ``Retry-After`` header in seconds from now, given as seconds or as a date; None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    if not text:
        return None
    until = clock_offset({"date": text}, now)
    return None if until is None else max(0.0, until)


def api_error(answer: Response, now: float, access_key: str = "") -> NcpError:
    """The exception for an answer that is an error, whether or not its body is in NCP's shape.

    ``now`` is this machine's clock in seconds since the epoch, for the clock difference; ``access_key`` is
    taken out of the texts, should the answer repeat it.
    """
    return _error(answer, without_key(fault_in(read_document(answer.body)), access_key), now)


def refused_with_200(answer: Response, code: str, message: str, now: float) -> NcpError:
    """The exception for a list answer with HTTP 200 whose return code is not 0."""
    return _error(answer, Fault("service", to_plain_text(code, CODE_LIMIT), message), now)


def _error(answer: Response, fault: Fault | None, now: float) -> NcpError:
    kind, offset = _kind(answer.status, fault), clock_offset(answer.headers, now)
    meaning = kind.meaning
    if kind is AuthenticationFailed and (late := clock_sentence(offset)):
        meaning = f"NCP refused the request's time: {late}"
    request_id, trace_id = ids_of(answer.headers, read_document(answer.body))
    return kind(
        f"{meaning} ({described(answer.status, fault, request_id)}).",
        http_status=answer.status,
        code=fault.code if fault else "",
        ncp_message=fault.message if fault else "",
        request_id=request_id,
        trace_id=trace_id,
        clock_offset=offset,
        retry_after=retry_after(answer.headers, now),
    )


def without_key(fault: Fault | None, access_key: str) -> Fault | None:
    """The fault with the access key masked wherever its texts repeat it."""
    if fault is None or not access_key or access_key not in fault.code + fault.message:
        return fault
    mask = "[access key]"
    return Fault(fault.family, fault.code.replace(access_key, mask), fault.message.replace(access_key, mask))


def described(status: int | None, fault: Fault | None, request_id: str) -> str:
    """The facts of an error for the end of a sentence: status, NCP's code and message, request id."""
    parts = [] if status is None else [f"HTTP {status}"]
    if fault is not None:
        parts.append(f"code {fault.code}" + (f": {fault.message.rstrip('.')}" if fault.message else ""))
    text = ", ".join(parts)
    return f"{text}; request id {request_id}" if request_id else text


def _kind(status: int, fault: Fault | None) -> type[NcpError]:
    code = fault.code if fault else ""
    service = fault is not None and fault.family == "service"
    if status == 429 or (service and code == SERVICE_TRY_LATER):
        return Throttled
    if status == 401 and code != GATEWAY_NO_PERMISSION:
        return AuthenticationFailed
    if fault is not None and (status in {401, 403} or (service and code == SERVICE_NO_AUTHORITY)):
        return PermissionDenied
    if status == 404 and fault is not None:
        return NotFound
    if status >= 500:
        return GatewayFailure
    return ApiError if fault is not None else UnreadableAnswer
