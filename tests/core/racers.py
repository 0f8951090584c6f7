"""Many consoles that confirm an interrupt of the same server at the same moment.

Run as ``python -m tests.core.racers JOURNAL PORT COUNT``. Forks COUNT consoles; each opens the journal and
plans, waits at the line until all are there, and executes. Each prints one line: its outcome or ``refused``,
and why. The one whose interrupt was answered keeps it open until standard input ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Origin
from tests.core.console_process import SocketGateway
from tests.core.fakes import NOTHING_AROUND


def race(count: int, each: Callable[[int, int, int], None]) -> None:
    """Fork so many consoles, give the start, wait for all. ``each`` gets its number and the line's two ends.

    It writes a byte to the first once it is ready, and goes on when reading the second comes back, with nothing.
    """
    ready, at_line = os.pipe()
    line, gate = os.pipe()
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            os.close(gate)
            try:
                each(number, at_line, line)
            except BaseException as error:  # noqa: BLE001 - told, so that nobody waits for it
                os.write(1, f"failed {error!r}\n".encode())
                os.write(at_line, b".")
            os._exit(0)
        children.append(child)
    for _ in children:
        os.read(ready, 1)
    os.close(gate)
    for child in children:
        os.waitpid(child, 0)


def main() -> None:
    """Let so many consoles confirm at once."""
    path, port, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    race(count, lambda number, at_line, line: asyncio.run(console(path, port, number, at_line, line)))


async def console(path: Path, port: int, number: int, at_line: int, line: int) -> None:
    """One operator at one console."""

    def reached(step: str) -> None:
        if step == "answered":
            sys.stdin.read()

    journal = Journal.open(path, Origin(f"operator-{number}", "bastion", "", "0"))
    gateway = SocketGateway(port=port, reached=reached)
    interrupter = Interrupter(gateway, journal, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", "300", NOTHING_AROUND)
    os.write(at_line, b".")
    os.read(line, 1)  # comes back, with nothing, when the gate is opened for all
    report = await interrupter.execute(plan, Confirmation("web-1"))
    said = " ".join(report.refused) or report.result.message
    word = "refused" if report.refused else report.result.outcome.value
    os.write(1, f"{word} {said}\n".encode())


if __name__ == "__main__":
    main()
