"""Watches a server after its interrupt and reports every change with its time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Intent, Observation
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.vitals import LifeState, signs_again
from ncpconsole.core.wording import (
    NO_OPERATION,
    RUNNING,
    api_time,
    day_and_clock,
    safe_sentence,
    start_time,
    state_words,
)
from ncpconsole.language import msgid, said, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.metrics import Metric
from ncpconsole.ncp.models import Server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from typing import Any

    from ncpconsole.core.gateway import Gateway
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.vitals_reader import VitalsReader

BACK = Observation(datetime.min.replace(tzinfo=UTC), "server", "interrupted", "back")
READABLE = "readable"
WRITTEN = "written"
SILENT_SINCE = "silentSince"
SIGN_OF_LIFE = "signOfLife"
SIGNS_EVERY = 20.0
"""Seconds between two looks at the vital signs: a point comes once a minute."""
GONE = "gone"


@dataclass(frozen=True, slots=True)
class _Observed:
    """What one look at the record shows, by the field names of an Observation."""

    status: str
    operation: str
    statusName: str  # noqa: N815 - the field's name in the record and in the journal
    uptime: str


async def watch(
    gateway: Gateway,
    journal: Journal,
    intent: Intent,
    *,
    every: float,
    lasting: float,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    vitals: VitalsReader | None = None,
) -> AsyncGenerator[Observation, None]:
    """Read the record at once and then every ``every`` seconds, for ``lasting`` seconds; then end.

    Yields, and journals with its time, each change of ``status``, ``operation``, ``statusName`` and
    ``uptime`` against the record that was confirmed; a server that is gone has the status ``gone``. The field
    ``server`` becomes ``back`` when it runs, no operation is in progress and its last start is another one.
    With ``vitals``, the field ``silentSince`` says since when the guest is silent, and ``signOfLife`` when it sent its
    first point after the interrupt, both as ISO 8601 in UTC; a sign of life ends the watch, as the best proof there is.
    Trouble is told as a change too and never ends the watch: the field ``record`` when it cannot be read,
    ``journal`` when it cannot be written (that one is not journalled).
    """
    last = _sight(Server.from_plain(intent.draft.snapshot))
    region_code, server_no, first_start = intent.draft.region_code, intent.draft.server_no, last.uptime
    record, written, told_back = READABLE, WRITTEN, False
    unwritten: list[Observation] = []
    end = monotonic() + lasting
    life = _Life(intent, vitals, monotonic) if vitals else None
    while True:
        try:
            now, reading = _sight(await gateway.server(region_code, server_no)), READABLE
        except NcpError as error:
            now, reading = last, error.sentence
        seen = [*_changes(clock(), last, now), *_changed(clock(), "record", record, reading)]
        if not told_back and _runs_again(now, first_start):
            told_back = True
            seen.append(Observation(clock(), BACK.field, BACK.before, BACK.after))
        last, record = now, reading
        writing = _journalled(journal, intent, unwritten := [*unwritten, *seen])
        unwritten = [] if writing == WRITTEN else unwritten
        for observation in (*seen, *_changed(clock(), "journal", written, writing)):
            yield observation
        written = writing
        if life is not None and (signs := await life.look(clock, now.uptime if now.uptime != first_start else "")):
            unwritten = [*unwritten, *signs]
            if _journalled(journal, intent, unwritten) == WRITTEN:
                unwritten = []
            for observation in signs:
                yield observation
            if any(map(is_sign_of_life, signs)):
                return
        if monotonic() + every > end:
            return
        await sleep(every)


def is_back(observation: Observation) -> bool:
    """Whether this observation says that the server is back."""
    return (observation.field, observation.after) == (BACK.field, BACK.after)


def is_sign_of_life(observation: Observation) -> bool:
    """Whether this observation tells of the guest's first point after the interrupt: nothing proves more."""
    return observation.field == SIGN_OF_LIFE


def without_old_silence(intent: Intent) -> Intent:
    """The interrupt without a silence of before its server was back: often learned later, it is no news beside that."""
    back = next((_iso(one.time) for one in intent.observations if is_back(one)), "")
    news = tuple(one for one in intent.observations if one.field != SILENT_SINCE or one.after > back)
    return replace(intent, observations=news)


def sign_words(observation: Observation) -> str:
    """What an observation of vital signs says, with the local time; empty for any other.

    ``silent since 14:03:00``, ``first sign of life since the interrupt: 14:21:00``.
    """
    if observation.field not in (SILENT_SINCE, SIGN_OF_LIFE):
        return ""
    try:
        when = day_and_clock(datetime.fromisoformat(observation.after), to_second=True)
    except ValueError:
        return ""
    if observation.field == SILENT_SINCE:
        return tr("silent since {when}", when=when)
    return tr("first sign of life since the interrupt: {when}", when=when)


def is_awaited(intent: Intent, now: datetime, lasting: float) -> bool:
    """Whether the server may have been interrupted within the last ``lasting`` seconds and was not seen back."""
    is_young = 0 <= (now - intent.time).total_seconds() < lasting
    return (
        is_young
        and not intent.is_open
        and intent.may_have_reached
        and not any(is_back(one) or is_sign_of_life(one) for one in intent.observations)
    )


