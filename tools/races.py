"""Processes that press Send at once, again and again: one sends, the others are told who.

Run as ``python -m tools.races [--rounds 12] [--consoles 8]``. Each round has a journal of its own, which does not exist
before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ncpconsole.core.journal.journal import Journal
from tests.core.counter import Counter
from tests.core.fakes import ALICE


def race(path: Path, consoles: int) -> tuple[dict[str, int], list[str]]:
    """One round: what arrived, and what each console said, the one that sent last."""
    with Counter() as counter:
        command = [sys.executable, "-m", "tests.core.racers", str(path), str(counter.port), str(consoles)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as racers:
            assert racers.stdin is not None
            assert racers.stdout is not None
            said = [racers.stdout.readline() for _ in range(consoles - 1)]
            racers.stdin.close()  # lets the one that sends see its answer
            said.append(racers.stdout.readline())
        return counter.counts(), said


def main() -> int:
    """Race; print what was wrong; 1 when anything was."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--consoles", type=int, default=8)
    options = parser.parse_args()
    found = 0
    with TemporaryDirectory() as directory:
        for number in range(options.rounds):
            path = Path(directory) / str(number) / "journal.db"
            counts, said = race(path, options.consoles)
            refused = sum(line.startswith("refused") for line in said)
            with Journal.open(path, ALICE) as journal:
                fault = journal.verify().fault
            is_well = sum(counts.values()) == 1 and refused == options.consoles - 1 and not fault
            print(f"round {number}: {counts}, {refused} refused, chain {fault or 'whole'}", flush=True)
            found += not is_well
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
