"""What is recorded, in words: one interrupt or note in a line and in full, what came after, a row's annotation.

Everything from outside is made safe here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from ncpconsole.core.handover import back_after, note_sentence, verdict_words
from ncpconsole.core.inventory import Inventory, Row
from ncpconsole.core.records import Intent, Note, ResolvedAs, State
from ncpconsole.core.safe_text import fit, padded, safe_text
from ncpconsole.core.watch import Change, changes, is_sign_of_life
from ncpconsole.core.wording import acting_words, clock, day_and_clock, duration, who
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.text.interrupt import labelled_ids, resolution_text, words_of
from ncpconsole.tui.widgets.row_state import BUSY, CAUTION_MARK, Annotation, alive_again, held_until

if TYPE_CHECKING:
    from ncpconsole.core.journal.presence import Presence

STATE_WORDS = {
    State.CLAIMED: msgid("claimed, not sent yet"),
    State.SENDING: msgid("sending"),
    State.DONE: msgid("done"),
}


def earlier_text(intent: Intent) -> Content:
    """One earlier interrupt in a line: when, what became of it, who, from where."""
    words = words_of(intent)
    return Content.assemble(
        day_and_clock(intent.time),
        "  ",
        (verdict_words(intent), f"bold $text-{words.tone}"),
        "  ",
        tr("by {who}", who=who(intent.origin)),
    )


FOUND_WORDS = {ResolvedAs.ACCEPTED: msgid("accepted"), ResolvedAs.NOT_RECEIVED: msgid("not received")}


def short_verdict(intent: Intent) -> str:
    """Mark and outcome in at most 16 cells; of a resolved one what it was resolved as, which is what counts."""
    mark = words_of(intent).mark
    if intent.resolution is not None:
        return f"{mark} → {tr(FOUND_WORDS[intent.resolution.resolved_as])}"
    if intent.is_unresolved:
        return tr("{mark} UNKNOWN locked", mark=mark)
    return f"{mark} {words_of(intent).word.lower()}"


def list_line(intent: Intent) -> Content:
    """One record in 74 cells: when, outcome, server, when it was back, by whom and on which machine."""
    after = back_after(intent)
    back = "" if after is None else tr("back after {time}", time=duration(after))
    origin = intent.origin
    return Content.assemble(
        f"{_when(intent.time)} ",
        (fit(short_verdict(intent), 16), f"$text-{words_of(intent).tone}"),
        " ",
        (fit(safe_text(intent.draft.server_name, 80), 14), "bold"),
        f" {fit(back, 15)} {safe_text(origin.user, 40)}@{safe_text(origin.host, 40)}",
    )


def record_sentence(intent: Intent) -> str:
    """One record as a sentence that needs no knowledge of the console."""
    draft, after = intent.draft, back_after(intent)
    server = f"{safe_text(draft.server_name, 80)} ({safe_text(draft.server_no, 30)})"
    became = BECAME[intent.outcome] if intent.resolution is None else FOUND[intent.resolution.resolved_as]
    return tr(became[after is not None], server=server, who=who(intent.origin), time=duration(after or 0))


BECAME: Mapping[Outcome | None, tuple[str, str]] = {
    None: (
        msgid("The interrupt of {server} by {who} is under way."),
        msgid("The interrupt of {server} by {who} is under way; the server was back after {time}."),
    ),
    Outcome.ACCEPTED: (
        msgid("The interrupt of {server} by {who} was accepted."),
        msgid("The interrupt of {server} by {who} was accepted; the server was back after {time}."),
    ),
    Outcome.REJECTED: (
        msgid("The interrupt of {server} by {who} was rejected."),
        msgid("The interrupt of {server} by {who} was rejected; the server was back after {time}."),
    ),
    Outcome.NOT_SENT: (
        msgid("The interrupt of {server} by {who} was not sent."),
        msgid("The interrupt of {server} by {who} was not sent; the server was back after {time}."),
    ),
    Outcome.UNKNOWN: (
        msgid("The interrupt of {server} by {who} has an unknown outcome, and the server is locked."),
        msgid(
            "The interrupt of {server} by {who} has an unknown outcome, and the server is locked; "
            "the server was back after {time}."
        ),
    ),
}
FOUND: Mapping[ResolvedAs, tuple[str, str]] = {
    ResolvedAs.ACCEPTED: (
        msgid("The interrupt of {server} by {who} had an unknown outcome, and was found to be received."),
        msgid(
            "The interrupt of {server} by {who} had an unknown outcome, and was found to be received; "
            "the server was back after {time}."
        ),
    ),
    ResolvedAs.NOT_RECEIVED: (
        msgid("The interrupt of {server} by {who} had an unknown outcome, and was found to be not received."),
        msgid(
            "The interrupt of {server} by {who} had an unknown outcome, and was found to be not received; "
            "the server was back after {time}."
        ),
    ),
}
"""What became of an interrupt, without and with when the server was back."""

COPIED = msgid("Copied to the terminal's clipboard: the record in five lines.")


def detail_facts(intent: Intent) -> list[tuple[str, Content]]:
    """Everything recorded about one interrupt, as labelled lines; what is empty is left out."""
    draft = intent.draft
    request = f"{draft.method} {draft.path}"
    status = "" if intent.http_status is None else f"HTTP {intent.http_status}"
    code = tr("code {code}", code=intent.return_code) if intent.return_code else ""
    answer = "  ".join(part for part in (status, code, intent.return_message) if part)
    number = tr("number {number}", number=safe_text(draft.server_no))
    where = tr("{gateway}  region {region}", gateway=draft.gateway, region=draft.region_code)
    by = tr("{who}, console {version}", who=who(intent.origin), version=safe_text(intent.origin.version, 20))
    facts = [
        (msgid("server"), Content.assemble((safe_text(draft.server_name), "bold"), f"  {number}")),
        (msgid("outcome"), Content.styled(verdict_words(intent), f"bold $text-{words_of(intent).tone}")),
        (msgid("said"), _text(without_facts(shown(intent.message)))),
        (msgid("where"), _text(where)),
        (msgid("profile"), _text(f"{draft.profile}  {draft.key_fingerprint}")),
        (msgid("acting as"), Content(acting_words(draft.acting_as) if draft.acting_as else "")),
        (msgid("by"), Content(by)),
        (msgid("reason"), _text(draft.reason)),
        (msgid("incident"), _text(draft.incident)),
        (msgid("typed"), _text(draft.typed)),
        (msgid("rules"), _text(draft.rule_set)),
        (msgid("request"), _text(request)),
        (msgid("answer"), _text(answer)),
        (msgid("request id"), _text(", ".join(labelled_ids(intent.request_ids)) or intent.request_id)),
        (msgid("trace id"), _text(intent.trace_id)),
        (msgid("record"), _text(intent.id)),
    ]
    return [(label, text) for label, text in facts if text.plain.strip()]


def _when(moment: datetime) -> str:
    """A time in 11 cells: of another year the day will do."""
    when = day_and_clock(moment)
    return f"{when if len(when) <= 11 else when[:10]:11}"


def note_line(note: Note) -> Content:
    """One note among the records, in 74 cells: when, about what, the note."""
    about, what = note.about, tr("note")
    return Content.assemble(
        f"{_when(note.time)} {fit(f'– {what}', 16)} ",
        (fit(safe_text(about.server_name or about.server_no or about.incident or about.record, 80), 14), "bold"),
        f" {safe_text(note.text, 200)}",
    )


def note_haystack(note: Note) -> str:
    """The case-folded text that the history's filter looks into."""
    about, origin = note.about, note.origin
    words = (note.text, about.server_name, about.server_no, about.incident, about.record, origin.user, origin.host)
    return " ".join(("note", *words)).casefold()


