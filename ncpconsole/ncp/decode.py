"""From the bytes of a list answer to typed records: fast when it is as documented, tolerant otherwise.

The first pass lets msgspec read the whole answer at once. When a single field is not as documented, a
second pass lets it read each record alone, so that an odd one costs its neighbours nothing (1,000 servers:
5 ms, with ten odd ones 6, all read with tolerance 25). The odd ones, or all where the answer is no JSON, are
read field by field: a number where a text was expected becomes text, null and missing become the default,
unknown codes stay as they are, unknown fields are ignored. A record that is no object, or a server without a
number, stays in the list with an empty number: it is shown, and can never be interrupted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import UnreadableAnswer
from ncpconsole.ncp.models import Activity, Code, NetworkInterface, Region, Server, Texts, cut
from ncpconsole.ncp.responses import read_document, to_plain_text, unwrap

Record = TypeVar("Record", Server, Region, NetworkInterface, Activity)

UNREADABLE_NAME = "(unreadable record)"  # no message: it is a name
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
MAX_RECORDS = 200_000
DIGITS = re.compile(r"\s*[0-9]{1,18}\s*")
TRUE_TEXTS = {"true", "y", "yes", "1"}


@dataclass(frozen=True, slots=True)
class Listing(Generic[Record]):
    """One page of a list; ``total`` is what the answer tells of all pages, None when it does not tell.

    ``return_code`` other than ``0`` means that the list is an error told with HTTP 200. ``size`` is in bytes.
    """

    records: list[Record]
    total: int | None
    return_code: str = "0"
    return_message: str = ""
    size: int = 0


def decode_list(body: bytes, wrapper: str, name: str, kind: type[Record]) -> Listing[Record]:
    """Read ``{wrapper: {name: [records], totalRows, returnCode …}}``, also as XML.

    Raises UnreadableAnswer when the body holds no such list at all.
    """
    try:
        try:
            inner = _decoder(wrapper, name, kind).decode(body).response
            records = cast("list[Record]", inner.records)
        except msgspec.ValidationError:
            inner = _decoder(wrapper, name, msgspec.Raw).decode(body).response
            records = [_one(raw, kind) for raw in _bounded(inner.records)]
    except UNREADABLE:
        return _read_tolerantly(body, wrapper, name, kind)
    return Listing(
        records=_bounded(records),
        size=len(body),
        total=None if inner.total < 0 else inner.total,
        return_code=str(inner.return_code),
        return_message=to_plain_text(inner.return_message),
    )


def _bounded(records: list[Any]) -> list[Any]:
    if len(records) > MAX_RECORDS:
        raise UnreadableAnswer(
            Sentence(
                "The answer holds more than {records:,} records; narrow the list with a filter.", records=MAX_RECORDS
            )
        )
    return records


@lru_cache(maxsize=16)
def _decoder(wrapper: str, name: str, kind: type[Any]) -> msgspec.json.Decoder[Any]:
    """A decoder for one list answer; the list must be there, everything around it may be missing."""
    inner = msgspec.defstruct(
        "Inner",
        [
            (
                "records",
                list[kind],  # type: ignore[valid-type]  # the type is made at run time
                msgspec.field(name=name),
            ),
            ("total", int, msgspec.field(name="totalRows", default=-1)),
            ("return_code", str | int, msgspec.field(name="returnCode", default="0")),
            ("return_message", str, msgspec.field(name="returnMessage", default="")),
        ],
    )
    envelope = msgspec.defstruct("Envelope", [("response", inner, msgspec.field(name=wrapper))])
    return msgspec.json.Decoder(envelope)


@lru_cache(maxsize=16)
def _record_decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@lru_cache(maxsize=16)
def _fields(kind: type[Any]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Kept, because msgspec works them out anew from the annotations each time: 0.2 ms for a server."""
    return msgspec.structs.fields(kind)


def _one(raw: msgspec.Raw, kind: type[Record]) -> Record:
    """One record of a list that has an odd one somewhere."""
    try:
        return cast("Record", _record_decoder(kind).decode(raw))
    except msgspec.ValidationError:
        return tolerant(kind, msgspec.json.decode(raw))


