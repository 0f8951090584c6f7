"""What is said over the list and of it as a whole: what waits, how many match, what is missing, what was learned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import clock
from ncpconsole.language import shown, tr, tr_n
from ncpconsole.tui.widgets.columns import COLUMNS

if TYPE_CHECKING:
    from ncpconsole.core.records import Intent
    from ncpconsole.core.view import View
    from ncpconsole.core.vitals import Vitals
    from ncpconsole.tui.availability import Elsewhere
    from ncpconsole.tui.list_signs import ListSigns


NAMED = 3
"""Servers that the line of what waits names."""
MOST_PROFILES = 4
"""Other profiles that are named where nothing is found."""


class EmptyList(NamedTuple):
    """What stands in an empty list's place, and what Tab would do about it: take ``word``, or look in every region."""

    words: str = ""
    word: str = ""
    every_region: bool = False


def nothing_found(
    view: View, elsewhere: Callable[[], Elsewhere], filter_text: str, signs: ListSigns | None, *, typing: bool
) -> EmptyList:
    """What is said in the empty list's place; nothing where no filter is set.

    Where signs that were not read yet may be why, that comes first: an empty list must not pass for "none is silent".
    """
    if not filter_text.strip():
        return EmptyList()
    nothing = view.why_nothing(typing=typing)
    word, every_region = nothing.word, False
    unknown = signs_known_words(view, signs, typing=typing)
    lines = [tr("No server matches. Esc clears the filter."), *filter(None, [unknown]), *nothing.reasons]
    if word:
        lines.append(tr("Tab keeps it alone: {word}", word=word))
    if nothing.reasons and not word:
        return EmptyList("\n".join(lines))
    there = elsewhere()
    if not there.all_regions:
        every_region = not word
        lines.append(tr("Tab looks in every region.") if every_region else tr("R looks in another region."))
    if others := there.profiles:
        names, more = ", ".join(others[:MOST_PROFILES]), len(others) - MOST_PROFILES
        if more > 0:
            lines.append(tr("p looks in another profile: {names} and {more} more.", names=names, more=more))
        else:
            lines.append(tr("p looks in another profile: {names}.", names=names))
    return EmptyList("\n".join(lines), word, every_region)


def match_words(view: View, marked: int, filter_text: str, columns_shown: Collection[str]) -> str:
    """Beside the filter: how many are marked and on show, and by what they are sorted where that is not seen."""
    here, every = len(view.rows), len(view.inventory.rows)
    words = [tr("{count} marked", count=marked)] if marked else []
    if view.eligible_only:
        words.append(tr("eligible only"))
    if here != every or filter_text.strip():
        words.append(view.match_words or tr("{count:,} of {total:,}", count=here, total=every))
    if view.sort in COLUMNS and view.sort not in columns_shown:
        words.append(tr("by {column}", column=tr(COLUMNS[view.sort].title)))
    return " · ".join(words)


def named_words(view: View, marked: bool, *, typing: bool) -> str:
    """What is not here of the servers that a line names, and how to take the others; empty where none does.

    ``marked``: they were marked already.
    """
    named, found = view.named, len(view.rows)
    if named is None:
        return ""
    unknown = tr("Not found here: {words}.", words=", ".join(named.unknown)) if named.unknown else ""
    if marked:
        way = tr("! walks the marked ones, one by one.")
    elif not found:
        way = ""
    elif typing:
        way = tr("Enter, then Space marks the {count} found.", count=found)
    else:
        way = tr("Space marks the {count} found.", count=found)
    return f"{unknown} {way}".strip()


def signs_known_words(view: View, signs: ListSigns | None, *, typing: bool) -> str:
    """How many signs are known, where the filter asks for them; empty where all are, or it does not."""
    if signs is None or not view.filter.needs_signs:
        return ""
    if signs.is_off:
        return tr("Vital signs are not read: {reason}", reason=shown(signs.reader.off))
    wanted = signs.numbers_of(view.rows_whatever_their_signs())
    known = sum(number in signs.reader.known for number in wanted)
    if known == len(wanted):
        return ""
    how = tr("Enter, then v reads them all.") if typing else tr("v reads them all.")
    words = tr("{count:,} of {total:,} vital signs are known.", count=known, total=len(wanted))
    return f"{words} {how}"


def silence_words(numbers: Sequence[str], signs: Mapping[str, Vitals]) -> str:
    """What was learned of these servers, of which the longest silence comes first now."""
    known = [vitals for number in numbers if (vitals := signs.get(number)) is not None]
    silent = sum(vitals.state == "silent" for vitals in known)
    words = tr("{count:,} of {total:,} are silent; the longest silence comes first.", count=silent, total=len(known))
    if len(known) < len(numbers):
        stopped = tr("Stopped: {count:,} of {total:,} vital signs are known.", count=len(known), total=len(numbers))
        return f"{stopped} {words}" if silent else stopped
    return words if silent else tr("None of {count:,} is silent.", count=len(known))


@dataclass(frozen=True, slots=True)
class Waiting:
    """``notes`` are sentences of the start; ``surfaced`` what an ended program left behind; ``unresolved`` what
    locks its server; ``watched`` whose server is not back yet and is watched again; ``owed`` what the team's journal
    does not have yet."""

    notes: Sequence[str] = ()
    surfaced: Sequence[Intent] = ()
    unresolved: Sequence[Intent] = ()
    watched: Sequence[Intent] = ()
    owed: Sequence[Intent] = ()

    def __bool__(self) -> bool:
        return bool(self.notes or self.surfaced or self.unresolved or self.watched or self.owed)

    def line(self, key: str) -> str:
        """All of it in one line, what locks first; ``key`` opens the whole text. Empty where nothing waits."""
        if not self:
            return ""
        locked = {intent.id for intent in self.unresolved}
        unsent = [intent for intent in self.surfaced if intent.id not in locked]
        parts = [_locked(self.unresolved)] if self.unresolved else []
        if unsent:
            parts.append(tr("an earlier console ended before it sent to {servers}", servers=_names(unsent)))
        if self.watched:
            parts.append(tr("watched again: {servers}, not back yet", servers=_names(self.watched)))
        if self.owed:
            parts.append(tr("owed to the team's journal: {servers}", servers=_names(self.owed)))
        if self.notes:
            more = tr_n("(and 1 more note)", "(and {count:,} more notes)", len(self.notes) - 1)
            parts.append(f"{safe_text(shown(self.notes[0]), 160)} {more if len(self.notes) > 1 else ''}".rstrip())
        more = tr("{key} tells all", key=key)
        return f"! {' · '.join(parts)}  {more}"


def _locked(intents: Sequence[Intent]) -> str:
    if len(intents) == 1:
        time = clock(intents[0].time)
        return tr("{server} is locked since {time}: outcome unknown", server=_names(intents), time=time)
    return tr("{count} servers are locked, outcomes unknown: {servers}", count=len(intents), servers=_names(intents))


def _names(intents: Sequence[Intent]) -> str:
    names = ", ".join(safe_text(intent.draft.server_name, 30) for intent in intents[:NAMED])
    more = len(intents) - NAMED
    return tr("{names} and {count} more", names=names, count=more) if more > 0 else names
