"""Cautions: facts that do not forbid an interrupt but make the operator type the server's number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.names import confusable_key, folded, same_name_key
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import REPLACEMENT, is_altered, safe_text
from ncpconsole.core.wording import clock, clock_and_zone, holder_sentence, operation_words, who
from ncpconsole.ncp.results import Outcome

if TYPE_CHECKING:  # the models bring msgspec, which the first frame does without
    from ncpconsole.core.vitals import Vitals
    from ncpconsole.ncp.models import Server


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason against an interrupt, or a caution before it.

    ``code`` is stable, for scripts; ``sentence`` is for the operator, ``word`` for a table cell, and ``cell`` for one
    that has room to name another server, where the sentence does.
    """

    code: str
    sentence: str
    word: str = ""
    cell: str = ""


def sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The sentences of some findings."""
    return tuple(finding.sentence for finding in findings)


def codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The codes of some findings, each once."""
    return tuple(dict.fromkeys(finding.code for finding in findings))


class Caution(StrEnum):
    """Every caution by its code: a contract with scripts, which may be added to and never changes."""

    UNDER_WAY = "under-way"
    UNKNOWN_OUTCOME = "unknown-outcome"
    RECENT = "recent"
    OPERATION = "operation"
    EVENT = "event"
    SAME_NAME = "same-name"
    LOOK_ALIKE = "look-alike"
    LIST_INCOMPLETE = "list-incomplete"
    NO_NAME = "no-name"
    ALTERED_NAME = "altered-name"
    SPACES_IN_NAME = "spaces-in-name"
    FOREIGN_GATEWAY = "foreign-gateway"
    NOT_LOOKED_FOR = "not-looked-for"
    BY_OTHERS = "by-others"
    ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The other servers that an operator could mean instead of one (see `listing.AccountSnapshot`).

    ``others`` are their records as listed, ``addresses`` the private ones of the server itself, and
    ``looked_for`` what the operator searched in order to find it (see `filters.whole_terms`). ``warnings`` are
    cautions: why another server of this name, or of one like it, may have been missed.
    """

    others: tuple[Server, ...] = ()
    warnings: tuple[Finding, ...] = ()
    addresses: tuple[str, ...] = ()
    looked_for: tuple[str, ...] = ()

    def same_names(self, server: Server) -> set[tuple[str, str]]:
        """Region and number of the others that bear this server's name (see `same_name_key`).

        The record is handed in, as its name may have changed since the lists were read.
        """
        name = same_name_key(server.server_name)
        return {identity(one) for one in self.others if same_name_key(one.server_name) == name}

    def alike(self, server: Server) -> list[Server]:
        """The others whose name could be taken for this server's, though it is another one."""
        key, exact = confusable_key(server.server_name), same_name_key(server.server_name)
        return [
            one
            for one in self.others
            if confusable_key(one.server_name) == key and same_name_key(one.server_name) != exact
        ]


def identity(server: Server) -> tuple[str, str]:
    """What tells a record from all others: region and number, as one number may occur in two regions."""
    return server.region_code, server.server_instance_no


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What is known about a server beyond its own record. The defaults mean: nothing.

    ``cooldown`` is in seconds. ``recent`` is the time of the last interrupt that was accepted or may have been, and
    ``recent_outcome`` which of the two. ``unresolved``: an interrupt of this server has an unknown outcome that nobody
    has resolved. ``under_way``: one is being sent, from here or another window. ``same_name_count`` counts other
    servers of the same name, ``confusable_count`` those of a confusable one; ``same_names`` and ``confusable_names``
    tell which, at least the first `MOST_NAMED` of them. Equal whatever ``now`` is.
    """

    now: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC), compare=False)
    cooldown: float = 0
    recent: datetime | None = None
    recent_outcome: Outcome = Outcome.ACCEPTED
    unresolved: bool = False
    under_way: bool = False
    same_name_count: int = 0
    confusable_count: int = 0
    same_names: tuple[str, ...] = ()
    confusable_names: tuple[str, ...] = ()
    same_at: str = ""
    """The first other server of the same name, by its number, with its region if that is another; for a table cell."""
    looks_like: str = ""
    """The first other name that looks like this one; for a table cell."""


NOTHING_KNOWN = ServerContext()


MOST_EVENTS = 3
FIRST_CONSOLE = datetime(2025, 1, 1, tzinfo=UTC)
"""No interrupt was recorded before: an earlier time was written by a clock that had lost its own."""


def seconds_since(recorded: datetime, now: datetime) -> float:
    """Seconds from a recorded moment until now; none for a moment that cannot be right, so that it counts."""
    return 0.0 if recorded < FIRST_CONSOLE else (now - recorded).total_seconds()


def cautious_now(now: datetime, clock_offset: float | None) -> datetime:
    """The earlier of this machine's time and the gateway's, so that no clock set ahead ends a cooldown.

    ``clock_offset`` is the gateway's clock minus this machine's in seconds, None where it is not known.
    """
    return now + timedelta(seconds=min(0.0, clock_offset or 0.0))


def _name_cautions(name: str) -> list[Finding]:
    if not name.strip():
        return [Finding(Caution.NO_NAME, "The server has no name to type.", "no name")]
    if is_altered(name) or REPLACEMENT in name:
        hidden = "The name cannot be shown as it is: it holds hidden or unsafe characters."
        return [Finding(Caution.ALTERED_NAME, hidden, "altered name")]
    if name != name.strip() or "  " in name:
        spaces = "The name begins or ends with a space, or holds two in a row."
        return [Finding(Caution.SPACES_IN_NAME, spaces, "spaces in name")]
    return []


MOST_NAMED = 3
"""Other servers that a caution names."""


def by_number(region: str, number: str) -> str:
    """How a caution calls another server of the same name."""
    return f"number {safe_text(number, 20)}, region {safe_text(region, 16)}"


def by_name(server: Server) -> str:
    """How a caution calls another server whose name looks like this one's."""
    return f"{safe_text(server.server_name, 60)} ({by_number(*identity(server))})"


