"""An incident from launch to quit in a terminal of 80×24, with no key but those that the screen shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITTEN = {"enter": ("Enter", "enter"), "tab": ("Tab", "tab"), "esc": ("Esc", "esc")}
"""How a screen writes a key's name."""


@pytest.fixture
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


class Newcomer(Terminal):
    """Somebody who has never seen the console and presses only what the screen offers."""

    def __enter__(self) -> Self:
        return self

    def press_shown(self, key: str, meaning: str) -> None:
        """Press a key that the screen shows together with what it does."""
        ways = "|".join(re.escape(name) for name in WRITTEN.get(key, (key,)))
        # The key may stand in a row of keys, such as "esc or enter".
        offered = re.compile(rf"(?<!\S)(?:{ways})(?: or \w+)? {re.escape(meaning)}")
        self.until(lambda text: bool(offered.search(text)), f"{key} {meaning} to be offered")
        self.press(key)


def a_server(gateway: Simulation) -> dict[str, Any]:
    listed = gateway.console("servers", "--json")
    return next(
        one
        for one in json.loads(listed.stdout)
        # An address of which no other is the beginning or the rest.
        if one["serverName"].isascii() and not one["cautions"] and one["privateIps"][0] > "10.0.0.100"
        if one["serverName"].count("-") == 1 and len(one["privateIps"][0]) == len("10.0.0.100")
    )


def test_an_incident_with_only_the_keys_on_screen(gateway: Simulation, tmp_path: Path) -> None:
    server = a_server(gateway)
    name, number, address = server["serverName"], server["serverInstanceNo"], server["privateIps"][0]
    with Newcomer(environment=gateway.environment, columns=80, lines=24, directory=tmp_path) as operator:
        operator.shows("128 servers", "▌")
        operator.press_shown("/", "filter")
        operator.type(address)
        operator.shows("of 128", name, address)
        operator.press_shown("enter", "to the list")
        operator.until(lambda text: bool(re.search(rf"▌.{re.escape(name)}", text)), "the server to be selected")
        operator.press_shown("enter", "details")
        operator.shows("private IP", number, address)
        operator.press_shown("!", "interrupt")
        operator.shows("INTERRUPT", name, number, "Type the name")
        operator.type(name)
        operator.shows("matches")
        operator.press_shown("enter", "go to Send")
        operator.press_shown("enter", "SENDS the interrupt")
        operator.shows("ACCEPTED")
        operator.press_shown("esc", "close")
        operator.hides("ACCEPTED")
        operator.press_shown("h", "history")
        operator.shows("History of", name, "accepted")
        operator.press_shown("x", "export")
        operator.shows("Export 1 record")
        operator.press_shown("enter", "write")
        operator.shows("Written:")
        operator.hides("Export 1 record")
        operator.press_shown("esc", "back")
        operator.hides("History of")
        operator.press_shown("q", "back")
        operator.shows("VERDICT")
        operator.shows("q quit")
        assert operator.leave() == 0
    assert gateway.counts()["by_server"] == {number: 1}
    (export,) = tmp_path.iterdir()
    assert export.stat().st_mode & 0o777 == 0o600
    timeline = export.read_text("utf-8")
    assert name in timeline
    assert "**accepted**" in timeline
