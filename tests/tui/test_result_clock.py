"""The result reads as a clock, and what to do next follows from what was seen since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.records import Observation
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.text.interrupt import what_it_means, what_now
from tests.core.records import intent
from tests.tui.console_driver import Accounts, open_backend, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.records import Intent

SENT = datetime(2026, 11, 26, 7, 52, 40, tzinfo=UTC)
LIFE = Observation(SENT + timedelta(seconds=90), "signOfLife", "", "2026-11-26T07:54:00Z")
BACK = Observation(SENT + timedelta(seconds=10), "server", "interrupted", "back")


def sent(outcome: Outcome, *seen: Observation, platform: str = "WND64", memory: int = 16 * 2**30) -> Intent:
    made = intent(outcome=outcome)
    snapshot = {"platformType": {"code": platform}, "memorySize": memory}
    return replace(made, time=SENT, observations=seen, draft=replace(made.draft, snapshot=snapshot))


@pytest.mark.parametrize(
    ("record", "after", "expected"),
    [
        (sent(Outcome.ACCEPTED), 60, "Wait until it is back"),
        (sent(Outcome.ACCEPTED), 601, "Not back after 10 min"),
        (sent(Outcome.ACCEPTED), 601, "console.ncloud.com"),
        (sent(Outcome.ACCEPTED, BACK), 60, r"%SystemRoot%\MEMORY.DMP"),
        (sent(Outcome.ACCEPTED, LIFE), 60, r"%SystemRoot%\MEMORY.DMP"),
        (sent(Outcome.ACCEPTED, BACK), 60, "about 16 GiB"),
        (sent(Outcome.ACCEPTED, BACK, platform="LNX64"), 60, "kdump"),
        (sent(Outcome.ACCEPTED, BACK), 60, "Leave it alone until"),
        (sent(Outcome.ACCEPTED, BACK), 3600, r"%SystemRoot%\MEMORY.DMP"),
        (sent(Outcome.UNKNOWN), 60, "Do not repeat it"),
        (sent(Outcome.UNKNOWN, BACK), 60, "It was received: resolve it now (v)"),
        (sent(Outcome.UNKNOWN, LIFE), 60, "sends its metrics again since the request"),
        (sent(Outcome.REJECTED), 60, "try again"),
        (sent(Outcome.NOT_SENT), 60, "try again"),
    ],
)
def test_what_to_do_next(record: Intent, after: float, expected: str) -> None:
    assert expected in what_now(record, SENT + timedelta(seconds=after), cooldown=1800)


def test_what_it_means_does_not_contradict_what_was_seen() -> None:
    assert "Nobody can tell" in what_it_means(sent(Outcome.UNKNOWN))
    assert "it was received" in what_it_means(sent(Outcome.UNKNOWN, BACK))
    assert "not proof" in what_it_means(sent(Outcome.ACCEPTED, BACK))


async def test_an_unknown_outcome_is_understood_once_the_server_is_back(tmp_path: Path) -> None:
    faults = ("interrupt:answer-closed",)
    async with (
        open_backend(tmp_path, servers=24, faults=faults) as backend,
        open_console(Accounts(backend, policies={"prod": {"watch_every": 0.2}})) as console,
    ):
        await console.send(backend.row())
        await console.wait_for_text(
            "UNKNOWN", "the server is back", "resolve it now", "No answer came, but the server started again"
        )
        assert "Nobody can tell" not in console.text


def test_nobody_is_told_to_leave_it_alone_once_the_cooldown_is_over() -> None:
    assert "Leave it alone" not in what_now(sent(Outcome.ACCEPTED, BACK), SENT + timedelta(seconds=1801), cooldown=1800)


async def test_every_event_has_its_time_and_the_seconds_since(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=24, interrupt_seconds=600) as backend, open_console(backend) as console:
        await console.send(backend.row())
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("ACCEPTED", "Wait until it is back")
        screen = console.app.screen
        assert isinstance(screen, ResultScreen)
        record = backend.intents()[0]
        screen.observed(Observation(record.time + timedelta(seconds=10), "server", "interrupted", "back"))
        await console.wait_for_text("+10 s  the server is back", "MEMORY.DMP")
        assert "Wait until it is back" not in console.text


async def test_at_80_by_24_what_to_do_next_is_in_view_after_a_whole_watch(tmp_path: Path) -> None:
    quick = {"prod": {"watch_every": 0.05}}
    async with (
        open_backend(tmp_path, servers=24, interrupt_seconds=2) as backend,
        open_console(Accounts(backend, policies=quick)) as console,
    ):
        await console.send(backend.row())
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("the server is back", "MEMORY.DMP", "Leave it alone until")
        assert "not proof" in console.text
