"""Words for codes, by code alone; times and counts as the screen says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ncpconsole.core.wording import (
    count,
    day_and_clock,
    duration,
    operation_words,
    server_status,
    shown_code,
    since_when,
    status_word,
    status_words,
)
from tests.core.records import server


@pytest.mark.parametrize(
    ("status", "operation", "words"),
    [
        ("RUN", "NULL", "RUN running"),
        ("RUN", "", "RUN running"),
        ("RUN", "SHTDN", "RUN shutting down"),
        ("RUN", "SETUP", "RUN setting up"),
        ("RUN", "HREST", "RUN hard restarting"),
        ("NSTOP", "NULL", "NSTOP stopped"),
        ("NSTOP", "START", "NSTOP starting"),
        ("ST_FL", "NULL", "ST_FL start failed"),
        ("WAT", "NULL", "WAT"),
        ("RUN", "WAT", "RUN WAT"),
        ("\x1b[2J", "\u202e", "\\x1b[2J \\u202e"),
        ("", "", "status unknown"),
        ("", "SHTDN", "shutting down"),
    ],
)
def test_status_and_operation_as_the_table_shows_them(status: str, operation: str, words: str) -> None:
    assert status_words(status, operation) == words
    assert server_status(server(status=status, operation=operation, code_name="다른 말")) == words


def test_an_unknown_code_has_no_meaning_but_is_shown_short_and_safe() -> None:
    assert status_word("WAT") == ""
    assert operation_words("WAT") == "WAT"
    assert operation_words("NULL") == ""
    assert shown_code("X" * 100) == "X" * 23 + "…"


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
