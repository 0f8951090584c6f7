"""A gateway that announces more than it gives: both faces of the console show what came, and say so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

ANNOUNCED = 2500
FAULTS = {"list:duplicate-pages": 1000, "list:short-pages": 1600}


@pytest.fixture(params=FAULTS)
def gateway(request: pytest.FixtureRequest) -> Iterator[tuple[Simulation, int]]:
    """The simulator with a fault, and how many servers can be read from it."""
    with simulation("--servers", str(ANNOUNCED), "--fault", request.param) as running:
        yield running, FAULTS[request.param]


def test_the_command_lists_what_came_and_says_what_was_announced(gateway: tuple[Simulation, int]) -> None:
    running, given = gateway
    result = CliRunner().invoke(root, ["servers", "--all", "--json"], env=running.environment)
    assert result.exit_code == 0
    numbers = [server["serverInstanceNo"] for server in json.loads(result.stdout)]
    assert len(numbers) == len(set(numbers)) == given
    said = f"KR: servers may be missing: NCP announced {ANNOUNCED:,} and gave {given:,}."
    assert said in result.stderr.splitlines()


def test_the_console_lists_what_came_and_says_what_was_announced(gateway: tuple[Simulation, int]) -> None:
    running, given = gateway
    with Terminal(environment=running.environment) as terminal:
        terminal.shows(f"{given:,} servers", f"! KR: servers may be missing: NCP announced {ANNOUNCED:,} and gave")
