"""From points to what may be said of a guest."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ncpconsole.core.series import SKEW, Point, Series, clean
from ncpconsole.core.vitals import (
    ALIVE_WITHIN,
    LifeState,
    Vitals,
    cell_text,
    chart_text,
    judge,
    picture,
    unavailable,
    vitals_of,
)
from ncpconsole.ncp.metrics import Metric

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATES = set(LifeState)


def stamp(ago: float) -> int:
    """Milliseconds since the epoch, ``ago`` minutes before now."""
    return round((NOW - timedelta(minutes=ago)).timestamp() * 1000)


def cpu(*points: tuple[float, float]) -> Series:
    """A series of (minutes ago, per cent)."""
    return Series(Metric.CPU, clean([stamp(ago), value] for ago, value in points))


def seen(*points: tuple[float, float]) -> Vitals:
    return vitals_of([cpu(*points)], NOW)


times = st.integers(min_value=-10 * 60, max_value=30 * 60 * 60)
"""Seconds ago; some lie in the future."""
values = st.floats(min_value=0, max_value=100)
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.floats(),
    st.integers(),
    st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3), st.integers()), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


def at(seconds_ago: float) -> datetime:
    return NOW - timedelta(seconds=seconds_ago)


@pytest.mark.parametrize(
    ("ago", "state"),
    [
        (0.5, LifeState.ALIVE),
        (2.99, LifeState.ALIVE),
        (3, LifeState.SILENT),
        (6, LifeState.SILENT),
        (59, LifeState.SILENT),
        (-1, LifeState.ALIVE),
    ],
)
def test_the_last_point_decides(ago: float, state: LifeState) -> None:
    assert seen((ago + 5, 20), (ago, 30)).state is state


def test_no_point_at_all_says_nothing_of_the_guest() -> None:
    vitals = vitals_of([Series(Metric.CPU)], NOW)
    assert (vitals.state, vitals.last_sign, vitals.silence(NOW)) == (LifeState.NO_AGENT, None, None)
    assert cell_text(vitals, NOW) == "no agent"


def test_a_point_from_before_the_last_hour_is_silence_and_no_missing_agent() -> None:
    vitals = vitals_of([cpu()], NOW, older=[Point(NOW - timedelta(hours=7), 3.0)])
    assert vitals.state is LifeState.SILENT
    assert cell_text(vitals, NOW) == "silent 7h"


def test_a_point_from_before_the_last_day_is_no_silence() -> None:
    """An answer may hold more than was asked for, and an agent may be gone for good by then."""
    vitals = vitals_of([cpu((25 * 60, 3))], NOW, older=[Point(NOW - timedelta(hours=30), 3.0)])
    assert (vitals.state, vitals.last_sign) == (LifeState.NO_AGENT, None)


@pytest.mark.parametrize("per_second", [1, 0.001, 0])
def test_times_in_another_unit_are_none_and_no_silence(per_second: float) -> None:
    """A guest that is alive would look hung for 56 years, and lose the caution that holds back from it."""
    assert clean([[stamp(1) / 1000 * per_second, 5]]) == ()


def test_another_metric_that_still_comes_is_a_sign_of_life() -> None:
    memory = Series(Metric.MEMORY, clean([[stamp(1), 40]]))
    assert vitals_of([cpu((9, 20)), memory], NOW).state is LifeState.ALIVE


@given(st.lists(st.tuples(times, values), min_size=1), st.randoms())
def test_order_and_duplicates_change_nothing(points: list[tuple[int, float]], shuffler: random.Random) -> None:
    raw = [[at(ago).timestamp() * 1000, value] for ago, value in dict(points).items()]
    shuffled = [*raw, *raw]
    shuffler.shuffle(shuffled)
    assert clean(shuffled) == clean(raw)


@given(st.lists(junk), st.lists(st.tuples(times, values)))
def test_junk_among_the_points_hides_none_of_them(rubbish: list[object], points: list[tuple[int, float]]) -> None:
    """What is no pair of numbers is left out; the good points are all there."""
    good = {at(ago): value for ago, value in points}
    raw: list[object] = [*rubbish, *([moment.timestamp() * 1000, value] for moment, value in good.items())]
    found = dict(clean(raw))
    assert all(math.isfinite(value) for value in found.values())
    assert {moment: found[moment] for moment in good} == good


@given(st.lists(junk), st.lists(st.tuples(times, values)))
@example([[1772366400001.9375, 0.0]], [])  # half a microsecond
@example([[1772366400001.9376, 1.0], [1772366400001.9384, 2.0]], [])  # two times within one microsecond are one
def test_a_series_is_its_clean_points(rubbish: list[object], points: list[tuple[int, float]]) -> None:
    raw: list[object] = [*rubbish, *([at(ago).timestamp() * 1000, value] for ago, value in points)]
    series = Series.read(Metric.CPU, raw)
    assert series == Series(Metric.CPU, clean(raw))
    assert series.points == clean(raw)
    assert series.last == (series.points[-1].value if series.points else None)
    assert vitals_of([series], NOW).state == judge(clean(raw), NOW)[0]
    assert vitals_of([series], NOW).last_sign == judge(clean(raw), NOW)[1]


@given(st.lists(st.tuples(times, values)))
def test_numbers_as_text_are_numbers(points: list[tuple[int, float]]) -> None:
    as_numbers = [[round(at(ago).timestamp() * 1000), value] for ago, value in points]
    assert clean([str(moment), repr(value)] for moment, value in as_numbers) == clean(as_numbers)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "NaN", "inf", "", "x", None, True, 1e300, 10**400, {}, [1]]
)
def test_what_is_no_measurement_is_no_sign_of_life(value: object) -> None:
    assert clean([[stamp(1), value]]) == ()


@pytest.mark.parametrize("moment", [math.nan, "later", None, 1e14, -1e18, 10**30])
def test_what_is_no_time_is_no_sign_of_life(moment: object) -> None:
    assert judge(clean([[moment, 5]]), NOW)[0] is not LifeState.ALIVE


@given(st.lists(st.tuples(times, values)))
def test_a_sign_of_life_is_never_in_the_future_and_never_before_the_last_point(points: list[tuple[int, float]]) -> None:
    state, last = judge([Point(at(ago), value) for ago, value in points], NOW)
    past = [at(ago) for ago, _ in points if NOW - timedelta(days=1) < at(ago) <= NOW + SKEW]
    if not past:
        assert last is None
        is_ahead = any(at(ago) > NOW for ago, _ in points)
        assert state is (LifeState.UNAVAILABLE if is_ahead else LifeState.NO_AGENT)
        return
    assert last == min(NOW, max(past))
    assert (state is LifeState.ALIVE) == (NOW - max(past) < ALIVE_WITHIN)


@given(st.lists(st.tuples(times, values), min_size=1), st.tuples(times, values))
def test_a_late_point_never_makes_a_guest_look_more_silent(
    points: list[tuple[int, float]], late: tuple[int, float]
) -> None:
    before = judge([Point(at(ago), value) for ago, value in points], NOW)[1]
    after = judge([Point(at(ago), value) for ago, value in (*points, late)], NOW)[1]
    assert before is None or (after is not None and after >= before)


def test_points_from_the_future_alone_say_that_the_clocks_disagree() -> None:
    vitals = seen((-10, 5), (-11, 5))
    assert vitals.state is LifeState.UNAVAILABLE
    assert "clock" in picture(vitals, NOW)


def test_a_point_from_the_future_does_not_hide_a_silence() -> None:
    assert seen((9, 5), (-30, 5)).state is LifeState.SILENT


def test_gaps_stay_gaps() -> None:
    series = cpu((5.5, 50), (5.2, 70), (3.5, 10), (0, 20))
    assert series.slots(NOW, 6) == [60.0, None, 10.0, None, None, 20.0]


@given(
    st.lists(st.tuples(times, values), unique_by=lambda point: point[0]),
    st.integers(min_value=1, max_value=180),
    st.integers(min_value=1, max_value=80),
)
def test_every_point_of_the_stretch_is_in_one_slot(points: list[tuple[int, float]], minutes: int, count: int) -> None:
    series = Series(Metric.CPU, clean([at(ago).timestamp() * 1000, value] for ago, value in points))
    slots = series.slots(NOW, minutes, count)
    within = [value for ago, value in points if -SKEW.total_seconds() <= ago < minutes * 60]
    filled = [value for value in slots if value is not None]
    assert len(slots) == count
    assert bool(filled) == bool(within)
    assert len(filled) <= len(within)
    if within:
        assert min(within) - 1e-6 <= min(filled) <= max(filled) <= max(within) + 1e-6


def test_the_chart_of_a_living_guest_ends_at_its_last_point_and_that_of_a_silent_one_shows_the_silence() -> None:
    assert seen((2, 20), (3, 30), (4, 40)).chart(Metric.CPU, NOW, 3) == [40.0, 30.0, 20.0]
    assert seen((4, 20), (5, 30)).chart(Metric.CPU, NOW, 6) == [30.0, 20.0, None, None, None, None]


@pytest.mark.parametrize(
    ("vitals", "cell", "words"),
    [
        (seen((1, 12.4)), "12 %", "the guest sends its metrics."),
        (seen((1, 99.2)), "99 %", "is busy, with its CPU at 99 %."),
        (seen((6, 12)), "silent 6m", "silent for 6 minutes"),
        (seen(), "no agent", "No sign of life in the last 24 hours"),
        (unavailable("NCP does not permit this.", NOW), "unknown", "Vital signs not known: NCP does not permit this."),
    ],
)
def test_the_words(vitals: Vitals, cell: str, words: str) -> None:
    assert cell_text(vitals, NOW) == cell
    assert words in picture(vitals, NOW)
    assert "hung" not in picture(vitals, NOW)


def test_a_chart_in_words() -> None:
    assert chart_text(seen((9, 3), (6, 99)), Metric.CPU, NOW) == "cpu last 60 min: 3 to 99 %, now silent 6 min"
    assert chart_text(seen((2, 3), (1, 12)), Metric.CPU, NOW) == "cpu last 60 min: 3 to 12 %, now 12 %"
    assert chart_text(seen((1, 12)), Metric.MEMORY, NOW) == "memory last 60 min: no points"
    assert chart_text(unavailable("no", NOW), Metric.CPU, NOW) == "cpu last 60 min: not known"
    network = Series(Metric.NETWORK_IN, clean([[stamp(2), 900], [stamp(1), 1_234_567]]))
    told = chart_text(vitals_of([network], NOW), Metric.NETWORK_IN, NOW)
    assert told == "network in last 60 min: 900 bit/s to 1.2 Mbit/s, now 1.2 Mbit/s"


@given(st.lists(st.tuples(times, st.floats(min_value=0, max_value=1e15))))
def test_words_fit_their_cell_and_json_its_shape(points: list[tuple[int, float]]) -> None:
    percent = [[at(ago).timestamp() * 1000, min(value, 100)] for ago, value in points]
    rates = [[at(ago).timestamp() * 1000, value] for ago, value in points]
    vitals = vitals_of([Series(Metric.CPU, clean(percent)), Series(Metric.DISK_READ, clean(rates))], NOW)
    assert 0 < len(cell_text(vitals, NOW)) <= 10
    told = vitals.as_json(NOW)
    assert set(told) - {"reason"} == {"state", "lastSign", "silentSeconds", "cpu"}
    assert (told["silentSeconds"] is not None) == (vitals.state is LifeState.SILENT)
    assert picture(vitals, NOW).endswith(".")
    assert all("\n" not in chart_text(vitals, metric, NOW) for metric in Metric)