def timeline(intent: Intent, notes: Iterable[Note] = ()) -> list[Content]:
    """What happened, in order: confirmed, finished, each change seen, the resolution; then the notes (newest first)."""
    lines = [Content("  ".join((_to_second(intent.time), tr("confirmed and claimed"))))]
    if intent.finished is not None:
        lines.append(Content(f"{_to_second(intent.finished)}  {words_of(intent).word.lower()}"))
    elif intent.outcome is None:
        lines.append(Content(tr(STATE_WORDS[intent.state])))
    lines += [change_text(change, intent.time) for change in changes(intent)]
    if intent.resolution is not None:
        lines.append(Content(f"{_to_second(intent.resolution.time)}  {resolution_text(intent.resolution)}"))
    lines += [Content(note_sentence(note)) for note in reversed(list(notes))]
    return lines


def _to_second(moment: datetime) -> str:
    return day_and_clock(moment, to_second=True)


def haystack(intent: Intent) -> str:
    """The case-folded text that the history's filter looks into."""
    draft, origin = intent.draft, intent.origin
    words = (
        draft.server_name,
        draft.server_no,
        draft.region_code,
        draft.profile,
        draft.reason,
        draft.incident,
        origin.user,
        origin.host,
        verdict_words(intent),
        intent.id,
        intent.request_id,
        *intent.request_ids,
    )
    return " ".join(words).casefold()


