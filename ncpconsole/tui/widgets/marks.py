"""The one-cell marks beside the words, once for terminals that draw them and once in plain ASCII."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Marks:
    """One mark per state; each is exactly one terminal cell wide.

    A mark always stands beside a word, so nothing is lost where a font lacks it.
    """

    selection: str
    marked: str
    caution: str
    changed: str
    eligible: str
    blocked: str
    failed: str
    waiting: str
    ascending: str
    descending: str
    ellipsis: str

    def of(self, mark: str) -> str:
        """A mark of either set in this set; a mark of neither set comes back as it is."""
        for field in fields(UNICODE):
            if mark == getattr(UNICODE, field.name):
                return str(getattr(self, field.name))
        return mark


UNICODE = Marks(
    selection="▌",
    marked="✓",
    caution="!",
    changed="~",
    eligible="●",
    blocked="○",
    failed="✗",
    waiting="◌",
    ascending="▲",
    descending="▼",
    ellipsis="…",
)
ASCII = Marks(
    selection=">",
    marked="+",
    caution="!",
    changed="~",
    eligible="*",
    blocked="-",
    failed="x",
    waiting=".",
    ascending="^",
    descending="v",
    ellipsis="~",
)