def _others(count: int, what: str, which: tuple[str, ...]) -> str:
    """``which`` of the other servers have ``what``, as a sentence."""
    who_has = "Another server has" if count == 1 else f"{count} other servers have"
    if not which:
        return f"{who_has} {what}."
    shown = which[:MOST_NAMED]
    more = f"; and {count - len(shown)} more" if count > len(shown) else ""
    return f"{who_has} {what}: {'; '.join(shown)}{more}."


def _unresolved(sent: str) -> str:
    return (
        f"An earlier interrupt of this server{sent} has an unknown outcome: "
        "the server is locked until that is resolved in the history."
    )


def _recent(about: ServerContext, sent: str) -> str:
    became = "was accepted" if about.recent_outcome is Outcome.ACCEPTED else "may have been received"
    minutes = about.cooldown / 60
    return (
        f"An earlier interrupt of this server{sent} {became}: another one within {minutes:g} "
        f"minute{'' if minutes == 1 else 's'} of it can destroy the dump that is being written."
    )


def cautions_about(server: Server, about: ServerContext) -> list[Finding]:
    """Every caution, the gravest first."""
    found: list[Finding] = []
    if about.under_way:
        found.append(Finding(Caution.UNDER_WAY, "An interrupt of this server is being sent right now.", "being sent"))
    # A clock that was set back puts the earlier interrupt in the future: still within the cooldown.
    within = about.recent is not None and seconds_since(about.recent, about.now) < about.cooldown
    sent = f", sent at {clock_and_zone(about.recent, about.now)}," if about.recent and within else ""
    in_doubt = about.recent_outcome is not Outcome.ACCEPTED
    if about.unresolved:
        found.append(Finding(Caution.UNKNOWN_OUTCOME, _unresolved(sent if in_doubt else ""), "outcome unknown"))
    if about.recent and within and not (about.unresolved and in_doubt):
        word = f"{about.recent_outcome} {clock(about.recent)}"
        found.append(Finding(Caution.RECENT, _recent(about, sent), word))
    operation = operation_words(server.server_instance_operation.code)
    if operation:
        found.append(Finding(Caution.OPERATION, f"An operation is in progress: {operation}.", f"busy: {operation}"))
    if server.event_list:
        events = "; ".join(safe_text(event, 100) for event in server.event_list[:MOST_EVENTS])
        more = f" and {len(server.event_list) - MOST_EVENTS} more" if len(server.event_list) > MOST_EVENTS else ""
        found.append(Finding(Caution.EVENT, f"NCP reports an event of this server: {events}{more}.", "event"))
    if about.same_name_count:
        sentence = _others(about.same_name_count, "the same name", about.same_names)
        cell = f"same as {about.same_at}" if about.same_at else ""
        found.append(Finding(Caution.SAME_NAME, sentence, "same name", cell))
    if about.confusable_count:
        sentence = _others(about.confusable_count, "a name that looks like this one", about.confusable_names)
        cell = f"like {about.looks_like}" if about.looks_like else ""
        found.append(Finding(Caution.LOOK_ALIKE, sentence, "look-alike name", cell))
    found.extend(_name_cautions(server.server_name))
    return found


