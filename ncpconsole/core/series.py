"""The points of one metric that an agent in a guest sent, cleaned and kept as bare numbers; see `core.vitals`."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from ncpconsole.ncp.metrics import Metric

SKEW = timedelta(minutes=2)
"""How far ahead of our clock a point may lie and still be of now."""
LARGEST = 1e15
"""A value beyond is no measurement."""
FIRST_TIME = datetime(2010, 1, 1, tzinfo=UTC).timestamp() * 1000
LAST_TIME = datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000
"""In milliseconds since the epoch: a time before or beyond is none, such as one in seconds."""


class Point(NamedTuple):
    """One measurement; ``at`` is UTC, ``value`` finite and in the unit of its `Metric`."""

    at: datetime
    value: float


def clean(raw: Iterable[object]) -> tuple[Point, ...]:
    """The points of an answer, oldest first, one for each time (the one that came last).

    A point is a pair of milliseconds since the epoch and a value, each a number or its text. What is anything else, is
    not finite or has no time in this calendar is left out.
    """
    return tuple(Point(datetime.fromtimestamp(stamp, UTC), value) for stamp, value in _measured(raw))


def _measured(raw: Iterable[object]) -> list[tuple[float, float]]:
    """The same as seconds since the epoch, to the microsecond as a `datetime` holds them, and values."""
    found: dict[float, float] = {}
    for pair in raw:
        if not isinstance(pair, list | tuple) or len(pair) < 2:
            continue
        stamp, value = _number(pair[0]), _number(pair[1])
        if stamp is not None and value is not None and FIRST_TIME <= stamp < LAST_TIME:
            found[round(stamp * 1000) / 1_000_000] = value
    return sorted(found.items())


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[:40] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) <= LARGEST else None  # a NaN compares false


class Series:
    """The points of one metric, oldest first (see `clean`). Never altered.

    They are kept as bare numbers: an hour of ten thousand servers would take 90 MB as objects, and takes 10.
    """

    __slots__ = ("_stamps", "_values", "metric")

    def __init__(self, metric: Metric, points: Iterable[Point] = ()) -> None:
        kept = tuple(points)
        self.metric = metric
        self._stamps = array("d", [at.timestamp() for at, _ in kept])
        self._values = array("d", [value for _, value in kept])

    @classmethod
    def read(cls, metric: Metric, raw: Iterable[object]) -> Self:
        """The series of an answer as it came; equal to that of its `clean` points."""
        series, measured = cls(metric), _measured(raw)
        series._stamps.extend(stamp for stamp, _ in measured)
        series._values.extend(value for _, value in measured)
        return series

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Series):
            return NotImplemented
        return (self.metric, self._stamps, self._values) == (other.metric, other._stamps, other._values)

    def __hash__(self) -> int:
        return hash((self.metric, self._stamps.tobytes(), self._values.tobytes()))

    def __repr__(self) -> str:
        return f"Series({self.metric.name}, {len(self)} points)"

    def __len__(self) -> int:
        return len(self._stamps)

    @property
    def points(self) -> tuple[Point, ...]:
        pairs = zip(self._stamps, self._values, strict=True)
        return tuple(Point(datetime.fromtimestamp(stamp, UTC), value) for stamp, value in pairs)

    def newest(self, until: datetime) -> tuple[Point, ...]:
        """The newest point up to a time, and the newest of all where that lies after it."""
        place = bisect_right(self._stamps, until.timestamp())
        places = {place - 1, len(self) - 1} - {-1}
        return tuple(Point(datetime.fromtimestamp(self._stamps[at], UTC), self._values[at]) for at in sorted(places))

    @property
    def last(self) -> float | None:
        """The value of the last point, None where there is none."""
        return self._values[-1] if self._values else None

    def slots(self, end: datetime, minutes: int, count: int = 0) -> list[float | None]:
        """The ``minutes`` before ``end`` in ``count`` equal parts (0: one a minute), oldest first.

        Each part holds the mean of its points, and None where none came. A point at ``end`` or up to `SKEW` after it
        belongs to the last part.
        """
        count = count or minutes
        length, finish = minutes * 60 / count, end.timestamp()
        sums, numbers = [0.0] * count, [0] * count
        for stamp, value in zip(reversed(self._stamps), reversed(self._values), strict=True):
            before = finish - stamp
            if before >= minutes * 60:
                break
            if before >= -SKEW.total_seconds():
                slot = count - 1 - min(count - 1, max(0, int(before / length)))
                sums[slot] += value
                numbers[slot] += 1
        return [total / number if number else None for total, number in zip(sums, numbers, strict=True)]
