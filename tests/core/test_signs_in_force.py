"""What vital signs do: they make the number due, stand in the record, end a watch, and speak against a resolution."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.cautions import Caution, codes
from ncpconsole.core.errors import NotResolvable
from ncpconsole.core.export import as_markdown, history_fields
from ncpconsole.core.handover import hand_over
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.records import ResolvedAs
from ncpconsole.core.resolution import look, signs_against_accepted, signs_against_not_received
from ncpconsole.core.series import Point
from ncpconsole.core.vitals import LifeState, signs_again
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.core.watch import is_awaited, is_sign_of_life, sign_words, watch
from ncpconsole.core.wording import signs_words
from ncpconsole.ncp.errors import GatewayFailure, PermissionDenied
from ncpconsole.ncp.metrics import MetricAnswer
from ncpconsole.ncp.models import Code
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, NOTHING_AROUND, START, UNKNOWN, Clock, Desk, FakeGateway, a_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ncpconsole.core.plan import Plan
    from ncpconsole.core.records import Intent


async def planned(desk: Desk) -> Plan:
    return await desk.interrupter.plan("KR", "300", NOTHING_AROUND)


def slow_desk(new_desk: Callable[..., Desk], clock: Clock) -> Desk:
    """A console whose every clock is the test's, so that signs grow old."""
    return new_desk(monotonic=lambda: clock().timestamp())


# ---- the caution


async def test_a_guest_that_sends_its_metrics_demands_the_number(desk: Desk, clock: Clock) -> None:
    desk.gateway.beat(clock(), 1, 2, 3)
    plan = await planned(desk)
    assert plan.demands.what == "number"
    assert codes(plan.warnings) == (Caution.ALIVE,)
    assert plan.cautions == (
        f"It does not look hung: the guest sends its metrics, last sign of life "
        f"{(clock() - timedelta(minutes=1)).astimezone():%H:%M}, CPU at 12 %.",
    )
    assert desk.interrupter.objections(plan, Confirmation("web-1"))
    assert desk.interrupter.objections(plan, Confirmation("300", despite=frozenset()))
    assert not desk.interrupter.objections(plan, Confirmation("300", despite=frozenset({"alive"})))
    assert (await desk.interrupter.execute(plan, Confirmation("300"))).result is ACCEPTED


@pytest.mark.parametrize("minutes", [3, 6, 59])
async def test_a_silent_guest_is_named(desk: Desk, clock: Clock, minutes: float) -> None:
    desk.gateway.beat(clock(), minutes, minutes + 1)
    plan = await planned(desk)
    assert plan.vitals.state is LifeState.SILENT
    assert (plan.demands.what, plan.warnings) == ("name", ())


@pytest.mark.parametrize(
    "error", [None, PermissionDenied("No."), GatewayFailure("Down."), RuntimeError("bug"), TimeoutError()]
)
async def test_there_is_no_caution_from_ignorance(desk: Desk, error: Exception | None) -> None:
    desk.gateway.broken_metrics = error
    plan = await planned(desk)
    assert plan.vitals.state in (LifeState.UNAVAILABLE, LifeState.NO_AGENT)
    assert (plan.demands.what, plan.warnings) == ("name", ())
    assert (await desk.interrupter.execute(plan, Confirmation("web-1"))).result is ACCEPTED


@pytest.mark.parametrize("before", [(6.0,), ()])
async def test_a_guest_that_came_back_while_the_dialog_was_open_is_not_interrupted(
    new_desk: Callable[..., Desk], clock: Clock, before: tuple[float, ...]
) -> None:
    """The name was enough for a silent guest; of one that sends its metrics the number is demanded."""
    desk = slow_desk(new_desk, clock)
    desk.gateway.beat(clock(), *before)
    plan = await planned(desk)
    assert plan.demands.what == "name"
    clock.move(300)
    desk.gateway.beat(clock(), 1)
    report = await desk.interrupter.execute(plan, Confirmation("web-1"))
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])
    assert "The server changed, so nothing was sent. It does not look hung" in report.result.message
    assert not report.result.others_may_be_behind
    again = await planned(desk)
    assert (await desk.interrupter.execute(again, Confirmation("300"))).result is ACCEPTED


