"""Hash-chained events, and the documents that follow from them. Pure; no database.

Tamper-evident: a changed, removed or swapped event breaks a hash. A cut-off end, and a new chain made by
somebody who may write the file, are found by a head that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ncpconsole.core.records import Draft, Intent, Note, Observation, Origin, ResolvedAs, State, Subject
from ncpconsole.core.safe_text import safe_block, safe_text
from ncpconsole.language import Sentence
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.ncp.sites import SITES

GENESIS = "0" * 64
"""What the first event names as its predecessor, and the head of an empty journal."""

SITE_OF_HOST = {urlsplit(site.base_url).hostname: site.name for site in SITES.values()}

Document = dict[str, Any]
"""One intent as plain JSON values: the fold of its events."""

RESULT_FIELDS = (
    "message",
    "http_status",
    "return_code",
    "return_message",
    "request_id",
    "request_ids",  # older records have none
    "trace_id",
    "others_may_be_behind",  # most records have none
)


class Kind(StrEnum):
    """What an event reports of its intent."""

    CLAIMED = "claimed"
    SENDING = "sending"
    FINISHED = "finished"
    LATE_OUTCOME = "late-outcome"
    """What its own console knew all along of an interrupt whose outcome others could only call unknown."""
    OBSERVED = "observed"
    RESOLVED = "resolved"
    LOSS_ACCEPTED = "loss-accepted"
    """Of the journal itself and of no intent: a part of the record is gone, and somebody said why."""
    NOTED = "noted"
    """Of no intent: what an operator noted about a server, a record or an incident."""
    TAKEN_OVER = "taken-over"
    """Of the journal itself: the events before this one came from another journal, whose head it names."""


OF_NO_INTENT = frozenset((Kind.LOSS_ACCEPTED, Kind.NOTED, Kind.TAKEN_OVER))
"""Kinds that change no intent, and so neither lock nor unlock a server. Their events have an empty intent id."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of one intent. ``time`` is UTC as text, for people; the order is the sequence alone.

    ``body`` is canonical JSON text, kept as text so that the hash covers exactly what is stored.
    """

    sequence: int
    time: str
    intent: str
    kind: str
    body: str
    previous: str
    hash: str

    def computed_hash(self) -> str:
        """The hash that this content must have: SHA-256 over canonical JSON, in hexadecimal."""
        content = [self.sequence, self.time, self.intent, self.kind, self.body, self.previous]
        return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()


class ChainError(Exception):
    """The events contradict each other; raised with a `Sentence` without its end that names the place."""


def canonical(value: Any) -> str:
    """One JSON text per value: sorted keys, no spaces, ASCII (so that a lone surrogate survives too)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def next_event(previous: Event | None, *, time: str, intent: str, kind: Kind, body: Any) -> Event:
    """The event that follows ``previous`` (None: the first), with its hash."""
    sequence = previous.sequence + 1 if previous else 1
    before = previous.hash if previous else GENESIS
    unhashed = Event(sequence, time, intent, kind.value, canonical(body), before, "")
    return replace(unhashed, hash=unhashed.computed_hash())


def follow(document: Document | None, event: Event) -> Document:
    """The intent's document after an event; raises ChainError when the event cannot follow.

    A request is only ever sent from SENDING, so from CLAIMED an intent can end as not sent, or as unknown
    when the transport never reported its first byte; it cannot end as answered.
    """
    body = json.loads(event.body)
    if event.kind == Kind.CLAIMED:
        if document is not None:
            raise ChainError(
                Sentence("event {number} claims intent {id} a second time", number=event.sequence, id=event.intent)
            )
        return _claimed(event, body)
    if document is None:
        raise ChainError(
            Sentence(
                "event {number} speaks of intent {id}, which was never claimed", number=event.sequence, id=event.intent
            )
        )
    if event.kind == Kind.SENDING and document["state"] == State.CLAIMED:
        return {**document, "state": State.SENDING.value, "sent": event.time}
    if event.kind == Kind.FINISHED and may_finish(document["state"], body["outcome"]):
        result = {name: body[name] for name in RESULT_FIELDS if name in body}
        ended = {"state": State.DONE.value, "outcome": body["outcome"], "finished": event.time}
        return {**document, **result, **ended}
    if event.kind == Kind.LATE_OUTCOME and document["outcome"] == Outcome.UNKNOWN:
        result = {name: body[name] for name in RESULT_FIELDS if name in body}
        return {**document, **result, "outcome": body["outcome"]}
    if event.kind == Kind.OBSERVED:
        return {**document, "observations": [*document["observations"], *body["observations"]]}
    if event.kind == Kind.RESOLVED and is_unresolved(document):
        return {**document, "resolution": {**body, "time": event.time}}
    raise ChainError(
        Sentence(
            "event {number} ({kind}) cannot follow in intent {id}",
            number=event.sequence,
            kind=event.kind,
            id=event.intent,
        )
    )


