"""Does the console grow? It refreshes some thousand times against a gateway of which 1 % of the reads fail.

Run as ``python -m tools.soak [--refreshes N] [--tracemalloc]``. The whole console runs, from the
settings to the painted frame, without a terminal; the simulator is a process of its own. What grows in the
first half is mostly what is loaded and kept once; the bars are for the second half.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tracemalloc
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING

from ncpconsole.cli.accounts import UserAccounts
from ncpconsole.cli.options import Options
from ncpconsole.cli.wiring import Wiring
from ncpconsole.tui.account_controller import InventoryChanged, RefreshFailed
from ncpconsole.tui.app import ConsoleApp
from tests.end_to_end.simulation import separate_simulation
from tools.benchmarks.harness import Figure, table
from tools.benchmarks.processes import open_descriptors, private_environment, resident_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.pilot import Pilot

    from ncpconsole.tui.messages import AccountChanged

SERVERS = 300
FAULT = "flaky=1"
SAMPLES = 40
KEYS = ("j", "e", "G", "s", "e", "g")
KEY_EVERY = 7
"""A key after so many refreshes: a table that nobody looks at would paint nothing."""
ENOUGH = 1000
"""With fewer refreshes memory has not settled, and has no bar."""
PATIENCE = 120.0
"""Seconds for one refresh: three attempts at each read, and the waits in between."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at one moment; ``memory`` in MB, resident."""

    memory: float
    descriptors: int
    tasks: int


class SoakedConsole(ConsoleApp):
    """The console, telling when a refresh is over and how it ended."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring, startup_notes=wiring.notes, refresh_every=86_400)
        self.over = asyncio.Event()
        self.complete = self.failed = 0

    def on_account_changed(self, message: AccountChanged) -> None:
        """Textual calls this and the console's own handler in one go."""
        match message.event:
            case InventoryChanged(complete=True):
                self.complete += 1
                self.over.set()
            case RefreshFailed():
                self.failed += 1
                self.over.set()

    async def refreshed(self) -> None:
        """One refresh from its start to its end, also one that fails."""
        self.over.clear()
        self.account_flow.refresh()
        async with asyncio.timeout(PATIENCE):
            await self.over.wait()


def sample() -> Sample:
    """Take one; garbage is no growth."""
    gc.collect()
    pid = os.getpid()
    return Sample(resident_mb(pid), open_descriptors(pid), len(asyncio.all_tasks()))


async def soak(refreshes: int, halfway: Callable[[], None]) -> tuple[list[Sample], int, int]:
    """Refresh so often; gives the samples, evenly spread, and how many refreshes succeeded and failed."""
    options = Options()
    async with Wiring(options, UserAccounts(options)) as wiring:
        app = SoakedConsole(wiring)
        async with app.run_test(size=(120, 36)) as pilot:
            async with asyncio.timeout(PATIENCE):
                await app.over.wait()
            keys = cycle(KEYS)
            samples: list[Sample] = []
            for number in range(1, refreshes + 1):
                await app.refreshed()
                if number % KEY_EVERY == 0:
                    await press(pilot, keys)
                if number == refreshes // 2:
                    halfway()
                if number * SAMPLES // refreshes > len(samples):
                    samples.append(sample())
            return samples, app.complete, app.failed


async def press(pilot: Pilot[None], keys: Iterator[str]) -> None:
    """The next key."""
    await pilot.press(next(keys))


def figures(samples: Sequence[Sample], *, memory_bar: float | None) -> list[Figure]:
    """Growth over each half. Memory by the median of a few samples; of what is counted, by the most held."""
    middle = len(samples) // 2
    halves = {"first": samples[:middle], "second": samples[middle:]}
    found = []
    for half, part in halves.items():
        few = max(1, len(part) // 4)
        memory = [each.memory for each in part]
        grown = median(memory[-few:]) - median(memory[:few])
        bar = memory_bar if half == "second" else None
        found.append(Figure(f"memory, growth over the {half} half", grown, "MB", bar=bar))
    for name in ("descriptors", "tasks"):
        first, second = (max(getattr(each, name) for each in part) for part in halves.values())
        found += [
            Figure(f"{name}, most in the first half", first, ""),
            Figure(f"{name}, growth over the second half", second - first, "", bar=0),
        ]
    return found


class Allocations:
    """Python's own account of what was allocated over the second half, if asked for: it costs time."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._before: tracemalloc.Snapshot | None = None
        if wanted:
            tracemalloc.start()

    def begin(self) -> None:
        """The second half begins."""
        if self._wanted:
            gc.collect()
            self._before = tracemalloc.take_snapshot()

    def lines(self) -> list[str]:
        """Where most of what is still held was allocated."""
        if self._before is None:
            return []
        gc.collect()
        grown = tracemalloc.take_snapshot().compare_to(self._before, "lineno")
        total = sum(each.size_diff for each in grown)
        return [f"allocated by Python over the second half: {total / 1e6:.3f} MB", *map(str, grown[:10])]


def main() -> int:
    """Print the figures; 1 when a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--refreshes", type=int, default=3000, metavar="N")
    parser.add_argument("--tracemalloc", action="store_true", help="also tell where memory was allocated")
    options = parser.parse_args()
    if options.refreshes < SAMPLES:
        parser.error(f"at least {SAMPLES} refreshes")
    with (
        separate_simulation("--servers", str(SERVERS), "--fault", FAULT) as gateway,
        private_environment() as environment,
    ):
        os.environ.clear()
        os.environ.update({**environment, **gateway.environment})
        allocations = Allocations(options.tracemalloc)
        samples, complete, failed = asyncio.run(soak(options.refreshes, allocations.begin))
        lines = allocations.lines()
    measured = figures(samples, memory_bar=1.0 if options.refreshes >= ENOUGH else None)
    print(f"{options.refreshes} refreshes of {SERVERS} servers, {complete} lists, {failed} failures on show")
    print(table(measured), *lines, sep="\n")
    return 0 if all(figure.is_met for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
