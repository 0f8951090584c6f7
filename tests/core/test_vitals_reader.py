"""How vital signs are asked for: few calls, kept for a minute, and nothing that fails reaches a list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from ncpconsole.core.vitals import LifeState, Vitals
from ncpconsole.core.vitals_reader import AT_ONCE, KEPT_FOR, WAIT, VitalsReader
from ncpconsole.ncp.errors import GatewayFailure, NcpError, PermissionDenied
from ncpconsole.ncp.metrics import Condition, Interval, Metric, MetricAnswer
from tests.core.fakes import Clock, FakeGateway


class Desk:
    """A reader over a gateway in memory, with clocks that are moved by hand."""

    def __init__(self, gateway: FakeGateway | None = None) -> None:
        self.gateway = gateway or FakeGateway()
        self.clock = Clock()
        self.seconds = 1000.0
        self.reader = VitalsReader(self.gateway, clock=self.clock, monotonic=lambda: self.seconds)

    def beat(self, number: str, *minutes_ago: float, metric: Metric = Metric.CPU) -> None:
        self.gateway.points[Condition(number, metric)] = [
            [(self.clock() - timedelta(minutes=ago)).timestamp() * 1000, 10 + ago] for ago in minutes_ago
        ]

    def move(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.seconds += seconds

    @property
    def calls(self) -> int:
        return len(self.gateway.metric_calls)


async def test_a_screenful_is_one_call() -> None:
    desk = Desk()
    numbers = [str(number) for number in range(20)]
    for number in numbers:
        desk.beat(number, 1)
    signs = await desk.reader.read(numbers)
    assert desk.calls == 1
    assert list(signs) == numbers
    assert {one.state for one in signs.values()} == {LifeState.ALIVE}


async def test_everything_about_one_server_is_one_call() -> None:
    desk = Desk()
    for metric in Metric:
        desk.beat("1", 1, 2, metric=metric)
    signs = await desk.reader.read(["1"], metrics=tuple(Metric))
    assert desk.calls == 1
    assert all(signs["1"].of(metric).points for metric in Metric)


async def test_an_answer_is_kept_for_a_minute() -> None:
    desk = Desk()
    desk.beat("1", 1)
    await desk.reader.read(["1"])
    desk.move(KEPT_FOR - 1)
    await desk.reader.read(["1"])
    assert desk.calls == 1
    await desk.reader.read(["1"], metrics=(Metric.CPU, Metric.MEMORY))
    assert desk.calls == 2, "a metric that was not asked for before"
    await desk.reader.read(["1"], fresh=True)
    assert desk.calls == 3
    desk.move(KEPT_FOR)
    await desk.reader.read(["1"])
    assert desk.calls == 4


async def test_a_look_at_the_cpu_alone_takes_no_other_chart_away() -> None:
    desk = Desk()
    for metric in Metric:
        desk.beat("1", 2, 3, metric=metric)
    await desk.reader.read(["1"], metrics=tuple(Metric))
    desk.beat("1", 1, 2, 3)
    signs = await desk.reader.read(["1"], fresh=True)
    known = desk.reader.known["1"]
    assert [one.metric for one in signs["1"].series] == [Metric.CPU]
    assert known.of(Metric.CPU) == signs["1"].of(Metric.CPU)
    assert all(known.of(metric).points for metric in Metric)
    await desk.reader.read(["1"], metrics=tuple(Metric))
    assert desk.calls == 3, "what was shown all the while is read anew"
    desk.move(KEPT_FOR)
    await desk.reader.read(["1"])
    assert [one.metric for one in desk.reader.known["1"].series] == [Metric.CPU], "what is older is let go"


async def test_who_was_silent_for_an_hour_is_asked_about_the_day_once() -> None:
    desk = Desk()
    gateway = desk.gateway
    desk.beat("1", 1)
    spans: list[tuple[tuple[str, ...], float, Interval]] = []
    old = [[(desk.clock() - timedelta(hours=5)).timestamp() * 1000, 7.0]]

    async def points(
        conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval = Interval.MINUTE
    ) -> MetricAnswer:
        hours = (until_ms - since_ms) / 3_600_000
        spans.append((tuple(one.server_no for one in conditions), round(hours), interval))
        found = {one: gateway.points[one] for one in conditions if one in gateway.points}
        return {**found, Condition("2", Metric.CPU): old} if hours > 20 else found

    gateway.metric_points = points  # type: ignore[method-assign]
    signs = await desk.reader.read(["1", "2", "3"])
    assert [signs[number].state for number in "123"] == [LifeState.ALIVE, LifeState.SILENT, LifeState.NO_AGENT]
    assert signs["2"].silence(desk.clock()) == timedelta(hours=5)
    assert spans == [(("1", "2", "3"), 1, Interval.MINUTE), (("2", "3"), 24, Interval.FIVE_MINUTES)]
    desk.move(KEPT_FOR)
    signs = await desk.reader.read(["1", "2", "3"])
    assert [signs[number].state for number in "23"] == [LifeState.SILENT, LifeState.NO_AGENT]
    assert len(spans) == 3, "what lies before the last hour is remembered"


async def test_at_most_eight_calls_are_on_their_way() -> None:
    desk = Desk()
    under_way = most = 0
    release = asyncio.Event()

    async def points(conditions: Sequence[Condition], *_: object) -> MetricAnswer:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await release.wait()
        under_way -= 1
        return {one: [[desk.clock().timestamp() * 1000, 5]] for one in conditions}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    progress: list[tuple[int, int]] = []
    handed: dict[str, Vitals] = {}

    def take(found: Mapping[str, Vitals]) -> None:
        handed.update(found)

    reading = asyncio.create_task(
        desk.reader.read(map(str, range(400)), on_progress=lambda done, of: progress.append((done, of)), on_read=take)
    )
    for _ in range(50):
        await asyncio.sleep(0)
    assert most == AT_ONCE == 8
    release.set()
    signs = await reading
    assert most == AT_ONCE
    assert progress == [(done, 400) for done in range(0, 401, 20)]
    assert handed == signs


async def test_what_came_before_a_cancel_is_kept() -> None:
    desk = Desk()
    came = asyncio.Event()

    async def points(conditions: Sequence[Condition], *_: object) -> MetricAnswer:
        if conditions[0].server_no != "0":
            await asyncio.Event().wait()
        return {one: [[desk.clock().timestamp() * 1000, 5]] for one in conditions}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    reading = asyncio.create_task(desk.reader.read(map(str, range(40)), on_read=lambda _: came.set()))
    await came.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert set(desk.reader.known) == set(map(str, range(20)))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionDenied("NCP does not permit this."), "NCP does not permit this."),
        (GatewayFailure("NCP failed to answer."), "NCP failed to answer."),
        (RuntimeError("secret"), "Cloud Insight's answer could not be read (RuntimeError)."),
    ],
)
async def test_every_error_is_a_reason(error: Exception, reason: str) -> None:
    desk = Desk(FakeGateway(broken_metrics=error))
    signs = await desk.reader.read(["1"])
    assert signs["1"].state is LifeState.UNAVAILABLE
    assert signs["1"].reason == reason


@pytest.mark.parametrize(
    ("error", "most"), [(PermissionDenied("No."), AT_ONCE), (GatewayFailure("Down."), 2 * AT_ONCE)]
)
async def test_who_refuses_is_not_asked_a_hundred_times(error: NcpError, most: int) -> None:
    desk = Desk(FakeGateway(broken_metrics=error))
    signs = await desk.reader.read(map(str, range(2000)))
    assert desk.calls <= most
    assert {(one.state, one.reason) for one in signs.values()} == {(LifeState.UNAVAILABLE, error.sentence)}


async def test_a_refusal_holds_for_a_minute() -> None:
    """An operator who scrolls through the list does not ask again with every screenful."""
    desk = Desk(FakeGateway(broken_metrics=PermissionDenied("No.")))
    for number in "123":
        assert (await desk.reader.read([number]))[number].reason == "No."
    assert desk.calls == 1
    desk.gateway.broken_metrics = None
    desk.beat("4", 1)
    assert (await desk.reader.read(["4"]))["4"].state is LifeState.UNAVAILABLE
    assert (await desk.reader.read(["4"], fresh=True))["4"].state is LifeState.ALIVE
    desk.beat("5", 1)
    assert (await desk.reader.read(["5"]))["5"].state is LifeState.ALIVE
    desk.gateway.broken_metrics = PermissionDenied("No.")
    await desk.reader.read(["6"])
    desk.gateway.broken_metrics = None
    desk.beat("7", 1)
    desk.move(KEPT_FOR)
    assert (await desk.reader.read(["7"]))["7"].state is LifeState.ALIVE


@pytest.mark.parametrize("junk", [[["x", "y"]], [[1, float("nan")]], [[1_772_366_400, 5]], [None], [{}]])
@pytest.mark.parametrize("hours", [1, 24])
async def test_points_that_cannot_be_read_are_no_missing_agent(junk: list[object], hours: int) -> None:
    desk = Desk()

    async def points(conditions: Sequence[Condition], since_ms: int, until_ms: int, *_: object) -> MetricAnswer:
        return dict.fromkeys(conditions, junk) if round((until_ms - since_ms) / 3_600_000) == hours else {}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    signs = (await desk.reader.read(["1"]))["1"]
    assert (signs.state, "could be read" in signs.reason) == (LifeState.UNAVAILABLE, True)


async def test_one_call_that_fails_costs_the_others_nothing() -> None:
    desk = Desk()

    async def points(conditions: Sequence[Condition], *_: object) -> MetricAnswer:
        if conditions[0].server_no == "0":
            raise GatewayFailure("Down.")
        return {one: [[desk.clock().timestamp() * 1000, 5]] for one in conditions}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    signs = await desk.reader.read(map(str, range(400)))
    assert sum(one.state is LifeState.UNAVAILABLE for one in signs.values()) == 20
    assert sum(one.state is LifeState.ALIVE for one in signs.values()) == 380


async def test_a_service_that_hangs_is_waited_for_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WAIT == 3
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", 0.05)
    desk = Desk()

    async def points(*_: object) -> MetricAnswer:
        await asyncio.Event().wait()
        return {}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        signs = await desk.reader.read(["1"])
    assert signs["1"].state is LifeState.UNAVAILABLE
    assert "did not answer" in signs["1"].reason


async def test_the_look_at_the_day_has_what_the_look_at_the_hour_left_of_three_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", 0.3)
    desk = Desk()

    async def points(conditions: Sequence[Condition], since_ms: int, until_ms: int, *_: object) -> MetricAnswer:
        if until_ms - since_ms > 20 * 3_600_000:
            await asyncio.Event().wait()
        return {}

    desk.gateway.metric_points = points  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5):
        signs = await desk.reader.read(["1"])
    assert signs["1"].state is LifeState.UNAVAILABLE, "whether it has an agent is not known"


async def test_switched_off_asks_nothing() -> None:
    gateway = FakeGateway()
    signs = await VitalsReader(gateway, off="Vital signs are switched off.").read(["1"])
    assert (signs["1"].state, signs["1"].reason) == (LifeState.UNAVAILABLE, "Vital signs are switched off.")
    assert not gateway.metric_calls


async def test_the_gateways_clock_judges() -> None:
    desk = Desk()
    desk.beat("1", 1)
    desk.clock.move(-600)  # this machine is ten minutes behind
    desk.gateway.clock_offset = 600
    assert (await desk.reader.read(["1"]))["1"].state is LifeState.ALIVE
