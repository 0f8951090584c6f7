"""Words for the API's codes. Decided by code alone: the API's own names of codes are localized.

Source: the API's data-type page of the server instance (serverInstanceStatus, serverInstanceOperation).
A code that is not listed is shown as it came; nothing here says what may be done with a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ncpconsole.core.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.core.records import Intent, Origin
    from ncpconsole.ncp.identity import CallerIdentity
    from ncpconsole.ncp.models import Server


RUNNING = "RUN"

STATUS_WORDS = {
    "INIT": "being prepared",
    "CREAT": "created, not started",
    RUNNING: "running",
    "NSTOP": "stopped",
    "TERMT": "terminated",
    "FSTOP": "stopped, after a failure",
    "SD_FL": "shutdown failed",
    "RS_FL": "restart failed",
    "ST_FL": "start failed",
}

NO_OPERATION = frozenset(("", "NULL"))

OPERATION_WORDS = {
    "START": "starting",
    "SHTDN": "shutting down",
    "RESTA": "restarting",
    "TERMT": "terminating",
    "MIGRA": "migrating",
    "COPY": "being copied",
    "SETUP": "setting up",
    "HREST": "hard restarting",
    "HSHTD": "hard shutting down",
    "CHNG": "changing its spec",
    "CREAT": "being created",
}

_CODE_LIMIT = 24


# Cached, so that ten thousand rows share one text each and not ten thousand equal ones.
@lru_cache(maxsize=1024)
def shown_code(code: str) -> str:
    """A code as text for a terminal, short and safe."""
    return safe_text(code, _CODE_LIMIT)


def status_word(code: str) -> str:
    """What a status code means: ``running``, ``stopped`` …; empty for a code that is not known."""
    return STATUS_WORDS.get(code, "")


def operation_words(code: str) -> str:
    """What an operation code means: ``shutting down`` …; empty for none, the code itself when not known."""
    if code in NO_OPERATION:
        return ""
    return OPERATION_WORDS.get(code) or shown_code(code)


@lru_cache(maxsize=1024)
def status_words(status_code: str, operation_code: str = "") -> str:
    """Status and operation for the table: ``RUN running``, ``RUN shutting down``, ``NSTOP stopped``.

    The status stays RUN while a server shuts down or restarts, so an operation takes the place of the word.
    """
    if not status_code:
        return operation_words(operation_code) or "status unknown"
    return f"{shown_code(status_code)} {operation_words(operation_code) or status_word(status_code)}".rstrip()


def state_words(status_code: str, operation_code: str = "") -> str:
    """A state as changes tell it: what is going on, else what the status means; a code not known stands for itself."""
    return operation_words(operation_code) or status_word(status_code) or shown_code(status_code) or "unknown"


STATE_WORDS = {
    "INIT": "preparing", "CREAT": "created", RUNNING: "running", "NSTOP": "stopped", "TERMT": "terminated",
    "FSTOP": "failed", "SD_FL": "failed", "RS_FL": "failed", "ST_FL": "failed",
}  # fmt: skip


def state_word(server: Server) -> str:
    """A server's state in one word of at most 10 cells: ``running``, ``stopped``, ``busy`` during an operation …

    A code that is not known stands for itself.
    """
    if server.server_instance_operation.code not in NO_OPERATION:
        return "busy"
    code = server.server_instance_status.code
    return STATE_WORDS.get(code) or shown_code(code) or "unknown"


def server_status(server: Server) -> str:
    """`status_words` of a server's record."""
    return status_words(server.server_instance_status.code, server.server_instance_operation.code)


class Guards(Protocol):
    """What keeps a profile from sending at once: a policy, a summary of a profile, a header."""

    @property
    def read_only(self) -> bool:
        """Whether nothing is sent."""

    @property
    def protected(self) -> bool:
        """Whether the profile's name must be typed too."""

    @property
    def require_reason(self) -> bool:
        """Whether a reason must be given."""


def flags(of: Guards) -> tuple[str, ...]:
    """READ-ONLY, PROTECTED and REASON, as far as they hold."""
    words = (("READ-ONLY", of.read_only), ("PROTECTED", of.protected), ("REASON", of.require_reason))
    return tuple(word for word, holds in words if holds)


def who(origin: Origin, limit: int = 40) -> str:
    """Who acts, and from where: ``ops1@bastion (pts/3 from 192.0.2.7 over SSH)``; at most ``limit`` each."""
    place = f" ({safe_text(origin.terminal, limit)})" if origin.terminal else ""
    return f"{safe_text(origin.user, limit)}@{safe_text(origin.host, limit)}{place}"


def acting_words(caller: CallerIdentity) -> str:
    """Whose key it is: ``sub account mina of team-alias``, ``main account of team-alias``, ``role deploy of …``."""
    name, alias = safe_text(caller.id, 60), safe_text(caller.login_alias, 60)
    whose = {"Customer": "main account", "Sub": f"sub account {name}".rstrip(), "Role": f"role {name}".rstrip()}.get(
        caller.user_type, f"account {name}".rstrip()
    )
    if alias:
        return f"{whose} of {alias}"
    return f"{whose} {name}".rstrip() if caller.user_type == "Customer" else whose


def acting_short(caller: CallerIdentity) -> str:
    """The same where there is little room: ``mina@team-alias``."""
    name, alias = safe_text(caller.id, 24), safe_text(caller.login_alias, 24)
    return "@".join(filter(None, (name, alias)))


