"""What the journal remembers of one interrupt, as frozen values. No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ncpconsole.ncp.results import Outcome


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
class Resolution:
    """An operator's finding on an unknown outcome; ``time`` is UTC."""

    resolved_as: ResolvedAs
    note: str
    time: datetime
    user: str


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
class Origin:
    """Who acts, and from where: OS user, host name, terminal or SSH origin, console version."""

    user: str
    host: str
    terminal: str
    version: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An interrupt that an operator confirmed and that is about to be claimed.

    ``gateway`` is the base URL: together with ``server_no`` it names one server in the world, whichever key
    is used. ``key_fingerprint`` is a short hash of the access key, never the key.
    ``snapshot`` is the server's record as the operator saw it, as plain JSON values.
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


@dataclass(frozen=True, slots=True)
class Intent:
    """One interrupt in the journal; ``time`` is UTC, ``outcome`` is None until the state is DONE."""

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
    finished: datetime | None = None
    resolution: Resolution | None = None
    observations: tuple[Observation, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether the interrupt is still under way, in this process or another."""
        return self.state is not State.DONE

    @property
    def is_unresolved(self) -> bool:
        """Whether nobody knows yet if the server received it. Such an intent locks its server."""
        return self.outcome is Outcome.UNKNOWN and self.resolution is None

    @property
    def may_have_reached(self) -> bool:
        """Whether the server received it or may have: being sent, accepted, or unknown."""
        if self.state is State.SENDING or self.outcome is Outcome.ACCEPTED:
            return True
        not_received = self.resolution and self.resolution.resolved_as is ResolvedAs.NOT_RECEIVED
        return self.outcome is Outcome.UNKNOWN and not not_received


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of checking the chain: ``head`` is the last event's hash, ``fault`` None when all is whole."""

    events: int
    head: str
    fault: str | None
