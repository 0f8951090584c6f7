"""Which columns of the server table fit a width, and how wide each one is. Values only, nothing is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.safe_text import cell_width
from ncpconsole.language import msgid, tr

NAME = "name"
NUMBER = "number"
IP = "ip"
PUBLIC = "public_ip"
REGION = "region"
ZONE = "zone"
LIFE = "life"
STATUS = "status"
OS = "os"
HYPERVISOR = "hv"
STARTED = "uptime"
VERDICT = "verdict"

PREFIX = 2
"""Cells before the first column: the selection mark and the server's mark."""


class Column(NamedTuple):
    """A column's title and widths in terminal cells.

    ``least`` is the width below which the column is not worth showing. ``name_needs`` is the width that NAME
    keeps before this column may be shown.
    """

    key: str
    title: str
    least: int
    name_needs: int = 0


_COLUMNS = (
    Column(NAME, msgid("NAME"), 11),
    Column(NUMBER, msgid("NUMBER"), 8, name_needs=8),
    Column(IP, msgid("IP"), 9, name_needs=11),
    Column(PUBLIC, msgid("PUBLIC IP"), 9, name_needs=13),
    Column(STATUS, msgid("STATUS"), 7),
    Column(OS, msgid("OS"), 3, name_needs=12),
    Column(HYPERVISOR, msgid("HV"), 3, name_needs=13),
    Column(LIFE, msgid("LIFE"), 10, name_needs=11),
    Column(STARTED, msgid("UP"), 6, name_needs=13),
    Column(REGION, msgid("REGION"), 6, name_needs=14),
    Column(ZONE, msgid("ZONE"), 4, name_needs=13),
    Column(VERDICT, msgid("VERDICT"), 20),
)
COLUMNS: dict[str, Column] = {column.key: column for column in _COLUMNS}
DEFAULT_COLUMNS: tuple[str, ...] = tuple(COLUMNS)

DROP_ORDER = (REGION, PUBLIC, ZONE, STARTED, HYPERVISOR, OS, LIFE, IP, NUMBER)
"""The first to go when the width shrinks comes first.

System and hypervisor decide, zone and region do not; vital signs tell which server it is about. Of the two that
identify a server the number outlives the address. Name, status and verdict are never dropped, but the status is for
the column that the list is sorted by (see `drop_order`).
"""

IDENTIFYING = frozenset({NUMBER, IP, PUBLIC, ZONE})
"""Columns whose texts are shown whole or not at all; the others grow to what theirs need as far as there is room."""
DECIDES_WITHIN = 24
"""Cells that a verdict gets, if it needs them, before others get more than their least."""
SHORT_VERDICT = "short_verdict"
"""What `Needs` calls a verdict in at most `DECIDES_WITHIN` cells: no column goes for its longer words."""
MOST_OF_VERDICT = 40
YIELDING = frozenset({REGION, PUBLIC, ZONE, STARTED, HYPERVISOR, OS})
"""Columns that are there only where no verdict has to be cut for them."""
_GROWTH = (
    (VERDICT, DECIDES_WITHIN),
    (NAME, 13),
    (STATUS, 10),
    (LIFE, 11),
    (NAME, 16),
    (VERDICT, MOST_OF_VERDICT),
    (NAME, 20),
    (OS, 7),
    (NAME, 26),
    (HYPERVISOR, 7),
    (NAME, 34),
)
"""Who gets the spare cells, in turns, and up to which width; a verdict and a status no more than they need."""

_WIDE_GAP_SPARE = 12
"""Spare cells left to the columns before the gaps between them widen from one cell to two."""


class UnknownColumn(ConsoleError):
    """The configuration names a column that does not exist."""


def checked(keys: Iterable[str] | None) -> tuple[str, ...] | None:
    """The configured columns, or None for all; raises `UnknownColumn`, which names those that there are."""
    chosen = tuple(keys or ())
    if unknown := [key for key in chosen if key not in COLUMNS]:
        raise UnknownColumn(
            tr(
                "The configured columns name “{column}”, which does not exist; the columns are {known}.",
                column=unknown[0],
                known=", ".join(COLUMNS),
            )
        )
    return chosen or None


