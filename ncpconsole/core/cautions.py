"""What does not forbid an interrupt but must be read first: it makes the operator type the server number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ncpconsole.core.journal.records import ResolvedAs
from ncpconsole.core.names import confusable_key, same_name_key
from ncpconsole.core.safe_text import REPLACEMENT, is_altered, safe_text
from ncpconsole.core.wording import holder_sentence, operation_words
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Gateway
    from ncpconsole.ncp.models import Server


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The other servers that an operator could mean instead of one (see `listing.AccountSnapshot`).

    ``others`` are their records as listed. ``warnings`` are cautions: why another server of this name, or of
    one like it, may have been missed.
    """

    others: tuple[Server, ...] = ()
    warnings: tuple[str, ...] = ()

    def same_names(self, server: Server) -> set[tuple[str, str]]:
        """Region and number of the others that bear this server's name (see `same_name_key`).

        The record is handed in, as its name may have changed since the lists were read.
        """
        name = same_name_key(server.server_name)
        return {identity(one) for one in self.others if same_name_key(one.server_name) == name}

    @property
    def other_names(self) -> tuple[str, ...]:
        """The names of the others."""
        return tuple(one.server_name for one in self.others)


def identity(server: Server) -> tuple[str, str]:
    """What tells a record from all others: region and number, as one number may occur in two regions."""
    return server.region_code, server.server_instance_no


ACCEPTED = "accepted"
"""The word of an outcome; its enumeration would bring msgspec, which an empty view can do without."""


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What is known about a server beyond its own record. The defaults mean: nothing.

    ``cooldown`` is in seconds. ``recent`` is the time of the last interrupt that was accepted or may have
    been, and ``recent_outcome`` its outcome in a word. ``unresolved``: an interrupt of this server has an
    unknown outcome that nobody has resolved. ``under_way``: one is being sent, from here or another window.
    ``namesakes`` counts other servers of the same name, ``lookalikes`` those of a confusable one.
    Equal whatever ``now`` is.
    """

    now: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC), compare=False)
    cooldown: float = 0
    recent: datetime | None = None
    recent_outcome: str = ACCEPTED
    unresolved: bool = False
    under_way: bool = False
    namesakes: int = 0
    lookalikes: int = 0


NOTHING_KNOWN = ServerContext()


def _name_cautions(name: str) -> list[tuple[str, str]]:
    if not name.strip():
        return [("no name", "The server has no name to type.")]
    if is_altered(name) or REPLACEMENT in name:
        return [("altered name", "The name cannot be shown as it is: it holds hidden or unsafe characters.")]
    if name != name.strip() or "  " in name:
        return [("spaces in name", "The name begins or ends with a space, or holds two in a row.")]
    return []


def _others(count: int) -> str:
    return "1 other server has" if count == 1 else f"{count} other servers have"


def _clock(time: datetime) -> str:
    return time.astimezone().strftime("%H:%M:%S")


def _unresolved(sent: str) -> str:
    return (
        f"An earlier interrupt of this server{sent} has an unknown outcome: "
        "the server is locked until that is resolved in the history."
    )


def _recent(about: ServerContext, sent: str) -> str:
    became = "was accepted" if about.recent_outcome == ACCEPTED else "may have been received"
    minutes = about.cooldown / 60
    return (
        f"An earlier interrupt of this server{sent} {became}: another one within {minutes:g} "
        f"minute{'' if minutes == 1 else 's'} of it can destroy the dump that is being written."
    )


def cautions_about(server: Server, about: ServerContext) -> list[tuple[str, str]]:
    """(word, sentence) of every caution, the gravest first."""
    found: list[tuple[str, str]] = []
    if about.under_way:
        found.append(("being sent", "An interrupt of this server is being sent right now."))
    # A clock that was set back puts the earlier interrupt in the future: still within the cooldown.
    within = about.recent is not None and (about.now - about.recent).total_seconds() < about.cooldown
    sent = f", sent at {about.recent.astimezone():%Y-%m-%d %H:%M:%S}," if about.recent and within else ""
    in_doubt = about.recent_outcome != ACCEPTED
    if about.unresolved:
        found.append(("outcome unknown", _unresolved(sent if in_doubt else "")))
    if about.recent and within and not (about.unresolved and in_doubt):
        found.append((f"{about.recent_outcome} {_clock(about.recent)}", _recent(about, sent)))
    operation = operation_words(server.server_instance_operation.code)
    if operation:
        found.append((f"busy: {operation}", f"An operation is in progress: {operation}."))
    if about.namesakes:
        found.append(("same name", f"{_others(about.namesakes)} the same name."))
    if about.lookalikes:
        found.append(("look-alike name", f"{_others(about.lookalikes)} a name that looks like this one."))
    found.extend(_name_cautions(server.server_name))
    return found


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier interrupts of one server.

    ``recent`` is when the last one within the cooldown was confirmed (UTC), ``outcome`` what became of it;
    ``unresolved``: one has an unknown outcome that locks the server; ``under_way``: one is not finished.
    """

    recent: datetime | None = None
    outcome: str = Outcome.ACCEPTED.value
    unresolved: bool = False
    under_way: bool = False


