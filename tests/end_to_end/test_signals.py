"""A signal at any step of an interrupt leaves the truth in the record; the tool sends each at every step."""

from __future__ import annotations

import pytest

from tools.signalled import signal_command, signal_console


@pytest.mark.parametrize(
    ("step", "signals"),
    [
        ("read", "INT INT"),
        ("re-check", "TERM"),
        ("re-check", "STOP CONT"),
        ("answer", "INT"),
        ("answer", "HUP"),
        ("body", "QUIT"),
        ("body", "INT × 20"),
    ],
)
def test_a_signal_to_a_command_leaves_the_truth(step: str, signals: str) -> None:
    assert signal_command(step, signals) == []


@pytest.mark.parametrize(("step", "signals"), [("dialog", "INT"), ("re-check", "HUP"), ("answer", "STOP CONT")])
def test_a_signal_to_a_console_leaves_the_truth(step: str, signals: str) -> None:
    assert signal_console(step, signals) == []