def is_unresolved(document: Document) -> bool:
    """Whether the outcome is unknown and nobody has found out."""
    return document["outcome"] == Outcome.UNKNOWN and document["resolution"] is None


def may_finish(state: str, outcome: str) -> bool:
    """Whether an intent in this state can end so; an answer needs a committed SENDING."""
    if state == State.SENDING:
        return outcome in set(Outcome)
    return state == State.CLAIMED and outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN)


def check_hashes(events: Iterable[Event]) -> Iterator[Event]:
    """Pass the events on; raises ChainError at the first whose content is not what was hashed."""
    for event in events:
        if event.computed_hash() != event.hash:
            raise ChainError(
                Sentence("event {number} was changed: its content does not match its hash", number=event.sequence)
            )
        yield event


def check_links(events: Iterable[Event], first: int = 1) -> Iterator[Event]:
    """Pass the events on, in the order of their sequence; raises ChainError at the first misfit.

    ``first`` is the sequence to begin with; what the first of a part of the chain continues is not looked at.
    """
    expected, before = first, GENESIS if first == 1 else None
    for event in events:
        if event.sequence != expected:
            raise ChainError(
                Sentence(
                    "event {number} is missing; the next one present is {next}", number=expected, next=event.sequence
                )
            )
        deque(check_hashes([event]), maxlen=0)
        if before not in (None, event.previous):
            raise ChainError(
                Sentence(
                    "event {number} does not continue event {before}", number=event.sequence, before=event.sequence - 1
                )
            )
        yield event
        expected, before = event.sequence + 1, event.hash


def replay(events: Iterable[Event]) -> dict[str, Document]:
    """The documents of all intents, by id, from events in order; raises ChainError."""
    documents: dict[str, Document] = {}
    for event in events:
        if event.kind in OF_NO_INTENT:
            continue
        try:
            documents[event.intent] = follow(documents.get(event.intent), event)
        except (KeyError, TypeError, ValueError) as error:
            raise _misshapen(event) from error
    return documents


def _misshapen(event: Event) -> ChainError:
    return ChainError(
        Sentence("event {number} ({kind}) is not in the journal's shape", number=event.sequence, kind=event.kind)
    )


def _claimed(event: Event, body: Any) -> Document:
    return {
        "id": event.intent,
        "sequence": event.sequence,
        "time": event.time,
        "draft": body["draft"],
        "origin": body["origin"],
        "owner": body["owner"],
        "state": State.CLAIMED.value,
        "outcome": None,
        "message": "",
        "http_status": None,
        "return_code": "",
        "return_message": "",
        "request_id": "",
        "trace_id": "",
        "sent": None,
        "finished": None,
        "resolution": None,
        "observations": [],
    }


def intent_from(document: Document) -> Intent:
    """The record of one intent; raises ValueError for a document of another shape."""
    return msgspec.convert(document, Intent)


def claim_body(draft: Draft, origin: Origin, owner: str) -> dict[str, Any]:
    """What a claim records; texts stay as they came."""
    return {"draft": asdict(draft), "origin": asdict(origin), "owner": owner}


