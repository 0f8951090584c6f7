"""The Cloud Activity Tracer's answer. Source: its API page on listing activities."""

from __future__ import annotations

import msgspec

from ncpconsole.ncp.decode import tolerant
from ncpconsole.ncp.errors import UnreadableAnswer
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.responses import read_document


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
            raise UnreadableAnswer("The activity tracer's answer holds no activities; try again.") from None
        return [tolerant(Activity, one) for one in items], document.get("hasMore") in (True, "true")
    return page.items, page.has_more
