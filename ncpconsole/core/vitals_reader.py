"""Reads vital signs, few calls at a time, and keeps them for a minute. One reader per session.

::

    await session.vitals.read(numbers)                          CPU alone, 20 servers a call
    await session.vitals.read([number], metrics=tuple(Metric))  everything about one server, one call
    session.vitals.known                                        what was read, however old; asks nothing

Nothing here raises for what Cloud Insight or the network does: whatever fails becomes `LifeState.UNAVAILABLE` with its
reason. Cancel the task to stop; what came until then is kept.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from ncpconsole.core.series import Point, Series, clean
from ncpconsole.core.vitals import CHART_MINUTES, LifeState, Vitals, unavailable, vitals_of
from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import AuthenticationFailed, NcpError, NotAvailable, PermissionDenied
from ncpconsole.ncp.metrics import MOST_CONDITIONS, Condition, Interval, Metric, MetricAnswer

if TYPE_CHECKING:
    from ncpconsole.core.gateway import Gateway

KEPT_FOR = 60.0
"""Seconds for which an answer is good: there is one point a minute."""
AT_ONCE = 8
WAIT = 3.0
"""Seconds that any one server's signs may take to come, whatever is asked for them."""
RECENTLY = timedelta(minutes=CHART_MINUTES + 1)
LONG_AGO = timedelta(hours=24)
LONG_AGO_KEPT = 30 * 60.0
"""Seconds for which is remembered what came before the last hour: it lies in the past and changes no more."""
UNREADABLE = Sentence("None of the points that Cloud Insight gave could be read.")
FINAL = (PermissionDenied, AuthenticationFailed, NotAvailable)
"""Errors that the next call meets again."""

OnProgress = Callable[[int, int], object]
"""Called with (servers answered so far, servers asked for)."""
OnRead = Callable[[Mapping[str, Vitals]], object]
"""Called with what one call brought, by server number."""


def _ignore(*_: object) -> None:
    return


@dataclass(frozen=True, slots=True)
class _Kept:
    vitals: Vitals
    metrics: frozenset[Metric]
    at: float


