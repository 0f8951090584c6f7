"""What ``ncpconsole simulate`` serves, in this process or in one of its own, and what it counted."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from tests.end_to_end.terminal import CONSOLE
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0
"""Seconds until something that does not arrive has failed."""


@dataclass(frozen=True)
class Simulation:
    """A running simulator; ``environment`` is what its lines export."""

    environment: dict[str, str]

    @property
    def url(self) -> str:
        """The base URL."""
        return self.environment["NCLOUD_API_GW"]

    def console(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the console against this simulator to its end."""
        return subprocess.run(
            [CONSOLE, *words],
            env=dict(os.environ) | self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def plain_server(self) -> dict[str, Any]:
        """A server that may be interrupted by its name, as ``servers --json`` tells it."""
        return next(self.plain_servers())

    def plain_servers(self) -> Iterator[dict[str, Any]]:
        """Servers that may be interrupted by their names, one after the other."""
        listed = json.loads(self.console("servers", "--filter", "name:web-", "--json").stdout)
        return iter([server for server in listed if not server["cautions"]])

    def counts(self) -> dict[str, Any]:
        """Interrupts and requests that reached the gateway so far."""
        with urlopen(f"{self.url}/simulator/counts", timeout=10) as answer:
            counted: dict[str, Any] = json.load(answer)
        return counted

    @property
    def interrupts(self) -> int:
        """How many interrupt requests arrived, accepted or not."""
        return int(self.counts()["interrupts"])

    @property
    def requests(self) -> int:
        """How many requests arrived; a look at the counts is none."""
        return int(self.counts()["requests"])

    def interrupts_of(self, number: str) -> int:
        """How many of them were for this server."""
        return int(self.counts()["by_server"].get(number, 0))

    def await_interrupt(self, number: str = "") -> None:
        """Wait until one has arrived, for this server where a number is given."""
        self._await(lambda: self.interrupts_of(number) if number else self.interrupts, "an interrupt")

    def await_request(self, after: int) -> None:
        """Wait until more than so many requests have arrived."""
        self._await(lambda: self.requests > after, "a request")

    def _await(self, arrived: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not arrived():
            assert time.monotonic() < deadline, f"{what} did not reach the gateway"
            time.sleep(0.02)


@contextmanager
def simulation(*options: str, agents: bool = False) -> Iterator[Simulation]:
    """What ``ncpconsole simulate`` serves with these options, without the time that a process takes to start.

    Takes ``--servers``, ``--fault`` and ``--latency``, each with its value; without ``agents`` no guest shows life.
    """
    given = list(zip(options[::2], options[1::2], strict=True))
    assert {name for name, _ in given} <= {"--servers", "--fault", "--latency"}
    last = dict(given)
    with running_simulator(
        servers=int(last.get("--servers", "128")),
        latency_ms=float(last.get("--latency", "0")),
        faults=[value for name, value in given if name == "--fault"],
        agents=agents,
    ) as gateway:
        yield Simulation({**gateway.environment, "NCLOUD_REGION": gateway.region})


@contextmanager
def separate_simulation(*options: str, agents: bool = False) -> Iterator[Simulation]:
    """Start ``ncpconsole simulate`` on a free port and end it afterwards; without ``agents`` no guest shows life."""
    silent = [] if agents else ["--no-agents"]
    process = subprocess.Popen([CONSOLE, "simulate", *silent, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        environment: dict[str, str] = {}
        while len(environment) < 4:
            word, _, assignment = process.stdout.readline().partition(" ")
            assert word == "export", "the simulator did not start"
            name, _, value = shlex.split(assignment)[0].partition("=")
            environment[name] = value
        yield Simulation(environment)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()