def result_body(result: SendResult) -> dict[str, Any]:
    """What an outcome records; texts that came over the network are made safe before they are kept."""
    return {
        "outcome": result.outcome.value,
        "message": safe_block(result.message),
        "method": result.method,
        "path": result.path,
        "http_status": result.http_status,
        "return_code": safe_text(result.return_code),
        "return_message": safe_block(result.return_message),
        "request_id": safe_text(result.request_id),
        "request_ids": [safe_text(one) for one in result.request_ids],
        "trace_id": safe_text(result.trace_id),
        **({"others_may_be_behind": True} if result.others_may_be_behind else {}),
    }


def resolution_body(resolved_as: ResolvedAs, note: str, origin: Origin, seen: Document | None) -> dict[str, Any]:
    return {"resolved_as": resolved_as.value, "note": note, "user": origin.user, "origin": asdict(origin), "seen": seen}


def loss_body(note: str, origin: Origin, lost: str) -> dict[str, Any]:
    """What is recorded when somebody accepts that a part of the record is gone."""
    return {"note": note, "origin": asdict(origin), "lost": lost}


def loss_sentence(event: Event) -> Sentence:
    body = json.loads(event.body)
    return Sentence(
        "{when} UTC: {who} accepted that a part of the record is gone: {note} ({lost})",
        when=event.time[:19].replace("T", " "),
        who=safe_text(str(body["origin"]["user"])),
        note=safe_text(str(body["note"])),
        lost=safe_text(str(body["lost"])),
    )


def taken_over_body(source: str, events: int, head: str, origin: Origin) -> dict[str, Any]:
    """What is recorded when a journal takes over the events of another one."""
    return {"source": source, "events": events, "head": head, "origin": asdict(origin)}


def note_body(text: str, about: Subject, origin: Origin) -> dict[str, Any]:
    """What a note records; texts stay as they came."""
    return {"text": text, "about": asdict(about), "origin": asdict(origin)}


def note_from(event: Event) -> Note:
    """The note of a NOTED event; raises ChainError for a body of another shape."""
    try:
        return msgspec.convert({**json.loads(event.body), "time": event.time}, Note)
    except (TypeError, ValueError) as error:
        raise _misshapen(event) from error


def observations_body(observations: tuple[Observation, ...]) -> dict[str, Any]:
    """What was seen after an interrupt, each with its own time."""
    seen = [
        {"time": stamp(one.time), "field": one.field, "before": safe_text(one.before), "after": safe_text(one.after)}
        for one in observations
    ]
    return {"observations": seen}


def without_known(document: Document, observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """The observations that say anything new: not those after which a field is what it last was."""
    last = {one["field"]: one["after"] for one in document["observations"]}
    new = []
    for one in observations:
        if last.get(one.field) != safe_text(one.after):
            last[one.field] = safe_text(one.after)
            new.append(one)
    return tuple(new)


def stamp(time: datetime) -> str:
    """A time as UTC text with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def storable(text: str) -> str:
    """A text as a database column can hold it: a lone surrogate (from a terminal or argv) is written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def guard_site(gateway: str) -> str:
    """The site that a gateway's address is of, by its host alone; empty for any other gateway.

    Server numbers are one sequence per site. Another gateway (a tunnel, a proxy, this machine under one of
    its names) may stand before any site, so the guard goes by the number alone there.
    """
    host = (urlsplit(gateway).hostname or "").rstrip(".")
    return SITE_OF_HOST.get(host, "")


def gateway_key(gateway: str) -> str:
    """One spelling per gateway: scheme and host in lower case, no default port, no path."""
    parts = urlsplit(gateway)
    host, scheme = (parts.hostname or "").rstrip("."), parts.scheme.lower()
    default_port = {"https": 443, "http": 80}.get(scheme)
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return storable(f"{scheme}://{host}{port}" if host else gateway)


def is_same_guard(gateway: str, other: str) -> bool:
    """Whether servers of one number behind these gateways may be the same server (see `guard_site`)."""
    return is_same_site(guard_site(gateway), guard_site(other))


def is_same_site(site: str, other: str) -> bool:
    """Whether these may be the same site; an empty one may be any."""
    return site == other or "" in (site, other)
