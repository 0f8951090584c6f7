"""One interrupt in words: its outcome, its record, what was seen of the server since, a row's annotation.

Everything from outside is made safe here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from textual.content import Content

from ncpconsole.core.cautions import Caution, Finding, codes
from ncpconsole.core.handover import back_after, note_sentence, verdict_words
from ncpconsole.core.inventory import Inventory, Row
from ncpconsole.core.records import Intent, Note, Resolution, ResolvedAs, State
from ncpconsole.core.safe_text import fit, safe_text
from ncpconsole.core.session import web_console_of
from ncpconsole.core.watch import Change, changes, is_back, is_sign_of_life
from ncpconsole.core.wording import acting_words, clock, day_and_clock, duration, who
from ncpconsole.language import tr
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.widgets.row_state import BUSY, CAUTION_MARK, Annotation, alive_again, held_until

if TYPE_CHECKING:
    from ncpconsole.core.journal.presence import Presence


@dataclass(frozen=True, slots=True)
class OutcomeText:
    """``tone`` is the theme's word for the colour; the mark and the word say the same without it."""

    mark: str
    word: str
    tone: str
    meaning: str
    next_step: str


ACCEPTED = OutcomeText(
    "●",
    "ACCEPTED",
    "success",
    "NAVER Cloud took the interrupt. That is an acceptance, not proof: nothing says that a dump was written.",
    "Watch the server come back, then look for the dump inside Windows. Do not interrupt it again while it writes.",
)
REJECTED = OutcomeText(
    "✗",
    "REJECTED",
    "error",
    "NAVER Cloud refused this request: it did not interrupt the server.",
    "Read the answer above. If it tells of an operation under way, an earlier interrupt may be the cause: look at the "
    "history (h), and leave the server alone. When another cause is gone, you may try again.",
)
NOT_SENT = OutcomeText(
    "○",
    "NOT SENT",
    "warning",
    "This console sent nothing: no byte of the request left this machine.",
    "When the cause is gone, you may try again.",
)
UNKNOWN = OutcomeText(
    "?",
    "UNKNOWN",
    "error",
    "The request may have reached NAVER Cloud, or not. Nobody can tell from here.",
    "Do not repeat it: a second interrupt can destroy a dump that is being written. The server is locked. "
    "Watch it, then resolve it (v).",
)
REFUSED = OutcomeText("✗", "REFUSED", "warning", "This console sent nothing.", "Read the reasons above.")

HELD_BY_ANOTHER = (
    "An earlier interrupt may be the cause: look at the history (h), and leave the server alone while it may write its "
    "dump."
)
OF_ANOTHER = frozenset(
    {"locked", Caution.UNDER_WAY, Caution.UNKNOWN_OUTCOME, Caution.RECENT, Caution.OPERATION, Caution.BY_OTHERS}
)
"""Codes of reasons that another interrupt may be behind."""

TEXTS: dict[str, OutcomeText] = {
    Outcome.ACCEPTED: ACCEPTED,
    Outcome.REJECTED: REJECTED,
    Outcome.NOT_SENT: NOT_SENT,
    Outcome.UNKNOWN: UNKNOWN,
}


def outcome_text(outcome: Outcome) -> OutcomeText:
    return TEXTS[outcome]


def refusal_text(against: Iterable[Finding]) -> OutcomeText:
    """The words for what this console declined, with care where another interrupt may be the reason."""
    is_held = not OF_ANOTHER.isdisjoint(codes(against))
    return replace(REFUSED, next_step=f"Read the reasons above. {HELD_BY_ANOTHER}") if is_held else REFUSED


NOT_BACK_AFTER = timedelta(minutes=10)
"""A server that is not back by then may not come back by itself."""


