"""What the console remembers of the view between two starts: nothing that decides who may be interrupted, or how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ncpconsole.core.safe_text import safe_text

MOST_FILTERS = 50
MOST_PROFILES = 200
LONGEST = 200
"""Characters of a text that is remembered."""
_REGION = "all|[A-Z][A-Z0-9-]{0,15}"
_WORD = "[a-z0-9_-]{1,40}"
_OF_MARKS = r"(?i)(?:^|\s)!?is:=?m"
_KEY_LIKE = r"(?<![A-Za-z0-9+/=_])(?=[A-Za-z0-9+/=_]*\d)(?=[A-Za-z0-9+/=_]*[A-Za-z])[A-Za-z0-9+/=_]{20,}"
"""What could be an access key or a secret, pasted into the wrong box; a server name has dashes.

Patterns are texts, which are compiled when they are needed: most starts need none.
"""


class Remembered(NamedTuple):
    """Order, theme, the region last chosen for each profile, and earlier filters, oldest first.

    Empty where nothing is remembered. ``sort`` is a `view.SortKey`. Review marks, "eligible only" and whatever protects
    a profile are never in it, and no filter of marks or of what looks like a key.
    """

    sort: str = ""
    descending: bool = False
    theme: str = ""
    regions: Mapping[str, str] = MappingProxyType({})
    filters: tuple[str, ...] = ()

    @classmethod
    def from_plain(cls, document: object) -> Remembered:
        """The view that a JSON document holds. Raises ValueError where it is another document."""
        if not isinstance(document, dict) or document.get("version") != 1:
            raise ValueError("another document")  # no message: told as a kind of error
        regions = _of_kind(document.get("regions", {}), dict)
        filters = _of_kind(document.get("filters", []), list)
        sort, theme = (_of_kind(document.get(key, ""), str) for key in ("sort", "theme"))
        kept = {
            safe_text(profile, LONGEST): code
            for profile, code in list(regions.items())[:MOST_PROFILES]
            if isinstance(code, str) and re.fullmatch(_REGION, code)
        }
        return cls(
            sort if re.fullmatch(_WORD, sort) else "",
            document.get("descending") is True,
            theme if re.fullmatch(_WORD, theme) else "",
            kept,
            worth_keeping(text for text in filters if isinstance(text, str)),
        )

    def as_plain(self) -> dict[str, Any]:
        """The same as a JSON document."""
        return {
            "version": 1,
            "sort": self.sort,
            "descending": self.descending,
            "theme": self.theme,
            "regions": dict(self.regions),
            "filters": list(worth_keeping(self.filters)),
        }


def worth_keeping(filters: Iterable[str]) -> tuple[str, ...]:
    """The filters that may be kept, oldest first: neither of marks nor with what looks like a key in them."""
    kept = (safe_text(text, LONGEST) for text in filters)
    return tuple(text for text in kept if text and not re.search(_OF_MARKS, text) and not re.search(_KEY_LIKE, text))[
        -MOST_FILTERS:
    ]


def _of_kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"no {kind.__name__}")  # noqa: TRY004 - a document that is another, not a bug
    return value
