"""Reads response bodies of every form: both error shapes, JSON or XML, HTML in messages, or nothing.

Source: the API overview page on error codes. Nothing here raises for a body: what cannot be read is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec

from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    NcpError,
    NotFound,
    PermissionDenied,
    Throttled,
    UnreadableAnswer,
    clock_lag,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Pairs = list[tuple[str, Any]]


REQUEST_ID_HEADER = "x-ncp-apigw-request-id"
TRACE_ID_HEADER = "x-ncp-trace-id"
MIB = 1024 * 1024
MAX_ANSWER = 64 * MIB
SCANNED = 4096
MESSAGE_LIMIT = 500
CODE_LIMIT = 64
ID_LIMIT = 128
XML_DEPTH_LIMIT = 32
XML_LIMIT = 4 * 1024 * 1024
"""Bytes: its parser takes a second for them, and NCP is asked for JSON."""
SURROGATES = re.compile("[\ud800-\udfff]")
FAMILIES = {"error": "gateway", "responseerror": "service"}
CODE_NAMES = ("errorCode", "returnCode", "responseCode")
MESSAGE_NAMES = ("message", "returnMessage", "responseMessage", "details")
"""Private installations spell the service's names with *response*; XML writes *Error* and *error*."""
TAG = re.compile(r"</?([A-Za-z!?][A-Za-z0-9]{0,15})[^<>]*>")
BREAKS = {"br", "p", "div", "li", "tr", "td"}
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
    """A text or number from outside as one line: no HTML, no invisible character, at most ``limit`` long.

    Only the first 4,096 characters are looked at; what is left out is told by an ellipsis.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # a whole number of more digits than Python turns into text
        return ""
    is_cut, text = len(text) > SCANNED, without_html(text[:SCANNED])
    text = "".join(mark if mark.isprintable() else "\ufffd" for mark in " ".join(text.split()))
    return text[: limit - 1] + "…" if is_cut or len(text) > limit else text


def without_html(text: str) -> str:
    """The text alone, of its first 4,096 characters: tags go, entities become what they stand for."""
    text = text[:SCANNED]
    if "<" not in text and "&" not in text:
        return text
    return unescape(TAG.sub(lambda tag: " " if tag[1].lower() in BREAKS else "", text))


def read_document(body: bytes, *, keep_repeated: bool = False) -> dict[str, Any] | None:
    """The body as plain values when it is a JSON object or XML; None for everything else.

    XML becomes what the same answer looks like in JSON, except that every value is text. With
    ``keep_repeated``, a name that one object holds twice has all its values, as a list; else the last.
    """
    text = body.strip()
    if text.startswith(b"<"):
        return _read_xml(text, keep_repeated)
    document = _read_leniently(text, _all_values) if keep_repeated else read_json(text)
    return document if isinstance(document, dict) else None


def read_json(body: bytes) -> Any:
    """A JSON body as plain values, also with bytes that are no text in it or NaN; None for what is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _read_leniently(body, dict)


def _read_leniently(text: bytes, as_object: Callable[[Pairs], dict[str, Any]]) -> Any:
    """JSON with a byte or an escape in it that is no character: one bad name must not hide a whole list."""
    try:
        document = json.loads(text.decode("utf-8", "replace"), object_pairs_hook=as_object)
        return _without_surrogates(document)
    except (ValueError, RecursionError):
        return None


def _all_values(pairs: Pairs) -> dict[str, Any]:
    values: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    for name, value in pairs:
        if name in values:
            repeated.setdefault(name, [values[name]]).append(value)
        else:
            values[name] = value
    return values | repeated


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(one) for name, one in value.items()}
    return value


def _read_xml(text: bytes, keep_repeated: bool) -> dict[str, Any] | None:
    if len(text) > XML_LIMIT:
        return None
    # An answer that is no JSON is rare, and what reads it takes 5 ms to load.
    import defusedxml.ElementTree

    try:
        root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except (defusedxml.ElementTree.ParseError, defusedxml.DefusedXmlException, ValueError, LookupError):
        # ValueError and LookupError: an encoding that the XML declaration names and Python lacks.
        return None
    return {_name(root): _value(root, _all_values if keep_repeated else dict, XML_DEPTH_LIMIT)}


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element, as_object: Callable[[Pairs], dict[str, Any]], depth: int) -> Any:
    children = list(element)
    if not children or depth == 0:
        return (element.text or "").strip()
    values = [_value(child, as_object, depth - 1) for child in children]
    if _name(element).endswith("List"):
        return values
    return as_object(list(zip(map(_name, children), values, strict=True)))


def fault_in(document: dict[str, Any] | None) -> Fault | None:
    """The error in the document, in the gateway's or the service's shape, or None when it holds neither."""
    for root, error in (document or {}).items():
        family = FAMILIES.get(root[:16].lower())
        if family is None or not isinstance(error, dict):
            continue
        code = next(filter(None, (to_plain_text(error.get(name), CODE_LIMIT) for name in CODE_NAMES)), "")
        texts = [to_plain_text(error.get(name)) for name in MESSAGE_NAMES]
        if code:
            return Fault(family, code, ": ".join(dict.fromkeys(filter(None, texts))))
    return None


FLAT_CODES = ("errorCode", "error_code", "returnCode", "code", "status")
FLAT_MESSAGES = ("message", "errorMessage", "error_message", "detail", "details", "title", "error")


