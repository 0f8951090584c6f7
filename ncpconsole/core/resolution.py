"""When "not received" may be said of an interrupt of unknown outcome, and what must have been seen before.

A request that is held up on its way is executed late: closing a connection recalls nothing. Its signature is
good for five minutes by the gateway's clock (NCP's API page on signatures), so before these have run out
nobody can know that it was not received. Afterwards a fresh read of the server must bear the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from ncpconsole.core.activity_log import deed, look_at_log
from ncpconsole.core.gateway import Gateway
from ncpconsole.core.records import Intent, ResolvedAs
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.series import Point
from ncpconsole.core.vitals import ALIVE_WITHIN, Vitals
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.core.wording import clock_and_zone, recorded_start, safe_sentence
from ncpconsole.language import Sentence, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import Activity

SIGNATURE_SECONDS = 5 * 60
MARGIN_SECONDS = 30
SIGNS_BEFORE, SIGNS_AFTER = timedelta(minutes=10), timedelta(hours=1)
"""How long before and after an interrupt vital signs bear witness of it."""
LOG_SECONDS = 10.0
"""How long the activity log may take before a finding goes without it."""
FRESH_SECONDS = 120
"""How old a read may be when the finding is recorded."""


GONE = Sentence("The server is gone, so nothing shows whether it started again.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of a server just before the outcome of its interrupt is resolved.

    ``read_at`` is UTC; ``clock_offset`` the gateway's clock minus ours in seconds, None where no answer told
    it. ``status``, ``operation`` and ``start`` are the record's, ``problem`` why it could not be read.
    ``activities`` are lines of the activity log on this server since then, ``activity_problem`` why there
    are none; ``log`` the same as read, which is not kept. ``signs`` are the guest's vital signs (see
    `core.vitals.Vitals.as_json`), None where nobody could ask. ``contradictions`` are sentences that stand against
    *not received*, ``against_accepted`` those against *accepted*, and ``despite`` is what the operator typed to
    resolve it against them all the same.
    """

    read_at: datetime
    clock_offset: float | None = None
    status: str = ""
    operation: str = ""
    start: str = ""
    problem: str = ""
    activities: tuple[str, ...] = ()
    activity_problem: str = ""
    signs: dict[str, Any] | None = None
    against_accepted: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    despite: str = ""
    log: tuple[Activity, ...] = ()

    @property
    def received_because(self) -> tuple[str, ...]:
        """The sentences that show that it was received."""
        return tuple(sentence for sentence in self.contradictions if sentence != GONE)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, for the record."""
        kept = asdict(replace(self, log=()))
        del kept["log"]
        return {**kept, "read_at": self.read_at.astimezone(UTC).isoformat(timespec="seconds")}


def earliest_not_received(intent: Intent, clock_offset: float | None = None) -> datetime:
    """From when on an interrupt of unknown outcome can be resolved as not received, in UTC."""
    sent = intent.sent or intent.finished or intent.time
    return sent + timedelta(seconds=SIGNATURE_SECONDS + abs(clock_offset or 0) + MARGIN_SECONDS)


def seconds_left(intent: Intent, now: datetime, clock_offset: float | None = None) -> float:
    """How long until then; 0 when it is over."""
    return max(0.0, (earliest_not_received(intent, clock_offset) - now).total_seconds())


def countdown(seconds: float) -> str:
    whole = int(seconds + 0.999)
    return f"{whole // 60}:{whole % 60:02}"


def why_not_yet(intent: Intent, seen: Evidence | None, now: datetime) -> str:
    """Why "not received" is not recorded, as a sentence; empty when it may be.

    A contradiction is overcome by the server's number, typed.
    """
    offset = seen.clock_offset if seen else None
    if left := seconds_left(intent, now, offset):
        then = earliest_not_received(intent, offset)
        return tr(
            "The request is valid until {when} and may be executed until then: "
            "'not received' can be recorded in {countdown}.",
            when=clock_and_zone(then, now),
            countdown=countdown(left),
        )
    if seen is None or (now - seen.read_at).total_seconds() > FRESH_SECONDS:
        return tr("'Not received' needs a fresh look at the server: read its record first.")
    if seen.problem:
        return tr(
            "'Not received' needs a fresh look at the server, which could not be read: {why}", why=shown(seen.problem)
        )
    if seen.read_at < earliest_not_received(intent, offset):
        return tr("The server was read while the request was still valid: read its record again.")
    if seen.contradictions and seen.despite.strip() != intent.draft.server_no:
        all_the_same = tr("To record 'not received' all the same, type the server's number.")
        return " ".join((*map(shown, seen.contradictions), all_the_same))
    return ""


def why_not_recorded(resolved_as: ResolvedAs, intent: Intent, seen: Evidence | None, now: datetime) -> str:
    """Why a finding is not recorded, whichever journal holds the interrupt; empty when it may be."""
    if resolved_as is ResolvedAs.NOT_RECEIVED:
        return why_not_yet(intent, seen, now)
    return why_not_accepted(intent, seen)


def why_not_accepted(intent: Intent, seen: Evidence | None) -> str:
    """Why "accepted" is not recorded, as a sentence; empty when it may be. The server's number, typed, overcomes it."""
    if seen is None or not seen.against_accepted or seen.despite.strip() == intent.draft.server_no:
        return ""
    all_the_same = tr("To record 'accepted' all the same, type the server's number.")
    return " ".join((*map(shown, seen.against_accepted), all_the_same))