def left_behind(intent: Intent) -> str:
    """What an ended console left behind, as it was found at the next start."""
    draft = intent.draft
    server = f"{safe_text(draft.server_name, 40)} ({safe_text(draft.server_no, 20)})"
    if intent.was_not_sent:
        return f"An earlier console ended before it sent an interrupt to {server}: it was not sent."
    return (
        f"An earlier console ended while it sent an interrupt to {server}, {clock_and_zone(intent.time)}: "
        "the outcome is unknown and the server is locked."
    )


def holder_sentence(holder: Intent) -> str:
    """Why a server is locked, by whom and since when, and the way out.

    Names are cut short, so that no screen cuts off the way out.
    """
    draft = holder.draft
    server = f"server {safe_text(draft.server_no, 20)} ({safe_text(draft.server_name, 40)})"
    by, when = who(holder.origin, 30), clock_and_zone(holder.time)
    if holder.is_open:
        return f"An interrupt of {server} by {by} is under way since {when}: wait for its outcome."
    return (
        f"The interrupt of {server} by {by} at {when} has an unknown outcome. Find out what became of it, "
        "then resolve it in the history or with "
        f"'ncpconsole resolve {holder.id} --as accepted|not-received --note TEXT'."
    )


def why_not_resolvable(intent: Intent) -> str:
    """Why there is nothing to resolve."""
    if intent.is_open:
        return f"Interrupt {intent.id} is still under way: wait for its outcome."
    if intent.resolution:
        return f"Interrupt {intent.id} was already resolved as {intent.resolution.resolved_as.value}."
    outcome = intent.outcome.value.replace("_", " ") if intent.outcome else "open"
    return f"Interrupt {intent.id} needs no resolving: its outcome is known ({outcome})."


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


@dataclass
class _Shown:
    """The zone that times are shown in; None for the machine's own."""

    zone: tzinfo | None = None


_SHOWN = _Shown()


def show_times_in(zone: tzinfo | None) -> None:
    """From now on this process shows times in this zone; None for the machine's own."""
    _SHOWN.zone = zone


def local(moment: datetime) -> datetime:
    """The same moment in the zone that times are shown in."""
    return moment.astimezone(_SHOWN.zone)


def zone_name(moment: datetime | None = None) -> str:
    """What that zone is called at a moment (None: now): ``KST``, or ``UTC+09:00`` where it has no short name."""
    shown = local(moment or datetime.now(UTC))
    name, offset = shown.tzname() or "", f"{shown:%z}"
    return name if name.isascii() and name.isalpha() and len(name) <= 5 else f"UTC{offset[:3]}:{offset[3:5]}"


def clock(moment: datetime) -> str:
    """The local time of day, to the second; the screen names the zone once, in its head."""
    return f"{local(moment):%H:%M:%S}"


def day_and_clock(moment: datetime, now: datetime | None = None, *, to_second: bool = False) -> str:
    """The local time: ``16:52:40`` today, ``11-24 16:52`` before, and with the year where it is another one.

    ``to_second`` tells the seconds of other days too.
    """
    then, today = local(moment), local(now or datetime.now(UTC))
    if then.date() == today.date():
        return clock(moment)
    day = "%m-%d" if then.year == today.year else "%Y-%m-%d"
    return f"{then:{day} {'%H:%M:%S' if to_second else '%H:%M'}}"


def clock_and_zone(moment: datetime, now: datetime | None = None) -> str:
    """The local time with its zone, for a sentence that is read without the screen's head: ``16:52:40 KST``."""
    return f"{day_and_clock(moment, now, to_second=True)} {zone_name(moment)}"


def in_both_zones(moment: datetime) -> str:
    """A moment for who may sit in another zone: ``2026-11-26 16:52:40 KST (07:52:40 UTC)``.

    UTC has its own date where that is another one, and stands alone where times are shown in UTC.
    """
    here, there = local(moment), moment.astimezone(UTC)
    text = f"{here:%Y-%m-%d %H:%M:%S} {zone_name(moment)}"
    if here.utcoffset() == there.utcoffset():
        return text
    day = "" if here.date() == there.date() else f"{there:%Y-%m-%d} "
    return f"{text} ({day}{there:%H:%M:%S} UTC)"


def signs_words(signs: Mapping[str, Any] | None) -> str:
    """The vital signs of a record in words, such as ``silent, last sign of life`` with its time.

    Empty where a record of an older console has none.
    """
    if not signs:
        return ""
    state = str(signs.get("state"))
    last, reason = signs.get("lastSign"), signs.get("reason")
    if state == "alive" and signs.get("cpu") is not None:
        state = f"alive, CPU at {signs['cpu']} %"
    if last:
        return f"{state}, last sign of life {in_both_zones(datetime.fromisoformat(str(last)))}"
    return f"{state}: {safe_text(str(reason), 300)}" if reason else state.replace("-", " ")


def count(number: int, noun: str) -> str:
    """``1 server``, ``1,024 servers``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def api_time(text: str) -> datetime | None:
    """A time as the API writes it (``2025-06-19T16:13:43+0900``); None for a text that is none."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    # The first and the last year cannot be told in every zone.
    return moment if MINYEAR < moment.year < MAXYEAR else None


def start_time(text: str, now: datetime | None = None) -> str:
    """A time of the API in local time; made safe where it is none."""
    moment = api_time(text)
    return safe_text(text, 40) if moment is None else day_and_clock(moment, now)


def recorded_start(text: str) -> str:
    """A time of the API in both zones, for a record or a ticket; made safe where it is none."""
    moment = api_time(text)
    return safe_text(text, 40) if moment is None else in_both_zones(moment)


def since_when(text: str, now: datetime) -> str:
    """A time of the API as an age, then in local time; or the text itself."""
    moment = api_time(text)
    if moment is None:
        return text
    age = duration((now - moment).total_seconds())
    return f"{age} ago, {day_and_clock(moment, now)}"
