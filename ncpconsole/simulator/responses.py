"""Bodies as the gateway writes them: XML unless JSON was asked for.

Source: the API overview page on response formats. Lists in XML repeat an element named after the list without
its ``List`` ending. Characters that XML cannot hold become U+FFFD.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import TYPE_CHECKING, Any

from ncpconsole.simulator.refusals import ServiceRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ncpconsole.simulator.records import Record
    from ncpconsole.simulator.refusals import Refusal

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


class Format(Enum):
    """The two body formats; the value is the content type."""

    JSON = "application/json;charset=UTF-8"
    XML = "text/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What surrounds a list: the root element, the list's name and total, and how the call went."""

    root: str
    list_name: str
    total: int
    request_id: str
    return_code: str | int = "0"
    return_message: str = "success"


def encode_rows(rows: Iterable[Record], list_name: str, body_format: Format) -> bytes:
    """The rows alone, to be kept and put into envelopes later."""
    if body_format is Format.JSON:
        return _json(list(rows))
    return "".join(_element(singular(list_name), row) for row in rows).encode()


def encode_envelope(envelope: Envelope, rows: bytes, body_format: Format) -> bytes:
    """A whole body around rows encoded by `encode_rows`."""
    tail: Record = {
        "requestId": envelope.request_id,
        "returnCode": envelope.return_code,
        "returnMessage": envelope.return_message,
    }
    if body_format is Format.JSON:
        head = f'{{"{envelope.root}":{{"totalRows":{envelope.total},"{envelope.list_name}":'
        return b"".join((head.encode(), rows, b",", _json(tail)[1:], b"}"))
    head = f"{XML_HEAD}<{envelope.root}>{_elements(tail)}<totalRows>{envelope.total}</totalRows>"
    name = envelope.list_name
    return b"".join((f"{head}<{name}>".encode(), rows, f"</{name}></{envelope.root}>".encode()))


def encode_refusal(refusal: Refusal, body_format: Format) -> bytes:
    """The error body of a refusal, in the shape of its family."""
    if isinstance(refusal, ServiceRefusal):
        root = "responseError"
        content: Record = {"returnCode": refusal.code, "returnMessage": refusal.message}
    else:
        root = "error"
        content = {"errorCode": refusal.code, "message": refusal.message, "details": refusal.details}
    if body_format is Format.JSON:
        return _json({root: content})
    return f"{XML_HEAD}<{root}>{_elements(content)}</{root}>".encode()


def encode_json(value: Any) -> bytes:
    """Any JSON value, for the endpoints that know no XML."""
    return _json(value)


def singular(list_name: str) -> str:
    """``serverInstanceList`` holds ``serverInstance``."""
    return list_name.removesuffix("List")


def _json(value: Any) -> bytes:
    # UTF-8 has no unpaired surrogates. JSON has: as the escape, which is what Python puts in their place.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element(singular(name), item) for item in value)}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    return f"<{name}>{escape(_NOT_IN_XML.sub('�', str(value)), quote=False)}</{name}>"


def _elements(content: Record) -> str:
    return "".join(_element(name, value) for name, value in content.items())
