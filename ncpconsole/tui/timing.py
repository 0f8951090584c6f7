"""When the list is read again, and whether the clocks that say so can be believed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST_WAIT = 300.0
"""Seconds that failed reads put the next one off at most; so often a console is read that nobody touches."""
APART = 60.0
"""Seconds by which the clocks may part before what was read is no longer believed."""


class Clocks:
    """How far the clocks parted since they were last set together: the machine slept, or its time was set.

    The monotonic clock stands still while the machine sleeps, the wall clock does not. Both give seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self.monotonic = monotonic
        self.wall = wall
        self.set_together()

    def set_together(self) -> None:
        self._offset = self.wall() - self.monotonic()

    @property
    def parted(self) -> float:
        """Seconds that the wall's clock went ahead of the other; below 0 where it was set back."""
        return self.wall() - self.monotonic() - self._offset

    @property
    def are_apart(self) -> bool:
        """Whether they parted by more than `APART`."""
        return abs(self.parted) > APART


@dataclass(frozen=True, slots=True)
class RefreshSchedule:
    """A timetable. Times are seconds of one monotonic clock; a new value is returned for every event.

    ``due`` is when the next read starts; ``read_at`` is when the list on show was read, None before that.
    """

    every: float
    due: float
    read_at: float | None = None
    failures: int = 0
    cause: str = ""
    is_doubted: bool = False

    @classmethod
    def starting(cls, every: float, now: float) -> RefreshSchedule:
        """Due at once."""
        return cls(every=every, due=now)

    def succeeded(self, now: float) -> RefreshSchedule:
        """The list was read: the next read is one interval away."""
        return replace(self, due=now + self.every, read_at=now, failures=0, cause="", is_doubted=False)

    def failed(self, now: float, cause: str, *, at_least: float | None = None) -> RefreshSchedule:
        """The read failed: wait twice as long each time, up to five minutes, or as the gateway asks."""
        wait = min(self.every * 2**self.failures, max(LONGEST_WAIT, self.every))
        if at_least is not None:
            wait = max(wait, min(at_least, 2 * LONGEST_WAIT))
        return replace(self, due=now + wait, failures=self.failures + 1, cause=cause)

    def doubted(self, now: float, slept: float) -> RefreshSchedule:
        """The clocks parted by ``slept`` seconds: the list is as much older, stale, and due at once."""
        read_at = None if self.read_at is None else self.read_at - max(0.0, slept)
        return replace(self, due=now, read_at=read_at, is_doubted=True)

    def is_due(self, now: float) -> bool:
        return now >= self.due

    def age(self, now: float) -> float | None:
        """Seconds since the list was read."""
        return None if self.read_at is None else max(0.0, now - self.read_at)

    def is_stale(self, now: float) -> bool:
        """Whether the list is too old: a read failed, or two intervals and a margin passed."""
        age = self.age(now)
        return age is not None and (self.failures > 0 or self.is_doubted or age > 2 * self.every + 30)
