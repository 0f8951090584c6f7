"""Records of a list as last read, so that what did not change is the same object when it is read again.

A refresh of 10,000 servers would else hold every record twice while it lasts, and for good where somebody
keeps one that was read earlier: 40 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from ncpconsole.ncp.decode import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Known(Generic[Record]):
    """The latest records by number. Records are frozen: one of two equal ones does for both."""

    def __init__(self, number_of: Callable[[Record], str]) -> None:
        self._number_of: Callable[[Record], str] = number_of
        self._records: dict[str, Record] = {}

    def same(self, records: Iterable[Record]) -> list[Record]:
        """These records, the known object in place of each that is equal to it."""
        known, number_of = self._records, self._number_of
        return [old if (old := known.get(number_of(one))) == one else one for one in records]

    def remember(self, records: Iterable[Record]) -> None:
        """Know these instead of the ones before."""
        self._records = {self._number_of(one): one for one in records}
