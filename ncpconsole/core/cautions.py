"""Cautions: facts that do not forbid an interrupt but make the operator type the server's number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.names import composed, confusable_key, folded, same_name_key
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import REPLACEMENT, is_altered, safe_text
from ncpconsole.core.wording import OUTCOME_WORDS, clock, clock_and_zone, holder_sentence, operation_sentence, who
from ncpconsole.language import Sentence, msgid, shown
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
    """The sentences of some findings, in the language in force."""
    return tuple(shown(finding.sentence) for finding in findings)


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
    cautions: why another server of this name, or of one like it, may have been missed. ``listed_name`` is the name
    under which it was chosen, empty where none was.
    """

    others: tuple[Server, ...] = ()
    warnings: tuple[Finding, ...] = ()
    addresses: tuple[str, ...] = ()
    looked_for: tuple[str, ...] = ()
    listed_name: str = ""

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
        return [Finding(Caution.NO_NAME, Sentence("The server has no name to type."), Sentence("no name"))]
    if is_altered(name) or REPLACEMENT in name:
        hidden = Sentence("The name cannot be shown as it is: it holds hidden or unsafe characters.")
        return [Finding(Caution.ALTERED_NAME, hidden, Sentence("altered name"))]
    if name != name.strip() or "  " in name:
        spaces = Sentence("The name begins or ends with a space, or holds two in a row.")
        return [Finding(Caution.SPACES_IN_NAME, spaces, Sentence("spaces in name"))]
    return []


MOST_NAMED = 3
"""Other servers that a caution names."""


def by_number(region: str, number: str) -> Sentence:
    """How a caution calls another server of the same name."""
    return Sentence("number {number}, region {region}", number=safe_text(number, 20), region=safe_text(region, 16))


def by_name(server: Server) -> Sentence:
    """How a caution calls another server whose name looks like this one's."""
    return Sentence("{name} ({which})", name=safe_text(server.server_name, 60), which=by_number(*identity(server)))


def _same_names(count: int, which: tuple[str, ...]) -> Sentence:
    """Which of the other servers have the same name."""
    if not which:
        return Sentence.plural("Another server has the same name.", "{count} other servers have the same name.", count)
    named = which[:MOST_NAMED]
    servers = Sentence.joined(*named, by="; ")
    if count > len(named):
        return Sentence(
            "{count} other servers have the same name: {servers}; and {more} more.",
            count=count,
            servers=servers,
            more=count - len(named),
        )
    return Sentence.plural(
        "Another server has the same name: {servers}.",
        "{count} other servers have the same name: {servers}.",
        count,
        servers=servers,
    )


def _look_alikes(count: int, which: tuple[str, ...]) -> Sentence:
    """Which of the other servers have a name that could be taken for this one's."""
    if not which:
        return Sentence.plural(
            "Another server has a name that looks like this one.",
            "{count} other servers have a name that looks like this one.",
            count,
        )
    named = which[:MOST_NAMED]
    servers = Sentence.joined(*named, by="; ")
    if count > len(named):
        return Sentence(
            "{count} other servers have a name that looks like this one: {servers}; and {more} more.",
            count=count,
            servers=servers,
            more=count - len(named),
        )
    return Sentence.plural(
        "Another server has a name that looks like this one: {servers}.",
        "{count} other servers have a name that looks like this one: {servers}.",
        count,
        servers=servers,
    )


def _unresolved(sent: str) -> Sentence:
    if not sent:
        return Sentence(
            "An earlier interrupt of this server has an unknown outcome: "
            "the server is locked until that is resolved in the history."
        )
    return Sentence(
        "An earlier interrupt of this server, sent at {when}, has an unknown outcome: "
        "the server is locked until that is resolved in the history.",
        when=sent,
    )


def _recent(about: ServerContext, sent: str) -> Sentence:
    if about.recent_outcome is Outcome.ACCEPTED:
        one = msgid(
            "An earlier interrupt of this server, sent at {when}, was accepted: another one within {minutes:g} minute "
            "of it can destroy the dump that is being written."
        )
        many = msgid(
            "An earlier interrupt of this server, sent at {when}, was accepted: another one within {minutes:g} minutes "
            "of it can destroy the dump that is being written."
        )
    else:
        one = msgid(
            "An earlier interrupt of this server, sent at {when}, may have been received: another one within "
            "{minutes:g} minute of it can destroy the dump that is being written."
        )
        many = msgid(
            "An earlier interrupt of this server, sent at {when}, may have been received: another one within "
            "{minutes:g} minutes of it can destroy the dump that is being written."
        )
    minutes = about.cooldown / 60
    return Sentence(one if minutes == 1 else many, when=sent, minutes=minutes)


def _events(texts: Sequence[str]) -> Sentence:
    events = "; ".join(safe_text(event, 100) for event in texts[:MOST_EVENTS])
    if len(texts) <= MOST_EVENTS:
        return Sentence("NCP reports an event of this server: {events}.", events=events)
    more = len(texts) - MOST_EVENTS
    return Sentence("NCP reports an event of this server: {events} and {more} more.", events=events, more=more)


def _under_way() -> Finding:
    sentence = Sentence("An interrupt of this server is being sent right now.")
    return Finding(Caution.UNDER_WAY, sentence, Sentence("being sent"))


