"""Vital signs: what the points that an agent inside a guest sends say of the guest. Pure functions.

A guest that hangs stops sending, so a hang shows as silence, and never as a value. What can be said is
"last sign of life" and "silent since"; why it is silent, nobody can tell from outside::

    vitals.state                      alive | silent | no-agent | unavailable
    cell_text(vitals, now)            for a list: "12 %", "silent 6m", "no agent", "unknown"
    vitals.chart(Metric.CPU, now, 60, 6)   six values of the last hour, oldest first, None for a gap
    picture(vitals, now)              the sentence that says what it means
    chart_text(vitals, metric, now)   a chart in words: "cpu last 60 min: 3 to 99 %, now silent 6 min"
    last_text(vitals, metric)         the last value with its unit: "12 %", "1.2 Mbit/s"

Who needs vital signs asks `core.vitals_reader.VitalsReader`, which keeps them for a minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ncpconsole.core.series import SKEW, Point, Series
from ncpconsole.core.wording import day_and_clock, safe_sentence
from ncpconsole.language import Sentence, msgid, shown, tr, tr_n
from ncpconsole.ncp.metrics import Metric

ALIVE_WITHIN = timedelta(minutes=3)
"""A point comes up to two minutes late, and the next one is a minute away: what is older is silence."""
A_DAY = timedelta(days=1)
"""What lies further back says nothing: a guest may have lost its agent since."""
CHART_MINUTES = 60
BUSY = 95.0
"""Per cent of CPU from which on a guest is called busy."""
NEVER = datetime.min.replace(tzinfo=UTC)


class LifeState(StrEnum):
    """What is known of a guest's life. The values are a contract with scripts."""

    ALIVE = "alive"
    """A point within the last three minutes: the guest sends its metrics."""
    SILENT = "silent"
    """Points within the last day, none within the last three minutes."""
    NO_AGENT = "no-agent"
    """No point within the last day: nothing can be said."""
    UNAVAILABLE = "unavailable"
    """Cloud Insight refused or failed, or is switched off: nothing is known."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was read of one guest at ``read_at`` (UTC, by the gateway's clock where that is known).

    ``state`` is as of then. ``last_sign`` is the time of the last point, None without one; beyond the last hour it is
    told by points of five minutes. ``series`` holds the metrics that were asked for, over the last hour. ``reason`` is
    a sentence where the state is unavailable, else empty.
    """

    state: LifeState
    read_at: datetime
    last_sign: datetime | None = None
    series: tuple[Series, ...] = ()
    reason: str = ""

    def silence(self, now: datetime) -> timedelta | None:
        """How long ago the last sign of life was; None without one."""
        return None if self.last_sign is None else max(timedelta(0), now - self.last_sign)

    def of(self, metric: Metric) -> Series:
        """The series of a metric, empty where it was not asked for or nothing came."""
        return next((series for series in self.series if series.metric is metric), Series(metric))

    def and_more(self, before: Vitals) -> Vitals:
        """The same with the series of an earlier reading that were not asked for again."""
        asked = {series.metric for series in self.series}
        more = tuple(series for series in before.series if series.metric not in asked)
        return replace(self, series=(*self.series, *more)) if more and self.series else self

    def last_value(self, metric: Metric) -> float | None:
        """The value of a metric's last point within the last hour."""
        return self.of(metric).last

    @property
    def cpu(self) -> float | None:
        """The last CPU value within the last hour, in per cent."""
        return self.last_value(Metric.CPU)

    def chart(self, metric: Metric, now: datetime, minutes: int = CHART_MINUTES, count: int = 0) -> list[float | None]:
        """The slots of a metric for drawing (see `Series.slots`).

        A chart of a guest that is alive ends at its last sign of life, as the minutes after it are merely not in yet:
        its gaps are gaps. Any other ends at ``now``, so that the silence is seen.
        """
        is_alive = self.state is LifeState.ALIVE and self.last_sign is not None
        end = self.last_sign if is_alive and self.last_sign is not None else now
        return self.of(metric).slots(end, minutes, count)

    def as_json(self, now: datetime) -> dict[str, Any]:
        """For JSON and the journal: ``{state, lastSign, silentSeconds, cpu}``, and ``reason`` where unavailable.

        ``lastSign`` is ISO 8601 in UTC, ``silentSeconds`` whole, ``cpu`` the last value in per cent with one decimal;
        each is None where it is not known, and ``silentSeconds`` unless the guest is silent.
        """
        silence, cpu = self.silence(now), self.cpu
        told = {
            "state": self.state.value,
            "lastSign": self.last_sign.isoformat(timespec="seconds") if self.last_sign else None,
            "silentSeconds": int(silence.total_seconds()) if silence and self.state is LifeState.SILENT else None,
            "cpu": round(cpu, 1) if cpu is not None and self.state is LifeState.ALIVE else None,
        }
        return told | ({"reason": self.reason} if self.reason else {})


