"""The console as a program finds its order and its filters again, and starts whatever stands in their file."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tests.end_to_end.simulation import simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


def test_order_and_filter_are_there_again_at_the_next_start(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with simulation("--servers", "24") as gateway:
        environment = gateway.environment | {"NCPCONSOLE_STATE_DIR": str(state)}
        with Terminal(environment=environment) as terminal:
            terminal.shows("24 servers", "NAME ▲")
            terminal.press("2", "2")
            terminal.shows("NUMBER ▼")
            terminal.press("/")
            terminal.shows("Enter to the list")
            terminal.type("web-00001")
            terminal.shows("1 of 24")
            terminal.press("enter")
            terminal.shows("q quit")
            terminal.press("q")
            assert terminal.ended() == 0
        assert stat.S_IMODE((state / "view.json").stat().st_mode) == 0o600
        with Terminal(environment=environment) as terminal:
            terminal.shows("24 servers", "NUMBER ▼")
            terminal.press("/")
            terminal.shows("Enter to the list")
            terminal.press("up")
            terminal.shows("web-00001", "1 of 24")
            terminal.press("esc")
            terminal.shows("q quit")
            (state / "view.json").write_text("no view")
            terminal.press("q")
            assert terminal.ended() == 0
        (state / "view.json").write_text("no view")
        with Terminal(environment=environment) as terminal:
            terminal.shows("24 servers", "NAME ▲")
            terminal.shows("What was remembered of the last view cannot be read")
            terminal.press("q")
            assert terminal.ended() == 0
