"""Times and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime


def duration(seconds: float) -> str:
    """A duration in the largest fitting unit: ``4 s``, ``3 min``, ``2 h``, ``5 d``."""
    seconds = max(0, int(seconds))
    if seconds < 100:
        return f"{seconds} s"
    if seconds < 100 * 60:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} d"


def clock(moment: datetime) -> str:
    """The local time of day, to the second."""
    return moment.astimezone().strftime("%H:%M:%S")


def day_and_clock(moment: datetime, now: datetime | None = None) -> str:
    """The local time, with the date unless it is today's."""
    local = moment.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return local.strftime("%H:%M:%S" if local.date() == today else "%Y-%m-%d %H:%M:%S")


def count(number: int, noun: str) -> str:
    """``1 server``, ``1,024 servers``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def api_time(text: str) -> datetime | None:
    """A time as the API writes it (``2025-06-19T16:13:43+0900``); None for a text that is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None


def since_when(text: str, now: datetime) -> str:
    """A time of the API as an age, then to the minute; or the text itself."""
    moment = api_time(text)
    if moment is None:
        return text
    age = duration((now - moment).total_seconds())
    return f"{age} ago, {moment:%Y-%m-%d %H:%M %z}"