def unavailable(reason: str, now: datetime) -> Vitals:
    """No vital signs, and the sentence that says why."""
    return Vitals(LifeState.UNAVAILABLE, now, reason=safe_sentence(reason))


CLOCKS_DISAGREE = Sentence("The points of Cloud Insight lie in the future, so this machine's clock or NCP's is wrong.")


def judge(points: Iterable[Point], now: datetime) -> tuple[LifeState, datetime | None]:
    """The state and the last sign of life that these points of one guest show at ``now``.

    Points of before the last day, or further ahead than `SKEW`, prove nothing and do not count; where there are none
    but such that lie ahead, the clocks disagree and the state is unavailable.
    """
    last, ahead = NEVER, False
    for at, _ in points:
        if at > now + SKEW:
            ahead = True
        elif at > max(last, now - A_DAY):
            last = at
    if last is NEVER:
        return (LifeState.UNAVAILABLE if ahead else LifeState.NO_AGENT), None
    return (LifeState.ALIVE if now - last < ALIVE_WITHIN else LifeState.SILENT), min(last, now)


def signs_again(points: Iterable[Point], interrupted: datetime, restarted: datetime | None) -> datetime | None:
    """When a guest that was interrupted sent its first point afterwards; None while it has not.

    A guest that goes on sending as if nothing had happened is not back: it was silent before, or there is a gap of
    `ALIVE_WITHIN` first, or the point is from after ``restarted``, the start that its record shows since.
    """
    last: datetime | None = None
    for at in sorted(point.at for point in points):
        if at > interrupted:
            is_after_gap = last is None or at - last >= ALIVE_WITHIN
            if is_after_gap or (restarted is not None and at >= restarted):
                return at
        last = at
    return None


def vitals_of(series: Iterable[Series], now: datetime, older: Iterable[Point] = ()) -> Vitals:
    """The vital signs that these series of one guest show, with ``older`` points from before the last hour."""
    kept = tuple(series)
    state, last = judge((*older, *(point for one in kept for point in one.newest(now + SKEW))), now)
    reason = CLOCKS_DISAGREE if state is LifeState.UNAVAILABLE else ""
    return Vitals(state, now, last, kept, reason)


NAMES = {
    Metric.CPU: msgid("cpu"),
    Metric.MEMORY: msgid("memory"),
    Metric.NETWORK_IN: msgid("network in"),
    Metric.NETWORK_OUT: msgid("network out"),
    Metric.DISK_READ: msgid("disk read"),
    Metric.DISK_WRITE: msgid("disk write"),
}
"""What a metric is called on screen, for `tr`."""

_UNITS = {Metric.NETWORK_IN: "bit/s", Metric.NETWORK_OUT: "bit/s", Metric.DISK_READ: "B/s", Metric.DISK_WRITE: "B/s"}

ROUNDED_UP = 0.9995
"""From this part of a unit on, a value is said in it: what would read ``1000 kbit/s`` is ``1.0 Mbit/s``."""


def value_text(metric: Metric, value: float, top: float | None = None) -> str:
    """A value with its unit, short: ``12 %``, ``1.2 Mbit/s``; with the ``top`` of its scale ``1.2/3.4 Mbit/s``."""
    values = [value] if top is None else [value, top]
    unit, biggest = _UNITS.get(metric), abs(values[-1])
    if unit is None:
        return "/".join(f"{each:.0f}" for each in values) + " %"
    prefix, size = next(
        ((prefix, size) for prefix, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)) if biggest >= ROUNDED_UP * size),
        ("", 1.0),
    )
    digits = 1 if prefix and biggest / size < 9.95 else 0
    return "/".join(f"{each / size:.{digits}f}" for each in values) + f" {prefix}{unit}"


