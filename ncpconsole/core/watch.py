"""Looks at a server after its interrupt and tells every change, with its time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Intent, Observation
from ncpconsole.core.wording import NO_OPERATION, RUNNING
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import Server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from ncpconsole.core.gateway import Gateway
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.ncp.models import Activity

BACK = Observation(datetime.min.replace(tzinfo=UTC), "server", "interrupted", "back")
READABLE = "readable"
WRITTEN = "written"
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
) -> AsyncGenerator[Observation, None]:
    """Read the record at once and then every ``every`` seconds, for ``lasting`` seconds; then end.

    Yields, and journals with its time, each change of ``status``, ``operation``, ``statusName`` and
    ``uptime`` against the record that was confirmed; a server that is gone has the status ``gone``. The field
    ``server`` becomes ``back`` when it runs, no operation is in progress and its last start is another one.
    Trouble is told as a change too and never ends the watch: the field ``record`` when it cannot be read,
    ``journal`` when it cannot be written (that one is not journalled).
    """
    last = _sight(Server.from_plain(intent.draft.snapshot))
    region_code, server_no, first_start = intent.draft.region_code, intent.draft.server_no, last.uptime
    record, written, told_back = READABLE, WRITTEN, False
    unwritten: list[Observation] = []
    end = monotonic() + lasting
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
        if monotonic() + every > end:
            return
        await sleep(every)


def is_back(observation: Observation) -> bool:
    """Whether this observation says that the server is back."""
    return (observation.field, observation.after) == (BACK.field, BACK.after)


def is_awaited(intent: Intent, now: datetime, lasting: float) -> bool:
    """Whether the server may have been interrupted within the last ``lasting`` seconds and was not seen back."""
    is_young = 0 <= (now - intent.time).total_seconds() < lasting
    return is_young and not intent.is_open and intent.may_have_reached and not any(map(is_back, intent.observations))


async def server_activities(gateway: Gateway, server_no: str, since: datetime) -> list[Activity]:
    """What the activity log has about one server from ``since`` until now, in the log's order.

    Raises NcpError where the account has no log. Entries can come minutes late.
    """
    until = datetime.now(UTC)
    found = await gateway.activities(int(since.timestamp() * 1000), int(until.timestamp() * 1000))
    return [activity for activity in found if activity.resource_id == server_no]


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
        return str(error)
    return WRITTEN
