"""A clock for tests that turn it by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds, which pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now
