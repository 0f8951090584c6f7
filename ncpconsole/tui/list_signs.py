"""The vital signs of the servers in the list: which are asked for and when, and what the list says of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ncpconsole.core.filters import NO_SIGNS, Signs
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.vitals import BUSY, LifeState, Vitals, cell_text
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.metrics import Metric
from ncpconsole.tui.background import in_background
from ncpconsole.tui.messages import SignsChanged
from ncpconsole.tui.widgets.row_state import CAUTION, QUIET, Life
from ncpconsole.tui.widgets.sparkline import PER_CENT, sparkline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.screen import Screen
    from textual.timer import Timer

    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.core.vitals_reader import OnProgress, VitalsReader
    from ncpconsole.tui.widgets.panels import StatusLine
    from ncpconsole.tui.widgets.server_table import ServerTable

CHART_CELLS = 6
"""Bars of a chart in the list: the last hour in parts of ten minutes."""
REST = 60.0
"""Seconds without a question after all of one reading was refused or failed: the next screenful meets the same."""
SIGNS_AFTER = 0.3
"""Seconds for which the same servers are in view before their vital signs are asked for."""
EVERY_SIGN = "every-sign"
"""The group of the worker that reads them all."""
SAID_FOR = 8.0
"""Seconds for which it is said what was learned."""
SORTED_ANEW = 30.0
"""Seconds after which silences are weighed anew although no sign came."""


class ListSigns:
    """What the list knows of its servers' life, by one session's reader.

    ``trouble`` is why nothing was learned from the last reading, as a sentence, else empty.
    """

    def __init__(self, reader: VitalsReader) -> None:
        self.reader = reader
        self.trouble = ""
        self._rests_until = 0.0
        self._lives: dict[str, tuple[Vitals, str]] = {}
        self._signs = NO_SIGNS
        self._is_old = True

    @property
    def is_off(self) -> bool:
        """Whether signs are switched off, and the list has no column for them."""
        return bool(self.reader.off)

    @property
    def rests(self) -> bool:
        """Whether nothing is asked by itself for a while, since all of a reading failed."""
        return time.monotonic() < self._rests_until

    def numbers_of(self, rows: Iterable[Row]) -> list[str]:
        """The servers that are asked for: those that may be interrupted."""
        return [row.number for row in rows if row.verdict.eligible]

    async def read(self, numbers: list[str], *, arrived: Callable[[], object], progress: OnProgress) -> None:
        """Read the signs of these servers that are not known from within the last minute.

        ``arrived`` is called whenever some came.
        """
        came: dict[str, Vitals] = {}

        def take(found: Mapping[str, Vitals]) -> None:
            came.update(found)
            self._is_old = True
            arrived()

        await self.reader.read(numbers, on_read=take, on_progress=progress)
        if not came:
            return
        failed = [vitals for vitals in came.values() if vitals.state is LifeState.UNAVAILABLE]
        self.trouble = failed[0].reason if len(failed) == len(came) else ""
        self._rests_until = time.monotonic() + REST if self.trouble else 0.0

    def life_of(self, row: Row) -> Life | None:
        """What the list's cell says of a server; None where it may not be interrupted, or was not asked for."""
        vitals = self.reader.known.get(row.number) if row.verdict.eligible else None
        if vitals is None:
            return None
        now = self.reader.now()
        if vitals.state is not LifeState.ALIVE:
            tone = CAUTION if vitals.state is LifeState.SILENT else QUIET
            return Life("", cell_text(vitals, now), tone)
        kept = self._lives.get(row.number)
        if kept is None or kept[0] is not vitals:
            values = vitals.chart(Metric.CPU, now, count=CHART_CELLS)
            kept = self._lives[row.number] = vitals, sparkline(values, PER_CENT)
        cpu = vitals.cpu
        return Life(kept[1], cell_text(vitals, now), CAUTION if cpu is not None and cpu >= BUSY else "")

    def signs(self) -> Signs:
        """What is known, to filter and sort by; the very same value for as long as nothing new came."""
        now = self.reader.now()
        if self._is_old or (now - self._signs.now).total_seconds() >= SORTED_ANEW:
            self._signs = Signs(dict(self.reader.known), now)
            self._is_old = False
        return self._signs

    def silent_in(self, inventory: Inventory) -> int:
        """How many servers of the list are silent that may be interrupted, as far as they were asked for."""
        return sum(
            1
            for number, vitals in self.reader.known.items()
            if vitals.state is LifeState.SILENT
            and (row := inventory.by_key.get(number)) is not None
            and row.verdict.eligible
        )


class SignsReading:
    """Reads the signs of the servers in view, or of all on show, in workers of the list's screen.

    ``finished`` is called with the numbers asked for, once those of all on show were read or that was stopped.
    """

    def __init__(
        self,
        signs: ListSigns,
        screen: Screen[None],
        table: ServerTable,
        status: StatusLine,
        finished: Callable[[list[str]], object],
    ) -> None:
        self.signs = signs
        self.screen, self.table, self.status = screen, table, status
        self.finished = finished
        self.reads_all = False
        self.timer: Timer | None = None
        self._said_trouble = ""

    def view_moved(self) -> None:
        """Other servers are in view: ask for their vital signs once it stays so for a moment."""
        if self.signs.is_off:
            return
        if self.timer is not None:
            self.timer.stop()
        self.timer = self.screen.set_timer(SIGNS_AFTER, self.ask_for_view)

    def ask_for_view(self) -> None:
        if self.signs.rests or self.reads_all or self.screen.has_class("-problem"):
            return
        if numbers := self.signs.numbers_of(self.table.in_view):

            async def read() -> None:
                await self.signs.read(numbers, arrived=self.arrived, progress=lambda *_: None)
                if self.signs.trouble != self._said_trouble:
                    self.say_trouble()
                self._said_trouble = self.signs.trouble

            in_background(self.screen, msgid("vital signs"), read, group="signs", exclusive=True)

    def read_all(self, numbers: list[str]) -> None:
        """Read all of these, whose progress is told; `stop` stops it."""

        def progress(done: int, every: int) -> None:
            self.status.say(tr("Reading vital signs: {done:,} of {every:,}. Esc stops.", done=done, every=every))

        async def read() -> None:
            try:
                await self.signs.read(numbers, arrived=self.arrived, progress=progress)
            finally:
                if self.reads_all:
                    self.reads_all = False
                    self.finished(numbers)

        self.reads_all = True
        in_background(self.screen, msgid("vital signs"), read, group=EVERY_SIGN, exclusive=True)

    def stop(self) -> bool:
        """Stop reading all; False where that is not under way."""
        if self.reads_all:
            self.screen.workers.cancel_group(self.screen, EVERY_SIGN)
        return self.reads_all

    def end(self) -> None:
        """Read no more: another account is opened."""
        if self.timer is not None:
            self.timer.stop()
        self.reads_all = False
        for group in ("signs", EVERY_SIGN):
            self.screen.workers.cancel_group(self.screen, group)

    def arrived(self) -> None:
        """Paint what came; rows stay where they are."""
        self.table.repaint_lives()
        self.screen.post_message(SignsChanged())

    def say(self, words: str) -> None:
        """Say what was learned, for a while."""
        self.status.say_for(words, "", SAID_FOR)

    def say_trouble(self) -> bool:
        """Say why there are no vital signs; False where there are."""
        if self.signs.trouble:
            words = safe_text(tr("Vital signs not known: {reason}", reason=shown(self.signs.trouble)), 300)
            self.say(words)
        return bool(self.signs.trouble)
