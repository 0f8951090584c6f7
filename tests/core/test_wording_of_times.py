"""Times and counts as the screen says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ncpconsole.core.wording import count, day_and_clock, duration, since_when

NOW = datetime(2025, 6, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (4.9, "4 s"), (99, "99 s"), (100, "1 min"), (5999, "99 min"), (6000, "1 h"), (172800, "2 d")],
)
def test_a_duration_in_its_largest_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_counts() -> None:
    assert (count(0, "server"), count(1, "server"), count(10240, "server")) == (
        "0 servers",
        "1 server",
        "10,240 servers",
    )


def test_the_apis_time_keeps_its_zone_and_gets_an_age() -> None:
    assert since_when("2025-06-19T16:13:43+0900", NOW) == "28 h ago, 2025-06-19 16:13 +0900"


@pytest.mark.parametrize("text", ["", "soon", "2025-06-19"])
def test_a_time_that_is_none_stays_as_it_is(text: str) -> None:
    assert since_when(text, NOW) == text


def test_the_date_is_told_unless_it_is_todays() -> None:
    assert day_and_clock(NOW, NOW) == NOW.astimezone().strftime("%H:%M:%S")
    before = NOW - timedelta(days=3)
    assert day_and_clock(before, NOW) == before.astimezone().strftime("%Y-%m-%d %H:%M:%S")
