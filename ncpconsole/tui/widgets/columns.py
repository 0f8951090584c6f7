"""Which columns of the server table fit a width, and how wide each one is. Values only, nothing is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ncpconsole.core.errors import ConsoleError

NAME = "name"
NUMBER = "number"
IP = "ip"
REGION = "region"
ZONE = "zone"
STATUS = "status"
OS = "os"
HYPERVISOR = "hv"
STARTED = "uptime"
VERDICT = "verdict"

PREFIX = 2
"""Cells before the first column: the selection mark and the server's mark."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and widths in terminal cells.

    ``least`` is the width below which the column is not worth showing. ``name_needs`` is the width that NAME
    keeps before this column may be shown.
    """

    key: str
    title: str
    least: int
    name_needs: int = 0


_COLUMNS = (
    Column(NAME, "NAME", 12),
    Column(NUMBER, "NUMBER", 8, name_needs=8),
    Column(IP, "IP", 15, name_needs=13),
    Column(STATUS, "STATUS", 8),
    Column(OS, "OS", 3, name_needs=13),
    Column(HYPERVISOR, "HV", 3, name_needs=13),
    Column(REGION, "REGION", 6, name_needs=14),
    Column(ZONE, "ZONE", 4, name_needs=13),
    Column(STARTED, "STARTED", 16, name_needs=20),
    Column(VERDICT, "VERDICT", 19),
)
COLUMNS: dict[str, Column] = {column.key: column for column in _COLUMNS}
DEFAULT_COLUMNS: tuple[str, ...] = tuple(COLUMNS)

DROP_ORDER = (STARTED, REGION, ZONE, HYPERVISOR, OS, IP, NUMBER)
"""The first to go when the width shrinks comes first.

System and hypervisor decide, zone and region do not; of the two that identify a server the number outlives the
address. Name, status and verdict are never dropped.
"""

_GROWTH = (
    (NAME, 13),
    (VERDICT, 21),
    (STATUS, 10),
    (NAME, 20),
    (OS, 7),
    (NAME, 26),
    (VERDICT, 24),
    (HYPERVISOR, 7),
    (NAME, 34),
    (VERDICT, 30),
)
"""Who gets the spare cells, in turns, and up to which width. What is left after that stays blank."""

_WIDE_GAP_SPARE = 12
"""Spare cells left to the columns before the gaps between them widen from one cell to two."""


class UnknownColumn(ConsoleError):
    """The configuration names a column that does not exist."""


def checked(keys: Iterable[str] | None) -> tuple[str, ...] | None:
    """The configured columns, or None for all; raises `UnknownColumn`, which names those that there are."""
    chosen = tuple(keys or ())
    if unknown := [key for key in chosen if key not in COLUMNS]:
        raise UnknownColumn(
            f"The configured columns name “{unknown[0]}”, which does not exist; the columns are {', '.join(COLUMNS)}."
        )
    return chosen or None


@dataclass(frozen=True, slots=True)
class Placed:
    """A column at its place: ``start`` and ``width`` in cells, counted from the table's left edge."""

    column: Column
    start: int
    width: int

    @property
    def end(self) -> int:
        """The cell after the column's last one."""
        return self.start + self.width


@lru_cache(maxsize=64)
def place(
    width: int, keys: tuple[str, ...] = DEFAULT_COLUMNS, needs: tuple[tuple[str, int], ...] = ()
) -> tuple[Placed, ...]:
    """The columns that fit ``width`` cells, in the order of ``keys``.

    ``needs`` raises the least width of a column to what its texts take, so that a server number, which is
    what identifies a server, is shown whole or not at all. Unknown keys are passed over. In a width too
    small even for name, status and verdict these three are cut off at the right edge.
    """
    floors = {key: COLUMNS[key].least for key in keys if key in COLUMNS}
    for key, cells in needs:
        if key in floors:
            floors[key] = max(floors[key], cells)
    dropped = _dropped(width - PREFIX, floors)
    widths = {key: cells for key, cells in floors.items() if key not in dropped}
    gap = _grow(width - PREFIX, widths)
    placed: list[Placed] = []
    start = PREFIX
    for key, cells in widths.items():
        placed.append(Placed(COLUMNS[key], start, cells))
        start += cells + gap
    return tuple(placed)


def column_at(placed: Collection[Placed], x: int) -> Column | None:
    """The column under cell ``x``; a gap belongs to the column on its left, the prefix to the first one."""
    found = None
    for item in placed:
        if found is None or item.start <= x:
            found = item.column
    return found


def _dropped(room: int, floors: Mapping[str, int]) -> set[str]:
    """The columns that must go for the others to fit ``room`` cells at their least widths."""
    dropped: set[str] = set()
    for key in DROP_ORDER:
        if key not in floors:
            continue
        kept = {other: cells for other, cells in floors.items() if other not in dropped}
        if NAME in kept:
            kept[NAME] = max(kept[NAME], COLUMNS[key].name_needs)
        if sum(kept.values()) + len(kept) - 1 > room:
            dropped.add(key)
    return dropped


def _grow(room: int, widths: dict[str, int]) -> int:
    """Hand the spare cells of ``room`` to ``widths``; returns the gap between columns in cells."""
    gaps = max(0, len(widths) - 1)
    spare = room - sum(widths.values()) - gaps
    gap = 1
    if spare >= gaps + _WIDE_GAP_SPARE:
        gap, spare = 2, spare - gaps
    for key, most in _GROWTH:
        if spare > 0 and key in widths and widths[key] < most:
            given = min(spare, most - widths[key])
            widths[key] += given
            spare -= given
    return gap