def recent_interrupts(intents: Iterable[Intent], now: datetime, cooldown: float) -> dict[str, ServerContext]:
    """By server number, what the earlier interrupts make of it at ``now``; servers without one are left out.

    ``intents`` are those of one gateway, in any order; ``cooldown`` is in seconds. An interrupt from the
    future (the clock was set back) counts as recent.
    """
    found: dict[str, ServerContext] = {}
    for intent in intents:
        within = seconds_since(intent.time, now) < cooldown
        recent = within and intent.may_have_reached and not intent.is_open
        if not (recent or intent.is_open or intent.is_unresolved):
            continue
        number = intent.draft.server_no
        before = found.get(number, ServerContext(now, cooldown))
        is_last = recent and (before.recent is None or intent.time > before.recent)
        outcome = Outcome.ACCEPTED if intent.is_known_to_have_reached else Outcome.UNKNOWN
        found[number] = replace(
            before,
            recent=intent.time if is_last else before.recent,
            recent_outcome=outcome if is_last else before.recent_outcome,
            unresolved=before.unresolved or intent.is_unresolved,
            under_way=before.under_way or intent.is_open,
        )
    return found


def context_of(
    server_no: str, intents: Iterable[Intent], *, now: datetime, cooldown: float, names: ServerContext = NOTHING_KNOWN
) -> ServerContext:
    """What is known about one server; ``intents`` and ``cooldown`` are as in `recent_interrupts`.

    ``names`` holds what is known of other servers' names, and counts for nothing else.
    """
    context = recent_interrupts(intents, now, cooldown).get(server_no, ServerContext(now, cooldown))
    return replace(
        context,
        same_name_count=names.same_name_count,
        confusable_count=names.confusable_count,
        same_names=names.same_names,
        confusable_names=names.confusable_names,
    )


def lock_reasons(earlier: Iterable[Intent]) -> tuple[Finding, ...]:
    """Why a claim would be refused, as far as a server's earlier interrupts tell."""
    return tuple(Finding("locked", holder_sentence(one)) for one in earlier if one.is_unresolved)


def interrupted_meanwhile(intents: Iterable[Intent]) -> tuple[str, ...]:
    """One sentence for each interrupt that may have reached the server since the operator looked."""
    return tuple(
        f"It was interrupted at {clock_and_zone(one.time)} by {who(one.origin)}, while this was being confirmed."
        for one in intents
        if one.may_have_reached
    )


def foreign_gateway(host: str) -> tuple[Finding, ...]:
    """A caution for a gateway outside NAVER Cloud's sites; ``host`` is empty for any other."""
    if not host:
        return ()
    sentence = f"Foreign gateway: {safe_text(host)} is none of NAVER Cloud's sites. It gets a signed interrupt."
    return (Finding(Caution.FOREIGN_GATEWAY, sentence, "foreign gateway"),)


def still_alive(vitals: Vitals) -> tuple[Finding, ...]:
    """A caution for a guest that sends its metrics; none for a silent one, and none from not knowing."""
    if vitals.state != "alive" or vitals.last_sign is None:
        return ()
    cpu = "" if vitals.cpu is None else f", CPU at {vitals.cpu:.0f} %"
    sentence = (
        f"It does not look hung: the guest sends its metrics, last sign of life {clock(vitals.last_sign)[:-3]}{cpu}."
    )
    return (Finding(Caution.ALIVE, sentence, "alive"),)


def not_looked_for(server: Server, surroundings: Surroundings) -> tuple[Finding, ...]:
    """A caution for each address, number or name that was looked for and that this server does not have."""
    ips = _addresses(server, surroundings)
    its = ", ".join(safe_text(ip, 40) for ip in ips) or "no address"
    return tuple(
        Finding(
            Caution.NOT_LOOKED_FOR,
            f"You looked for {safe_text(term, 60)}, which this server does not have: it is "
            f"{safe_text(server.server_name, 60)}, number {safe_text(server.server_instance_no, 20)}, {its}.",
            "not looked for",
        )
        for term in looked_for_elsewhere(server, surroundings)
    )


def looked_for_elsewhere(server: Server, surroundings: Surroundings) -> tuple[str, ...]:
    """What was looked for and is neither number, name nor address of this server."""
    texts = (server.server_instance_no, server.server_name, *_addresses(server, surroundings))
    held = {folded(safe_text(text)) for text in texts}
    return tuple(term for term in surroundings.looked_for if term not in held)


def _addresses(server: Server, surroundings: Surroundings) -> tuple[str, ...]:
    return tuple(ip for ip in (*surroundings.addresses, server.public_ip) if ip)