@pytest.mark.parametrize("trouble", [None, "refused", "hangs"])
async def test_a_guest_that_is_silent_still_or_not_known_any_more_is_interrupted(
    new_desk: Callable[..., Desk], clock: Clock, trouble: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", 0.05)
    desk = slow_desk(new_desk, clock)
    desk.gateway.beat(clock(), 6)
    plan = await planned(desk)
    clock.move(300)

    async def hang(*_: object) -> MetricAnswer:
        await asyncio.Event().wait()
        return {}

    if trouble == "refused":
        desk.gateway.broken_metrics = PermissionDenied("No.")
    if trouble == "hangs":
        desk.gateway.metric_points = hang  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        assert (await desk.interrupter.execute(plan, Confirmation("web-1"))).result is ACCEPTED


async def test_signs_of_within_a_minute_are_not_asked_for_again_before_a_send(desk: Desk, clock: Clock) -> None:
    desk.gateway.beat(clock(), 6)
    plan = await planned(desk)
    asked = len(desk.gateway.metric_calls)
    assert (await desk.interrupter.execute(plan, Confirmation("web-1"))).result is ACCEPTED
    assert len(desk.gateway.metric_calls) == asked


async def test_a_cloud_insight_that_hangs_holds_no_plan_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", 0.05)

    async def hang(*_: object) -> MetricAnswer:
        await asyncio.Event().wait()
        return {}

    desk.gateway.metric_points = hang  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        plan = await planned(desk)
    assert plan.vitals.state is LifeState.UNAVAILABLE
    assert plan.demands.what == "name"


async def test_a_list_that_hangs_costs_a_plan_a_caution_and_not_its_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits without an end, as the console does, gets the dialog of the server it could read."""
    monkeypatch.setattr("ncpconsole.core.interrupter.NAMES_LONGEST", 0.2)

    async def hang(*_: object, **more: object) -> list[object]:
        await asyncio.sleep(3600)
        return []

    desk.gateway.servers = hang  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        plan = await planned(desk)
    assert "list-incomplete" in [one.code for one in plan.warnings]
    assert plan.demands.what == "number"


async def test_witnesses_that_hang_leave_half_of_a_short_time_to_the_plan(new_desk: Callable[..., Desk]) -> None:
    """Who waits two seconds in all is not told that the server could not be read because Cloud Insight hangs."""
    desk = new_desk(monotonic=lambda: 100.0)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    desk.gateway.log = None
    desk.gateway.caller_identity = hang  # type: ignore[method-assign,assignment]
    desk.gateway.metric_points = hang  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND, seconds=0.4)
    assert plan.vitals.reason == "Cloud Insight did not answer within 0.2 seconds."
    assert plan.log.problem == "It gave no answer within 0.2 seconds."
    assert plan.acting_as is None
    assert plan.demands.what == "name"


async def test_a_server_that_is_found_alive_later_is_not_held_back_between_claim_and_send(
    desk: Desk, clock: Clock
) -> None:
    """What was confirmed stands: the look between the claim and the send compares the record, not the signs."""
    desk.gateway.beat(clock(), 6)
    plan = await planned(desk)
    desk.gateway.beat(clock(), 0.1)
    assert (await desk.interrupter.execute(plan, Confirmation("web-1"))).result is ACCEPTED


# ---- the record


async def sent(desk: Desk, confirmed: str = "300") -> Intent:
    report = await desk.interrupter.execute(await planned(desk), Confirmation(confirmed))
    assert report.intent is not None
    return report.intent


async def test_the_signs_of_that_moment_are_on_record(desk: Desk, clock: Clock) -> None:
    desk.gateway.beat(clock(), 6, 7, value=99.04)
    intent = await sent(desk)
    signs = {"state": "silent", "lastSign": "2026-03-01T11:54:00+00:00", "silentSeconds": 360, "cpu": None}
    assert intent.draft.signs == signs
    assert next(iter(desk.journal.intents())).draft.signs == signs, "as it stands on disk"
    assert desk.journal.verify().fault is None
    assert history_fields(intent)["signs"] == signs
    assert "vital signs: silent, last sign of life 2026-03-01 11:54:00 UTC" in as_markdown([intent])
    assert "; vital signs: silent, last sign of life 2026-03-01 11:54:00 UTC" in hand_over(intent)


@pytest.mark.parametrize(
    ("signs", "words"),
    [
        (None, ""),
        ({"state": "no-agent", "lastSign": None, "silentSeconds": None, "cpu": None}, "no agent"),
        (
            {"state": "alive", "lastSign": "2026-03-01T11:59:00+00:00", "silentSeconds": None, "cpu": 12.5},
            "alive, CPU at 12.5 %, last sign of life 2026-03-01 11:59:00 UTC",
        ),
        (
            {"state": "unavailable", "lastSign": None, "reason": "Not\x1b permitted."},
            "unavailable: Not\\x1b permitted.",
        ),
    ],
)
def test_signs_in_words(signs: dict[str, Any] | None, words: str) -> None:
    assert signs_words(signs) == words


# ---- the watch


class Guest(FakeGateway):
    """A guest that falls silent when it is interrupted and sends again from a minute on; points are 90 s late."""

    clock: Clock
    again: float = float("inf")

    def sends(self, second: int) -> bool:
        return second <= self.silent_from or second >= self.again

    silent_from: float = 0

    async def metric_points(self, conditions: Sequence[Any], since_ms: int, until_ms: int, *_: object) -> MetricAnswer:
        self.metric_calls.append(conditions)
        newest = int((self.clock() - START).total_seconds()) - 90
        stamps = [second for second in range(-3600, newest + 1, 60) if self.sends(second)]
        points = [[(START + timedelta(seconds=second)).timestamp() * 1000, 5.0] for second in stamps]
        return dict.fromkeys(conditions, points)


async def watched(desk: Desk, clock: Clock, **guest: float) -> list[tuple[float, str, str]]:
    """Interrupt at second 0 and watch to the end: (second, field, after)."""
    gateway = Guest()
    gateway.clock = clock
    for name, value in guest.items():
        setattr(gateway, name, value)
    desk.gateway = gateway
    desk.interrupter = desk.new_interrupter()
    intent = await sent(desk)

    async def sleep(seconds: float) -> None:
        clock.move(seconds)

    def seconds() -> float:
        return (clock() - START).total_seconds()

    seen = [
        one
        async for one in watch(
            gateway,
            desk.journal,
            intent,
            every=5,
            lasting=900,
            clock=clock,
            monotonic=seconds,
            sleep=sleep,
            vitals=VitalsReader(gateway, clock=clock, monotonic=seconds),
        )
    ]
    recorded = next(iter(desk.journal.intents())).observations
    assert [one.field for one in recorded] == [one.field for one in seen], "on record too"
    return [((one.time - START).total_seconds(), one.field, one.after) for one in seen]


def stamp(second: float) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_a_guest_that_was_silent_is_back_with_its_first_point(desk: Desk, clock: Clock) -> None:
    seen = await watched(desk, clock, silent_from=-600, again=120)
    assert seen == [(0, "silentSince", stamp(-600)), (220, "signOfLife", stamp(120))]


async def test_a_guest_that_was_alive_falls_silent_and_comes_back(desk: Desk, clock: Clock) -> None:
    seen = await watched(desk, clock, silent_from=0, again=600)
    assert [(field, after) for _, field, after in seen] == [("silentSince", stamp(0)), ("signOfLife", stamp(600))]
    assert 180 <= seen[0][0] <= 200
    assert 690 <= seen[1][0] <= 710


async def test_a_guest_that_never_stops_is_not_called_back(desk: Desk, clock: Clock) -> None:
    assert await watched(desk, clock, silent_from=float("inf")) == []


async def test_a_guest_that_never_comes_back_is_watched_to_the_end(desk: Desk, clock: Clock) -> None:
    seen = await watched(desk, clock, silent_from=-600)
    assert [field for _, field, _ in seen] == ["silentSince"]
    assert (clock() - START).total_seconds() >= 895


async def test_without_cloud_insight_the_watch_goes_on_as_before(desk: Desk, clock: Clock) -> None:
    desk.gateway.broken_metrics = PermissionDenied("No.")
    intent = await sent(desk, "web-1")
    seen = []

    def passed() -> float:
        return (clock() - START).total_seconds()

    async def sleep(seconds: float) -> None:
        clock.move(seconds)
        desk.gateway.fleet["300"] = a_server(uptime="2026-03-01T21:01:00+0900", server_instance_operation=Code("NULL"))

    async for one in watch(
        desk.gateway,
        desk.journal,
        intent,
        every=5,
        lasting=30,
        clock=clock,
        monotonic=passed,
        sleep=sleep,
        vitals=VitalsReader(desk.gateway, clock=clock),
    ):
        seen.append(one.field)  # noqa: PERF401 - an asynchronous comprehension is no clearer here
    assert seen == ["uptime", "server"]


async def test_a_sign_of_life_ends_the_waiting_for_the_server(desk: Desk, clock: Clock) -> None:
    await watched(desk, clock, silent_from=-600, again=120)
    intent = next(iter(desk.journal.intents()))
    assert any(map(is_sign_of_life, intent.observations))
    assert not is_awaited(intent, clock(), 900)
    words = [sign_words(one) for one in intent.observations]
    assert words[0].startswith("silent since ")
    assert words[1].startswith("first sign of life since the interrupt: ")


# ---- the rules of gaps


def at(*seconds: float) -> list[Point]:
    return [Point(START + timedelta(seconds=second), 1.0) for second in seconds]


@pytest.mark.parametrize(
    ("seconds", "restarted", "again"),
    [
        ((-120, -60, 0, 60, 120), None, None),
        ((-120, -60, 0, 60, 300), None, 300),
        ((-120, -60, 0, 120, 180), None, None),
        ((-120, -60, 0, 120, 180), 100, 120),
        ((-120, -60, 0, 90, 180), 150, 180),
        ((-600, 61), None, 61),
        ((-600, 40, 100), None, 40),
        ((61, 121), None, 61),
        ((), None, None),
    ],
)
def test_when_a_guest_is_back(seconds: tuple[float, ...], restarted: float | None, again: float | None) -> None:
    start = None if restarted is None else START + timedelta(seconds=restarted)
    found = signs_again(at(*seconds), START, start)
    assert found == (None if again is None else START + timedelta(seconds=again))


def test_what_speaks_against_not_received() -> None:
    assert "fell silent" in signs_against_not_received(at(-60, 0, 400), START)
    for seconds in ((-60, 0, 60, 120), (-60, 0), (-900, 400), (400,), ()):
        assert signs_against_not_received(at(*seconds), START) == "", seconds


def test_what_speaks_against_accepted() -> None:
    now = START + timedelta(minutes=10)
    minutes = range(-180, 500, 60)
    assert "without a gap" in signs_against_accepted(at(*minutes), START, now)
    for seconds in (
        tuple(range(-180, 300, 60)),
        tuple(second for second in minutes if not 60 <= second <= 200),
        tuple(range(60, 500, 60)),
        (),
    ):
        assert signs_against_accepted(at(*seconds), START, now) == "", seconds
    assert signs_against_accepted(at(-60, 0, 60), START, START + timedelta(minutes=2)) == "", "too early to tell"


# ---- the resolution


async def unknown(desk: Desk) -> Intent:
    desk.gateway.answer = UNKNOWN
    return await sent(desk)


@pytest.mark.parametrize(
    ("minutes", "finding", "why"),
    [
        ((11, 10, 3, 2, 1), ResolvedAs.NOT_RECEIVED, "fell silent at"),
        (tuple(range(13)), ResolvedAs.ACCEPTED, "without a gap since"),
    ],
)
async def test_a_resolution_that_contradicts_the_signs_wants_the_number(
    desk: Desk, clock: Clock, minutes: tuple[float, ...], finding: ResolvedAs, why: str
) -> None:
    intent = await unknown(desk)
    clock.move(600)
    desk.gateway.beat(clock(), *minutes)
    seen = await look(desk.gateway, intent, clock, VitalsReader(desk.gateway, clock=clock))
    assert seen.as_json()["signs"]["state"] == "alive"
    with pytest.raises(NotResolvable, match=f"{why}.* type the server's number"):
        desk.journal.resolve(intent.id, finding, "note", seen)
    agreed = type(seen)(**{**{name: getattr(seen, name) for name in seen.__slots__}, "despite": "300"})
    found = desk.journal.resolve(intent.id, finding, "note", agreed).resolution
    assert found is not None
    assert found.seen is not None
    assert found.seen["signs"]["state"] == "alive"
    assert found.seen["despite"] == "300"


async def test_the_signs_of_then_bear_witness_on_the_next_morning(desk: Desk, clock: Clock) -> None:
    """What is asked for is the time around the interrupt, not the last hour."""
    intent = await unknown(desk)
    asked: list[tuple[float, float]] = []
    gateway = desk.gateway
    points = gateway.metric_points

    async def noting(conditions: Sequence[Any], since_ms: int, until_ms: int, *more: Any) -> MetricAnswer:
        asked.append((since_ms / 1000 - START.timestamp(), until_ms / 1000 - START.timestamp()))
        return await points(conditions, since_ms, until_ms, *more)

    gateway.metric_points = noting  # type: ignore[method-assign,assignment]
    gateway.beat(clock(), 2, 1, -5, -6)
    clock.move(12 * 3600)
    seen = await look(gateway, intent, clock, VitalsReader(gateway, clock=clock))
    assert (-600, 3600) in asked
    assert ["fell silent" in sentence for sentence in seen.contradictions] == [True]


async def test_signs_that_tell_nothing_resolve_nothing(desk: Desk, clock: Clock) -> None:
    intent = await unknown(desk)
    desk.gateway.broken_metrics = PermissionDenied("Not permitted.")
    clock.move(600)
    seen = await look(desk.gateway, intent, clock, VitalsReader(desk.gateway, clock=clock))
    assert (seen.contradictions, seen.against_accepted) == ((), ())
    assert seen.signs is not None
    assert seen.signs["reason"] == "Not permitted."
    assert desk.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, "note", seen).resolution is not None
