"""Random keys do no harm; and the monkey that presses them finds a console that breaks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import simulation
from tools.monkey import Monkey

if TYPE_CHECKING:
    from pathlib import Path


def test_random_keys_break_nothing_and_send_no_interrupt(tmp_path: Path) -> None:
    with simulation("--servers", "128") as gateway:
        monkey = Monkey(7, gateway, tmp_path).play(8)
    assert monkey.acts.total() > 50


@pytest.mark.parametrize("part", ["screen", "common key"])
def test_a_console_that_breaks_is_found(tmp_path: Path, part: str) -> None:
    program = (sys.executable, "-m", "tests.end_to_end.breaking", part)
    with simulation("--servers", "128") as gateway:
        monkey = Monkey(7, gateway, tmp_path, program)
        with pytest.raises(AssertionError, match=r"internal error|exit code 1"):
            monkey.play(240)