def what_now(intent: Intent, now: datetime, cooldown: float) -> str:
    """What the operator does next, by the outcome and by what was seen since; ``cooldown`` is in seconds."""
    seen_back, draft = back_after(intent) is not None, intent.draft
    if intent.outcome is Outcome.UNKNOWN and seen_back and intent.is_unresolved:
        if any(map(is_back, intent.observations)):
            return "It started again after the request. It was received: resolve it now (v), with that as the reason."
        return "The guest sends its metrics again since the request. Look at it, then resolve it (v)."
    if intent.outcome is not Outcome.ACCEPTED:
        return HELD_BY_ANOTHER if intent.others_may_be_behind else words_of(intent).next_step
    until = intent.time + timedelta(seconds=cooldown)
    alone = f" Leave it alone until {clock(until)}: a dump may be being written." if now < until else ""
    if seen_back:
        return f"{_where_the_dump_is(draft.snapshot)}{alone}"
    if now - intent.time > NOT_BACK_AFTER:
        minutes = int(NOT_BACK_AFTER.total_seconds() // 60)
        return (
            f"Not back after {minutes} min. A large dump takes time; what remains after that is a hard restart in "
            f"NAVER Cloud's web console ({web_console_of(draft.gateway)}).{alone}"
        )
    return f"Wait until it is back.{alone}"


def what_it_means(intent: Intent) -> str:
    """What the outcome means, by what was seen since."""
    if intent.outcome is Outcome.UNKNOWN and any(map(is_back, intent.observations)):
        return "No answer came, but the server started again after the request: it was received."
    return words_of(intent).meaning


def _where_the_dump_is(snapshot: Mapping[str, Any]) -> str:
    platform, memory = snapshot.get("platformType"), snapshot.get("memorySize")
    code = platform.get("code", "") if isinstance(platform, dict) else ""
    if not str(code).startswith("WND"):
        return "Log in and look for the dump where kdump writes it (often /var/crash)."
    size = f", about {memory / 2**30:g} GiB where it is complete" if isinstance(memory, int) and memory else ""
    return f"Log in and look for the dump: %SystemRoot%\\MEMORY.DMP{size}."


STATE_WORDS = {State.CLAIMED: "claimed, not sent yet", State.SENDING: "sending", State.DONE: "done"}
UNDER_WAY = OutcomeText("◌", "UNDER WAY", "warning", "", "")


def words_of(intent: Intent) -> OutcomeText:
    """The words for the intent's outcome, or for one that is still under way."""
    return UNDER_WAY if intent.outcome is None else outcome_text(intent.outcome)


def earlier_text(intent: Intent) -> Content:
    """One earlier interrupt in a line: when, what became of it, who, from where."""
    words = words_of(intent)
    return Content.assemble(
        day_and_clock(intent.time),
        "  ",
        (verdict_words(intent), f"bold $text-{words.tone}"),
        f"  by {who(intent.origin)}",
    )


def short_verdict(intent: Intent) -> str:
    """Mark and outcome in at most 16 cells; of a resolved one what it was resolved as, which is what counts."""
    mark = words_of(intent).mark
    if intent.resolution is not None:
        return f"{mark} → {intent.resolution.resolved_as.value.replace('-', ' ')}"
    if intent.is_unresolved:
        return f"{mark} UNKNOWN locked"
    return f"{mark} {words_of(intent).word.lower()}"


def list_line(intent: Intent) -> Content:
    """One record in 74 cells: when, outcome, server, when it was back, by whom and on which machine."""
    after = back_after(intent)
    back = "" if after is None else f"back after {duration(after)}"
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
    became = {
        None: "is under way",
        Outcome.ACCEPTED: "was accepted",
        Outcome.REJECTED: "was rejected",
        Outcome.NOT_SENT: "was not sent",
        Outcome.UNKNOWN: "has an unknown outcome, and the server is locked",
    }[intent.outcome]
    if intent.resolution is not None:
        found = "received" if intent.resolution.resolved_as is ResolvedAs.ACCEPTED else "not received"
        became = f"had an unknown outcome, and was found to be {found}"
    back = "." if after is None else f"; the server was back after {duration(after)}."
    return f"The interrupt of {server} by {who(intent.origin)} {became}{back}"


COPIED = "Copied to the terminal's clipboard: the record in five lines."


def resolution_text(found: Resolution) -> str:
    """What an operator found out about an unknown outcome; made safe."""
    finding = f"resolved as {found.resolved_as.value} by {safe_text(found.user, 40)}"
    return f"{finding}: {safe_text(found.note, 400)}"


def detail_facts(intent: Intent) -> list[tuple[str, Content]]:
    """Everything recorded about one interrupt, as labelled lines; what is empty is left out."""
    draft = intent.draft
    request = f"{draft.method} {draft.path}"
    status = "" if intent.http_status is None else f"HTTP {intent.http_status}"
    answer = "  ".join(
        part for part in (status, intent.return_code and f"code {intent.return_code}", intent.return_message) if part
    )
    facts = [
        ("server", Content.assemble((safe_text(draft.server_name), "bold"), f"  number {safe_text(draft.server_no)}")),
        ("outcome", Content.styled(verdict_words(intent), f"bold $text-{words_of(intent).tone}")),
        ("said", _text(without_facts(intent.message))),
        ("where", _text(f"{draft.gateway}  region {draft.region_code}")),
        ("profile", _text(f"{draft.profile}  {draft.key_fingerprint}")),
        ("acting as", Content(acting_words(draft.acting_as) if draft.acting_as else "")),
        ("by", Content(f"{who(intent.origin)}, console {safe_text(intent.origin.version, 20)}")),
        ("reason", _text(draft.reason)),
        ("incident", _text(draft.incident)),
        ("typed", _text(draft.typed)),
        ("rules", _text(draft.rule_set)),
        ("request", _text(request)),
        ("answer", _text(answer)),
        ("request id", _text(", ".join(labelled_ids(intent.request_ids)) or intent.request_id)),
        ("trace id", _text(intent.trace_id)),
        ("record", _text(intent.id)),
    ]
    return [(label, text) for label, text in facts if text.plain.strip()]


def labelled_ids(ids: Sequence[str]) -> tuple[str, ...]:
    """The request ids of an answer, each with where it stood if there are two; support asks for either."""
    if len(ids) != 2:
        return tuple(ids)
    return tr("{id} (header)", id=ids[0]), tr("{id} (body)", id=ids[1])


def _when(moment: datetime) -> str:
    """A time in 11 cells: of another year the day will do."""
    when = day_and_clock(moment)
    return f"{when if len(when) <= 11 else when[:10]:11}"


def note_line(note: Note) -> Content:
    """One note among the records, in 74 cells: when, about what, the note."""
    about = note.about
    return Content.assemble(
        f"{_when(note.time)} {fit('– note', 16)} ",
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
    lines = [Content(f"{_to_second(intent.time)}  confirmed and claimed")]
    if intent.finished is not None:
        lines.append(Content(f"{_to_second(intent.finished)}  {words_of(intent).word.lower()}"))
    elif intent.outcome is None:
        lines.append(Content(STATE_WORDS[intent.state]))
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
        return Annotation("◌", "sending", "busy")
    if intent.is_unresolved:
        return Annotation("!", "unknown: locked", "bad", "locked: outcome unknown")
    until = intent.time + timedelta(seconds=cooldown)
    if now >= until:
        return None
    if intent.is_known_to_have_reached:
        is_alive = any(map(is_sign_of_life, intent.observations))
        return alive_again(intent.time, until) if is_alive else held_until(until)
    if intent.resolution is None and intent.outcome is Outcome.REJECTED:
        return Annotation("✗", f"rejected {clock(intent.finished or intent.time)}", "bad")
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
        row.key: Annotation(CAUTION_MARK, f"{one.user} {one.doing}", BUSY, one.words)
        for row in inventory.rows
        if (one := here.get(row.server.server_instance_no)) is not None
    }


def change_text(change: Change, since: datetime | None = None) -> Content:
    """One change: when, how long ``since`` the interrupt that was, and what."""
    when = f"{_to_second(change.time)}  "
    if since is not None:
        when += f"{'+' + duration((change.time - since).total_seconds()):>7}  "
    if change.is_back:
        return Content.assemble(when, (change.what, "bold $text-success"))
    if not change.after:
        return Content(f"{when}{change.what}")
    return Content.assemble(when, f"{change.what:7}  {change.before} → ", (change.after, "bold"))


def activity_text(activity: Activity) -> Content:
    """One line: when, what, by whom, from where; every text made safe."""
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=activity.event_time)
        when = _to_second(moment)
    except (OverflowError, ValueError):
        when = "at an unreadable time"
    who = activity.action_sub_account_no or activity.action_user_type
    origin = activity.source_ip or activity.source_type
    return Content.assemble(
        when,
        "  ",
        (safe_text(activity.action_display_name or activity.resource_type, 60), "bold"),
        f"  {safe_text(activity.action_result_type, 20)}",
        f"  by {safe_text(who, 40)}" if who else "",
        f"  from {safe_text(origin, 45)}" if origin else "",
    )
