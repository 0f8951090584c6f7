"""What is handed on to the next shift: a record in five lines, and the notes that go with it. Pure text, made safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ncpconsole.core.journal.chain import is_same_guard
from ncpconsole.core.policy import DEFAULTS
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back, is_sign_of_life
from ncpconsole.core.wording import day_and_clock, duration, in_both_zones, signs_words, who
from ncpconsole.ncp.results import Outcome

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=24)
"""How long before and after an interrupt a note about its server belongs to it."""

LINE_CHARACTERS = 700


def hand_over(
    intent: Intent, notes: Sequence[Note] = (), *, now: datetime | None = None, cooldown: float = DEFAULTS.cooldown
) -> str:
    """One record in five lines: what, when and by whom, what became of it, the ids, what is open.

    ``notes`` are those that belong to it, newest first: the last line ends with the newest. ``cooldown`` is in
    seconds.
    """
    draft, after = intent.draft, back_after(intent)
    incident = f", incident {draft.incident}" if draft.incident else ""
    seen = "not seen back" if intent.is_known_to_have_reached or intent.is_unresolved else ""
    back = seen if after is None else f"the server was back after {duration(after)}"
    ids = ", ".join(request_ids(intent)) or "none came back"
    trace = f", trace id {intent.trace_id}" if intent.trace_id else ""
    signs = f"; vital signs: {words}" if (words := signs_words(draft.signs)) else ""
    newest = f" {note_sentence(notes[0], now)}" if notes else ""
    lines = (
        f"Interrupt (NMI) of {draft.server_name} ({draft.server_no}), region {draft.region_code}, "
        f"{draft.gateway}{incident}",
        f"When: {in_both_zones(intent.time)}, by {who(intent.origin)}, profile {draft.profile}{signs}",
        f"Outcome: {'; '.join(filter(None, (verdict_words(intent), back)))}",
        f"Request id: {ids}{trace}; record {intent.id}",
        f"Open: {what_is_open(intent, now or datetime.now(UTC), cooldown)}{newest}",
    )
    return "\n".join(safe_text(line, LINE_CHARACTERS) for line in lines)


def what_is_open(intent: Intent, now: datetime, cooldown: float) -> str:
    """What the next operator has to do or to wait for, as a sentence."""
    if intent.is_open:
        return "the interrupt is under way; its outcome is not known yet."
    if intent.is_unresolved:
        return (
            "nobody knows whether it was received, and the server is locked. When it is known: ncpconsole resolve "
            f"{intent.id} --as accepted|not-received --note TEXT"
        )
    if not intent.is_known_to_have_reached:
        return _what_remains_of_none(intent)
    until = intent.time + timedelta(seconds=cooldown)
    alone = f" Leave it alone until {day_and_clock(until, now)}: a dump may be being written." if now < until else ""
    if back_after(intent) is None:
        return f"the server was not seen back.{alone}"
    return f"look whether a memory dump was written.{alone}"


def _what_remains_of_none(intent: Intent) -> str:
    """What is open where this interrupt did not reach the server; of other interrupts that says nothing."""
    if intent.outcome is Outcome.NOT_SENT:
        before = " An earlier interrupt may be the cause: look at the history, and leave the server alone."
        return f"this console sent nothing.{before if intent.others_may_be_behind else ''}"
    return "NAVER Cloud refused this request." if intent.resolution is None else "this request was not received."


def verdict_words(intent: Intent) -> str:
    """The outcome in a few words, with what was found out since."""
    if intent.is_unresolved:
        return "UNKNOWN, unresolved"
    if intent.resolution is not None:
        return f"unknown, resolved: {intent.resolution.resolved_as.value}"
    return "under way" if intent.outcome is None else intent.outcome.value.replace("_", " ")


def back_after(intent: Intent) -> float | None:
    """Seconds from the interrupt until the server was seen back, by its record or its vital signs; None if neither."""
    back = next((seen.time for seen in intent.observations if is_back(seen) or is_sign_of_life(seen)), None)
    return None if back is None else max(0.0, (back - intent.time).total_seconds())


def request_ids(intent: Intent) -> tuple[str, ...]:
    """NCP's ids of the request: the gateway's, and the service's where it told another."""
    return intent.request_ids or tuple(filter(None, (intent.request_id,)))


# Notes


def notes_of_server(notes: Iterable[Note], gateway: str, server_no: str) -> list[Note]:
    """The notes about a server, in the order given."""
    return [note for note in notes if note.about.server_no == server_no and is_same_guard(gateway, note.about.gateway)]


def notes_of_intent(notes: Iterable[Note], intent: Intent) -> list[Note]:
    """The notes that belong to an interrupt, in the order given.

    Those on its record, those on its incident as a whole, and those on its server from an hour before to a day
    after.
    """
    return [note for note in notes if _belongs(note, intent)]


def _belongs(note: Note, intent: Intent) -> bool:
    about, draft = note.about, intent.draft
    if about.record:
        return about.record == intent.id
    if not about.server_no:
        return bool(about.incident) and about.incident == draft.incident
    is_near = intent.time - BEFORE <= note.time <= intent.time + AFTER
    return is_near and bool(notes_of_server((note,), draft.gateway, draft.server_no))


def note_sentence(note: Note, now: datetime | None = None) -> str:
    """A note as a sentence: when, by whom, what."""
    return f"Note of {day_and_clock(note.time, now)} by {who(note.origin, 30)}: {safe_text(note.text, 600)}"


def subject_words(note: Note) -> str:
    """What a note is about: the server, else the record or the incident."""
    about = note.about
    if about.server_no:
        return safe_text(f"{about.server_name} ({about.server_no})" if about.server_name else about.server_no, 100)
    return safe_text(f"incident {about.incident}" if about.incident else f"record {about.record}", 100)
