"""Kills a console again and again at random moments and checks after each kill what it left.

Run as ``python -m tools.kill_loop --rounds 1000``. No acknowledged record may be lost, nothing may be
sent twice, and every orphan must surface rightly: as not sent only where nothing arrived, else as unknown.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter as Counts
from pathlib import Path

from ncpconsole.core.errors import ServerLocked
from ncpconsole.core.journal.journal import Journal
from ncpconsole.ncp.results import Outcome
from tests.core.console_process import interrupt_one
from tests.core.counter import Counter
from tests.core.fakes import ALICE, BOB, a_draft

LONGEST_LIFE = 0.1
ROUNDS_PER_JOURNAL = 50


def main() -> int:
    """Kill; print what became of the orphans; 1 when a promise was broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**32)
    dice = random.Random(seed)
    tally: Counts[str] = Counts()
    with Counter() as counter, tempfile.TemporaryDirectory() as place:
        for number in range(options.rounds):
            path = Path(place) / f"{number // ROUNDS_PER_JOURNAL}" / "journal.db"
            acknowledged = live_and_die(path, counter.port, number, dice)
            faults = check(path, counter.counts(), acknowledged, tally)
            if faults:
                print(f"round {number}, seed {seed}:", *faults, sep="\n  ", flush=True)
                return 1
    print(f"{options.rounds} kills, seed {seed}: {dict(sorted(tally.items()))}")
    return 0


def live_and_die(path: Path, port: int, number: int, dice: random.Random) -> list[tuple[str, str]]:
    """Fork a console that interrupts server after server, and kill it; gives the outcomes it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        console(path, port, number, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as pipe:
        assert pipe.readline() == "open\n"
        time.sleep(dice.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, "the console ended before it was killed"
        lines = pipe.read().splitlines(keepends=True)
    # The kill may tear the last line; what is torn was not acknowledged.
    return [(line.split()[0], line.split()[1]) for line in lines if line.endswith("\n")]


def console(path: Path, port: int, number: int, writing: int) -> None:
    """Interrupt one server after another, each once, and acknowledge each outcome; never returns."""
    journal = Journal.open(path, ALICE)
    os.write(writing, b"open\n")
    for count in itertools.count():
        report = asyncio.run(interrupt_one(journal, port, f"{number}-{count}", lambda _: None))
        assert report.intent is not None, report
        os.write(writing, f"{report.intent.id} {report.result.outcome.value}\n".encode())
    os._exit(1)


def check(path: Path, arrived: dict[str, int], acknowledged: list[tuple[str, str]], tally: Counts[str]) -> list[str]:
    """The broken promises, as sentences."""
    faults = [f"{number} was sent {count} times" for number, count in arrived.items() if count > 1]
    journal = Journal.open(path, BOB)
    orphans = journal.recover()
    if len(orphans) > 1:
        faults.append(f"{len(orphans)} orphans of one console")
    recorded = {intent.id: intent for intent in journal.intents()}
    for intent_id, outcome in acknowledged:
        if intent_id not in recorded or recorded[intent_id].outcome != outcome:
            faults.append(f"acknowledged {intent_id} ({outcome}) was lost")
    for intent in recorded.values():
        count = arrived.get(intent.draft.server_no, 0)
        if intent.outcome is None or (intent.outcome is Outcome.ACCEPTED and count != 1):
            faults.append(f"{intent.id}: {intent.outcome} with {count} requests")
        if intent.outcome is Outcome.NOT_SENT and count:
            faults.append(f"{intent.id}: not sent, but {count} arrived")
    for orphan in orphans:
        tally[f"{orphan.outcome} with {arrived.get(orphan.draft.server_no, 0)} arrived"] += 1
        if orphan.outcome is Outcome.UNKNOWN:
            try:
                journal.claim(a_draft(orphan.draft.server_no))
                faults.append(f"{orphan.id}: unknown, but its server is not locked")
            except ServerLocked:
                tally["locks that held"] += 1
    tally["kills between two interrupts"] += not orphans
    tally["acknowledged"] += len(acknowledged)
    known = {intent.draft.server_no for intent in recorded.values()}
    round_number = {intent_id.partition("-")[0] for intent_id in known}
    faults += [
        f"{number} arrived without a record"
        for number in arrived
        if number.partition("-")[0] in round_number and number not in known
    ]
    if fault := journal.verify().fault:
        faults.append(fault)
    journal.close()
    return faults


if __name__ == "__main__":
    sys.exit(main())