def cautions_about(server: Server, about: ServerContext) -> list[Finding]:
    """Every caution, the gravest first."""
    found: list[Finding] = []
    if about.under_way:
        found.append(_under_way())
    # A clock that was set back puts the earlier interrupt in the future: still within the cooldown.
    within = about.recent is not None and seconds_since(about.recent, about.now) < about.cooldown
    sent = clock_and_zone(about.recent, about.now) if about.recent and within else ""
    in_doubt = about.recent_outcome is not Outcome.ACCEPTED
    if about.unresolved:
        found.append(
            Finding(Caution.UNKNOWN_OUTCOME, _unresolved(sent if in_doubt else ""), Sentence("outcome unknown"))
        )
    if about.recent and within and not (about.unresolved and in_doubt):
        word = Sentence(
            "{outcome} {time}", outcome=Sentence(OUTCOME_WORDS[about.recent_outcome]), time=clock(about.recent)
        )
        found.append(Finding(Caution.RECENT, _recent(about, sent), word))
    if operation := operation_sentence(server.server_instance_operation.code):
        sentence = Sentence("An operation is in progress: {operation}.", operation=operation)
        found.append(Finding(Caution.OPERATION, sentence, Sentence("busy: {operation}", operation=operation)))
    if server.event_list:
        found.append(Finding(Caution.EVENT, _events(server.event_list), Sentence("event")))
    if about.same_name_count:
        sentence = _same_names(about.same_name_count, about.same_names)
        cell = Sentence("same as {server}", server=about.same_at) if about.same_at else ""
        found.append(Finding(Caution.SAME_NAME, sentence, Sentence("same name"), cell))
    if about.confusable_count:
        sentence = _look_alikes(about.confusable_count, about.confusable_names)
        cell = Sentence("like {name}", name=about.looks_like) if about.looks_like else ""
        found.append(Finding(Caution.LOOK_ALIKE, sentence, Sentence("look-alike name"), cell))
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
    server_no: str, intents: Iterable[Intent], *, now: datetime, cooldown: float, names: ServerContext
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
        Sentence(
            "It was interrupted at {when} by {who}, while this was being confirmed.",
            when=clock_and_zone(one.time),
            who=who(one.origin),
        )
        for one in intents
        if one.may_have_reached
    )


def foreign_gateway(host: str) -> tuple[Finding, ...]:
    """A caution for a gateway outside NAVER Cloud's sites; ``host`` is empty for any other."""
    if not host:
        return ()
    sentence = Sentence(
        "Foreign gateway: {host} is none of NAVER Cloud's sites. It gets a signed interrupt.", host=safe_text(host)
    )
    return (Finding(Caution.FOREIGN_GATEWAY, sentence, Sentence("foreign gateway")),)


def still_alive(vitals: Vitals) -> tuple[Finding, ...]:
    """A caution for a guest that sends its metrics; none for a silent one, and none from not knowing."""
    if vitals.state != "alive" or vitals.last_sign is None:
        return ()
    time = clock(vitals.last_sign)[:-3]
    if vitals.cpu is None:
        sentence = Sentence("It does not look hung: the guest sends its metrics, last sign of life {time}.", time=time)
    else:
        sentence = Sentence(
            "It does not look hung: the guest sends its metrics, last sign of life {time}, CPU at {percent:.0f} %.",
            time=time,
            percent=vitals.cpu,
        )
    return (Finding(Caution.ALIVE, sentence, Sentence("alive")),)


def renamed(server: Server, surroundings: Surroundings) -> tuple[Finding, ...]:
    """A caution where the list called the server otherwise than its record now does."""
    listed = surroundings.listed_name
    if not listed or composed(listed) == composed(server.server_name):
        return ()
    sentence = Sentence(
        "In the list its name was {listed}, and now it is {name}: look whether this is the server that you mean.",
        listed=safe_text(listed, 60),
        name=safe_text(server.server_name, 60),
    )
    return (Finding(Caution.NOT_LOOKED_FOR, sentence, Sentence("not looked for")),)


def not_looked_for(server: Server, surroundings: Surroundings) -> tuple[Finding, ...]:
    """A caution for each address, number or name that was looked for and that this server does not have."""
    ips = _addresses(server, surroundings)
    its = ", ".join(safe_text(ip, 40) for ip in ips) or Sentence("no address")
    return tuple(
        Finding(
            Caution.NOT_LOOKED_FOR,
            Sentence(
                "You looked for {term}, which this server does not have: it is {name}, number {number}, {addresses}.",
                term=safe_text(term, 60),
                name=safe_text(server.server_name, 60),
                number=safe_text(server.server_instance_no, 20),
                addresses=its,
            ),
            Sentence("not looked for"),
        )
        for term in looked_for_elsewhere(server, surroundings)
    )


def looked_for_elsewhere(server: Server, surroundings: Surroundings) -> tuple[str, ...]:
    """What was looked for and is, in any spelling, neither number, name nor address of this server."""
    texts = (server.server_instance_no, server.server_name, *_addresses(server, surroundings))
    held = {folded(safe_text(text)) for text in texts}
    return tuple(term for term in surroundings.looked_for if folded(safe_text(term)) not in held)


def _addresses(server: Server, surroundings: Surroundings) -> tuple[str, ...]:
    return tuple(ip for ip in (*surroundings.addresses, server.public_ip) if ip)
