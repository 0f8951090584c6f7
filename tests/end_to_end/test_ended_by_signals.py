"""SIGTERM, SIGHUP and SIGQUIT end the console as its quit key does: nothing is left behind or lost."""

from __future__ import annotations

import json
import signal
import termios
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.secret_service import SecretService

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
ON, OFF = b"\x1b[?1049h", b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"
MODES = termios.ECHO | termios.ICANON | termios.ISIG


def modes(terminal: Terminal) -> int:
    """The bits of the terminal that a console on screen takes away."""
    return int(termios.tcgetattr(terminal.child.child_fd)[3] & MODES)


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("number", ENDING)
def test_a_signal_gives_the_terminal_back_and_leaves_no_folder(
    number: signal.Signals, count: int, tmp_path: Path
) -> None:
    with Terminal("demo", environment={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.shows("128 servers")
        assert modes(terminal) == 0
        assert list(tmp_path.glob("ncpconsole-demo-*"))
        for _ in range(count):
            terminal.child.kill(number)
        code = terminal.ended()
        assert terminal.raw.rindex(OFF) > terminal.raw.rindex(ON)
        assert MOUSE_OFF in terminal.raw
        assert modes(terminal) == MODES
    assert code == 128 + number, terminal.text
    assert list(tmp_path.iterdir()) == []
    assert b"internal error" not in terminal.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_request_is_under_way_leaves_the_truth_in_the_journal(number: signal.Signals) -> None:
    with simulation("--servers", "128", "--fault", "interrupt-unknown") as gateway:
        server = gateway.plain_server()
        with Terminal(environment=gateway.environment) as terminal:
            terminal.shows("128 servers")
            terminal.find(server["serverInstanceNo"])
            terminal.confirm(server["serverName"])
            terminal.press("enter")
            gateway.await_interrupt()
            terminal.child.kill(number)
            assert terminal.ended() == 128 + number
            assert modes(terminal) == MODES
        history = gateway.console("history", "--json")
        (record,) = json.loads(history.stdout)
        assert (record["outcome"], gateway.interrupts) == ("unknown", 1)
    # It was recorded by the console that sent it, not found out by the next one.
    assert "An earlier console ended" not in history.stderr


def test_a_terminal_that_is_gone_ends_the_console(tmp_path: Path) -> None:
    with Terminal("demo", environment={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.shows("128 servers")
        terminal.child.close(force=False)
        terminal.child.wait()
    assert terminal.child.exitstatus == 128 + signal.SIGHUP, "an internal error, since nothing can be written any more"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.secret_service
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_prompt_for_a_key_gives_the_echo_back(secret_service: SecretService, number: signal.Signals) -> None:
    """Typing is hidden while a key is asked for."""
    with Terminal("login", "--site", "public", environment=secret_service.environment) as terminal:
        terminal.shows("Access key")
        assert modes(terminal) & termios.ECHO == 0
        terminal.child.kill(number)
        assert terminal.ended() == 128 + number
        assert modes(terminal) == MODES
        assert f"ended by {number.name}." in terminal.text
