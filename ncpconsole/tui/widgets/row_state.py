"""What the line of a server says: its marks, its verdict, its vital signs, and what there is beside the record."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ncpconsole.core.safe_text import cell_width
from ncpconsole.core.wording import RUNNING, api_time, duration
from ncpconsole.language import msgid, shown, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Set

    from ncpconsole.core.inventory import Row


class Annotation(NamedTuple):
    """What stands in the verdict's place: a mark, a word and a tone, such as ``("●", "accepted 14:03:22", "good")``.

    ``long`` says the same where there is room for more. With ``until`` the row is held until then; ``{left}`` in the
    texts is the time that is left, ``{ago}`` the time since ``since``, in ``word`` in as few cells as they take.
    """

    mark: str
    word: str
    tone: str
    long: str = ""
    until: datetime | None = None
    since: datetime | None = None

    def at(self, moment: datetime | None) -> Annotation | None:
        """The annotation as it reads at ``moment``; None once the row is held no longer."""
        if self.until is None:
            return self
        left = 0.0 if moment is None else (self.until - moment).total_seconds()
        if left <= 0 and moment is not None:
            return None
        ago = 0.0 if moment is None or self.since is None else (moment - self.since).total_seconds()
        times = {"left": duration(left), "ago": duration(ago)}
        short = {name: words.replace(" min", "m").replace(" ", "") for name, words in times.items()}
        word, long = tr(self.word), tr(self.long)
        return self._replace(word=word.format_map(short), long=long.format_map(times), until=None, since=None)


class Life(NamedTuple):
    """The cell of a guest's vital signs: a chart, which may be empty, a text, and the tone of both."""

    chart: str
    text: str
    tone: str = ""


def held_until(until: datetime) -> Annotation:
    """The row of a server that may be writing its dump until then."""
    return Annotation(CAUTION_MARK, msgid("may dump: {left}"), CAUTION, msgid("dump may be writing: {left}"), until)


def alive_again(since: datetime, until: datetime) -> Annotation:
    """The row of a server whose guest showed life after the interrupt of ``since``; the cooldown goes on until then."""
    return Annotation(CAUTION_MARK, msgid("NMI {ago} ago"), CAUTION, msgid("interrupted {ago} ago"), until, since)


GOOD = "good"
CAUTION = "caution"
BAD = "bad"
QUIET = "quiet"
BUSY = "busy"
TONES = (GOOD, CAUTION, BAD, QUIET, BUSY)

SELECTED_MARK = "▌"
QUEUED_MARK = "✓"
CAUTION_MARK = "!"
CHANGED_MARK = "~"
CONTAINS_MARK = "+"
ELIGIBLE_MARK = "●"
BLOCKED_MARK = "○"
"""Each is one cell wide and stands beside a word, so nothing is lost where a font lacks it."""


class RowState(NamedTuple):
    """What a line shows beyond the server's own record.

    ``contains``: the server only contains the address, number or name that was looked for, and is not it.
    ``address`` is what the IP column shows, ``up`` how long the server runs. ``stale``: the record is too old to
    vouch for the state and the verdict.
    """

    selected: bool = False
    marked: bool = False
    changed: bool = False
    contains: bool = False
    stale: bool = False
    address: str = ""
    up: str = ""
    life: Life | None = None
    annotation: Annotation | None = None


def cooling(row: Row) -> Annotation | None:
    """Until when an earlier interrupt holds the server, where that is the gravest of its cautions."""
    return None if row.held_until is None else held_until(row.held_until)


def verdict_cell(row: Row, annotation: Annotation | None) -> Annotation:
    """The mark, the word and the tone of a row's verdict, or of the annotation that replaces it."""
    if annotation is not None:
        return annotation
    verdict = row.verdict
    if not verdict.eligible:
        return Annotation(BLOCKED_MARK, shown(verdict.word), QUIET)
    if verdict.warnings:
        # STATUS says already that it is busy.
        word = row.operation if verdict.warnings[0].code == "operation" else shown(verdict.word)
        return Annotation(CAUTION_MARK, word, CAUTION, shown(verdict.warnings[0].cell))
    return Annotation(ELIGIBLE_MARK, shown(verdict.word), GOOD)


def verdict_text(row: Row, annotation: Annotation | None, width: int | None = None) -> str:
    """The verdict with its mark: the long words where ``width`` cells (None: any number) hold them."""
    cell = verdict_cell(row, annotation)
    text = f"{cell.mark} {cell.long or cell.word}"
    return text if width is None or cell_width(text) <= width else f"{cell.mark} {cell.word}"


def up_text(row: Row, moment: datetime | None) -> str:
    """How long a running server runs: ``74 s``, ``348 d``; a time in a form of its own is shown as it is."""
    if moment is None or row.server.server_instance_status.code != RUNNING:
        return ""
    started = _api_time(row.uptime)
    return row.uptime if started is None else duration((moment - started).total_seconds())


_api_time = lru_cache(maxsize=1024)(api_time)
"""Parsed once for the rows on screen, which ask every second."""


def row_states(
    *,
    selected: Row | None,
    marked: Set[str],
    changed: Set[str],
    containing: Set[str],
    stale: bool,
    moment: datetime | None,
    annotations: Mapping[str, Annotation],
    address_of: Callable[[Row], str] | None,
    life_of: Callable[[Row], Life | None] | None,
) -> Callable[[Row], RowState]:
    """What says how a row looks now. Given once for many rows: reading a reactive attribute costs more than the rest.

    ``marked``, ``changed`` and ``containing`` hold the keys of rows; the others are as in `ServerTable`.
    """

    def state_of(row: Row) -> RowState:
        key = row.key
        note = annotations.get(key) or cooling(row)
        return RowState(
            selected=row is selected,
            marked=key in marked,
            changed=key in changed,
            contains=key in containing,
            stale=stale,
            address="" if address_of is None else address_of(row),
            up=up_text(row, moment),
            life=None if life_of is None else life_of(row),
            annotation=None if note is None else note.at(moment),
        )

    return state_of
