"""The main job in a real terminal against a separately started gateway."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


def environment(gateway: Simulation) -> dict[str, str]:
    return dict(os.environ) | gateway.environment


def test_from_launch_to_the_record_with_one_interrupt(gateway: Simulation) -> None:
    server = gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    with Terminal(environment=gateway.environment) as terminal:
        terminal.shows("128 servers", "eligible")
        terminal.find(number)
        terminal.press("!")
        terminal.shows("Type the name")
        # A wrong name: neither Enter moves on, nor is anything sent.
        terminal.type(name + "x")
        terminal.press("enter", "enter")
        terminal.shows("does not match")
        assert gateway.interrupts == 0
        terminal.press("backspace")
        terminal.shows("matches")
        terminal.press("enter")
        terminal.shows("enter SENDS")
        terminal.press("enter")
        terminal.shows("ACCEPTED")
        assert gateway.interrupts == 1
        terminal.press("esc")
        terminal.hides("ACCEPTED")
        terminal.press("h")
        terminal.shows(name, number, "accepted")
        terminal.press("q")
        terminal.shows("the server is back")
        terminal.press("q")
        assert terminal.ended() == 0
    assert gateway.counts()["by_server"] == {number: 1}


def test_the_demo_opens_with_servers_and_needs_no_account() -> None:
    with Terminal("demo") as terminal:
        terminal.shows("128 servers", "eligible", "demo")
        terminal.press("q")
        assert terminal.ended() == 0
