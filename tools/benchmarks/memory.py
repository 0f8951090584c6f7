"""Resident memory of the console: empty, at 1,000 and 10,000 servers, and after 1,000 refreshes."""

from __future__ import annotations

from statistics import median

from tools.benchmarks.console import opened_console, refresh, wait_for_list
from tools.benchmarks.harness import Figure, main
from tools.benchmarks.processes import resident_mb

COUNTS = (0, 1_000, 10_000)
REFRESHES = 1_000
LATENCY_MS = 20
"""So that the header tells each time that it is reading."""


def resident(count: int, refreshes: int = 3) -> tuple[float, float]:
    """MB after the first list, and after some refreshes of it; an empty account is read once."""
    with opened_console("--servers", str(count), "--latency", str(LATENCY_MS)) as terminal:
        wait_for_list(terminal)
        before = resident_mb(terminal.pid)
        for _ in range(refreshes if count else 0):
            refresh(terminal, rest=0)
        return before, resident_mb(terminal.pid)


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about two minutes."""
    rounds, refreshes = (1, 10) if quick else (3, REFRESHES)
    samples: dict[int, list[float]] = {count: [] for count in COUNTS}
    for _ in range(rounds):
        for count, found in samples.items():
            found.append(max(resident(count)))
    sizes = {count: median(found) for count, found in samples.items()}
    first, last = resident(1_000, refreshes)
    return [
        Figure("memory at 10,000 servers over an empty account", sizes[10_000] - sizes[0], "MB", bar=35),
        *(Figure(f"resident, {count:,} servers", size, "MB") for count, size in sizes.items()),
        Figure(f"resident, 1,000 servers after {refreshes:,} refreshes", last, "MB"),
        Figure(f"growth over {refreshes:,} refreshes", last - first, "MB"),
    ]


if __name__ == "__main__":
    main(figures)
