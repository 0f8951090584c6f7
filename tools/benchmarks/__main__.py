"""All benchmarks: one table, ``benchmarks.json``, and an exit code other than 0 where a bar is missed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.benchmarks import console, filtering, listing, memory, send, start, table, vitals
from tools.benchmarks.harness import Figure, exit_code, machine, markdown, report
from tools.benchmarks.harness import table as drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed.md"
JSON = ROOT / "benchmarks.json"
BEGIN, END = "<!-- bench: begin", "<!-- bench: end -->"
MODULES = (start, table, filtering, listing, vitals, console, send, memory)


def figures_of(modules: Mapping[str, Callable[[], list[Figure]]]) -> list[Figure]:
    """The figures of every module, one after the other; tells on standard error what is being measured."""
    measured: list[Figure] = []
    for name, figures in modules.items():
        print(f"Measuring: {name} …", file=sys.stderr, flush=True)
        measured += figures()
    return measured


def drawn_into(page: str, measured: Sequence[Figure], about: Mapping[str, str]) -> str:
    """The page with these figures between its marks: those that have a bar, then all of them."""
    before, rest = page.split(BEGIN, 1)
    mark, rest = rest.split("\n", 1)
    after = rest.split(END, 1)[1]
    bars = [figure for figure in measured if figure.bar is not None]
    words = ", ".join(f"{name} {value}" for name, value in about.items() if name not in {"date", "load"})
    lines = (
        f"{BEGIN}{mark}",
        f"Measured on {about['date']}: {words}.",
        "",
        markdown(bars),
        "",
        "<details><summary>All figures</summary>",
        "",
        markdown([figure for figure in measured if figure.bar is None]),
        "",
        "</details>",
        END,
    )
    return before + "\n".join(lines) + after


def main() -> int:
    """Measure everything; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="draw the table into docs/speed.md, too")
    options = parser.parse_args()
    about = machine()
    measured = figures_of({module.__name__.rpartition(".")[2]: module.figures for module in MODULES})
    print(drawn(measured))
    print("\n" + " · ".join(f"{name} {value}" for name, value in about.items()))
    JSON.write_text(report(measured, about), encoding="utf-8")
    if options.readme:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(drawn_into(text, measured, about), encoding="utf-8")
    return exit_code(measured)


if __name__ == "__main__":
    sys.exit(main())
