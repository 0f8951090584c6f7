"""The orders in which rows can be shown. Rows that are equal in one order keep the order of their names."""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ncpconsole.core.inventory import Row


class SortKey(StrEnum):
    """What rows are sorted by."""

    NAME = "name"
    NUMBER = "number"
    IP = "ip"
    ZONE = "zone"
    STATUS = "status"
    OS = "os"
    HV = "hv"
    VERDICT = "verdict"


SORT_KEYS: tuple[SortKey, ...] = tuple(SortKey)


def _number(row: Row) -> tuple[int, str]:
    return len(row.number), row.number


def _address(row: Row) -> tuple[int, tuple[int, ...], str]:
    """IPv4 by value, then other addresses as text, then servers without one."""
    parts = row.ip.split(".")
    if len(parts) == 4 and all(part.isdecimal() for part in parts):
        return 0, tuple(map(int, parts)), ""
    return (1, (), row.ip) if row.ip else (2, (), "")


_STATE_RANK = {"eligible": 0, "caution": 1, "blocked": 2}


def _verdict(row: Row) -> tuple[int, str]:
    return _STATE_RANK[row.verdict.state], row.verdict.word


_KEYS: dict[SortKey, Callable[[Row], Any]] = {
    SortKey.NUMBER: _number,
    SortKey.IP: _address,
    SortKey.ZONE: attrgetter("region", "zone"),
    SortKey.STATUS: attrgetter("status"),
    SortKey.OS: attrgetter("os"),
    SortKey.HV: attrgetter("hypervisor"),
    SortKey.VERDICT: _verdict,
}

_by_name: Callable[[Row], str] = attrgetter("sort_name")


def in_order(rows: Iterable[Row], sort: SortKey = SortKey.NAME, *, descending: bool = False) -> list[Row]:
    """The rows sorted: names and numbers naturally, addresses by value, verdicts eligible first."""
    if sort is SortKey.NAME:
        return sorted(rows, key=_by_name, reverse=descending)
    return sorted(sorted(rows, key=_by_name), key=_KEYS[sort], reverse=descending)
