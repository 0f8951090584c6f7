"""Words for the API's codes. Decided by code alone: the API's own names of codes are localized.

Source: the API's data-type page of the server instance (serverInstanceStatus, serverInstanceOperation).
A code that is not listed is shown as it came; nothing here says what may be done with a server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import Sentence, msgid, shown, tr, with_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ncpconsole.core.records import Intent, Origin
    from ncpconsole.ncp.identity import CallerIdentity
    from ncpconsole.ncp.models import Server


RUNNING = "RUN"

STATUS_WORDS = {
    "INIT": msgid("being prepared"),
    "CREAT": msgid("created, not started"),
    RUNNING: msgid("running"),
    "NSTOP": msgid("stopped"),
    "TERMT": msgid("terminated"),
    "FSTOP": msgid("stopped, after a failure"),
    "SD_FL": msgid("shutdown failed"),
    "RS_FL": msgid("restart failed"),
    "ST_FL": msgid("start failed"),
}

NO_OPERATION = frozenset(("", "NULL"))

OPERATION_WORDS = {
    "START": msgid("starting"),
    "SHTDN": msgid("shutting down"),
    "RESTA": msgid("restarting"),
    "TERMT": msgid("terminating"),
    "MIGRA": msgid("migrating"),
    "COPY": msgid("being copied"),
    "SETUP": msgid("setting up"),
    "HREST": msgid("hard restarting"),
    "HSHTD": msgid("hard shutting down"),
    "CHNG": msgid("changing its spec"),
    "CREAT": msgid("being created"),
}

_CODE_LIMIT = 24


# Cached, so that ten thousand rows share one text each and not ten thousand equal ones.
@lru_cache(maxsize=1024)
def shown_code(code: str) -> str:
    """A code as text for a terminal, short and safe."""
    return safe_text(code, _CODE_LIMIT)


def status_word(code: str) -> str:
    """What a status code means: ``running``, ``stopped`` …; empty for a code that is not known."""
    return tr(STATUS_WORDS.get(code, ""))


def operation_sentence(code: str) -> str:
    """What an operation code means: ``shutting down`` …; empty for none, the code itself when not known."""
    if code in NO_OPERATION:
        return ""
    return Sentence(OPERATION_WORDS[code]) if code in OPERATION_WORDS else shown_code(code)


def operation_words(code: str) -> str:
    """`operation_sentence` in the language in force."""
    return shown(operation_sentence(code))


@lru_cache(maxsize=1024)
def status_words(status_code: str, operation_code: str) -> str:
    """Status and operation for filters and details: ``RUN running``, ``RUN shutting down``; a sentence for `shown`.

    The status stays RUN while a server shuts down or restarts, so an operation takes the place of the word.
    """
    operation = operation_sentence(operation_code)
    if not status_code:
        return operation or Sentence("status unknown")
    word = operation or (Sentence(STATUS_WORDS[status_code]) if status_code in STATUS_WORDS else "")
    return Sentence.joined(shown_code(status_code), word)


def state_words(status_code: str, operation_code: str) -> str:
    """A state as changes tell it: what is going on, else what the status means; a code not known stands for itself."""
    return operation_words(operation_code) or status_word(status_code) or shown_code(status_code) or tr("unknown")


STATE_WORDS = {
    "INIT": msgid("preparing"), "CREAT": msgid("created"), RUNNING: msgid("running"), "NSTOP": msgid("stopped"),
    "TERMT": msgid("terminated"), "FSTOP": msgid("failed"), "SD_FL": msgid("failed"), "RS_FL": msgid("failed"),
    "ST_FL": msgid("failed"),
}  # fmt: skip


def state_word(server: Server) -> str:
    """A server's state in one word of at most 10 cells: ``running``, ``stopped``, ``busy`` during an operation …

    A code that is not known stands for itself.
    """
    if server.server_instance_operation.code not in NO_OPERATION:
        return tr("busy")
    code = server.server_instance_status.code
    return tr(STATE_WORDS.get(code, "")) or shown_code(code) or tr("unknown")


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
    """READ-ONLY, PROTECTED and REASON, as far as they hold, in the language in force."""
    words = ((tr("READ-ONLY"), of.read_only), (tr("PROTECTED"), of.protected), (tr("REASON"), of.require_reason))
    return tuple(word for word, holds in words if holds)


NO_TERMINAL = "no terminal"  # no message: as it is on record
OVER_SSH = re.compile(r"(.*) from (\S+) over SSH", re.DOTALL)
WHERE_FROM = {
    (True, False): msgid("{user}@{host} (no terminal)"),
    (True, True): msgid("{user}@{host} (no terminal from {address} over SSH)"),
    (False, True): msgid("{user}@{host} ({terminal} from {address} over SSH)"),
}
"""Where somebody acts from, by whether without a terminal and whether over SSH; a record has it in English."""


def who(origin: Origin, limit: int = 40) -> str:
    """Who acts, and from where: ``ops1@bastion (pts/3 from 192.0.2.7 over SSH)``; at most ``limit`` each."""
    user, host = safe_text(origin.user, limit), safe_text(origin.host, limit)
    over_ssh = OVER_SSH.fullmatch(origin.terminal)
    terminal, address = over_ssh.groups() if over_ssh else (origin.terminal, "")
    where = {"terminal": safe_text(terminal, limit), "address": safe_text(address, limit)}
    if template := WHERE_FROM.get((terminal == NO_TERMINAL, bool(over_ssh))):
        return Sentence(template, user=user, host=host, **where)
    return f"{user}@{host} ({where['terminal']})" if terminal else f"{user}@{host}"


ACCOUNT_WORDS = {
    "Customer": (msgid("main account of {team}"), msgid("main account {name}")),
    "Sub": (msgid("sub account {name} of {team}"), msgid("sub account {name}")),
    "Role": (msgid("role {name} of {team}"), msgid("role {name}")),
    "": (msgid("account {name} of {team}"), msgid("account {name}")),
}
"""What a key's owner is called, with the team's alias and without, by the type that NAVER Cloud tells."""


def acting_words(caller: CallerIdentity) -> str:
    """Whose key it is: ``sub account mina of team-alias``, ``main account of team-alias``, ``role deploy of …``."""
    name, alias = safe_text(caller.id, 60), safe_text(caller.login_alias, 60)
    kind = caller.user_type if caller.user_type in ACCOUNT_WORDS else ""
    of_team, alone = ACCOUNT_WORDS[kind]
    if alias:
        return " ".join(tr(of_team, name=name, team=alias).split())
    return tr(alone, name=name).rstrip()


def acting_short(caller: CallerIdentity) -> str:
    """The same where there is little room: ``mina@team-alias``."""
    name, alias = safe_text(caller.id, 24), safe_text(caller.login_alias, 24)
    return "@".join(filter(None, (name, alias)))


def left_behind(intent: Intent) -> str:
    """What an ended console left behind, as it was found at the next start."""
    draft = intent.draft
    server = f"{safe_text(draft.server_name, 40)} ({safe_text(draft.server_no, 20)})"
    if intent.was_not_sent:
        return tr("An earlier console ended before it sent an interrupt to {server}: it was not sent.", server=server)
    return tr(
        "An earlier console ended while it sent an interrupt to {server}, {when}: "
        "the outcome is unknown and the server is locked.",
        server=server,
        when=clock_and_zone(intent.time),
    )


def holder_sentence(holder: Intent) -> Sentence:
    """Why a server is locked, by whom and since when, and the way out.

    Names are cut short, so that no screen cuts off the way out.
    """
    draft = holder.draft
    facts = {
        "number": safe_text(draft.server_no, 20),
        "name": safe_text(draft.server_name, 40),
        "by": who(holder.origin, 30),
        "when": clock_and_zone(holder.time),
    }
    if holder.is_open:
        return Sentence(
            "An interrupt of server {number} ({name}) by {by} is under way since {when}: wait for its outcome.", **facts
        )
    return Sentence(
        "The interrupt of server {number} ({name}) by {by} at {when} has an unknown outcome. Find out what became of "
        "it, then resolve it in the history or with 'ncpconsole resolve {id} --as accepted|not-received --note TEXT'.",
        **facts,
        id=holder.id,
    )


def why_not_resolvable(intent: Intent) -> str:
    """Why there is nothing to resolve."""
    if intent.is_open:
        return tr("Interrupt {id} is still under way: wait for its outcome.", id=intent.id)
    if intent.resolution:
        found = tr(RESOLVED_WORDS[intent.resolution.resolved_as.value])
        return tr("Interrupt {id} was already resolved as {found}.", id=intent.id, found=found)
    outcome = outcome_word(intent.outcome) if intent.outcome else tr("open")
    return tr("Interrupt {id} needs no resolving: its outcome is known ({outcome}).", id=intent.id, outcome=outcome)


RESOLVED_WORDS = {"accepted": msgid("accepted"), "not-received": msgid("not-received")}
"""What an operator found out, by its code."""
OUTCOME_WORDS = {
    "accepted": msgid("accepted"),
    "rejected": msgid("rejected"),
    "not_sent": msgid("not sent"),
    "unknown": msgid("unknown"),
}


def outcome_word(outcome: str) -> str:
    """An outcome, by its code, in small letters: ``accepted``, ``not sent`` …"""
    return tr(OUTCOME_WORDS[outcome])


def duration(seconds: float) -> str:
    """A duration in the largest fitting unit: ``4 s``, ``3 min``, ``2 h``, ``5 d``."""
    return lasting(seconds).shown


def lasting(seconds: float) -> Sentence:
    """`duration` for a sentence that is stored."""
    seconds = max(0, int(seconds))
    if seconds < 100:
        return Sentence("{number} s", number=seconds)
    if seconds < 100 * 60:
        return Sentence("{number} min", number=seconds // 60)
    if seconds < 48 * 3600:
        return Sentence("{number} h", number=seconds // 3600)
    return Sentence("{number} d", number=seconds // 86400)


def safe_sentence(text: str) -> str:
    """A text, or the facts of a sentence, made safe for a terminal; each is cut to 300 characters."""

    def safe(fact: str) -> str:
        return safe_text(fact, 300)

    return with_facts(text, safe)


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


def signs_words(signs: Mapping[str, Any] | None, time: Callable[[datetime], str] = in_both_zones) -> str:
    """The vital signs of a record in words, such as ``silent, last sign of life`` with its ``time``.

    Empty where a record of an older console has none.
    """
    if not signs:
        return ""
    code = str(signs.get("state"))
    last, reason = signs.get("lastSign"), signs.get("reason")
    state = life_word(code)
    if code == "alive" and signs.get("cpu") is not None:
        state = tr("alive, CPU at {percent} %", percent=signs["cpu"])
    if last:
        when = time(datetime.fromisoformat(str(last)))
        return tr("{state}, last sign of life {when}", state=state, when=when)
    return f"{state}: {safe_text(str(reason), 300)}" if reason else state


LIFE_WORDS = {
    "alive": msgid("alive"),
    "silent": msgid("silent"),
    "no-agent": msgid("no agent"),
    "unavailable": msgid("unavailable"),
}


def life_word(code: str) -> str:
    """A state of vital signs in a word or two; a code that is not known stands for itself."""
    return tr(LIFE_WORDS.get(code, "")) or safe_text(code, 20).replace("-", " ")


USUAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}")


def api_time(text: str) -> datetime | None:
    """A time as the API writes it (``2025-06-19T16:13:43+0900``); None for a text that is none."""
    try:
        # The general way takes a tenth of a millisecond, and a screenful is read before it is drawn.
        is_usual = USUAL_TIME.fullmatch(text)
        moment = datetime.fromisoformat(text) if is_usual else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
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
    return tr("{age} ago, {when}", age=age, when=day_and_clock(moment, now))
