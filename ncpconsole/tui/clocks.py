"""The monotonic clock, which stands still while the machine sleeps, and the wall clock, together."""

from __future__ import annotations

import time
from collections.abc import Callable

APART = 60.0
"""Seconds by which the clocks may part before what was read is no longer believed."""


class Clocks:
    """How far the clocks parted since they were last set together: the machine slept, or its time was set.

    Both give seconds.
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