def signs_against_not_received(points: Iterable[Point], sent: datetime) -> str:
    """What a guest's points have against "not received", as a sentence; empty where they have nothing.

    A guest that sent its metrics until the interrupt was sent, stopped then and began again has had it.
    """
    times = sorted(point.at for point in points)
    before = [at for at in times if at <= sent + timedelta(minutes=1)]
    if not before or sent - before[-1] >= ALIVE_WITHIN:
        return ""  # it was silent already, or nothing is known of it
    last = before[-1]
    again = next((at for at in times if at > last), None)
    if again is None or again - last < ALIVE_WITHIN:
        return ""
    return Sentence(
        "The guest fell silent at {fell}, when it was sent, and has sent its metrics since {came}.",
        fell=clock_and_zone(last),
        came=clock_and_zone(again),
    )


def signs_against_accepted(points: Iterable[Point], sent: datetime, now: datetime) -> str:
    """What a guest's points have against "accepted", as a sentence; empty where they have nothing.

    A guest that never stopped sending its metrics was hardly interrupted.
    """
    around = [at for at in sorted(point.at for point in points) if at > sent - ALIVE_WITHIN]
    if not around or around[0] > sent or now - sent < 2 * ALIVE_WITHIN:
        return ""
    if any(later - earlier >= ALIVE_WITHIN for earlier, later in pairwise([*around, now])):
        return ""
    return Sentence(
        "The guest has sent its metrics without a gap since {when}, before it was sent.", when=clock_and_zone(around[0])
    )


async def look(
    gateway: Gateway, intent: Intent, clock: Callable[[], datetime], vitals: VitalsReader | None = None
) -> Evidence:
    """Read the server, the activity log and the vital signs now. Raises nothing that the network does."""
    draft = intent.draft
    if gateway.base_url != draft.gateway:
        elsewhere = Sentence(
            "It was sent through {gateway}: open a profile of that gateway.", gateway=safe_text(draft.gateway)
        )
        return Evidence(clock(), problem=elsewhere)
    server, problem = None, ""
    against: list[str] = []
    try:
        server = await gateway.server(draft.region_code, draft.server_no)
    except NcpError as error:
        problem = safe_sentence(error.sentence)
    read_at = clock()
    if server is None and not problem:
        against.append(GONE)
    elif server is not None and server.uptime != draft.snapshot.get("uptime"):
        when = recorded_start(server.uptime)
        against.append(
            Sentence("The server started again at {when}.", when=when)
            if when
            else Sentence("The server started again at an unknown time.")
        )
    # The log's times are the gateway's.
    gateway_time = read_at + timedelta(seconds=gateway.clock_offset or 0.0)
    since = read_at - (intent.sent or intent.time) + timedelta(minutes=1)
    log = await look_at_log(gateway, draft.server_no, gateway_time, span=since, seconds=LOG_SECONDS)
    if any(map(_is_interrupt, log.entries)):
        against.append(Sentence("The activity log shows an interrupt of it since then."))
    doubts: tuple[str, ...] = ()
    signs: Vitals | None = None
    if vitals is not None:
        signs = (await vitals.read([draft.server_no], fresh=True))[draft.server_no]
        sent = intent.sent or intent.time
        until = min(signs.read_at, sent + SIGNS_AFTER)
        points = await vitals.beats(draft.server_no, sent - SIGNS_BEFORE, until)
        against += filter(None, [signs_against_not_received(points, sent)])
        doubts = tuple(filter(None, [signs_against_accepted(points, sent, until)]))
    return Evidence(
        read_at,
        gateway.clock_offset,
        status=safe_text(server.server_instance_status.code) if server else "",
        operation=safe_text(server.server_instance_operation.code) if server else "",
        start=safe_text(server.uptime) if server else "",
        problem=problem,
        activities=tuple(
            safe_text(f"{one.event_time} {one.action_display_name} {one.action_result_type}") for one in log.entries
        ),
        activity_problem=log.problem,
        signs=signs.as_json(signs.read_at) if signs else None,
        against_accepted=doubts,
        contradictions=tuple(against),
        log=log.entries,
    )


def _is_interrupt(entry: Activity) -> bool:
    """Whether an entry of the activity log tells of an interrupt that was carried out."""
    return deed(entry) == "interrupt" and "fail" not in entry.action_result_type.casefold()
