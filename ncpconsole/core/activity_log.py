"""Reads the activity log of one server: who did what to it, with any console or script.

Source: the API page of the Cloud Activity Tracer. How late a line appears is documented nowhere, so that a line says
something and the lack of one says nothing. An action bears the API's name in words (``Interrupt Server Instance``,
``Stop Server Instances``); where it ends later, a second line has ``(Complete)`` behind them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ncpconsole.core.cautions import Caution, Finding
from ncpconsole.core.gateway import Gateway
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import lasting, safe_sentence
from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import Activity

LOG_SECONDS = 2.0
"""How long a look at the log may take; an interrupt waits no longer for it."""
LOG_SPAN = timedelta(minutes=30)
"""How far back somebody else's action counts, at least."""
OWN_WITHIN = timedelta(seconds=60)
"""How far the time of an entry may be from that of the interrupt that it tells of."""
COMPLETE = "(complete)"
SentSpan = tuple[datetime, datetime]
"""When one of our interrupts was sent, and when its outcome was there."""

DEEDS = {
    "interrupt": msgid(
        "Someone interrupted this server {age} ago, by the activity log ({who}). "
        "A second interrupt can destroy the dump that is being written."
    ),
    "stop": msgid("Someone stopped this server {age} ago, by the activity log ({who}). Look whether it still hangs."),
    "restart": msgid(
        "Someone restarted this server {age} ago, by the activity log ({who}). Look whether it still hangs."
    ),
}
WORDS = {"interrupt": "interrupt", "stop": "stop", "restart": "restart", "reboot": "restart"}
"""The words of an action's name that tell what was done."""


@dataclass(frozen=True, slots=True)
class LogLook:
    """One look at the log: what it has about one server, newest first, or in ``problem`` why that is not known.

    ``bug`` is an error that nobody expected, to be told as one.
    """

    entries: tuple[Activity, ...] = ()
    problem: str = ""
    bug: Exception | None = None


async def server_activities(gateway: Gateway, server_no: str, since: datetime) -> list[Activity]:
    """What the activity log has about one server from ``since`` until now, in the log's order.

    Raises NcpError where the account has no log. Entries can come minutes late.
    """
    until = datetime.now(UTC)
    found = await gateway.activities(int(since.timestamp() * 1000), int(until.timestamp() * 1000))
    return [activity for activity in found if activity.resource_id == server_no]


async def look_at_log(gateway: Gateway, server_no: str, now: datetime, *, span: timedelta, seconds: float) -> LogLook:
    """The log's entries about one server within ``span``; takes ``seconds`` at most and raises nothing.

    ``now`` is the gateway's time, which is that of the entries.
    """
    begin, end = now - span, now + OWN_WITHIN
    try:
        async with asyncio.timeout(seconds):
            found = await gateway.activities(_milliseconds(begin), _milliseconds(end))
    except NcpError as error:
        return LogLook(problem=safe_sentence(error.sentence))
    except TimeoutError:
        return LogLook(problem=Sentence("It gave no answer within {seconds:.2g} seconds.", seconds=seconds))
    except Exception as error:  # noqa: BLE001 - a bug in reading a witness must not keep anybody from an interrupt
        broken = Sentence("It could not be read for an internal error ({kind}).", kind=type(error).__name__)
        return LogLook(problem=broken, bug=error)
    about = [one for one in found if one.resource_id == server_no and one.event_time >= _milliseconds(begin)]
    return LogLook(tuple(sorted(about, key=lambda one: one.event_time, reverse=True)))


def by_others(log: LogLook, own: Iterable[Intent], clock_offset: float = 0.0) -> tuple[Activity, ...]:
    """The interrupts, stops and restarts in the log that are not this journal's, newest first.

    ``own`` are the server's interrupts in the journal, ``clock_offset`` the gateway's clock minus ours in seconds. Each
    of them stands for one entry at about its time; what failed did not happen, and the end of an action is no other.
    """
    deeds = [one for one in log.entries if deed(one) and "fail" not in one.action_result_type.casefold()]
    begun = [one for one in deeds if not _is_end(one)]
    shift = timedelta(seconds=clock_offset)
    spans = [(one.sent + shift, (one.finished or one.sent) + shift) for one in own if one.sent and one.may_have_reached]
    others = _not_taken(begun, spans)
    ends = [one for one in deeds if _is_end(one) and not _has_begun(one, begun, spans)]
    return tuple(sorted((*others, *ends), key=lambda one: one.event_time, reverse=True))


def deed(entry: Activity) -> str:
    """What an entry tells was done to a server: interrupt, stop or restart; empty for anything else."""
    words = map(str.casefold, re.findall("[A-Z]?[a-z]+", entry.action_display_name))
    return next((WORDS[word] for word in words if word in WORDS), "")


def others_findings(entries: Sequence[Activity], now: datetime) -> tuple[Finding, ...]:
    """A caution for each of some entries, in plain words; ``now`` is the gateway's time."""
    return tuple(
        Finding(
            Caution.BY_OTHERS,
            Sentence(DEEDS[deed(one)], age=lasting((now - _time(one)).total_seconds()), who=_who(one)),
            Sentence("by others"),
        )
        for one in entries
    )


def entry_key(entry: Activity) -> tuple[str, int, str]:
    """What tells an entry from all others, whenever it is read."""
    return entry.history_id, entry.event_time, entry.action_display_name


def _who(entry: Activity) -> str:
    number, kind = safe_text(entry.action_sub_account_no, 40), safe_text(entry.action_user_type, 20)
    who = (
        Sentence("sub account {name}", name=number) if number else kind or Sentence("an account that it does not name")
    )
    place = safe_text(entry.source_ip or entry.source_type, 45)
    return Sentence("{who} from {place}", who=who, place=place) if place else who


def _not_taken(entries: Iterable[Activity], own: Iterable[SentSpan]) -> list[Activity]:
    """The entries that are left when each of our interrupts has taken the interrupt that is nearest to it."""
    left = list(entries)
    for sent, finished in own:
        first, last = sent - OWN_WITHIN, finished + OWN_WITHIN
        near = [one for one in left if deed(one) == "interrupt" and first <= _time(one) <= last]
        if near:
            left.remove(min(near, key=lambda one: abs(_time(one) - sent)))
    return left


def _has_begun(end: Activity, begun: Iterable[Activity], own: Iterable[SentSpan]) -> bool:
    """Whether the beginning of an action that ended is known, from the log or as one of ours."""
    what, when = deed(end), _time(end)
    if any(deed(one) == what and _time(one) <= when for one in begun):
        return True
    return what == "interrupt" and any(sent - OWN_WITHIN <= when for sent, _ in own)


def _is_end(entry: Activity) -> bool:
    return COMPLETE in entry.action_display_name.casefold()


def _time(entry: Activity) -> datetime:
    """When it happened, by the gateway's clock; the earliest time there is for one that is out of all bounds."""
    try:
        return datetime.fromtimestamp(entry.event_time / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