def flat_fault(document: object) -> Fault | None:
    """The error in an answer of a sibling service: in NCP's shapes, or its fields without anything around them."""
    if not isinstance(document, dict):
        return None
    if fault := fault_in(document):
        return fault
    inner = document.get("error")
    fields = inner if isinstance(inner, dict) else document
    code = next(filter(None, (to_plain_text(fields.get(name), CODE_LIMIT) for name in FLAT_CODES)), "")
    message = next(filter(None, (to_plain_text(fields.get(name)) for name in FLAT_MESSAGES)), "")
    return Fault("gateway", code, message) if code and (message or code != "0") else None


def unwrap(document: dict[str, Any]) -> dict[str, Any]:
    """What stands inside the only ``…Response`` of the document, or the document itself."""
    if len(document) == 1:
        (name, inner) = next(iter(document.items()))
        if isinstance(inner, dict) and WRAPPER.fullmatch(name):
            return inner
    return document


def ids_of(headers: Mapping[str, str], document: dict[str, Any] | None = None) -> tuple[tuple[str, ...], str]:
    """The request ids, the header's before the body's where they differ, and the trace id or nothing."""
    inner: dict[str, Any] = unwrap(document) if document else {}
    for root, error in (document or {}).items():
        if root[:16].lower() in FAMILIES and isinstance(error, dict):
            inner = error
    ids = (to_plain_text(one, ID_LIMIT) for one in (headers.get(REQUEST_ID_HEADER), inner.get("requestId")))
    trace_id = headers.get(TRACE_ID_HEADER) or inner.get("traceId")
    return tuple(dict.fromkeys(filter(None, ids))), to_plain_text(trace_id, ID_LIMIT)


SERVICE_TRY_LATER = "1000"
SERVICE_NO_AUTHORITY = "800"
GATEWAY_KEY_REFUSED = "200"
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
    lag = clock_lag(offset)
    if lag > 0:
        return Sentence(
            "Your clock is {minutes} minutes behind NCP's; set this machine's clock, then try again.", minutes=lag
        )
    if lag < 0:
        return Sentence(
            "Your clock is {minutes} minutes ahead of NCP's; set this machine's clock, then try again.", minutes=-lag
        )
    return ""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The ``Retry-After`` header in seconds from now, given as seconds or as a date; None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    if not text:
        return None
    until = clock_offset({"date": text}, now)
    return None if until is None else max(0.0, until)


def api_error(answer: Response, now: float, access_key: str = "", oddities: str = "") -> NcpError:
    """The exception for an answer that is an error, whether or not its body is in NCP's shape.

    ``now`` is this machine's clock in seconds since the epoch, for the clock difference; ``access_key`` is
    taken out of the texts, should the answer repeat it; ``oddities`` is what can be seen of a key that is refused.
    """
    fault = flat_fault(read_document(answer.body))
    return _error(answer, without_key(fault, access_key), now, oddities)


def refused_with_200(answer: Response, code: str, message: str, now: float, access_key: str = "") -> NcpError:
    """The exception for a list answer with HTTP 200 whose return code is not 0; else as `api_error`."""
    fault = Fault("service", to_plain_text(code, CODE_LIMIT), to_plain_text(message))
    return _error(answer, without_key(fault, access_key), now)


def _error(answer: Response, fault: Fault | None, now: float, oddities: str = "") -> NcpError:
    kind, offset = _kind(answer.status, fault), clock_offset(answer.headers, now)
    meaning, more = Sentence(kind.meaning), ""
    if kind is AuthenticationFailed and (late := clock_sentence(offset)):
        meaning, more = Sentence("NCP refused the request's time"), late
    elif kind is AuthenticationFailed:
        more = oddities
    request_ids, trace_id = ids_of(answer.headers, read_document(answer.body))
    told, without_ids = (
        Sentence.joined(Sentence("{meaning} ({facts}).", meaning=meaning, facts=facts), more)
        for facts in (described(answer.status, fault, request_ids), described(answer.status, fault))
    )
    return kind(
        told,
        http_status=answer.status,
        code=fault.code if fault else "",
        ncp_message=fault.message if fault else "",
        request_ids=request_ids,
        trace_id=trace_id,
        clock_offset=offset,
        retry_after=retry_after(answer.headers, now),
        without_ids=without_ids,
    )


def without_key(fault: Fault | None, access_key: str) -> Fault | None:
    """The fault with the access key masked wherever its texts repeat it."""
    return fault and Fault(fault.family, masked(fault.code, access_key), masked(fault.message, access_key))


def masked(text: str, access_key: str) -> str:
    """The text with the access key masked, should an answer repeat it."""
    return text.replace(access_key, "[access key]") if access_key else text  # no message: within NCP's own words


def described(status: int | None, fault: Fault | None, request_ids: tuple[str, ...] = ()) -> Sentence:
    """The facts of an error for the end of a sentence: status, NCP's code and message, request ids; may be empty."""
    parts = [] if status is None else [f"HTTP {status}"]
    if fault is not None and fault.message:
        parts.append(Sentence("code {code}: {message}", code=fault.code, message=fault.message.rstrip(".")))
    elif fault is not None:
        parts.append(Sentence("code {code}", code=fault.code))
    ids: str = ""
    if len(request_ids) > 1:
        ids = Sentence("request id {one} and {other}", one=request_ids[0], other=" and ".join(request_ids[1:]))
    elif request_ids:
        ids = Sentence("request id {id}", id=request_ids[0])
    return Sentence.joined(Sentence.joined(*parts, by=", "), ids, by="; ")


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