def _may_have_arrived(intent: Intent) -> bool:
    """Whether the server received it, or nobody can say that it did not."""
    if intent.outcome is Outcome.UNKNOWN:
        return intent.resolution is None or intent.resolution.resolved_as is ResolvedAs.ACCEPTED
    return intent.outcome is Outcome.ACCEPTED


def _outcome_word(intent: Intent) -> str:
    known = intent.outcome is Outcome.ACCEPTED or intent.resolution is not None
    return (Outcome.ACCEPTED if known else Outcome.UNKNOWN).value


def earlier_interrupts(intents: Iterable[Intent], now: datetime, cooldown: float) -> dict[str, Earlier]:
    """By server number, the earlier interrupts that matter at ``now``; ``cooldown`` in seconds.

    An interrupt from the future (the clock was set back) counts as recent.
    """
    found: dict[str, Earlier] = {}
    for intent in intents:
        recent = _may_have_arrived(intent) and (now - intent.time).total_seconds() < cooldown
        if not (recent or intent.is_open or intent.is_unresolved):
            continue
        number = intent.draft.server_no
        before = found.get(number, Earlier())
        is_last = recent and (before.recent is None or intent.time > before.recent)
        found[number] = Earlier(
            recent=intent.time if is_last else before.recent,
            outcome=_outcome_word(intent) if is_last else before.outcome,
            unresolved=before.unresolved or intent.is_unresolved,
            under_way=before.under_way or intent.is_open,
        )
    return found


def circumstances(
    server_no: str,
    intents: Iterable[Intent],
    *,
    now: datetime,
    cooldown: float,
    namesakes: int = 0,
    lookalikes: int = 0,
) -> ServerContext:
    """The circumstances of one server; ``intents`` are its gateway's, ``cooldown`` is in seconds."""
    earlier = earlier_interrupts(intents, now, cooldown).get(server_no, Earlier())
    return ServerContext(
        now=now,
        cooldown=cooldown,
        recent=earlier.recent,
        recent_outcome=earlier.outcome,
        unresolved=earlier.unresolved,
        under_way=earlier.under_way,
        namesakes=namesakes,
        lookalikes=lookalikes,
    )


def lock_reasons(earlier: Iterable[Intent]) -> tuple[str, ...]:
    """Why a claim would be refused, as far as a server's earlier interrupts tell."""
    return tuple(holder_sentence(one) for one in earlier if one.is_unresolved)


def interrupted_meanwhile(intents: Iterable[Intent]) -> tuple[str, ...]:
    """One sentence for each interrupt that may have reached the server since the operator looked."""
    return tuple(
        f"It was interrupted at {one.time:%H:%M:%S} UTC by {safe_text(one.origin.user)} on "
        f"{safe_text(one.origin.host)}, while this was being confirmed."
        for one in intents
        if one.may_have_reached
    )


async def count_namesakes(
    gateway: Gateway, region_code: str, server: Server, surroundings: Surroundings
) -> tuple[int, tuple[str, ...]]:
    """How many other servers bear this server's name, and a caution when that could not be looked up.

    The region is asked once more, beside what its list said.
    """
    bearers = surroundings.same_names(server)
    cautions: tuple[str, ...] = ()
    if server.server_name.strip():
        warnings: list[str] = []
        try:
            # The API's name filter may match more than equal names.
            found = await gateway.servers(
                region_code, server_name=server.server_name, on_incomplete=warnings.append
            )
            bearers |= Surroundings(tuple(found)).same_names(server)
        except NcpError as error:
            warnings.append(safe_text(error.sentence))
        cautions = tuple(
            f"Whether another server has this name could not be looked up: {said}" for said in warnings
        )
    return len(bearers - {identity(server)}), cautions


def count_lookalikes(name: str, others: Iterable[str]) -> int:
    """How many of the other names could be taken for this one, though they are not it."""
    key, exact = confusable_key(name), same_name_key(name)
    return sum(confusable_key(other) == key for other in others if same_name_key(other) != exact)
