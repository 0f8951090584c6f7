"""Send signals to the program at every step of an interrupt, and look whether the record still tells the truth.

Run as ``python -m tools.signalled [--part command|console] [--step NAME]``. The gateway is a separately started
simulator that holds the program at the step. Whatever the signal does: the program ends or goes on, at most one
request arrives, and the record says no more and no less than what arrived.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER, NAME = "142300012", "web-00012"
LIMIT = 60.0
"""Seconds in which every step is over."""
TRUE_COUNTS = {"not_sent": {0}, "unknown": {0, 1}, "accepted": {1}}
"""How many requests arrived where the record says so."""

SIGNALS: dict[str, tuple[signal.Signals, ...]] = {
    "INT": (signal.SIGINT,),
    "INT INT": (signal.SIGINT,) * 2,
    "INT × 20": (signal.SIGINT,) * 20,
    "TERM": (signal.SIGTERM,),
    "HUP": (signal.SIGHUP,),
    "QUIT": (signal.SIGQUIT,),
    "STOP CONT": (signal.SIGSTOP, signal.SIGCONT),
}


@dataclass(frozen=True)
class Step:
    """A step of an interrupt. With ``fault`` the program stays there for a while; ``is_reached`` waits for it."""

    fault: str
    is_reached: Callable[[Simulation], None]


STEPS = {
    "read": Step("detail:slow=1", lambda gateway: gateway.await_request(after=0)),
    # The server and its name's bearers are read before it.
    "re-check": Step("detail:slow=1", lambda gateway: gateway.await_request(after=2)),
    "answer": Step("interrupt-unknown", Simulation.await_interrupt),
    "body": Step("interrupt:dripped=0.1", Simulation.await_interrupt),
}
CONSOLE_STEPS = {
    "dialog": Step("list:close-after-request", lambda _: None),
    **{name: STEPS[name] for name in ("re-check", "answer", "body")},
}


@contextmanager
def operator_of(*options: str) -> Iterator[Simulation]:
    """A gateway, and an operator of it who has no record yet."""
    with TemporaryDirectory() as state, simulation("--servers", "64", *options) as gateway:
        gateway.environment["NCPCONSOLE_STATE_DIR"] = f"{state}/state"
        yield gateway


def signal_command(step: str, signals: str) -> list[str]:
    """Signal the plain command at a step; what was found wrong."""
    with operator_of("--fault", STEPS[step].fault) as gateway:
        with command(gateway) as running:
            STEPS[step].is_reached(gateway)
            for each in SIGNALS[signals]:
                running.send_signal(each)
            out, err = running.communicate(timeout=LIMIT)
        faults = recorded_wrongly(gateway)
        if "Traceback" in err:
            faults.append("a traceback was printed")
        if running.returncode == 0 and record(gateway)["outcome"] != "accepted":
            faults.append("exit code 0 without acceptance")
        if signals == "STOP CONT" and not out:
            faults.append("it did not go on")
        told, kept = json.loads(out or "{}").get("outcome"), record(gateway).get("outcome")
        if told and kept and told != kept:
            faults.append(f"printed was {told}, recorded {kept}")
    return faults


@contextmanager
def command(gateway: Simulation) -> Iterator[subprocess.Popen[str]]:
    """The plain command, at an interrupt."""
    with subprocess.Popen(
        [CONSOLE, "interrupt", NUMBER, "--confirm", NAME, "--timeout", "5", "--json"],
        env=dict(os.environ) | gateway.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def signal_console(step: str, signals: str) -> list[str]:
    """Signal the console at a step; what was found wrong."""
    fault = CONSOLE_STEPS[step].fault
    with operator_of(*(() if step == "dialog" else ("--fault", fault))) as gateway:
        with Terminal("--timeout", "5", environment=gateway.environment) as terminal:
            terminal.shows("64 servers")
            terminal.find(NUMBER)
            terminal.press("!")
            terminal.shows("Type the name")
            terminal.type(NAME)
            terminal.shows("matches")
            terminal.press("enter")
            terminal.shows("enter SENDS")
            if step != "dialog":
                before = gateway.requests
                terminal.press("enter")
                if step == "re-check":
                    gateway.await_request(after=before)
                else:
                    gateway.await_interrupt()
            for each in SIGNALS[signals]:
                terminal.child.kill(each)
            if signals == "STOP CONT":
                terminal.shows("enter SENDS" if step == "dialog" else "What to do next")
                terminal.press("esc")
                terminal.shows("! interrupt")
                terminal.leave()
            else:
                terminal.ended()
        return recorded_wrongly(gateway)


def record(gateway: Simulation) -> dict[str, Any]:
    """The one record of the server, as the next command reads it; empty without one."""
    records: list[dict[str, Any]] = json.loads(gateway.console("history", "--json").stdout)
    assert len(records) <= 1, records
    return records[0] if records else {}


def recorded_wrongly(gateway: Simulation) -> list[str]:
    """Where the record says more or less than what arrived."""
    kept, arrived = record(gateway), gateway.interrupts
    outcome = kept.get("outcome")
    if arrived in (TRUE_COUNTS[outcome] if outcome else {0}):
        return []
    return [f"{arrived} arrived, recorded is {outcome}"]


def main() -> int:
    """Signal; print what was wrong; 1 when anything was."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=("command", "console"), action="append")
    parser.add_argument("--step", choices=sorted({*STEPS, *CONSOLE_STEPS}))
    options = parser.parse_args()
    found = 0
    for part in options.part or ("command", "console"):
        send, steps = (signal_command, STEPS) if part == "command" else (signal_console, CONSOLE_STEPS)
        for step, signals in product(steps, SIGNALS):
            if options.step in {None, step}:
                wrong = send(step, signals)
                print(f"{part}, {step}, {signals}:", ", ".join(wrong) or "true", flush=True)
                found += len(wrong)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
