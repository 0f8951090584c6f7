"""The program is killed between the first byte and the answer, and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


AGREED = ("--despite", "operation", "--despite", "recent")


@pytest.fixture
def silent_gateway() -> Iterator[Simulation]:
    """A gateway that carries an interrupt out and never answers."""
    with simulation("--servers", "128", "--fault", "interrupt-unknown") as running:
        yield running


def test_a_killed_command_leaves_unknown_and_a_lock(silent_gateway: Simulation) -> None:
    server = silent_gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    words = ("interrupt", number, "--confirm", name, "--json")
    with subprocess.Popen(
        [CONSOLE, *words], env=dict(os.environ) | silent_gateway.environment, stdout=subprocess.PIPE
    ) as sending:
        silent_gateway.await_interrupt()
        sending.send_signal(signal.SIGKILL)
        sending.wait(30)

    again = silent_gateway.console(*words)
    (record,) = json.loads(silent_gateway.console("history", "--json").stdout)

    assert record["outcome"] == "unknown"
    assert again.returncode == 3
    assert json.loads(again.stdout)["outcome"] == "refused"
    assert "unknown" in again.stderr
    assert silent_gateway.interrupts == 1

    # On screen it stands above the list until it is settled, and the server is locked there too.
    with Terminal(environment=silent_gateway.environment) as terminal:
        terminal.shows(f"{name} is locked", "unknown: locked")
        terminal.press("w")
        terminal.shows(name, number, "Unknown and unresolved")

    resolved = silent_gateway.console("resolve", record["id"], "--as", "accepted", "--note", "blue screen")
    assert resolved.returncode == 0
    # The number while the server is busy with the interrupt, the name once it is done with it.
    rehearsed = [
        silent_gateway.console("interrupt", number, "--confirm", typed, *AGREED, "--dry-run")
        for typed in (number, name)
    ]
    assert silent_gateway.interrupts == 1
    assert 0 in {each.returncode for each in rehearsed}, [each.stderr for each in rehearsed]


def test_a_killed_screen_leaves_unknown_and_a_lock(silent_gateway: Simulation) -> None:
    server = silent_gateway.plain_server()
    with Terminal(environment=silent_gateway.environment) as terminal:
        terminal.shows("128 servers")
        terminal.find(server["serverInstanceNo"])
        terminal.confirm(server["serverName"])
        terminal.press("enter")
        silent_gateway.await_interrupt()
        terminal.child.kill(signal.SIGKILL)
    (record,) = json.loads(silent_gateway.console("history", "--json").stdout)
    assert (record["serverInstanceNo"], record["outcome"]) == (server["serverInstanceNo"], "unknown")
    assert silent_gateway.interrupts == 1


def test_the_history_says_first_what_a_killed_command_left(silent_gateway: Simulation) -> None:
    server = silent_gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    with subprocess.Popen(
        [CONSOLE, "interrupt", number, "--confirm", name],
        env=dict(os.environ) | silent_gateway.environment,
        stdout=subprocess.DEVNULL,
    ) as sending:
        silent_gateway.await_interrupt()
        sending.kill()
        sending.wait(30)

    first, second = [silent_gateway.console("history", "--json") for _ in range(2)]
    (record,) = json.loads(first.stdout)
    (said,) = first.stderr.splitlines()
    assert said.startswith(f"An earlier console ended while it sent an interrupt to {name} ({number})")
    assert f"ncpconsole resolve {record['id']}" in said
    assert (second.stdout, second.stderr) == (first.stdout, "")
