"""What was seen of a server after its interrupt, in words: nothing raw, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.export import as_markdown
from ncpconsole.core.handover import hand_over
from ncpconsole.core.records import Observation
from ncpconsole.core.watch import changes
from ncpconsole.tui.interrupt_flow import last_change
from ncpconsole.tui.text.record import change_text, timeline
from tests.core.records import NOON, intent, server
from tests.zones import times_in

if TYPE_CHECKING:
    from ncpconsole.core.records import Intent

LATER = NOON + timedelta(seconds=5)
OPERATION = Observation(NOON, "operation", "NULL", "SETUP")
NAMED = Observation(NOON, "statusName", "running", "setting up")
OVER = Observation(LATER, "operation", "SETUP", "NULL")
NAMED_OVER = Observation(LATER, "statusName", "setting up", "running")
STARTED = Observation(LATER, "uptime", "2025-07-23T17:18:41+0900", "2026-11-02T21:00:03+0900")
BACK = Observation(LATER + timedelta(microseconds=9), "server", "interrupted", "back")


def seen(*observations: Observation) -> Intent:
    one = intent()
    return replace(one, observations=observations, draft=replace(one.draft, snapshot=server().as_plain()))


def said(*observations: Observation) -> list[str]:
    return [str(change) for change in changes(seen(*observations))]


@pytest.mark.parametrize(
    ("observations", "words"),
    [
        ((OPERATION, NAMED), ["STATE running → setting up"]),
        ((NAMED,), ["STATE running → setting up"]),
        ((OPERATION, NAMED, OVER, NAMED_OVER), ["STATE running → setting up", "STATE setting up → running"]),
        ((OPERATION, Observation(NOON, "statusName", "실행중", "설정중")), ["STATE running → setting up"]),
        ((OPERATION, Observation(LATER, "statusName", "running", "setting up")), ["STATE running → setting up"]),
        (
            (Observation(NOON, "status", "RUN", "NSTOP"), Observation(NOON, "operation", "SHTDN", "NULL")),
            ["STATE shutting down → stopped"],
        ),
        ((Observation(NOON, "status", "RUN", "\x1b[2JX"),), ["STATE running → \\x1b[2JX"]),
        ((Observation(NOON, "status", "RUN", "gone"),), ["STATE running → gone"]),
        ((Observation(NOON, "record", "readable", "No answer."),), ["its record cannot be read: No answer."]),
        ((Observation(NOON, "record", "No answer.", "readable"),), ["its record can be read again"]),
        ((Observation(NOON, "journal", "written", "full"),), ["the journal cannot be written: full"]),
        ((Observation(NOON, "journal", "full", "written"),), ["the journal is written again"]),
        ((Observation(NOON, "uptime", "", "soon\x1b"),), ["STARTED none → soon\\x1b"]),
        ((BACK,), ["the server is back: it runs, with a new start time"]),
    ],
)
def test_a_change_is_told_once_by_one_set_of_words(observations: tuple[Observation, ...], words: list[str]) -> None:
    assert said(*observations) == words


def test_a_start_is_told_in_local_time() -> None:
    with times_in("Asia/Seoul"):
        (change,) = changes(seen(STARTED))
        assert change.before == "2025-07-23 17:18"
        assert "21:00" in change.after
        assert "T" not in change.before + change.after
        assert "21:00:05     +5 s  STARTED  2025-07-23 17:18 → " in change_text(change, NOON).plain


def test_no_screen_and_no_ticket_has_the_records_own_names() -> None:
    record = seen(OPERATION, NAMED, OVER, NAMED_OVER, STARTED, BACK)
    shown = "\n".join([*(line.plain for line in timeline(record)), hand_over(record), as_markdown([record])])
    for name in ("NULL", "SETUP", "uptime", "statusName", "became", ", now "):
        assert name not in shown
    assert shown.count("STATE") == 4
    assert "STATE running → setting up" in as_markdown([record])


SILENT_BEFORE = Observation(LATER + timedelta(seconds=1), "silentSince", "", "2026-11-02T11:50:00Z")
SILENT_AGAIN = Observation(LATER + timedelta(minutes=9), "silentSince", "", "2026-11-02T12:04:00Z")


@pytest.mark.parametrize(
    ("observations", "news"),
    [
        ((BACK, SILENT_BEFORE), "the server is back"),
        ((BACK, SILENT_BEFORE, SILENT_AGAIN), "silent since"),
        ((SILENT_BEFORE,), "silent since"),
        ((STARTED, SILENT_BEFORE, BACK), "the server is back"),
    ],
)
def test_a_silence_of_before_does_not_hide_that_the_server_is_back(
    observations: tuple[Observation, ...], news: str
) -> None:
    assert news in last_change(seen(*observations))
