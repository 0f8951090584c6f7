"""What the journal stores of one interrupt, as frozen values. Without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ncpconsole.language import Sentence
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.results import Outcome, SendResult


class State(StrEnum):
    """How far an intent has come. Each step is on disk before the next begins."""

    CLAIMED = "claimed"
    SENDING = "sending"
    DONE = "done"


class ResolvedAs(StrEnum):
    """What an operator found out about an interrupt of unknown outcome."""

    ACCEPTED = "accepted"
    NOT_RECEIVED = "not-received"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acts, and from where: OS user, host name, terminal or SSH origin, console version.

    Facts of the operating system: ``uid`` and its name in ``uid_name``, and ``login_uid``, which a session
    keeps through su and sudo (None where the system has none). ``sudo_user`` and ``ssh_client`` are what sudo
    and sshd left behind. ``variables`` are the environment's own words (LOGNAME, USER …), which prove
    nothing. Records of older consoles lack all of these.
    """

    user: str
    host: str
    terminal: str
    version: str
    uid: int | None = None
    uid_name: str = ""
    login_uid: int | None = None
    sudo_user: str = ""
    ssh_client: str = ""
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolution:
    """An operator's finding on an unknown outcome; ``time`` is UTC.

    ``origin`` is who resolved it and ``seen`` what was seen just before (see `core.resolution.Evidence`), as
    plain JSON values; both are None in records of older consoles.
    """

    resolved_as: ResolvedAs
    note: str
    time: datetime
    user: str
    origin: Origin | None = None
    seen: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One change of a server's record seen after an interrupt; ``time`` is UTC.

    ``field`` is ``status``, ``operation``, ``statusName`` or ``uptime``; ``server`` becomes ``back``, and
    ``record`` (readable or not) and ``journal`` (written or not) tell how the watch fares.
    """

    time: datetime
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An interrupt that an operator confirmed and that is about to be claimed.

    ``gateway`` is the base URL: together with ``server_no`` it names one server in the world, whichever key
    is used. ``key_fingerprint`` is a short hash of the access key, never the key.
    ``snapshot`` is the server's record as the operator saw it, as plain JSON values. ``acting_as`` is whose key it is,
    as NAVER Cloud told it; None where nobody did, and in records of older consoles. ``signs`` are the guest's vital
    signs then (see `core.vitals.Vitals.as_json`), None in records of older consoles. ``team`` is the id of the team's
    journal that must know of it too, ``without_team`` why it went past that; both are empty where there is none.
    """

    gateway: str
    profile: str
    key_fingerprint: str
    region_code: str
    server_no: str
    server_name: str
    snapshot: dict[str, Any]
    rule_set: str
    reason: str
    incident: str
    typed: str
    method: str
    path: str
    acting_as: CallerIdentity | None = None
    signs: dict[str, Any] | None = None
    team: str = ""
    without_team: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """One interrupt in the journal; ``outcome`` is None until the state is DONE.

    ``source`` is the journal that told of it: own, or team.
    ``time`` is when it was claimed, ``sent`` when its first byte was about to leave (None: it never was); both UTC.
    """

    id: str
    time: datetime
    draft: Draft
    origin: Origin
    state: State
    outcome: Outcome | None = None
    message: str = ""
    http_status: int | None = None
    return_code: str = ""
    return_message: str = ""
    request_id: str = ""
    trace_id: str = ""
    request_ids: tuple[str, ...] = ()
    sent: datetime | None = None
    finished: datetime | None = None
    resolution: Resolution | None = None
    observations: tuple[Observation, ...] = field(default=())
    others_may_be_behind: bool = False
    source: str = "own"

    @property
    def is_open(self) -> bool:
        """Whether the interrupt is still under way, in this process or another."""
        return self.state is not State.DONE

    @property
    def is_unresolved(self) -> bool:
        """Whether nobody knows yet if the server received it. Such an intent locks its server."""
        return self.outcome is Outcome.UNKNOWN and self.resolution is None

    @property
    def was_not_sent(self) -> bool:
        return self.outcome is Outcome.NOT_SENT

    @property
    def is_known_to_have_reached(self) -> bool:
        """Whether the server received it: accepted, or resolved so."""
        found = self.resolution
        return self.outcome is Outcome.ACCEPTED or (found is not None and found.resolved_as is ResolvedAs.ACCEPTED)

    @property
    def may_have_reached(self) -> bool:
        """Whether the server received it or may have: being sent, accepted, or unknown.

        A resolution changes nothing about that: "not received" is what an operator concluded, not a proof.
        """
        return self.state is State.SENDING or self.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about: a server, a record, an incident, or several of these. Empty where it is not about one.

    ``gateway`` and ``server_no`` name a server as in `Draft`; ``record`` is the id of an interrupt.
    """

    gateway: str = ""
    server_no: str = ""
    server_name: str = ""
    record: str = ""
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator noted beside the interrupts, at ``time`` (UTC). It locks and unlocks nothing."""

    time: datetime
    text: str
    origin: Origin
    about: Subject


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of checking the chain: ``head`` is the last event's hash, ``fault`` None when all is whole.

    ``notes`` are sentences on losses that somebody accepted.
    """

    events: int
    head: str
    fault: str | None
    notes: tuple[str, ...] = ()


def new_id(at: datetime | None = None) -> str:
    """A ULID, of now or of this time: unique everywhere, and in the order of time as text."""
    from ulid import ULID  # takes 10 ms to load, and nothing is recorded while a list is opened

    return str(ULID() if at is None else ULID.from_datetime(at))


def died_while_sending() -> SendResult:
    """The outcome of an intent whose console ended after SENDING was committed."""
    return SendResult.unknown(
        Sentence("The console ended while the request was under way: it is unknown whether it was received.")
    )


def died_before_sending() -> SendResult:
    """The outcome of an intent whose console ended before SENDING was committed."""
    return SendResult.not_sent(Sentence("The console ended before the request was sent: nothing was sent."))
