"""What does not forbid an interrupt but must be read first: it makes the operator type the server number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ncpconsole.core.safe_text import REPLACEMENT, is_altered
from ncpconsole.core.wording import operation_words

if TYPE_CHECKING:
    from ncpconsole.ncp.models import Server

ACCEPTED = "accepted"
"""The word of an outcome; its enumeration would bring msgspec, which an empty view can do without."""


@dataclass(frozen=True, slots=True)
class Circumstances:
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


NOTHING_KNOWN = Circumstances()


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


def _recent(about: Circumstances, sent: str) -> str:
    became = "was accepted" if about.recent_outcome == ACCEPTED else "may have been received"
    minutes = about.cooldown / 60
    return (
        f"An earlier interrupt of this server{sent} {became}: another one within {minutes:g} "
        f"minute{'' if minutes == 1 else 's'} of it can destroy the dump that is being written."
    )


def cautions_about(server: Server, about: Circumstances) -> list[tuple[str, str]]:
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
