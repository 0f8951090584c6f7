"""What is handed on to the next shift: a record in five lines, and the notes that go with it. Pure text, made safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ncpconsole.core.journal.chain import is_same_guard
from ncpconsole.core.policy import DEFAULTS
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back, is_sign_of_life
from ncpconsole.core.wording import (
    RESOLVED_WORDS,
    day_and_clock,
    duration,
    in_both_zones,
    outcome_word,
    signs_words,
    who,
)
from ncpconsole.language import tr
from ncpconsole.ncp.results import Outcome

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=24)
"""How long before and after an interrupt a note about its server belongs to it."""

LINE_CHARACTERS = 700


def hand_over(intent: Intent, notes: Sequence[Note] = (), *, cooldown: float = DEFAULTS.cooldown) -> str:
    """One record in five lines: what, when and by whom, what became of it, the ids, what is open.

    ``notes`` are those that belong to it, newest first: the last line ends with the newest. ``cooldown`` is in
    seconds.
    """
    draft, after = intent.draft, back_after(intent)
    subject = tr(
        "Interrupt (NMI) of {name} ({number}), region {region}, {gateway}",
        name=draft.server_name,
        number=draft.server_no,
        region=draft.region_code,
        gateway=draft.gateway,
    )
    incident = tr("incident {incident}", incident=draft.incident) if draft.incident else ""
    when = tr(
        "When: {when}, by {who}, profile {profile}",
        when=in_both_zones(intent.time),
        who=who(intent.origin),
        profile=draft.profile,
    )
    words = signs_words(draft.signs)
    signs = tr("vital signs: {signs}", signs=words) if words else ""
    seen = tr("not seen back") if intent.is_known_to_have_reached or intent.is_unresolved else ""
    back = seen if after is None else tr("the server was back after {time}", time=duration(after))
    ids = tr("Request id: {ids}", ids=", ".join(request_ids(intent)) or tr("none came back"))
    trace = tr("trace id {id}", id=intent.trace_id) if intent.trace_id else ""
    remains = tr("Open: {what}", what=what_is_open(intent, datetime.now(UTC), cooldown))
    newest = note_sentence(notes[0]) if notes else ""
    lines = (
        _listed(subject, incident, by=", "),
        _listed(when, signs),
        tr("Outcome: {outcome}", outcome=_listed(verdict_words(intent), back)),
        _listed(_listed(ids, trace, by=", "), tr("record {id}", id=intent.id)),
        _listed(remains, newest, by=" "),
    )
    return "\n".join(safe_text(line, LINE_CHARACTERS) for line in lines)


def _listed(*facts: str, by: str = "; ") -> str:
    return by.join(fact for fact in facts if fact)


def what_is_open(intent: Intent, now: datetime, cooldown: float) -> str:
    """What the next operator has to do or to wait for, as a sentence."""
    if intent.is_open:
        return tr("the interrupt is under way; its outcome is not known yet.")
    if intent.is_unresolved:
        return tr(
            "nobody knows whether it was received, and the server is locked. When it is known: "
            "ncpconsole resolve {id} --as accepted|not-received --note TEXT",
            id=intent.id,
        )
    if not intent.is_known_to_have_reached:
        return _what_remains_of_none(intent)
    until = intent.time + timedelta(seconds=cooldown)
    alone = tr("Leave it alone until {when}: a dump may be being written.", when=day_and_clock(until, now))
    if back_after(intent) is None:
        rest = tr("the server was not seen back.")
    else:
        rest = tr("look whether a memory dump was written.")
    return f"{rest} {alone}" if now < until else rest


def _what_remains_of_none(intent: Intent) -> str:
    """What is open where this interrupt did not reach the server; of other interrupts that says nothing."""
    if intent.outcome is Outcome.NOT_SENT:
        nothing = tr("this console sent nothing.")
        if not intent.others_may_be_behind:
            return nothing
        before = tr("An earlier interrupt may be the cause: look at the history, and leave the server alone.")
        return f"{nothing} {before}"
    if intent.resolution is None:
        return tr("NAVER Cloud refused this request.")
    return tr("this request was not received.")


def verdict_words(intent: Intent) -> str:
    """The outcome in a few words, with what was found out since."""
    if intent.is_unresolved:
        return tr("UNKNOWN, unresolved")
    if intent.resolution is not None:
        return tr("unknown, resolved: {found}", found=tr(RESOLVED_WORDS[intent.resolution.resolved_as.value]))
    return tr("under way") if intent.outcome is None else outcome_word(intent.outcome)


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
    return tr(
        "Note of {when} by {who}: {text}",
        when=day_and_clock(note.time, now),
        who=who(note.origin, 30),
        text=safe_text(note.text, 600),
    )


def subject_words(note: Note) -> str:
    """What a note is about: the server, else the record or the incident."""
    about = note.about
    if about.server_no:
        return safe_text(f"{about.server_name} ({about.server_no})" if about.server_name else about.server_no, 100)
    if about.incident:
        return tr("incident {incident}", incident=safe_text(about.incident, 90))
    return tr("record {id}", id=safe_text(about.record, 90))
