"""When to read the list again: every so often, later after each failure, never while somebody decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

LONGEST_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """A timetable. Times are seconds of one monotonic clock; a new value is returned for every event.

    ``due`` is when the next read starts; ``read_at`` is when the list on show was read, None before that.
    """

    every: float
    due: float
    read_at: float | None = None
    failures: int = 0
    cause: str = ""

    @classmethod
    def starting(cls, every: float, now: float) -> Freshness:
        """Due at once."""
        return cls(every=every, due=now)

    def succeeded(self, now: float) -> Freshness:
        """The list was read: the next read is one interval away."""
        return replace(self, due=now + self.every, read_at=now, failures=0, cause="")

    def failed(self, now: float, cause: str, *, at_least: float | None = None) -> Freshness:
        """The read failed: wait twice as long each time, up to five minutes, or as the gateway asks."""
        wait = min(self.every * 2**self.failures, max(LONGEST_WAIT, self.every))
        if at_least is not None:
            wait = max(wait, min(at_least, 2 * LONGEST_WAIT))
        return replace(self, due=now + wait, failures=self.failures + 1, cause=cause)

    def hurried(self, now: float) -> Freshness:
        """Due at once, because an operator asks."""
        return replace(self, due=now)

    def is_due(self, now: float) -> bool:
        """Whether it is time."""
        return now >= self.due

    def age(self, now: float) -> float | None:
        """Seconds since the list was read."""
        return None if self.read_at is None else max(0.0, now - self.read_at)

    def is_stale(self, now: float) -> bool:
        """Whether the list is too old: a read failed, or two intervals and a margin passed."""
        age = self.age(now)
        return age is not None and (self.failures > 0 or age > 2 * self.every + 30)