FACTS_IN_BRACKETS = re.compile(r" \((?:HTTP|request id)[^()]*\)$")


def without_facts(message: str) -> str:
    """A result's sentence without the facts at its end, which have lines of their own."""
    return FACTS_IN_BRACKETS.sub("", message)


def _text(text: str) -> Content:
    return Content(safe_text(text, 600))


def row_annotation(intent: Intent, now: datetime, cooldown: float) -> Annotation | None:
    """What stands in the verdict's place for a server with this newest interrupt: mark, words, tone.

    An interrupt under way or of unresolved outcome always says so; an accepted one holds the server for as long as
    the cooldown lasts (seconds), since a dump may be written, which is said until the guest shows life; a rejected one
    says so as long; one that was never sent leaves no mark.
    """
    if intent.is_open:
        return Annotation("◌", tr("sending"), "busy")
    if intent.is_unresolved:
        return Annotation("!", tr("unknown: locked"), "bad", tr("locked: outcome unknown"))
    until = intent.time + timedelta(seconds=cooldown)
    if now >= until:
        return None
    if intent.is_known_to_have_reached:
        is_alive = any(map(is_sign_of_life, intent.observations))
        return alive_again(intent.time, until) if is_alive else held_until(until)
    if intent.resolution is None and intent.outcome is Outcome.REJECTED:
        return Annotation("✗", tr("rejected {time}", time=clock(intent.finished or intent.time)), "bad")
    return None


def of_server(row: Row, intents: Iterable[Intent]) -> list[Intent]:
    """This server's interrupts, in the order given. Region and number together name a server of a gateway."""
    number, region = row.server.server_instance_no, row.server.region_code
    return [
        intent
        for intent in intents
        if intent.draft.server_no == number and (not region or intent.draft.region_code in {"", region})
    ]


def row_annotations(
    inventory: Inventory, intents: Iterable[Intent], now: datetime, cooldown: float
) -> Mapping[str, Annotation]:
    """The annotations of all rows by row key; ``intents`` newest first.

    A server that is locked or being sent to says that, whatever came after.
    """
    by_number: dict[str, list[Intent]] = {}
    for intent in intents:
        by_number.setdefault(intent.draft.server_no, []).append(intent)
    found: dict[str, Annotation] = {}
    if not by_number:
        return found
    for row in inventory.rows:
        if (held := by_number.get(row.server.server_instance_no)) is None:
            continue
        own = of_server(row, held)
        pressing = [i for i in own if i.is_open] or [i for i in own if i.is_unresolved] or own
        if pressing and (note := row_annotation(pressing[0], now, cooldown)) is not None:
            found[row.key] = note
    return found


def presence_annotations(inventory: Inventory, colleagues: Iterable[Presence]) -> Mapping[str, Annotation]:
    """The annotations of the rows that colleagues are at, by row key."""
    here = {one.server_no: one for one in colleagues}
    if not here:
        return {}
    return {
        row.key: Annotation(CAUTION_MARK, one.label, BUSY, one.words)
        for row in inventory.rows
        if (one := here.get(row.server.server_instance_no)) is not None
    }


def change_text(change: Change, since: datetime | None) -> Content:
    """One change: when, how long ``since`` the interrupt that was, and what."""
    when = f"{_to_second(change.time)}  "
    if since is not None:
        when += f"{'+' + duration((change.time - since).total_seconds()):>7}  "
    if change.is_back:
        return Content.assemble(when, (change.what, "bold $text-success"))
    if not change.after:
        return Content(f"{when}{change.what}")
    return Content.assemble(when, f"{padded(tr(change.what), 7)}  {change.before} → ", (change.after, "bold"))


def activity_text(activity: Activity) -> Content:
    """One line: when, what, by whom, from where; every text made safe."""
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=activity.event_time)
        when = _to_second(moment)
    except (OverflowError, ValueError):
        when = tr("at an unreadable time")
    whose = activity.action_sub_account_no or activity.action_user_type
    origin = activity.source_ip or activity.source_type
    return Content.assemble(
        when,
        "  ",
        (safe_text(activity.action_display_name or activity.resource_type, 60), "bold"),
        f"  {safe_text(activity.action_result_type, 20)}",
        "  " + tr("by {who}", who=safe_text(whose, 40)) if whose else "",
        "  " + tr("from {place}", place=safe_text(origin, 45)) if origin else "",
    )