def last_text(vitals: Vitals, metric: Metric) -> str:
    """The last value of a metric with its unit, empty where nothing came within the hour."""
    value = vitals.last_value(metric)
    return "" if value is None else value_text(metric, value)


def short_silence(silence: timedelta) -> str:
    """A silence for a table cell: ``40s``, ``6m``, ``3h``, at most four cells."""
    seconds = int(silence.total_seconds())
    if seconds < 60:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds < 100 * 60 else f"{seconds // 3600}h"


def _minutes(silence: timedelta) -> str:
    minutes = int(silence.total_seconds()) // 60
    if minutes < 100:
        return tr_n("{count} minute", "{count} minutes", minutes)
    return tr("{hours} hours", hours=minutes // 60)


def _to_the_minute(moment: datetime, now: datetime) -> str:
    text = day_and_clock(moment, now)
    return text[:-3] if text.count(":") == 2 else text


def cell_text(vitals: Vitals, now: datetime) -> str:
    """A cell of the list, at most ten cells wide: ``12 %``, ``silent 6m``, ``no agent``, ``unknown``."""
    silence = vitals.silence(now)
    if vitals.state is LifeState.SILENT and silence is not None:
        return tr("silent {age}", age=short_silence(silence))
    if vitals.state is LifeState.ALIVE:
        return last_text(vitals, Metric.CPU) or tr("alive")
    return tr("no agent") if vitals.state is LifeState.NO_AGENT else tr("unknown")


def picture(vitals: Vitals, now: datetime) -> str:
    """What the vital signs say of the guest, as one sentence. Times are local."""
    silence, last = vitals.silence(now), vitals.last_sign
    if vitals.state is LifeState.UNAVAILABLE:
        return tr("Vital signs not known: {reason}", reason=shown(vitals.reason))
    if silence is None or last is None:
        return tr("No sign of life in the last 24 hours: no agent seems to run in the guest, so nothing can be said.")
    when = _to_the_minute(last, now)
    if vitals.state is LifeState.SILENT:
        return tr(
            "Last sign of life {when}, silent for {time}: "
            "the guest stands still, its agent ended, or its network is gone.",
            when=when,
            time=_minutes(silence),
        )
    cpu = vitals.cpu
    if cpu is not None and cpu >= BUSY:
        return tr(
            "Last sign of life {when}: the guest sends its metrics and is busy, with its CPU at {percent:.0f} %.",
            when=when,
            percent=cpu,
        )
    return tr("Last sign of life {when}: the guest sends its metrics.", when=when)


def range_text(vitals: Vitals, metric: Metric, now: datetime, minutes: int = CHART_MINUTES) -> str:
    """From where to where a metric went: ``3 to 99 %``; empty where nothing came."""
    values = [value for value in vitals.chart(metric, now, minutes) if value is not None]
    if not values:
        return ""
    low, high = value_text(metric, min(values)), value_text(metric, max(values))
    if low.partition(" ")[2] == high.partition(" ")[2]:
        low = low.partition(" ")[0]
    return tr("{low} to {high}", low=low, high=high) if low != high.partition(" ")[0] else high


def range_and_last(vitals: Vitals, metric: Metric, now: datetime) -> str:
    """The same and the last value: ``3 to 99 %, now 12 %``; of a silent guest the range alone."""
    over = range_text(vitals, metric, now)
    if vitals.state is LifeState.SILENT or not over:
        return over
    return tr("{range}, now {value}", range=over, value=last_text(vitals, metric))


def chart_text(vitals: Vitals, metric: Metric, now: datetime) -> str:
    """A chart in words, for who cannot see it: ``cpu last 60 min: 3 to 99 %, now silent 6 min``."""
    name, silence = (
        tr("{metric} last {minutes} min", metric=tr(NAMES[metric]), minutes=CHART_MINUTES),
        vitals.silence(now),
    )
    if vitals.state is LifeState.UNAVAILABLE:
        return tr("{chart}: not known", chart=name)
    over = range_text(vitals, metric, now, CHART_MINUTES)
    if not over:
        return tr("{chart}: no points", chart=name)
    if vitals.state is LifeState.SILENT and silence is not None:
        minutes = int(silence.total_seconds()) // 60
        return tr("{chart}: {range}, now silent {minutes} min", chart=name, range=over, minutes=minutes)
    return tr("{chart}: {range}, now {value}", chart=name, range=over, value=last_text(vitals, metric))
