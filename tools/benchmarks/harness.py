"""What every benchmark shares: timing two things in turns, and figures with the bar they must clear.

A benchmark module has ``figures() -> list[Figure]`` and, at its end, ``main(figures)`` for running it alone.
Compare within one run only: candidates take turns, round by round, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside its bar.

    ``bar`` is in the unit of ``value``, None where there is nothing to clear; it is a ceiling unless
    ``higher_is_better``. ``versus`` names what a ratio compares with; ``samples`` are those behind the value.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    higher_is_better: bool = False
    versus: str = ""
    samples: tuple[float, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether the value clears the bar."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.higher_is_better else self.value <= self.bar


async def in_turns(
    candidates: Mapping[str, Callable[[], Awaitable[float]]], rounds: int, warm_ups: int = 1
) -> dict[str, list[float]]:
    """Run each candidate once per round, in turns; a candidate returns what it measured, such as seconds."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(warm_ups + rounds):
        for name, measure in candidates.items():
            sample = await measure()
            if turn >= warm_ups:
                samples[name].append(sample)
    return samples


def milliseconds(name: str, seconds: Sequence[float], bar: float | None = None) -> Figure:
    """The median of some durations as a figure in milliseconds."""
    return Figure(name, 1000 * median(seconds), "ms", bar=bar, samples=tuple(1000 * each for each in seconds))


def ratio(
    name: str,
    above: Sequence[float],
    below: Sequence[float],
    *,
    versus: str,
    bar: float | None = None,
    higher_is_better: bool = False,
    of: Callable[[Sequence[float]], float] = median,
) -> Figure:
    """The median of ``above`` over that of ``below``, or another measure of both (``of``).

    Take ``min`` where both sides do the same work and the ratio is close to 1: what else the machine does
    only adds to a sample, and by more than such a ratio may differ.
    """
    value = of(above) / of(below)
    return Figure(name, value, "×", bar=bar, higher_is_better=higher_is_better, versus=versus)


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least ``percent`` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of text, missed bars marked."""
    rows = [("figure", "value", "bar", ""), *map(cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}".rstrip() for row in rows
    )


def markdown(figures: Sequence[Figure]) -> str:
    """The same as a table in Markdown."""
    rows = [("figure", "value", "bar", ""), ("---", "---:", "---", "---"), *map(cells, figures)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def cells(figure: Figure) -> tuple[str, str, str, str]:
    """Name, value, bar and verdict of a figure, as shown."""
    sign = "≥" if figure.higher_is_better else "≤"
    bar = "" if figure.bar is None else f"{sign} {figure.bar:g} {figure.unit}"
    verdict = "" if figure.bar is None else "met" if figure.is_met else "MISSED"
    name = f"{figure.name} (vs {figure.versus})" if figure.versus else figure.name
    return name, f"{figure.value:.2f} {figure.unit}", bar, verdict


def machine() -> dict[str, str]:
    """What the figures were measured on, and with what."""
    packages = ["ncpconsole", "textual", "httpx", "msgspec", "click", "ncloud-vserver"]
    if find_spec("textual_fastdatatable") is not None:
        packages.append("textual-fastdatatable")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{os.cpu_count()} × {processor()}",
        "load": f"{os.getloadavg()[0]:.1f}",
        "scheduling": "before other programs (SCHED_RR)" if may_go_first() else "shared with other programs",
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def may_go_first() -> bool:
    """Whether what is timed by the clock may go before other programs: Linux, where root is allowed to."""
    if not hasattr(os, "SCHED_RR"):
        return False
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, *before)
    return True


def processor() -> str:
    """The processor's name where Linux tells it, else its architecture."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def report(measured: Sequence[Figure], about: Mapping[str, str]) -> str:
    """Everything as JSON."""
    document = {"machine": about, "figures": [{**asdict(one), "is_met": one.is_met} for one in measured]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def exit_code(measured: Sequence[Figure]) -> int:
    """0 when every bar is met; 1 when one is missed, or nothing was measured."""
    return 0 if measured and all(figure.is_met for figure in measured) else 1


def main(figures: Callable[[], list[Figure]]) -> None:
    """Print one module's figures; exit 1 when a bar is missed."""
    measured = figures()
    print(table(measured))
    sys.exit(exit_code(measured))
