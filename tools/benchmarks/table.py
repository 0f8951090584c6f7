"""What the server table costs at 1,000, 10,000 and 100,000 servers, against Textual's DataTable.

Each figure is processor time from the data to the painted screen of 80 × 24, headless: waiting for the next
frame is no cost of either side. The DataTable gets its rows as ready tuples of text, so that it is timed for
its own work alone; it is not asked for 100,000 servers, which take it half a minute. textual-fastdatatable
joins where it is installed; it gets its data when it is made, so ours is made and mounted too beside it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from time import process_time
from typing import TYPE_CHECKING, Protocol

from textual.app import App
from textual.widgets import DataTable

from ncpconsole.core.filters import parse
from ncpconsole.core.view import View
from ncpconsole.tui.widgets.server_table import ServerTable
from tests.tui.server_rows import inventory, server
from tools.benchmarks.harness import Figure, in_turns, main, milliseconds, percentile, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot
    from textual.widget import Widget

    from ncpconsole.core.inventory import Row

Texts = dict[str, tuple[str, ...]]
Samples = dict[str, list[float]]
"""Processor seconds by operation."""

COUNTS = (1_000, 10_000, 100_000)
THEIR_COUNTS = (1_000, 10_000)
SIZE = (80, 24)
OURS = "ServerTable"
THEIRS = "DataTable"
FAST = "textual-fastdatatable"
FILL = "data to painted"
NO_CHANGE = "refresh, 0 % changed"
TITLES = ("NAME", "NUMBER", "IP", "ZONE", "STATUS", "VERDICT")


class Subject(Protocol):
    """A table under test: a new widget, and what can be done to it; each call shows at the next frame."""

    @property
    def widget(self) -> Widget: ...

    def fill(self, rows: Sequence[Row]) -> None: ...
    def replace(self, rows: Sequence[Row]) -> None: ...
    def sort(self, *, descending: bool) -> None: ...
    def refresh(self, rows: Sequence[Row], changed: set[str]) -> None: ...
    def down(self) -> None: ...
    def page(self) -> None: ...


Costs = dict[tuple[str, int], Samples]
"""Samples by table and number of servers."""
Maker = Callable[[Texts], Subject]


def cells(row: Row) -> tuple[str, ...]:
    """A row as texts for tables that take texts."""
    return row.name, row.number, row.ip, row.zone, row.status, row.verdict.word


class Ours:
    """Our table."""

    def __init__(self, _texts: Texts) -> None:
        self.widget = ServerTable(changed_for=0)

    def fill(self, rows: Sequence[Row]) -> None:
        self.widget.show(rows)

    replace = fill

    def sort(self, *, descending: bool) -> None:
        self.widget.show(sorted(self.widget.rows, key=attrgetter("sort_name"), reverse=descending))

    def refresh(self, rows: Sequence[Row], changed: set[str]) -> None:
        self.widget.show(rows, changed=changed)

    def down(self) -> None:
        self.widget.action_move_down()

    def page(self) -> None:
        self.widget.action_page_down()


class Theirs:
    """Textual's DataTable, told no more than it must know."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.widget: DataTable[str] = DataTable(cursor_type="row")

    def fill(self, rows: Sequence[Row]) -> None:
        for title in TITLES:
            self.widget.add_column(title, key=title)
        self._add(rows)

    def replace(self, rows: Sequence[Row]) -> None:
        self.widget.clear()
        self._add(rows)

    def _add(self, rows: Sequence[Row]) -> None:
        texts = self.texts
        for row in rows:
            self.widget.add_row(*texts[row.key], key=row.key)

    def sort(self, *, descending: bool) -> None:
        self.widget.sort("NAME", reverse=descending)

    def refresh(self, rows: Sequence[Row], changed: set[str]) -> None:
        if len(changed) == len(rows):
            self.replace(rows)
            return
        for key in changed:
            self.widget.update_cell(key, "STATUS", "RUN changed")

    def down(self) -> None:
        self.widget.action_cursor_down()

    def page(self) -> None:
        self.widget.action_page_down()


MAKERS: dict[str, Maker] = {OURS: Ours, THEIRS: Theirs}


class BenchApp(App[None]):
    """An empty screen that tables come to and leave."""

    animation_level = "none"


