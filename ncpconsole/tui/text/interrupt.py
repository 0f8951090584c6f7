"""The outcome of an interrupt in words: what it means, and what to do now.

Everything from outside is made safe here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ncpconsole.core.cautions import Caution, Finding, codes
from ncpconsole.core.handover import back_after
from ncpconsole.core.records import Intent, Resolution
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import web_console_of
from ncpconsole.core.watch import is_back
from ncpconsole.core.wording import RESOLVED_WORDS, clock
from ncpconsole.language import msgid, tr
from ncpconsole.ncp.results import Outcome

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class OutcomeText:
    """``tone`` is the theme's word for the colour; the mark and the word say the same without it.

    The constants hold messages; the functions below give them in the language in force.
    """

    mark: str
    word: str
    tone: str
    meaning: str
    next_step: str


ACCEPTED = OutcomeText(
    "●",
    msgid("ACCEPTED"),
    "success",
    msgid("NAVER Cloud took the interrupt. That is an acceptance, not proof: nothing says that a dump was written."),
    msgid(
        "Watch the server come back, then look for the dump inside Windows. Do not interrupt it again while it writes."
    ),
)
REJECTED = OutcomeText(
    "✗",
    msgid("REJECTED"),
    "error",
    msgid("NAVER Cloud refused this request: it did not interrupt the server."),
    msgid(
        "Read the answer above. If it tells of an operation under way, an earlier interrupt may be the "
        "cause: look at the history (h), and leave the server alone. When another cause is gone, you may try "
        "again."
    ),
)
NOT_SENT = OutcomeText(
    "○",
    msgid("NOT SENT"),
    "warning",
    msgid("This console sent nothing: no byte of the request left this machine."),
    msgid("When the cause is gone, you may try again."),
)
UNKNOWN = OutcomeText(
    "?",
    msgid("UNKNOWN"),
    "error",
    msgid("The request may have reached NAVER Cloud, or not. Nobody can tell from here."),
    msgid(
        "Do not repeat it: a second interrupt can destroy a dump that is being written. The server is "
        "locked. Watch it, then resolve it (v)."
    ),
)
REFUSED = OutcomeText(
    "✗", msgid("REFUSED"), "warning", msgid("This console sent nothing."), msgid("Read the reasons above.")
)

HELD_BY_ANOTHER = msgid(
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
    return _shown(TEXTS[outcome])


def _shown(text: OutcomeText) -> OutcomeText:
    return replace(text, word=tr(text.word), meaning=tr(text.meaning), next_step=tr(text.next_step))


def refusal_text(against: Iterable[Finding]) -> OutcomeText:
    """The words for what this console declined, with care where another interrupt may be the reason."""
    is_held = not OF_ANOTHER.isdisjoint(codes(against))
    refused = _shown(REFUSED)
    return replace(refused, next_step=f"{refused.next_step} {tr(HELD_BY_ANOTHER)}") if is_held else refused


NOT_BACK_AFTER = timedelta(minutes=10)
"""A server that is not back by then may not come back by itself."""


def what_now(intent: Intent, now: datetime, cooldown: float) -> str:
    """What the operator does next, by the outcome and by what was seen since; ``cooldown`` is in seconds."""
    seen_back, draft = back_after(intent) is not None, intent.draft
    if intent.outcome is Outcome.UNKNOWN and seen_back and intent.is_unresolved:
        if any(map(is_back, intent.observations)):
            return tr(
                "It started again after the request. It was received: resolve it now (v), with that as the reason."
            )
        return tr("The guest sends its metrics again since the request. Look at it, then resolve it (v).")
    if intent.outcome is not Outcome.ACCEPTED:
        return tr(HELD_BY_ANOTHER) if intent.others_may_be_behind else words_of(intent).next_step
    until = intent.time + timedelta(seconds=cooldown)
    alone = tr("Leave it alone until {when}: a dump may be being written.", when=clock(until)) if now < until else ""
    if seen_back:
        step = _where_the_dump_is(draft.snapshot)
    elif now - intent.time > NOT_BACK_AFTER:
        step = tr(
            "Not back after {minutes} min. A large dump takes time; what remains after that is a hard restart in "
            "NAVER Cloud's web console ({url}).",
            minutes=int(NOT_BACK_AFTER.total_seconds() // 60),
            url=web_console_of(draft.gateway),
        )
    else:
        step = tr("Wait until it is back.")
    return f"{step} {alone}".rstrip()


def what_it_means(intent: Intent) -> str:
    """What the outcome means, by what was seen since."""
    if intent.outcome is Outcome.UNKNOWN and any(map(is_back, intent.observations)):
        return tr("No answer came, but the server started again after the request: it was received.")
    return words_of(intent).meaning


def _where_the_dump_is(snapshot: Mapping[str, Any]) -> str:
    platform, memory = snapshot.get("platformType"), snapshot.get("memorySize")
    code = platform.get("code", "") if isinstance(platform, dict) else ""
    if not str(code).startswith("WND"):
        return tr("Log in and look for the dump where kdump writes it (often /var/crash).")
    if isinstance(memory, int) and memory:
        return tr(
            "Log in and look for the dump: {file}, about {size:g} GiB where it is complete.",
            file=DUMP_FILE,
            size=memory / 2**30,
        )
    return tr("Log in and look for the dump: {file}.", file=DUMP_FILE)


DUMP_FILE = "%SystemRoot%\\MEMORY.DMP"


UNDER_WAY = OutcomeText("◌", msgid("UNDER WAY"), "warning", "", "")


def words_of(intent: Intent) -> OutcomeText:
    """The words for the intent's outcome, or for one that is still under way."""
    return _shown(UNDER_WAY) if intent.outcome is None else outcome_text(intent.outcome)


def resolution_text(found: Resolution) -> str:
    """What an operator found out about an unknown outcome; made safe."""
    return tr(
        "resolved as {found} by {who}: {note}",
        found=tr(RESOLVED_WORDS[found.resolved_as.value]),
        who=safe_text(found.user, 40),
        note=safe_text(found.note, 400),
    )


def labelled_ids(ids: Sequence[str]) -> tuple[str, ...]:
    """The request ids of an answer, each with where it stood if there are two; support asks for either."""
    if len(ids) != 2:
        return tuple(ids)
    return tr("{id} (header)", id=ids[0]), tr("{id} (body)", id=ids[1])