def _read_tolerantly(body: bytes, wrapper: str, name: str, kind: type[Record]) -> Listing[Record]:
    inner = _inner(body, wrapper)
    code = inner.get("returnCode")
    # As it came: what merely reads like 0 is none. Only a missing one says nothing.
    code = "0" if code in (None, "") else str(code) if isinstance(code, str | int | float) else "(unreadable)"
    listed, total = inner.get(name), _whole(inner.get("totalRows"))
    if listed in (None, "") and (total == 0 or code != "0"):
        listed = []
    if isinstance(listed, dict):
        # In XML, one record is told from a list of one by the tag around it, which some answers leave out.
        listed = [listed]
    if not isinstance(listed, list):
        raise UnreadableAnswer(
            Sentence(
                "The answer holds no {name}, so it is not what NCP documents; look at a proxy in between.", name=name
            )
        )
    return Listing(
        records=[tolerant(kind, one) for one in _bounded(listed)],
        size=len(body),
        total=total,
        return_code=code,
        return_message=to_plain_text(inner.get("returnMessage")),
    )


def _inner(body: bytes, wrapper: str) -> dict[str, Any]:
    document = read_document(body)
    if document is None:
        if not body.strip():
            raise UnreadableAnswer(Sentence("NCP's answer is empty; try again, and look at a proxy in between."))
        raise UnreadableAnswer(
            Sentence("NCP's answer is neither JSON nor XML; try again, and look at a proxy in between.")
        )
    inner = document.get(wrapper)
    return inner if isinstance(inner, dict) else unwrap(document)


def raw_records(body: bytes, wrapper: str, name: str) -> list[dict[str, Any]]:
    """The records with every field, texts cut; what is no object is left out. Raises UnreadableAnswer."""
    listed = _inner(body, wrapper).get(name)
    return [_cut_within(one) for one in _bounded(listed) if isinstance(one, dict)] if isinstance(listed, list) else []


def _cut_within(value: Any) -> Any:
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, list):
        return [_cut_within(one) for one in value]
    return {cut(name): _cut_within(one) for name, one in value.items()} if isinstance(value, dict) else value


def tolerant(kind: type[Record], value: object) -> Record:
    """One record from whatever stands in the list; every field that cannot be read has its default."""
    if not isinstance(value, dict):
        value = {"serverName": UNREADABLE_NAME}
    return kind(**{one.name: _as(one.type, value.get(one.encode_name), one) for one in _fields(kind)})


def _as(kind: Any, value: object, field: msgspec.structs.FieldInfo) -> Any:
    if kind is Code:
        return _code(value)
    if kind == Texts:
        return _texts(value)
    if kind is bool:
        return value if isinstance(value, bool) else _text(value).lower() in TRUE_TEXTS
    if kind is int:
        number = _whole(value)
        return field.default if number is None else number
    return _text(value)


def _code(value: object) -> Code:
    if isinstance(value, dict):
        return Code(_text(value.get("code")), _text(value.get("codeName")))
    return Code(_text(value))


def _text(value: object) -> str:
    """A text as it came but for what is too long, a number as text; anything else is empty."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a list; what is no text is kept as JSON, so that it can be shown."""
    if value in (None, "", []):
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(one) or cut(msgspec.json.encode(one).decode("utf-8", "replace")) for one in listed)


def _whole(value: object) -> int | None:
    """A whole number of zero or more, also when it came as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and DIGITS.fullmatch(value[:64]):
        value = int(value[:64])
    return value if isinstance(value, int) and value >= 0 else None


class _Page(msgspec.Struct, rename="camel"):
    items: list[Activity]
    has_more: bool = False


_PAGE = msgspec.json.Decoder(_Page)


def decode_activities(body: bytes) -> tuple[list[Activity], bool]:
    """The lines of one page, and whether another page follows. Raises UnreadableAnswer for any other body."""
    try:
        page = _PAGE.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = read_document(body) or {}
        items = document.get("items")
        if not isinstance(items, list):
            raise UnreadableAnswer(Sentence("The activity tracer's answer holds no activities; try again.")) from None
        return [tolerant(Activity, one) for one in _bounded(items)], document.get("hasMore") in (True, "true")
    return _bounded(page.items), page.has_more
