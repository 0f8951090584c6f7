"""The zone that a test's times are shown in."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ncpconsole.core.wording import show_times_in

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def times_in(zone: str) -> Iterator[None]:
    """Show times in a zone, and afterwards in the machine's own again."""
    show_times_in(ZoneInfo(zone))
    try:
        yield
    finally:
        show_times_in(None)