class Placed(NamedTuple):
    """A column at its place: ``start`` and ``width`` in cells, counted from the table's left edge."""

    column: Column
    start: int
    width: int

    @property
    def end(self) -> int:
        """The cell after the column's last one."""
        return self.start + self.width


class Needs:
    """The cells that the texts take which were shown so far. They never get fewer: columns do not jump about."""

    def __init__(self) -> None:
        self._cells = dict.fromkeys((*IDENTIFYING, STATUS, VERDICT, SHORT_VERDICT), 0)

    @property
    def cells(self) -> tuple[tuple[str, int], ...]:
        """As `place` wants them."""
        return tuple(self._cells.items())

    def widen(self, texts: Iterable[tuple[str, str]]) -> bool:
        """Take texts in, each with its column's key; whether any needs more than those before."""
        before = dict(self._cells)
        for key, text in texts:
            self._cells[key] = max(self._cells[key], cell_width(text))
        return self._cells != before


@lru_cache(maxsize=64)
def place(
    width: int, keys: tuple[str, ...] = DEFAULT_COLUMNS, needs: tuple[tuple[str, int], ...] = (), sorted_by: str = ""
) -> tuple[Placed, ...]:
    """The columns that fit ``width`` cells, in the order of ``keys``.

    ``needs`` are the cells that a column's texts take (see `IDENTIFYING`). Unknown keys are passed over. In a
    width too small even for name, status and verdict these three are cut off at the right edge.
    """
    floors = {key: COLUMNS[key].least for key in keys if key in COLUMNS}
    needed = {VERDICT: DECIDES_WITHIN, **dict(needs)}
    for key in IDENTIFYING & floors.keys():
        floors[key] = max(floors[key], needed.get(key, 0))
    verdict = min(needed.get(SHORT_VERDICT, needed[VERDICT]), DECIDES_WITHIN)
    dropped = _dropped(width - PREFIX, floors, verdict, drop_order(sorted_by))
    widths = {key: cells for key, cells in floors.items() if key not in dropped}
    gap = _grow(width - PREFIX, widths, needed)
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


def drop_order(sorted_by: str) -> tuple[str, ...]:
    """Which columns go, the first to go first: the one that is sorted by goes last, even after the status."""
    if sorted_by not in DROP_ORDER:
        return DROP_ORDER
    others = [key for key in DROP_ORDER if key not in {sorted_by, NUMBER}]
    return (*others, STATUS, *([NUMBER] if sorted_by != NUMBER else []), sorted_by)


def _dropped(room: int, floors: Mapping[str, int], verdict: int, order: Sequence[str]) -> set[str]:
    """The columns that must go for the others to fit ``room`` cells at their least widths.

    ``verdict`` is what the verdicts take.
    """
    dropped: set[str] = set()
    for key in order:
        if key not in floors:
            continue
        kept = {other: cells for other, cells in floors.items() if other not in dropped}
        if NAME in kept:
            kept[NAME] = max(kept[NAME], COLUMNS[key].name_needs)
        if VERDICT in kept and key in YIELDING and key != order[-1]:
            kept[VERDICT] = max(kept[VERDICT], verdict)
        if sum(kept.values()) + len(kept) - 1 > room:
            dropped.add(key)
    return dropped


def _grow(room: int, widths: dict[str, int], needed: Mapping[str, int]) -> int:
    """Hand the spare cells of ``room`` to ``widths``; returns the gap between columns in cells."""
    gaps = max(0, len(widths) - 1)
    spare = room - sum(widths.values()) - gaps
    gap = 1
    for_verdict = max(0, min(needed[VERDICT], MOST_OF_VERDICT) - widths.get(VERDICT, MOST_OF_VERDICT))
    if spare >= gaps + _WIDE_GAP_SPARE + for_verdict:
        gap, spare = 2, spare - gaps
    for key, limit in _GROWTH:
        most = min(limit, needed.get(key, limit))
        if spare > 0 and key in widths and widths[key] < most:
            given = min(spare, most - widths[key])
            widths[key] += given
            spare -= given
    return gap
