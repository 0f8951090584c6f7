"""The main job in a real terminal against a separately started gateway."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import Simulation, separate_simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def gateway() -> Iterator[Simulation]:
    with separate_simulation("--servers", "128") as running:
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


def test_an_event_of_the_platform_is_shown_and_demands_the_number(gateway: Simulation) -> None:
    listed = json.loads(gateway.console("servers", "--json", "--all").stdout)
    (server,) = [one for one in listed if "event" in one["cautionCodes"]]
    name, number = server["serverName"], server["serverInstanceNo"]
    (sentence,) = server["cautions"]
    assert sentence.startswith("NCP reports an event of this server: ")
    event = sentence.removeprefix("NCP reports an event of this server: ").rstrip(".")
    refused = gateway.console("interrupt", number, "--confirm", name, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["cautionCodes"]) == (3, ["event"])
    with Terminal(environment=gateway.environment) as terminal:
        terminal.shows("128 servers", "eligible")
        terminal.find(number)
        terminal.press("enter")
        terminal.shows(event)
        terminal.press("!")
        terminal.shows("Type the number", event)
        terminal.type(name)
        terminal.press("enter", "enter")
        assert gateway.interrupts == 0
        terminal.press("esc")
        terminal.hides("Type the number")
        terminal.press("esc")
        assert terminal.leave() == 0
    agreed = gateway.console("interrupt", number, "--confirm", number, "--despite", "event", "--json")
    assert (agreed.returncode, json.loads(agreed.stdout)["outcome"]) == (0, "accepted")


def test_the_demo_opens_with_servers_and_needs_no_account() -> None:
    with Terminal("demo") as terminal:
        terminal.shows("128 servers", "eligible", "demo")
        terminal.press("q")
        assert terminal.ended() == 0
