"""Words for codes, by code alone; times and counts as the screen says them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ncpconsole
from ncpconsole.core.records import Origin
from ncpconsole.core.wording import (
    clock_and_zone,
    day_and_clock,
    duration,
    in_both_zones,
    operation_words,
    recorded_start,
    server_status,
    shown_code,
    since_when,
    start_time,
    status_word,
    status_words,
    who,
    zone_name,
)
from ncpconsole.language import ENGLISH, shown, tr, use
from tests.core.records import server
from tests.zones import times_in


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


def test_the_apis_time_is_told_in_local_time_and_gets_an_age() -> None:
    with times_in("Asia/Seoul"):
        assert since_when("2025-06-19T16:13:43+0000", NOW) == "19 h ago, 01:13:43"
        assert since_when("2024-06-19T16:13:43+0900", NOW) == "366 d ago, 2024-06-19 16:13"


@pytest.mark.parametrize("text", ["", "soon", "2025-06-19", "0001-01-01T00:00:00+0900", "9999-12-31T23:59:59-0900"])
def test_a_time_that_is_none_stays_as_it_is(text: str) -> None:
    assert since_when(text, NOW) == text
    assert start_time(text, NOW) == text
    assert recorded_start(text) == text


@pytest.mark.parametrize(
    ("moment", "said", "to_second"),
    [
        (datetime(2025, 6, 20, 7, 52, 40, tzinfo=UTC), "16:52:40", "16:52:40"),
        (datetime(2025, 6, 19, 15, 0, 0, tzinfo=UTC), "00:00:00", "00:00:00"),
        (datetime(2025, 6, 19, 14, 59, 59, tzinfo=UTC), "06-19 23:59", "06-19 23:59:59"),
        (datetime(2024, 12, 19, 8, 0, 0, tzinfo=UTC), "2024-12-19 17:00", "2024-12-19 17:00:00"),
    ],
)
def test_the_date_is_told_unless_it_is_todays_where_times_are_shown(
    moment: datetime, said: str, to_second: str
) -> None:
    with times_in("Asia/Seoul"):
        assert day_and_clock(moment, NOW) == said
        assert day_and_clock(moment, NOW, to_second=True) == to_second
        assert clock_and_zone(moment, NOW) == f"{to_second} KST"


@pytest.mark.parametrize(
    ("zone", "name", "both"),
    [
        ("Asia/Seoul", "KST", "2025-06-20 21:00:00 KST (12:00:00 UTC)"),
        ("Pacific/Kiritimati", "UTC+14:00", "2025-06-21 02:00:00 UTC+14:00 (2025-06-20 12:00:00 UTC)"),
        ("UTC", "UTC", "2025-06-20 12:00:00 UTC"),
    ],
)
def test_both_zones_are_told_to_who_may_sit_elsewhere(zone: str, name: str, both: str) -> None:
    with times_in(zone):
        assert zone_name(NOW) == name
        assert in_both_zones(NOW) == both
        assert recorded_start("2025-06-20T21:00:00+0900") == both


FORMATS = re.compile(r"strftime|astimezone\((?!UTC)|%H|%M|utcoffset|tzname")
MAY = {"core/wording.py", "cli/runner.py", "tui/screens/export.py", "tui/palette.py"}
"""The log, and names of new files, are in UTC."""


def test_times_are_made_in_one_place() -> None:
    house = Path(ncpconsole.__file__).parent
    makers = {
        str(file.relative_to(house))
        for file in house.rglob("*.py")
        if "simulator" not in file.parts and FORMATS.search(file.read_text(encoding="utf-8"))
    }
    assert makers <= MAY


@pytest.mark.parametrize(
    ("terminal", "english", "korean"),
    [
        ("pts/1", "kim@bastion (pts/1)", "kim@bastion (pts/1)"),
        ("", "kim@bastion", "kim@bastion"),
        ("no terminal", "kim@bastion (no terminal)", "kim@bastion (터미널 없음)"),
        (
            "/dev/pts/12 from 192.168.100.200 over SSH",
            "kim@bastion (/dev/pts/12 from 192.168.100.200 over SSH)",
            "kim@bastion (/dev/pts/12, SSH 접속: 192.168.100.200)",
        ),
        (
            "no terminal from 2001:db8::7 over SSH",
            "kim@bastion (no terminal from 2001:db8::7 over SSH)",
            "kim@bastion (터미널 없음, SSH 접속: 2001:db8::7)",
        ),
    ],
)
def test_where_somebody_acts_from_is_told_whole_and_in_the_language_in_force(
    terminal: str, english: str, korean: str
) -> None:
    origin = Origin(user="kim", host="bastion", terminal=terminal, version="0")
    assert str(who(origin)) == english
    use("ko")
    try:
        assert tr("by {who}", who=who(origin)).endswith(korean)
        assert shown(who(origin)) == korean
    finally:
        use(ENGLISH)
    assert tr("by {who}", who=who(origin)).endswith(english)
