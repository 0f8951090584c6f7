"""From the key that sends to the first byte on the wire, on loopback.

In between lie: the claim, committed to disk; the record, read once more; a new connection; SENDING, committed
to disk. The console runs in a real terminal; a relay in front of the gateway notes the first byte. The
journal's share is measured without a screen, on the same steps.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Origin
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.results import Outcome
from ncpconsole.ncp.signing import Credentials, Secret
from tests.core.fakes import NOTHING_AROUND
from tests.end_to_end.simulation import separate_simulation
from tools.benchmarks.harness import Figure, main, milliseconds
from tools.benchmarks.processes import CONSOLE, private_environment, undisturbed
from tools.benchmarks.recorded_terminal import RecordedTerminal
from tools.benchmarks.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVERS = 400
REGION = "KR"
PLAIN = re.compile(r"[a-z]+-\d+")
CLEAR = "\x15"
ENTER = "\r"
ESCAPE = "\x1b"
BETWEEN_KEYS = 0.05
SETTLE = 0.15
"""Seconds for the screen to come to rest before the next key, as with a hand."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server that may be interrupted by typing its name."""

    name: str
    number: str


def targets(environment: Mapping[str, str]) -> list[Target]:
    """Eligible servers without cautions and with plain names."""
    listed = subprocess.run([CONSOLE, "servers", "--json"], env=environment, capture_output=True, text=True, check=True)
    servers: list[dict[str, Any]] = json.loads(listed.stdout)
    return [
        Target(one["serverName"], one["serverInstanceNo"])
        for one in servers
        if not one["cautions"] and PLAIN.fullmatch(one["serverName"])
    ]


def send(terminal: RecordedTerminal, relay: Relay, target: Target) -> float:
    """Take one server through the dialog; seconds from the key that sends to the first byte."""
    terminal.press("/")
    time.sleep(SETTLE)
    terminal.press(CLEAR)
    time.sleep(SETTLE)
    terminal.press(target.number)
    terminal.shows(f"1 of {SERVERS}", target.name)
    terminal.press(ENTER)
    time.sleep(SETTLE)
    terminal.press("!")
    terminal.shows("Type the name")
    for letter in target.name:  # what comes faster counts as pasted
        terminal.press(letter)
        time.sleep(BETWEEN_KEYS)
    terminal.shows("matches")
    terminal.press(ENTER)
    terminal.shows("enter SENDS")
    time.sleep(SETTLE)
    known = len(relay.arrivals)
    pressed = terminal.press(ENTER)
    taken = relay.arrival(known) - pressed
    terminal.shows("ACCEPTED")
    time.sleep(SETTLE)
    terminal.press(ESCAPE)
    terminal.until(lambda text: "ACCEPTED" not in text, "the result to be closed")
    return taken


def from_key_to_wire(relay: Relay, environment: Mapping[str, str], chosen: list[Target]) -> list[float]:
    """Seconds of each send of one session of the console; the first one is cold."""
    with RecordedTerminal([CONSOLE], environment) as terminal:
        terminal.shows(f"{SERVERS} servers", " ago")
        return [send(terminal, relay, target) for target in chosen]


class TimedJournal(Journal):
    """The real journal; ``spent`` is how many seconds its calls took."""

    spent = 0.0

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name not in {"claim", "mark_sending", "intents"}:
            return value

        def timed(*args: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return value(*args, **more)
            finally:
                self.spent += time.perf_counter() - start

        return timed


async def journal_share(
    relay: Relay, environment: Mapping[str, str], chosen: list[Target]
) -> tuple[list[float], list[float]]:
    """Seconds from `Interrupter.execute` to the first byte, and those of them that the journal took."""
    pair = Credentials(environment["NCLOUD_ACCESS_KEY"], Secret(environment["NCLOUD_SECRET_KEY"]))
    client, policy, rules = Client(relay.url, pair), Policy(), rules_named("xen-windows")
    path = Path(environment["XDG_STATE_HOME"]) / "bench" / "journal.db"
    whole: list[float] = []
    journals: list[float] = []
    with TimedJournal.open(path, Origin(user="bench", host="bench", terminal="", version="0")) as journal:
        interrupter = Interrupter(client, journal, rules, policy, profile="bench")
        for target in chosen:
            plan = await interrupter.plan(REGION, target.number, NOTHING_AROUND)
            journal.spent, spent = 0.0, 0.0

            def at_first_byte(stage: str) -> None:
                nonlocal spent
                if stage == "sending":
                    spent = journal.spent

            known, start = len(relay.arrivals), time.monotonic()
            report = await interrupter.execute(plan, Confirmation(typed=target.name), at_first_byte)
            if report.result.outcome is not Outcome.ACCEPTED:
                raise RuntimeError(report.result.message)
            whole.append(relay.arrival(known) - start)
            journals.append(spent)
    await client.aclose()
    return whole, journals


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about a minute."""
    sends = 3 if quick else 12
    sessions = 1 if quick else 2
    with (
        undisturbed(),
        separate_simulation("--servers", str(SERVERS)) as gateway,
        Relay(gateway) as relay,
        private_environment() as private,
    ):
        environment = {**private, **gateway.environment, "NCLOUD_API_GW": relay.url}
        chosen = targets(environment)
        colds: list[float] = []
        warms: list[float] = []
        for _ in range(sessions):
            mine, chosen = chosen[:sends], chosen[sends:]
            cold, *warm = from_key_to_wire(relay, environment, mine)
            colds.append(cold)
            warms += warm
        whole, journals = asyncio.run(journal_share(relay, environment, chosen[: 2 * sends]))
    every = colds + warms
    share = 100 * median(spent / taken for spent, taken in zip(journals, whole, strict=True))
    return [
        milliseconds("Send pressed to first byte on the wire", every, bar=22),
        milliseconds("Send pressed to first byte, first send of a session", colds),
        milliseconds("the same without a screen", whole),
        milliseconds("the journal's part of it (claim, look, SENDING)", journals),
        Figure("the journal's share", share, "%"),
    ]


if __name__ == "__main__":
    main(figures)
