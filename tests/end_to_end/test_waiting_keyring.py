"""A keyring that asks for its password and never gets it: the console says so, lets go, and ends at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.terminal import Terminal
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.secret_service import EndlessPrompt
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service

WAITING = "Waiting for the OS keyring"


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as simulator:
        yield simulator


@pytest.fixture
def environment(endless_prompt: EndlessPrompt, gateway: ThreadedSimulator) -> dict[str, str]:
    return endless_prompt.environment | {"NCLOUD_API_GW": gateway.url}


def test_escape_calls_off_the_opening_and_the_next_step_is_said(environment: dict[str, str]) -> None:
    with Terminal(environment=environment, inherit=False) as terminal:
        terminal.shows(WAITING, "Esc cancels the sign-in")
        terminal.press("esc")
        terminal.shows("Called off", "Press r to try again", "l to log in")
        terminal.press("r")
        terminal.hides("Called off")  # a key right behind Esc would be taken for Alt and that key
        terminal.shows(WAITING)
        terminal.press("esc")
        terminal.shows("Called off")
        terminal.press("q")
        assert terminal.ended() == 0


def test_quitting_does_not_wait_for_the_keyring(environment: dict[str, str]) -> None:
    def seconds_to_quit() -> float:
        with Terminal(environment=environment, inherit=False) as terminal:
            terminal.shows(WAITING)
            before = time.monotonic()
            terminal.press("q")
            assert terminal.ended() == 0
            return time.monotonic() - before

    # The quickest of three: what else the machine does only adds to it.
    taken = min(seconds_to_quit() for _ in range(3))
    print(f"quit in {taken:.2f} s")
    assert taken < 1


def test_a_login_that_waits_for_the_keyring_is_called_off_and_good_for_this_session(
    environment: dict[str, str], gateway: ThreadedSimulator
) -> None:
    with Terminal(environment=environment, inherit=False) as terminal:
        terminal.shows(WAITING)
        terminal.press("esc")
        terminal.shows("Called off")
        terminal.press("l")
        terminal.shows("Test and save", "(●) other", gateway.url)
        terminal.type(gateway.access_key)
        terminal.shows(gateway.access_key)
        terminal.press_and_see("enter")
        terminal.type(gateway.secret_key)
        terminal.shows("•" * 20)
        terminal.press_to("enter", "Test and save")
        terminal.press_and_see("enter")
        terminal.shows("The pair works. Waiting for the OS keyring")
        terminal.press("esc")
        terminal.shows("Called off. Nothing was saved.", "The pair can be used until this console ends")
        terminal.press("enter")  # the button for this session has the focus
        terminal.shows("web-00001")
        assert terminal.leave() == 0
