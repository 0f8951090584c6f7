"""What a body says, whatever it looks like: both error shapes, JSON or XML, HTML in messages, or nothing.

Source: the API overview page on error codes. Nothing here raises for a body: what cannot be read is None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

REQUEST_ID_HEADER = "x-ncp-apigw-request-id"
TRACE_ID_HEADER = "x-ncp-trace-id"
MESSAGE_LIMIT = 500
CODE_LIMIT = 64
XML_DEPTH_LIMIT = 32
SURROGATES = re.compile("[\ud800-\udfff]")
WRAPPER = re.compile(r"[A-Za-z]+Response")


@dataclass(frozen=True, slots=True)
class Answer:
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


def plain(value: object, limit: int = MESSAGE_LIMIT) -> str:
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
    if isinstance(error, dict) and (code := plain(error.get("errorCode"), CODE_LIMIT)):
        message, details = plain(error.get("message")), plain(error.get("details"))
        both = f"{message}: {details}" if message and details and details != message else message or details
        return Fault("gateway", code, both)
    error = document.get("responseError")
    if isinstance(error, dict) and (code := plain(error.get("returnCode"), CODE_LIMIT)):
        return Fault("service", code, plain(error.get("returnMessage")))
    return None


def unwrapped(document: dict[str, Any]) -> dict[str, Any]:
    """What stands inside the only ``…Response`` of the document, or the document itself."""
    if len(document) == 1:
        (name, inner) = next(iter(document.items()))
        if isinstance(inner, dict) and WRAPPER.fullmatch(name):
            return inner
    return document


def ids_of(headers: Mapping[str, str], document: dict[str, Any] | None = None) -> tuple[str, str]:
    """Request id and trace id: from the headers, else from the body; empty when neither tells."""
    inner: dict[str, Any] = unwrapped(document) if document else {}
    for name in ("error", "responseError"):
        if document and isinstance(document.get(name), dict):
            inner = document[name]
    request_id = headers.get(REQUEST_ID_HEADER) or inner.get("requestId")
    trace_id = headers.get(TRACE_ID_HEADER) or inner.get("traceId")
    return plain(request_id, 128), plain(trace_id, 128)
