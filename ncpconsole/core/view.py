"""The rows of an inventory that a table shows: filtered and sorted; what did not change is not computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter, is_, itemgetter
from typing import Any

from ncpconsole.core.errors import InvalidFilter
from ncpconsole.core.filters import (
    NO_FILTER,
    NO_SIGNS,
    Filter,
    Signs,
    has_whole,
    matched_address,
    parse,
    plain,
    whole_terms,
)
from ncpconsole.core.inventory import Inventory, Row
from ncpconsole.core.ticket import Named, addresses_in, named_in
from ncpconsole.language import shown, tr, tr_n


class SortKey(StrEnum):
    """What rows are sorted by."""

    NAME = "name"
    NUMBER = "number"
    IP = "ip"
    PUBLIC = "public_ip"
    STATUS = "status"
    OS = "os"
    HV = "hv"
    REGION = "region"
    ZONE = "zone"
    STARTED = "uptime"
    VERDICT = "verdict"
    SILENCE = "life"
    """The longest silence first; then who is alive, who has no agent, and what is not known."""


SORT_KEYS: tuple[SortKey, ...] = tuple(key for key in SortKey if key is not SortKey.SILENCE)
"""What the sort key steps through; a silence is sorted by on request."""


def _number(row: Row) -> tuple[int, str]:
    return len(row.number), row.number


def _by_value(ip: str) -> tuple[int, tuple[int, ...], str]:
    """IPv4 by value, then other addresses as text, then servers without one."""
    parts = ip.split(".")
    if len(parts) == 4 and all(part.isdecimal() for part in parts):
        return 0, tuple(map(int, parts)), ""
    return (1, (), ip) if ip else (2, (), "")


def _address(row: Row) -> tuple[int, tuple[int, ...], str]:
    return _by_value(row.ip)


def _public_address(row: Row) -> tuple[int, tuple[int, ...], str]:
    return _by_value(row.public_ip)


_STATE_RANK = {"eligible": 0, "caution": 1, "blocked": 2}


def _verdict(row: Row) -> tuple[int, str]:
    return _STATE_RANK[row.verdict.state], row.verdict.word


_KEYS: dict[SortKey, Callable[[Row], Any]] = {
    SortKey.NUMBER: _number,
    SortKey.IP: _address,
    SortKey.PUBLIC: _public_address,
    SortKey.REGION: attrgetter("region"),
    SortKey.ZONE: attrgetter("region", "zone"),
    SortKey.STARTED: attrgetter("uptime"),
    SortKey.STATUS: attrgetter("status"),
    SortKey.OS: attrgetter("os"),
    SortKey.HV: attrgetter("hypervisor"),
    SortKey.VERDICT: _verdict,
}

_LIFE_RANK = {"silent": 0, "alive": 1, "no-agent": 2}


def _silence(signs: Signs) -> Callable[[Row], tuple[int, float]]:
    return lambda row: (_LIFE_RANK.get(signs.state(row), len(_LIFE_RANK)), -signs.silence(row))


_by_name: Callable[[Row], str] = attrgetter("sort_name")


def in_order(
    rows: Iterable[Row], sort: SortKey = SortKey.NAME, *, descending: bool = False, signs: Signs = NO_SIGNS
) -> list[Row]:
    """The rows sorted: names and numbers naturally, addresses by value, verdicts eligible first."""
    if sort is SortKey.NAME:
        return sorted(rows, key=_by_name, reverse=descending)
    key = _silence(signs) if sort is SortKey.SILENCE else _KEYS[sort]
    return sorted(sorted(rows, key=_by_name), key=key, reverse=descending)


@dataclass(frozen=True, slots=True)
class NothingFound:
    """Why no row passes, as sentences; ``word`` is the filter that would find the fewest, or empty."""

    reasons: tuple[str, ...]
    word: str = ""


class View:
    """An inventory through a filter, in an order. Set the attributes; read ``rows``.

    Rows are sorted when the inventory or the order changes and filtered when anything does, so that a
    keystroke in the filter costs one scan. ``rows`` is the same list object for as long as nothing changed.
    ``text`` is the filter as it was typed: where no row passes, it may name several servers, as a ticket does
    (see `ticket.named_in`). ``marked`` and ``recent`` are row keys; ``signs`` are replaced as a whole whenever rows
    may move for them.
    """

    def __init__(self, inventory: Inventory | None = None) -> None:
        self.inventory = inventory if inventory is not None else Inventory()
        self.sort = SortKey.NAME
        self.descending = False
        self.filter: Filter = NO_FILTER
        self.text = ""
        self.eligible_only = False
        self.marked: frozenset[str] = frozenset()
        self.recent: frozenset[str] = frozenset()
        self.signs = NO_SIGNS
        self._sorted: Sequence[Row] = ()
        self._sorted_from: Inventory | None = None
        self._sorted_by: tuple[object, ...] | None = None
        self._times_sorted = 0
        self._rows: Sequence[Row] = ()
        self._rows_for: tuple[object, ...] = ()
        self._looked_for: tuple[str, ...] = ()
        self._exact = 0
        self._containing: frozenset[str] = frozenset()
        self._named: Named | None = None

    @property
    def looked_for(self) -> tuple[str, ...]:
        """The whole addresses, numbers and names in the filter, folded (see `filters.whole_terms`)."""
        _ = self.rows
        return self._looked_for

    def looked_for_in(self, row: Row) -> tuple[str, ...]:
        """What was looked for to find this row: of several servers that a line names, only this one."""
        if self.named is None:
            return self.looked_for
        return tuple(word for word in self.named.found if has_whole(word)(row))

    @property
    def named(self) -> Named | None:
        """The servers that the text names, where it is a line of a ticket and no filter."""
        _ = self.rows
        return self._named

    @property
    def exact(self) -> int:
        """How many rows, the first ones, have what was looked for; the others only contain it."""
        _ = self.rows
        return self._exact

    @property
    def containing(self) -> frozenset[str]:
        """Keys of the rows that only contain what was looked for."""
        _ = self.rows
        return self._containing

    @property
    def rows(self) -> Sequence[Row]:
        """The rows to show, in order: those that have what was looked for before the others. Do not alter the list."""
        rows = self._all_in_order()
        signs = self.signs if self.filter.needs_signs else None
        wanted = (self._times_sorted, self.filter, self.eligible_only, self.marked, self.recent, signs)
        if wanted != self._rows_for:
            every = rows
            if self.eligible_only:
                rows = [row for row in rows if row.verdict.eligible]
            if self.filter.terms:
                rows = self._passing(self.filter, rows)
            self._named = None if rows or not self.filter.may_be_a_line else named_in(self.text, self.inventory.rows)
            if self._named is not None:
                named = self._named.keys
                rows = [row for row in every if row.key in named and (row.verdict.eligible or not self.eligible_only)]
            looked_for = whole_terms(self.filter, self.inventory.rows) if self._named is None else ()
            self._looked_for, self._exact, self._containing = looked_for, 0, frozenset()
            if looked_for:
                tests = [has_whole(text) for text in looked_for]
                exact = [row for row in rows if all(test(row) for test in tests)]
                keys = {row.key for row in exact}
                others = [row for row in rows if row.key not in keys]
                rows, self._exact = [*exact, *others], len(exact)
                self._containing = frozenset(row.key for row in others)
            self._rows, self._rows_for = rows, wanted
        return self._rows

    def rows_whatever_their_signs(self) -> Sequence[Row]:
        """The rows that pass the rest of the filter: those whose vital signs decide the rest."""
        if not self.filter.needs_signs:
            return self.rows
        rest = Filter(tuple(term for term in self.filter.terms if not term.needs_signs))
        rows = self._passing(rest, self._all_in_order())
        return [row for row in rows if row.verdict.eligible] if self.eligible_only else rows

    def address_of(self, row: Row) -> str:
        """The address to show for a row: the one by which the filter found it, with what it is, else its own."""
        if self.named is not None:
            found = next((ip for ip in self.named.found if ip in row.ips and row.ip not in self.named.found), "")
        else:
            found = matched_address(self.filter, row) if self.filter.terms else ""
        if not found:
            return row.ip
        if found == row.public_ip:
            return tr("{address} pub", address=found)
        return tr("{address} 2nd", address=found) if found in row.addresses.secondary else found

    def why_nothing(self, *, typing: bool = False) -> NothingFound:
        """Why no row passes: what "eligible only" hides, else which term alone would let rows through.

        ``typing``: letters go to the filter, so that a key is a command only after Enter.
        """
        rows = self._all_in_order()
        hidden = self._passing(self.filter, rows) if self.eligible_only else []
        if hidden:
            first = hidden[0]
            facts = {"name": first.name, "why": shown(first.verdict.word), "more": len(hidden) - 1}
            if len(hidden) > 1:
                there = tr("{name} is there, but blocked ({why}), and {more:,} more:", **facts)
            else:
                there = tr("{name} is there, but blocked ({why}):", **facts)
            way = tr("Enter, then e shows blocked servers too.") if typing else tr("e shows blocked servers too.")
            return NothingFound((f"{there} {way}",))
        terms = self.filter.terms if len(self.filter.terms) > 1 else ()
        alone = [self._passing(Filter((term,)), rows) for term in terms]
        counts = [(str(term), len(matching)) for term, matching in zip(terms, alone, strict=True)]
        found = sorted(((text, count) for text, count in counts if count), key=itemgetter(1))
        return NothingFound(
            tuple(tr("“{word}” alone matches {count:,}.", word=text, count=count) for text, count in found[:3]),
            found[0][0] if found else "",
        )

    @property
    def match_words(self) -> str:
        """``1 exact, 10 more contain it`` where one server was looked for, or what a line names, else empty."""
        if self.named is not None:
            hidden = len(self.named.keys) - len(self.rows)
            words = self.named.words
            return tr("{words}, {hidden:,} hidden", words=words, hidden=hidden) if hidden > 0 else words
        more = len(self.rows) - self._exact
        if not self._looked_for or not more:
            return ""
        return tr_n(
            "{exact} exact, 1 more contains it", "{exact} exact, {count:,} more contain it", more, exact=self._exact
        )

    def narrow(self, text: str) -> None:
        """Take a text as the filter; a line of a ticket, with a colon in it, too. Raises InvalidFilter, and stays."""
        try:
            wanted = parse(text)
        except InvalidFilter:
            if len(addresses_in(text)) < 2:
                raise
            wanted = plain(text)
        self.filter, self.text = wanted, text

    @property
    def needs_signs(self) -> bool:
        """Whether rows may move for their vital signs."""
        return self.sort is SortKey.SILENCE or self.filter.needs_signs

    def sort_by_silence(self) -> None:
        """The longest silence first."""
        self.sort, self.descending = SortKey.SILENCE, False

    def sort_by(self, column: str) -> None:
        """Sort by this `SortKey`; a second time in a row: the other way round."""
        sort = SortKey(column)
        self.descending = sort is self.sort and not self.descending
        self.sort = sort

    def sort_by_next(self) -> None:
        """Sort upwards by the sort key after the present one."""
        self.sort = SORT_KEYS[(SORT_KEYS.index(self.sort) + 1) % len(SORT_KEYS)]
        self.descending = False

    def _passing(self, wanted: Filter, rows: Iterable[Row]) -> list[Row]:
        return wanted.apply(rows, marked=self.marked, recent=self.recent, signs=self.signs)

    def _all_in_order(self) -> Sequence[Row]:
        order = (self.sort, self.descending, self.signs if self.sort is SortKey.SILENCE else None)
        if self._sorted_by != order or not self._has_rows_of(self._sorted_from):
            self._sorted = in_order(self.inventory.rows, self.sort, descending=self.descending, signs=self.signs)
            self._sorted_by = order
            self._times_sorted += 1
        self._sorted_from = self.inventory
        return self._sorted

    def _has_rows_of(self, other: Inventory | None) -> bool:
        """Whether the inventory has the very same rows: a refresh that found nothing new keeps the order."""
        mine = self.inventory
        if other is None or mine is other:
            return mine is other
        return len(mine.rows) == len(other.rows) and all(map(is_, mine.rows, other.rows))
