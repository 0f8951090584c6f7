"""Nothing is sent while what decides was never in sight, however small the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import ncpconsole.simulator.responses as responses
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_hostile_text import keys_of
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.slow

EVENTS = [
    f"Maintenance {number} of the host that this server runs on, which ends with a reboot of it" for number in "123"
]


def many_cautions(gateway: ThreadedSimulator) -> str:
    """The number of a server with three events, and a name that another has too."""
    state = gateway.simulator.state()
    event = next(one for one in state.machines(gateway.region) if responses.server_record(one)["eventList"])
    other = next(one for one in state.machines(gateway.region) if one.kind == event.kind and one is not event)
    state.change(event.number, name=other.name)
    return event.number


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedSimulator]:
    monkeypatch.setattr(responses, "EVENTS", EVENTS)
    with running_simulator(servers=128) as running:
        yield running


def open_dialog(terminal: Terminal, number: str) -> None:
    terminal.find(number)
    terminal.press("!")
    terminal.shows("Type the number", "a reboot of it; Maintenance 2")


def test_at_60_by_16_send_waits_until_the_last_caution_and_the_number_were_in_sight(gateway: ThreadedSimulator) -> None:
    number = many_cautions(gateway)
    with Terminal(environment=keys_of(gateway), columns=60, lines=16) as terminal:
        open_dialog(terminal, number)
        terminal.shows("pgdn read on before Send")
        terminal.type(number)
        terminal.shows("✓ matches", "first: read on")
        # Enter leads from no box to Send.
        terminal.press("enter", "tab", "enter", "shift+tab")
        terminal.shows("pgdn read on before Send")
        assert gateway.interrupts == []
        for _ in range(8):
            terminal.press_and_see("down")
            if "zone KR" in terminal.text:
                break
        terminal.shows(f"number {number} zone KR", "enter go to Send")
        terminal.press("enter")
        terminal.shows("enter SENDS")
        terminal.press("enter")
        terminal.shows("ACCEPTED")
        assert [sent.server_no for sent in gateway.interrupts] == [number]


def test_at_80_by_24_all_of_it_is_in_sight_and_nothing_waits(gateway: ThreadedSimulator) -> None:
    number = many_cautions(gateway)
    with Terminal(environment=keys_of(gateway)) as terminal:
        open_dialog(terminal, number)
        terminal.type(number)
        terminal.shows("✓ matches", f"number {number} zone KR", "enter go to Send")
        terminal.press("enter")
        terminal.shows("enter SENDS")
        terminal.press("enter")
        terminal.shows("ACCEPTED")
        assert [sent.server_no for sent in gateway.interrupts] == [number]


def test_what_was_in_sight_in_another_dialog_does_not_count(gateway: ThreadedSimulator) -> None:
    number = many_cautions(gateway)
    with Terminal(environment=keys_of(gateway), columns=60, lines=16) as terminal:
        open_dialog(terminal, number)
        terminal.press("pgdn")
        terminal.shows("zone KR")
        terminal.press("esc")
        terminal.hides("Type the number")
        open_dialog_again(terminal)
        terminal.type(number)
        terminal.shows("✓ matches", "first: read on")


def open_dialog_again(terminal: Terminal) -> None:
    terminal.press("!")
    terminal.shows("Type the number", "pgdn read on before Send")
