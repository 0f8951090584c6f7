"""How soon the program is there: its version, and the first frame of the demo in a terminal.

The first frame is there when the header and the table's ``Opening …``, or the label, have been written. The
programs take turns, so that a busy machine slows them all alike.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.benchmarks import one_label
from tools.benchmarks.harness import Figure, main, milliseconds, ratio
from tools.benchmarks.processes import CONSOLE, PYTHON, private_environment, undisturbed
from tools.benchmarks.recorded_terminal import RecordedTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LABEL = "one label"
DEMO = "first frame of the demo"
VERSION = "ncpconsole --version"
CLICK = "python -c 'import click'"


def first_frame(command: Sequence[str], wanted: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, from the start of a program to its first frame."""
    with RecordedTerminal(command, environment) as terminal:
        came, spent = terminal.first_bytes(wanted.encode())
        return came - terminal.started, spent


def run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, of a program from its start to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return taken, usage.ru_utime + usage.ru_stime


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about a minute."""
    rounds = 3 if quick else 21
    with undisturbed(), private_environment() as environment:
        measures: dict[str, Callable[[], tuple[float, float]]] = {
            DEMO: lambda: first_frame([CONSOLE, "demo"], "Opening", environment),
            LABEL: lambda: first_frame([PYTHON, str(Path(one_label.__file__))], one_label.TEXT, environment),
            VERSION: lambda: run([CONSOLE, "--version"], environment),
            CLICK: lambda: run([PYTHON, "-c", "import click"], environment),
        }
        clock: dict[str, list[float]] = {name: [] for name in measures}
        processor: dict[str, list[float]] = {name: [] for name in measures}
        for turn in range(rounds + 1):
            for name, measure in measures.items():
                taken, spent = measure()
                if turn:  # the first round warms the disk's cache
                    clock[name].append(taken)
                    processor[name].append(spent)
    return [
        ratio(DEMO, clock[DEMO], clock[LABEL], versus=LABEL, bar=1.25),
        ratio(f"{DEMO}, processor time", processor[DEMO], processor[LABEL], versus=LABEL),
        milliseconds(DEMO, clock[DEMO]),
        milliseconds(f"{LABEL} in Textual, first frame", clock[LABEL]),
        ratio(VERSION, processor[VERSION], processor[CLICK], versus=CLICK, bar=1.4),
        ratio(f"{VERSION}, by the clock", clock[VERSION], clock[CLICK], versus=CLICK),
        milliseconds(VERSION, clock[VERSION]),
    ]


if __name__ == "__main__":
    main(figures)
