"""What was seen of a server after its interrupt, in words: nothing raw, and nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ncpconsole.core.records import Observation
from ncpconsole.tui.text.interrupt import moment_text, observation_text, without_repeats
from tests.core.records import NOON

OPERATION = Observation(NOON, "operation", "NULL", "SETUP")
STATE = Observation(NOON, "statusName", "running", "setting up")


def said(observation: Observation) -> str:
    return observation_text(observation).plain.partition("  ")[2]


def test_a_last_start_is_told_in_local_time() -> None:
    before, after = "2025-07-23T17:18:41+0900", "2026-11-24T06:02:30+0900"
    first, second = (moment_text(datetime.fromisoformat(text)) for text in (before, after))
    assert said(Observation(NOON, "uptime", before, after)) == f"last start: {first}, now {second}"
    assert "T" not in said(Observation(NOON, "uptime", before, after))


@pytest.mark.parametrize(("text", "words"), [("", "none"), ("soon\x1b", "soon\\x1b")])
def test_a_last_start_that_is_no_time_is_shown_as_it_is_and_safe(text: str, words: str) -> None:
    assert said(Observation(NOON, "uptime", text, text)) == f"last start: {words}, now {words}"


@pytest.mark.parametrize(
    ("observations", "shown"),
    [
        ((OPERATION, STATE), [OPERATION]),
        ((STATE,), [STATE]),
        ((OPERATION, Observation(NOON, "statusName", "running", "설정중")), None),
        ((OPERATION, Observation(NOON + timedelta(seconds=5), "statusName", "running", "setting up")), None),
        ((Observation(NOON, "operation", "SETUP", "NULL"), Observation(NOON, "statusName", "x", "")), None),
        ((Observation(NOON, "uptime", "", "same"), Observation(NOON, "record", "x", "same")), None),
    ],
)
def test_a_change_that_says_what_its_neighbour_says_is_shown_once(
    observations: tuple[Observation, ...], shown: list[Observation] | None
) -> None:
    assert without_repeats(observations) == (list(observations) if shown is None else shown)
