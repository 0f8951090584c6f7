"""What is said of the list as a whole: how many match, what is missing, what was learned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ncpconsole.language import shown, tr
from ncpconsole.tui.widgets.columns import COLUMNS

if TYPE_CHECKING:
    from ncpconsole.core.view import View
    from ncpconsole.core.vitals import Vitals
    from ncpconsole.tui.availability import Elsewhere
    from ncpconsole.tui.list_signs import ListSigns

MOST_PROFILES = 4
"""Other profiles that are named where nothing is found."""


class EmptyList(NamedTuple):
    """What stands in an empty list's place, and what Tab would do about it: take ``word``, or look in every region."""

    words: str = ""
    word: str = ""
    every_region: bool = False


def nothing_found(view: View, elsewhere: Callable[[], Elsewhere], filter_text: str, *, typing: bool) -> EmptyList:
    """What is said in the empty list's place; nothing where no filter is set."""
    if not filter_text.strip():
        return EmptyList()
    nothing = view.why_nothing(typing=typing)
    word, every_region = nothing.word, False
    lines = [tr("No server matches. Esc clears the filter."), *nothing.reasons]
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