class _Errand:
    """One reading: what its calls share, so that a service that fails is not asked a hundred times."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(AT_ONCE)
        self.failures = 0
        self.slowest = 0.0
        self.given_up = ""

    def note_failure(self, error: Exception, reason: str) -> None:
        """Give up when the same would happen again, or when as many calls in a row failed as go out at once."""
        self.failures += 1
        if isinstance(error, FINAL) or self.failures >= AT_ONCE:
            self.given_up = reason


class VitalsReader:
    """Vital signs by server number. ``off`` is a sentence where they are switched off: then nothing is asked.

    ``clock`` is this machine's, in UTC; the signs are judged by the gateway's where its offset is known.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        off: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}
        self._known: dict[str, Vitals] = {}
        self._refused = (float("-inf"), "")
        self._older: dict[str, tuple[float, tuple[Point, ...]]] = {}
        self.off = off

    @property
    def known(self) -> Mapping[str, Vitals]:
        """The latest signs of each server that was asked for, however old; a view that changes as signs come."""
        return MappingProxyType(self._known)

    def now(self) -> datetime:
        """The time to judge signs by, UTC: the gateway's clock where its offset is known."""
        return self._clock() + timedelta(seconds=self._gateway.clock_offset or 0)

    async def read(
        self,
        server_nos: Iterable[str],
        *,
        metrics: Sequence[Metric] = (Metric.CPU,),
        fresh: bool = False,
        seconds: float = math.inf,
        on_progress: OnProgress = _ignore,
        on_read: OnRead = _ignore,
    ) -> dict[str, Vitals]:
        """The signs of these servers, in their order; from within the last minute unless ``fresh``.

        One call for 20 series, at most 8 calls at a time; none within a minute of a refusal, unless ``fresh``. A
        server without a point in the last hour is asked for once more, over 24 hours, together with others of its
        kind. A single server's signs are here after three seconds at the latest, or ``seconds`` where these are fewer,
        or unavailable.
        """
        numbers = list(dict.fromkeys(server_nos))
        if self.off:
            return {number: unavailable(self.off, self.now()) for number in numbers}
        refused_at, reason = self._refused
        if reason and not fresh and self._monotonic() - refused_at < KEPT_FOR:
            return {number: unavailable(reason, self.now()) for number in numbers}
        wanted = frozenset(metrics)
        missing = [number for number in numbers if fresh or not self._is_kept(number, wanted)]
        done = len(numbers) - len(missing)
        on_progress(done, len(numbers))

        def arrived(found: Mapping[str, Vitals]) -> None:
            nonlocal done
            done += len(found)
            self._keep(found, wanted)
            on_read(found)
            on_progress(done, len(numbers))

        await self._read_missing(missing, tuple(metrics), arrived, min(WAIT, seconds))
        return {number: self._kept[number].vitals for number in numbers}

    async def beats(self, server_no: str, since: datetime, until: datetime) -> tuple[Point, ...]:
        """The CPU points of a server in a stretch of at most a few hours, one a minute; empty where none can be had."""
        if self.off:
            return ()
        condition = Condition(server_no, Metric.CPU)
        try:
            async with asyncio.timeout(WAIT):
                answer = await self._gateway.metric_points(
                    [condition], _milliseconds(since), _milliseconds(until), Interval.MINUTE
                )
        except Exception:  # noqa: BLE001 - as in `read`, which tells why
            return ()
        return clean(answer.get(condition, ()))

    def _is_kept(self, number: str, metrics: frozenset[Metric]) -> bool:
        kept = self._kept.get(number)
        return kept is not None and metrics <= kept.metrics and self._monotonic() - kept.at < KEPT_FOR

    def _keep(self, found: Mapping[str, Vitals], metrics: frozenset[Metric]) -> None:
        at = self._monotonic()
        for number, vitals in found.items():
            before = self._kept.get(number)
            self._kept[number] = _Kept(vitals, metrics, at)
            # Who shows everything about a server goes on to, though a list asks about its CPU alone meanwhile.
            is_lately = before is not None and at - before.at < KEPT_FOR
            self._known[number] = vitals.and_more(before.vitals) if before and is_lately else vitals

    async def _read_missing(
        self, numbers: list[str], metrics: tuple[Metric, ...], arrived: OnRead, wait: float
    ) -> None:
        """Ask for the last hour of all, then for the last day of those that were silent throughout it."""
        errand = _Errand()
        quiet: dict[str, tuple[Series, ...]] = {}

        async def recent(batch: list[str]) -> None:
            conditions = [Condition(number, metric) for number in batch for metric in metrics]
            answer = await self._ask(errand, conditions, RECENTLY, Interval.MINUTE, wait)
            if isinstance(answer, str):
                arrived({number: unavailable(answer, self.now()) for number in batch})
                return
            found: dict[str, Vitals] = {}
            for number in batch:
                series = tuple(Series.read(metric, answer.get(Condition(number, metric), ())) for metric in metrics)
                vitals = vitals_of(series, self.now(), self._remembered(number) or ())
                if not any(map(len, series)) and any(answer.get(Condition(number, metric)) for metric in metrics):
                    found[number] = unavailable(UNREADABLE, self.now())
                elif vitals.state is LifeState.NO_AGENT and self._remembered(number) is None:
                    quiet[number] = series
                else:
                    found[number] = vitals
            if found:
                arrived(found)

        async def long_ago(batch: list[str], seconds: float) -> None:
            conditions = [Condition(number, Metric.CPU) for number in batch]
            answer = await self._ask(errand, conditions, LONG_AGO, Interval.FIVE_MINUTES, seconds)
            if isinstance(answer, str):
                arrived({number: unavailable(answer, self.now()) for number in batch})
                return
            found: dict[str, Vitals] = {}
            for number, condition in zip(batch, conditions, strict=True):
                raw = answer.get(condition, ())
                older = clean(raw)[-1:]
                if raw and not older:
                    found[number] = unavailable(UNREADABLE, self.now())
                else:
                    self._older[number] = (self._monotonic(), older)
                    found[number] = vitals_of(quiet[number], self.now(), older)
            arrived(found)

        async with asyncio.TaskGroup() as group:
            for batch in _batches(numbers, MOST_CONDITIONS // len(metrics)):
                group.create_task(recent(batch))
        async with asyncio.TaskGroup() as group:
            for batch in _batches(list(quiet), MOST_CONDITIONS):
                group.create_task(long_ago(batch, max(0.1, wait - errand.slowest)))

    def _remembered(self, number: str) -> tuple[Point, ...] | None:
        """The last point from before the last hour, empty where there was none; None where nobody asked lately."""
        at, points = self._older.get(number, (float("-inf"), ()))
        return points if self._monotonic() - at < LONG_AGO_KEPT else None

    async def _ask(
        self, errand: _Errand, conditions: list[Condition], back: timedelta, interval: Interval, seconds: float
    ) -> MetricAnswer | str:
        """One call, or the sentence that says why there is no answer."""
        async with errand.slots:
            if errand.given_up:
                return errand.given_up
            until, began = self.now(), self._monotonic()
            try:
                async with asyncio.timeout(seconds):
                    answer = await self._gateway.metric_points(
                        conditions, _milliseconds(until - back), _milliseconds(until), interval
                    )
            except Exception as error:  # noqa: BLE001 - signs are never worth a list or an interrupt
                reason = _reason(error, seconds)
                errand.note_failure(error, reason)
                if isinstance(error, FINAL):
                    self._refused = (self._monotonic(), reason)
                return reason
            errand.failures = 0
            self._refused = (began, "")
            errand.slowest = max(errand.slowest, self._monotonic() - began)
            return answer


def _reason(error: Exception, waited: float) -> str:
    if isinstance(error, NcpError):
        # The same trouble of several calls is one reason, whatever ids it came with.
        return error.without_ids
    if isinstance(error, TimeoutError):
        return Sentence("Cloud Insight did not answer within {seconds:.2g} seconds.", seconds=waited)
    return Sentence("Cloud Insight's answer could not be read ({kind}).", kind=type(error).__name__)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _batches(numbers: list[str], size: int) -> list[list[str]]:
    return [numbers[first : first + size] for first in range(0, len(numbers), size)]
