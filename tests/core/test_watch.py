"""What is seen of a server after its interrupt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.errors import JournalUnavailable, Refused
from ncpconsole.core.watch import is_back, watch
from ncpconsole.ncp.errors import NcpError, NotReached
from ncpconsole.ncp.models import Code, Server
from tests.core.fakes import ACCEPTED, START, Clock, Desk, FakeGateway, a_draft, a_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.records import Intent, Observation

BEFORE = a_server()
SETUP = a_server(server_instance_operation=Code("SETUP"), server_instance_status_name="setting up")
NEW = a_server(uptime="2026-03-01T21:00:30+0900")
RUNNING_AGAIN = NEW
GONE = None


@dataclass
class Film(FakeGateway):
    """A gateway whose server changes with every read; the last frame stays."""

    frames: list[Server | NcpError | None] = field(default_factory=list)

    async def server(self, region_code: str, server_no: str, *, retry: bool = True) -> Server | None:
        frame = self.frames[min(self.reads, len(self.frames) - 1)]
        self.reads += 1
        if isinstance(frame, NcpError):
            raise frame
        return frame


@pytest.fixture
def film(new_desk: Callable[..., Desk]) -> Desk:
    """A console whose gateway shows a film."""
    return new_desk(gateway=Film(frames=[BEFORE]))


def accepted(desk: Desk) -> Intent:
    intent_id = desk.journal.claim(a_draft()).id
    desk.journal.mark_sending(intent_id)
    return desk.journal.finish(intent_id, ACCEPTED)


async def seen(desk: Desk, *frames: Server | NcpError | None, **changes: Any) -> list[tuple[float, str, str, str]]:
    """Watch to the end, on a clock that the watch's own sleep moves: (second, field, before, after)."""
    assert isinstance(desk.gateway, Film)
    desk.gateway.frames = list(frames)

    async def sleep(seconds: float) -> None:
        desk.clock.move(seconds)

    def seconds() -> float:
        return (desk.clock.now - START).total_seconds()

    watching = watch(
        desk.gateway,
        desk.journal,
        accepted(desk),
        clock=desk.clock,
        monotonic=seconds,
        sleep=sleep,
        **{"every": 5, "lasting": 15 * 60, **changes},
    )
    return [((one.time - START).total_seconds(), one.field, one.before, one.after) async for one in watching]


async def test_it_reads_every_5_seconds_for_15_minutes_and_ends(film: Desk) -> None:
    assert await seen(film, BEFORE) == []
    assert film.gateway.reads == 15 * 60 // 5 + 1
    assert film.clock.now == START + timedelta(minutes=15)


async def test_every_change_is_told_with_its_time(film: Desk) -> None:
    assert await seen(film, BEFORE, SETUP, SETUP, RUNNING_AGAIN) == [
        (5, "operation", "NULL", "SETUP"),
        (5, "statusName", "running", "setting up"),
        (15, "operation", "SETUP", "NULL"),
        (15, "statusName", "setting up", "running"),
        (15, "uptime", BEFORE.uptime, NEW.uptime),
        (15, "server", "interrupted", "back"),
    ]


async def test_what_is_told_is_journalled(film: Desk) -> None:
    told = await seen(film, SETUP, RUNNING_AGAIN)
    kept = film.journal.intents()[0].observations
    assert [((one.time - START).total_seconds(), one.field, one.before, one.after) for one in kept] == told
    assert film.journal.verify().fault is None


NOT_BACK: dict[str, Server | None] = {
    "not restarted": BEFORE,
    "still busy": a_server(uptime=NEW.uptime, server_instance_operation=Code("SETUP")),
    "stopped": a_server(uptime=NEW.uptime, server_instance_status=Code("NSTOP")),
    "no last start": a_server(uptime=""),
    "gone": GONE,
}


@pytest.mark.parametrize("frame", NOT_BACK.values(), ids=NOT_BACK)
async def test_back_means_running_idle_and_restarted(film: Desk, frame: Server | None) -> None:
    assert "server" not in [field for _, field, _, _ in await seen(film, frame)]


async def test_back_is_told_once(film: Desk) -> None:
    told = await seen(film, RUNNING_AGAIN, SETUP, RUNNING_AGAIN, a_server(uptime="2026-03-01T22:00:00+0900"))
    assert [field for _, field, _, _ in told].count("server") == 1
    kept = film.journal.intents()[0].observations
    assert [is_back(one) for one in kept].count(True) == 1


async def test_a_server_that_is_gone_is_told(film: Desk) -> None:
    assert (0, "status", "RUN", "gone") in await seen(film, GONE)


async def test_reads_that_fail_are_told_as_a_state_and_end_nothing(film: Desk) -> None:
    away = NotReached("The gateway was not reached.")
    assert await seen(film, BEFORE, away, away, away, SETUP) == [
        (5, "record", "readable", "The gateway was not reached."),
        (20, "operation", "NULL", "SETUP"),
        (20, "statusName", "running", "setting up"),
        (20, "record", "The gateway was not reached.", "readable"),
    ]


async def test_a_journal_that_fails_is_told_and_ends_nothing(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    observe, calls = film.journal.observe, []

    def fails_first(intent_id: str, *observations: Observation) -> None:
        calls.append(observations)
        if len(calls) == 1:
            raise JournalUnavailable("The disk is full.")
        observe(intent_id, *observations)

    monkeypatch.setattr(film.journal, "observe", fails_first)
    told = await seen(film, SETUP, BEFORE)
    assert [entry for entry in told if entry[1] == "journal"] == [
        (0, "journal", "written", "The disk is full."),
        (5, "journal", "The disk is full.", "written"),
    ]


async def test_what_the_journal_missed_is_written_with_the_next_change(
    film: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe = film.journal.observe
    failures = iter([True, False])

    def fails_first(intent_id: str, *observations: Observation) -> None:
        if next(failures):
            raise JournalUnavailable("The disk is full.")
        observe(intent_id, *observations)

    monkeypatch.setattr(film.journal, "observe", fails_first)
    await seen(film, SETUP, BEFORE)
    kept = [(one.field, one.after) for one in film.journal.intents()[0].observations]
    assert kept[:2] == [("operation", "SETUP"), ("statusName", "setting up")]


async def test_interval_and_length_can_be_chosen(film: Desk) -> None:
    await seen(film, BEFORE, every=1, lasting=3)
    assert film.gateway.reads == 4


async def test_it_can_be_left_early(film: Desk) -> None:
    watching = film.interrupter.watch(accepted(film))
    assert isinstance(film.gateway, Film)
    film.gateway.frames = [SETUP]
    first = await anext(watching)
    assert first.field == "operation"
    await watching.aclose()
    assert film.gateway.reads == 1


async def test_an_interrupt_of_another_gateway_is_not_watched(film: Desk) -> None:
    intent = film.journal.claim(a_draft(gateway="https://other.test"))
    with pytest.raises(Refused, match="another gateway"):
        film.interrupter.watch(intent)


async def test_a_clock_that_is_set_back_does_not_lengthen_the_watch(film: Desk) -> None:
    clock = Clock()
    passed = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        clock.move(-3600)

    watching = watch(
        film.gateway,
        film.journal,
        accepted(film),
        every=5,
        lasting=15 * 60,
        clock=clock,
        monotonic=lambda: passed,
        sleep=sleep,
    )
    assert [one async for one in watching] == []
    assert passed == 15 * 60