class Stage:
    """One running app of 80 × 24 on which tables take turns."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot

    async def settle(self) -> None:
        """Let every widget handle its messages and paint; in three rounds, as layout and paint take turns."""
        for _ in range(3):
            await self.pilot.pause(0)

    async def put(self, widget: Widget) -> None:
        """Show this table alone."""
        await self.pilot.app.screen.remove_children()
        await self.pilot.app.screen.mount(widget)
        widget.focus()
        await self.settle()

    async def cost(self, act: Callable[[], object]) -> float:
        """Processor seconds from ``act`` to the painted screen."""
        gc.collect()
        start = process_time()
        act()
        await self.settle()
        return process_time() - start

    async def cost_of_resize(self, width: int, height: int) -> float:
        """Processor seconds from a new size of the terminal to the painted screen."""
        gc.collect()
        start = process_time()
        await self.pilot.resize_terminal(width, height)
        await self.settle()
        return process_time() - start


class Data:
    """The servers of one size: all, those that a filter leaves, and all of them after a refresh."""

    def __init__(self, count: int) -> None:
        self.inventory = inventory([server(number) for number in range(count)])
        self.rows = self.inventory.rows
        self.half = [row for row in self.rows if row.zone == "KR-1"]
        self.one_percent = self._after_refresh(count, 100)
        self.all_changed = self._after_refresh(count, 1)
        self.texts = {row.key: cells(row) for row in self.rows}

    def _after_refresh(self, count: int, every: int) -> tuple[Sequence[Row], set[str]]:
        """All rows and the keys of the changed ones: every ``every``-th server has another name."""
        servers = [server(number, f"new-{number}" if number % every == 0 else "") for number in range(count)]
        after = inventory(servers, previous=self.inventory)
        return after.rows, after.changed_since(self.inventory)


async def time_fill(stage: Stage, make: Maker, data: Data) -> float:
    """A new table from data to paint, in processor seconds."""
    subject = make(data.texts)
    await stage.put(subject.widget)
    return await stage.cost(partial(subject.fill, data.rows))


async def time_operations(stage: Stage, make: Maker, data: Data, found: Samples) -> None:
    """What an operator and a refresh do to a filled table; adds processor seconds to ``found``."""
    subject = make(data.texts)
    await stage.put(subject.widget)
    await stage.cost(partial(subject.fill, data.rows))
    await stage.cost(subject.down)

    async def note(name: str, act: Callable[[], object]) -> None:
        found.setdefault(name, []).append(await stage.cost(act))

    for _ in range(5):
        await note("cursor", subject.down)
        await note("page down", subject.page)
    for size in ((100, 30), SIZE):
        found.setdefault("resize", []).append(await stage.cost_of_resize(*size))
    await note("sort", partial(subject.sort, descending=True))
    await note("sort", partial(subject.sort, descending=False))
    await note("filter", partial(subject.replace, data.half))
    await note("filter", partial(subject.replace, data.rows))
    await note(NO_CHANGE, partial(subject.refresh, list(data.rows), set()))
    for name, (after, changed) in (("1 %", data.one_percent), ("100 %", data.all_changed)):
        await note(f"refresh, {name} changed", partial(subject.refresh, after, changed))
        await stage.cost(partial(subject.replace, data.rows))


def mounted(data: Data) -> Widget:
    """Our table, made with its data."""
    table = ServerTable()
    table.show(data.rows)
    return table


def fast_mounted(data: Data) -> Widget:
    """textual-fastdatatable's table, made with its data."""
    texts = data.texts.values()
    columns = {title: [text[place] for text in texts] for place, title in enumerate(TITLES)}
    widget: Widget = import_module("textual_fastdatatable").DataTable(data=columns)
    return widget


async def time_mounted(stage: Stage, make: Callable[[Data], Widget], data: Data) -> float:
    """A table from data to mount and paint, in processor seconds."""
    await stage.pilot.app.screen.remove_children()
    await stage.settle()
    gc.collect()
    start = process_time()
    await stage.pilot.app.screen.mount(make(data))
    await stage.settle()
    return process_time() - start


async def against_fast(stage: Stage, data: Data, rounds: int) -> list[Figure]:
    """How ours compares with textual-fastdatatable, where that is installed."""
    if find_spec("textual_fastdatatable") is None:
        return []
    makes = {OURS: mounted, FAST: fast_mounted}
    taken = await in_turns({name: partial(time_mounted, stage, make, data) for name, make in makes.items()}, rounds)
    name = f"times faster: data to mounted and painted, {len(data.rows):,}"
    return [ratio(name, taken[FAST], taken[OURS], versus=FAST, higher_is_better=True)]


