"""Break the sending of an interrupt at every line of it, and look whether the record still tells the truth.

Run as ``python -m tools.injected [--every N] [--error NAME]``. Each round sends one interrupt, over a socket to the
simulator, and raises an error at one line of this program between the confirmation and the report. Whatever breaks:
at most one request arrives, the same confirmation sends no second one, and the record of the next start says no
more and no less than what arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import itertools
import logging
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ncpconsole
from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.errors import Refused
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.signing import Credentials, Secret
from tests.core.fakes import ALICE, NOTHING_AROUND
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from types import FrameType

    from ncpconsole.core.plan import Plan, Report
    from tests.simulator.threaded import ThreadedSimulator

HOUSE = Path(ncpconsole.__file__).parent
TRACED = tuple(f"{HOUSE / room}/" for room in ("core", "ncp", "config"))
"""What a send runs of this program. The simulator shares the process and is left alone."""
ERRORS: dict[str, type[BaseException]] = {
    error.__name__: error for error in (RuntimeError, MemoryError, OSError, KeyboardInterrupt, asyncio.CancelledError)
}
RULES = rules_named("xen-windows")
ELIGIBLE = {"hypervisor": "XEN", "platform": "WND64", "image": "WND64", "status": "RUN", "operation": "NULL"}
SERVERS = 64
SECONDS = 20.0


class Breaker:
    """Counts the lines of this program that run while it is set, and raises at one of them."""

    def __init__(self, at: int | None, error: type[BaseException]) -> None:
        self.at = at
        self.error = error
        self.lines = 0
        self.place = ""

    def __enter__(self) -> Breaker:
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._ran if frame.f_code.co_filename.startswith(TRACED) else None

    def _ran(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                path = Path(frame.f_code.co_filename).relative_to(HOUSE)
                self.place = f"{path}:{frame.f_lineno} ({frame.f_code.co_name})"
                raise self.error("injected")
        return self._ran


@dataclass
class Sending:
    """One operator with a journal of their own, about to send what was confirmed."""

    journal: Journal
    interrupter: Interrupter
    plan: Plan

    async def execute(self) -> Report:
        """Send what was confirmed."""
        return await self.interrupter.execute(self.plan, Confirmation(self.plan.demands.text))


@asynccontextmanager
async def sending(simulator: ThreadedSimulator, path: Path, number: str) -> AsyncIterator[Sending]:
    """Everything up to the confirmation."""
    journal = Journal.open(path, ALICE)
    client = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
    interrupter = Interrupter(client, journal, RULES, Policy(send_deadline=SECONDS), profile="prod")
    try:
        yield Sending(journal, interrupter, await interrupter.plan(simulator.region, number, NOTHING_AROUND))
    finally:
        await client.aclose()
        journal.close()


def break_once(simulator: ThreadedSimulator, path: Path, number: str, breaker: Breaker) -> list[str]:
    """One round; what was found wrong."""
    said: list[str] = []

    async def confirm_and_repeat() -> None:
        async with sending(simulator, path, number) as one:
            with breaker:
                said.append(await outcome_of(one))
            # The very same confirmation once more. Where nothing was ever sent, it may be good still.
            said.append(await outcome_of(one))

    with contextlib.suppress(KeyboardInterrupt):  # it leaves through the loop where another task met it
        asyncio.run(confirm_and_repeat())
    arrived = sent_to(simulator, number)
    faults = [f"{arrived} arrived of one confirmation"] * (arrived > 1)
    if said and arrived and said[0] in {"refused", "not_sent"} and said[1:] != ["accepted"]:
        faults.append(f"{arrived} arrived and the report said {said}")
    return [
        *faults,
        *recorded_wrongly(path, number, arrived),
        *(not_locked(simulator, path, number) if arrived else []),
    ]


def recorded_wrongly(path: Path, number: str, arrived: int) -> list[str]:
    """Where the record, after the next start, says more or less than what arrived."""
    with Journal.open(path, ALICE) as journal:
        journal.recover()
        outcomes = [intent.outcome for intent in journal.intents(server_no=number)]
        broken = journal.verify().fault
    known = sum(outcome == "accepted" for outcome in outcomes)
    possible = known + sum(outcome == "unknown" for outcome in outcomes)
    faults = [] if known <= arrived <= possible else [f"{arrived} arrived, recorded is {outcomes}"]
    return faults + [f"the chain is broken: {broken}"] * bool(broken)


def not_locked(simulator: ThreadedSimulator, path: Path, number: str) -> list[str]:
    """What is wrong with the next look at a server that one reached: the number must be due, or it is locked."""

    async def look() -> bool:
        async with sending(simulator, path, number) as again:
            return bool(again.plan.why_not) or again.plan.demands.what == "number"

    try:
        is_held = asyncio.run(look())
    except Refused:
        is_held = True
    return [] if is_held else ["one arrived, and the next is asked for by name alone"]


async def outcome_of(one: Sending) -> str:
    """What became of a send, in a word, whatever it raised."""
    try:
        report = await one.execute()
    except BaseException as error:  # noqa: BLE001 - what was injected may be of any kind
        return f"raised {type(error).__name__}"
    return "refused" if report.refused else report.result.outcome.value


def sent_to(simulator: ThreadedSimulator, number: str) -> int:
    """How many interrupts of this server arrived."""
    return sum(one.server_no == number for one in simulator.interrupts)


def lone_servers(simulator: ThreadedSimulator) -> list[str]:
    """Numbers of servers that may be interrupted by their name."""
    numbers = simulator.fleet.slice(simulator.region, 0, SERVERS)
    for number in numbers:
        simulator.simulator.state().change(number, name=f"lone-{number}", **ELIGIBLE)
    return numbers


def count_lines() -> int:
    """How many lines run from a confirmation to its report and its repetition when nothing breaks."""
    breaker = Breaker(None, RuntimeError)
    with tempfile.TemporaryDirectory() as directory, running_simulator(servers=SERVERS) as simulator:
        assert break_once(simulator, Path(directory) / "s" / "journal.db", lone_servers(simulator)[0], breaker) == []
    return breaker.lines


def break_at(lines: Iterable[int], error: type[BaseException]) -> tuple[Counter[str], list[str]]:
    """Break at each of these lines in turn; counts of rounds, and what was wrong."""
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    rest = iter(lines)
    with tempfile.TemporaryDirectory() as directory:
        while at := list(itertools.islice(rest, SERVERS)):
            with running_simulator(servers=SERVERS) as simulator:
                for line, number in zip(at, lone_servers(simulator), strict=False):
                    breaker = Breaker(line, error)
                    faults = break_once(simulator, Path(directory) / str(line) / "journal.db", number, breaker)
                    tally[f"{sent_to(simulator, number)} arrived"] += 1
                    wrong += [f"{error.__name__} at line {line}, {breaker.place}: {fault}" for fault in faults]
    return tally, wrong


def main() -> int:
    """Break; print what was wrong; 1 when anything was."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--error", choices=ERRORS, action="append")
    options = parser.parse_args()
    silence()
    lines = count_lines()
    found = 0
    for name in options.error or ERRORS:
        tally, wrong = break_at(range(options.first, lines + 1, options.every), ERRORS[name])
        print(
            f"{name}: {tally.total()} of {lines} lines, {dict(sorted(tally.items()))}", *wrong, sep="\n  ", flush=True
        )
        found += len(wrong)
    return int(bool(found))


def silence() -> None:
    """What breaks in the middle leaves coroutines and tasks that nobody asks for; that is not looked at here."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    gc.set_threshold(100_000, 50, 100)


if __name__ == "__main__":
    sys.exit(main())