STATE, STARTED = msgid("STATE"), msgid("STARTED")
"""What changes, by the words of the list's columns; the record's own names stay in JSON."""
IS_BACK = msgid("the server is back: it runs, with a new start time")
TROUBLE = {
    "record": (msgid("its record can be read again"), msgid("its record cannot be read")),
    "journal": (msgid("the journal is written again"), msgid("the journal cannot be written")),
}
"""What a watch says of itself when it fares well again, and when it does not."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change after an interrupt, for the eye; ``time`` is UTC, the texts are safe.

    ``what`` is `STATE` or `STARTED` and goes from ``before`` to ``after``, or a sentence that stands alone.
    """

    time: datetime
    what: str
    before: str = ""
    after: str = ""
    is_back: bool = False

    def __str__(self) -> str:
        return f"{tr(self.what)} {self.before} → {self.after}" if self.after else self.what


def changes(intent: Intent) -> list[Change]:
    """What was seen since an interrupt: each change once, by however many fields of the record it was told."""
    codes = {
        "status": _code(intent.draft.snapshot, "serverInstanceStatus"),
        "operation": _code(intent.draft.snapshot, "serverInstanceOperation"),
    }
    return [
        change
        for _, look in groupby(intent.observations, key=lambda one: one.time)
        for change in _changes_of(list(look), codes)
    ]


def _changes_of(look: list[Observation], codes: dict[str, str]) -> list[Change]:
    """What one look told; ``codes`` are those of before, and then those of now."""
    time = look[0].time
    codes.update({one.field: one.before for one in look if one.field in codes})
    before = state_words(codes["status"], codes["operation"])
    codes.update({one.field: one.after for one in look if one.field in codes})
    after = state_words(codes["status"], codes["operation"])
    found = [] if before == after else [Change(time, STATE, before, after)]
    for one in look:
        none = tr("none")
        first, now = safe_text(one.before, 40) or none, safe_text(one.after, 40) or none
        if one.field == "uptime":
            found.append(Change(time, STARTED, start_time(one.before) or none, start_time(one.after) or none))
        elif one.field == "statusName":
            # The platform may tell more than its codes do.
            found += [] if found or now == after else [Change(time, STATE, first, now)]
        elif is_back(one):
            found.append(Change(time, tr(IS_BACK), is_back=True))
        elif words := sign_words(one):
            found.append(Change(time, words, is_back=is_sign_of_life(one)))
        elif one.field in TROUBLE:
            well, ill = map(tr, TROUBLE[one.field])
            is_well = one.after in {READABLE, WRITTEN}
            found.append(Change(time, well if is_well else f"{ill}: {shown(safe_sentence(one.after))}"))
        elif one.field not in codes:
            found.append(Change(time, safe_text(one.field, 20), first, now))
    return found


def _code(snapshot: Mapping[str, Any], name: str) -> str:
    """A code of a record that may be an older console's."""
    value = snapshot.get(name)
    return str(value.get("code", "")) if isinstance(value, dict) else ""


class _Life:
    """The vital signs of a watched server: each change of them once."""

    def __init__(self, intent: Intent, vitals: VitalsReader, monotonic: Callable[[], float]) -> None:
        self._number = intent.draft.server_no
        self._interrupted = intent.sent or intent.time
        self._vitals = vitals
        self._monotonic = monotonic
        self._looked = float("-inf")
        self._silent_since = ""

    async def look(self, clock: Callable[[], datetime], new_start: str) -> tuple[Observation, ...]:
        """What is new, at most every `SIGNS_EVERY` seconds; ``new_start`` is the record's last start if it changed."""
        if self._monotonic() - self._looked < SIGNS_EVERY:
            return ()
        self._looked = self._monotonic()
        signs = (await self._vitals.read([self._number], fresh=True))[self._number]
        points = signs.of(Metric.CPU).points
        again = signs_again(points, self._interrupted, api_time(new_start))
        if again is not None:
            return (Observation(clock(), SIGN_OF_LIFE, self._silent_since, _iso(again)),)
        since = _iso(signs.last_sign) if signs.state is LifeState.SILENT and signs.last_sign else ""
        if since in ("", self._silent_since):
            return ()
        before, self._silent_since = self._silent_since, since
        return (Observation(clock(), SILENT_SINCE, before, since),)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _sight(server: Server | None) -> _Observed:
    if server is None:
        return _Observed(GONE, "", "", "")
    return _Observed(
        status=server.server_instance_status.code,
        operation=server.server_instance_operation.code,
        statusName=server.server_instance_status_name,
        uptime=server.uptime,
    )


def _changes(now: datetime, before: _Observed, after: _Observed) -> list[Observation]:
    return [
        observation
        for field in ("status", "operation", "statusName", "uptime")
        for observation in _changed(now, field, getattr(before, field), getattr(after, field))
    ]


def _changed(now: datetime, field: str, before: str, after: str) -> list[Observation]:
    return [] if before == after else [Observation(now, field, before, after)]


def _runs_again(sight: _Observed, first_start: str) -> bool:
    return sight.status == RUNNING and sight.operation in NO_OPERATION and sight.uptime not in ("", first_start)


def _journalled(journal: Journal, intent: Intent, seen: list[Observation]) -> str:
    """Write what was seen; the words for the state of the journal."""
    try:
        if seen:
            journal.observe(intent.id, *seen)
    except ConsoleError as error:
        return said(error)
    return WRITTEN