async def time_keystrokes(stage: Stage, data: Data) -> tuple[list[float], float]:
    """Processor seconds from each key typed into the filter to the painted table; all without their scans."""
    table, view = ServerTable(), View(data.inventory)
    await stage.put(table)
    table.show(view.rows)
    table.select_first()

    scans = 0.0

    def type_filter(text: str) -> None:
        nonlocal scans
        start = process_time()
        view.filter = parse(text)
        rows = view.rows
        scans += process_time() - start
        table.show(rows)

    words = ("web-0001", "10.0.12", "!os:linux kr-2", "name:42")
    typed = [word[:end] for word in words for end in (*range(1, len(word) + 1), 0)]
    costs = [await stage.cost(partial(type_filter, text)) for text in typed]
    return costs, sum(costs) - scans


async def measure(rounds: int) -> list[Figure]:
    """All figures; tables and sizes take turns in one app."""
    sizes = {count: Data(count) for count in COUNTS}
    # What is built by now is not searched again at each collection, in nobody's time.
    gc.collect()
    gc.freeze()
    pairs = [(name, count) for count in COUNTS for name in MAKERS if name == OURS or count in THEIR_COUNTS]
    costs: dict[tuple[str, int], Samples] = {pair: {} for pair in pairs}
    typed: dict[int, list[float]] = {count: [] for count in COUNTS}
    painted: dict[int, list[float]] = {count: [] for count in COUNTS}
    async with BenchApp().run_test(size=SIZE) as pilot:
        stage = Stage(pilot)
        for _ in range(rounds):
            for table, count in pairs:
                data, found = sizes[count], costs[table, count]
                found.setdefault(FILL, []).append(await time_fill(stage, MAKERS[table], data))
                await time_operations(stage, MAKERS[table], data, found)
            for count in COUNTS:
                costs_of_keys, without_scans = await time_keystrokes(stage, sizes[count])
                typed[count] += costs_of_keys
                painted[count].append(without_scans)
        fast = await against_fast(stage, sizes[10_000], rounds)
    gc.unfreeze()
    keys = keystroke_figures(typed, painted)
    return [*in_milliseconds(costs), *compared(costs), *fast, *grown(costs), *keys]


def in_milliseconds(costs: Costs) -> list[Figure]:
    """What ours costs, by operation and size."""
    return [
        milliseconds(f"{name}, {count:,}", costs[OURS, count][name])
        for name in costs[OURS, COUNTS[0]]
        for count in COUNTS
    ]


def compared(costs: Costs) -> list[Figure]:
    """How many times faster ours is."""
    return [
        ratio(
            f"times faster: {name}, {count:,}",
            costs[THEIRS, count][name],
            costs[OURS, count][name],
            versus=THEIRS,
            bar=20 if (name, count) == (FILL, 10_000) else None,
            higher_is_better=True,
        )
        for name in costs[OURS, COUNTS[0]]
        for count in THEIR_COUNTS
        if name != NO_CHANGE  # a DataTable that is told of no change has nothing to do
    ]


def grown(costs: Costs) -> list[Figure]:
    """How the cost grows with the servers: from data to paint, and for a frame."""
    small, middle, large = (costs[OURS, count] for count in COUNTS)
    fills = ratio(f"{FILL}, 100,000", large[FILL], middle[FILL], versus="10,000", bar=1.5, of=min)
    frames = [
        ratio(f"{name}, 100,000", large[name], small[name], versus="1,000", bar=1.5, of=min)
        for name in ("cursor", "page down", "resize")
    ]
    return [fills, *frames]


def keystroke_figures(typed: dict[int, list[float]], painted: dict[int, list[float]]) -> list[Figure]:
    """The filter from the key to the painted table, at its slowest twentieth; its growth without the scan."""
    name = "filter keystroke without its scan, 100,000"
    growth = ratio(name, painted[100_000], painted[1_000], versus="1,000", bar=1.5, of=min)
    slowest = [
        Figure(
            f"filter keystroke with its scan, p95, {count:,}",
            1000 * percentile(samples, 95),
            "ms",
            bar=50 if count == 10_000 else None,
        )
        for count, samples in typed.items()
    ]
    return [growth, *slowest]


def figures() -> list[Figure]:
    """The figures of this module; takes about two minutes."""
    return asyncio.run(measure(rounds=3))


if __name__ == "__main__":
    main(figures)
