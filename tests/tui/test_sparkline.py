"""Mini-charts: a gap is no zero, the scale is told, and ASCII has them too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Size

from ncpconsole.core.safe_text import cell_width
from ncpconsole.core.series import Point, Series
from ncpconsole.core.vitals import LifeState, Vitals, unavailable, vitals_of
from ncpconsole.ncp.metrics import Metric
from ncpconsole.tui.themes import PlainAscii
from ncpconsole.tui.widgets.sparkline import BARS, GAP, SignsCharts, sign_lines, signs_chart, sparkline

NOW = datetime(2026, 11, 26, 5, 9, tzinfo=UTC)


def of_last_minutes(metric: Metric, values: Sequence[float | None], silent: int = 0) -> Series:
    """One value a minute, the last one ``silent`` minutes ago."""
    last = NOW - timedelta(minutes=silent, seconds=30)
    times = [last - timedelta(minutes=back) for back in range(len(values) - 1, -1, -1)]
    return Series(metric, tuple(Point(at, value) for at, value in zip(times, values, strict=True) if value is not None))


def signs(*series: Series) -> Vitals:
    return vitals_of(series, NOW)


@pytest.mark.parametrize(
    ("values", "top", "drawn"),
    [
        ([0, 100], 100, "▁▇"),
        ([0, 50, 100], 100, "▁▄▇"),
        ([None, 0, None, 100], 100, f"{GAP}▁{GAP}▇"),
        ([250, -5], 100, "▇▁"),
        ([0, 0], 0, "▁▁"),
        ([], 100, ""),
    ],
)
def test_a_bar_for_each_value_and_a_gap_for_none(values: list[float | None], top: float, drawn: str) -> None:
    assert sparkline(values, top) == drawn


@given(st.lists(st.none() | st.floats(-1e15, 1e15), max_size=80), st.floats(0, 1e15))
def test_it_is_as_wide_as_its_values_and_only_gaps_look_like_gaps(values: list[float | None], top: float) -> None:
    drawn = sparkline(values, top)
    assert len(drawn) == len(values)
    assert [char == GAP for char in drawn] == [value is None for value in values]
    assert set(drawn) <= {*BARS, GAP}


def test_silence_and_a_hole_are_gaps_and_per_cent_has_a_fixed_scale() -> None:
    vitals = signs(of_last_minutes(Metric.CPU, [50.0] * 20 + [None] * 5 + [50.0] * 25, silent=10))
    assert signs_chart(vitals, (Metric.CPU,), NOW, 60)[0].plain == "▄" * 20 + GAP * 5 + "▄" * 25 + GAP * 10


def test_what_has_no_fixed_scale_reaches_from_nothing_to_its_highest_and_both_directions_are_one() -> None:
    vitals = signs(
        of_last_minutes(Metric.NETWORK_IN, [0.0] * 30 + [2e6] * 30),
        of_last_minutes(Metric.NETWORK_OUT, [0.0] * 30 + [1e6] * 30),
    )
    assert signs_chart(vitals, (Metric.NETWORK_IN, Metric.NETWORK_OUT), NOW, 2)[0].plain == "▁▇"


@pytest.mark.parametrize("width", [40, 60, 62, 100])
def test_each_chart_of_a_dialog_says_its_last_value_and_the_top_of_its_scale(width: int) -> None:
    vitals = signs(
        of_last_minutes(Metric.CPU, [3.0] * 60),
        of_last_minutes(Metric.NETWORK_IN, [999.4e6] * 59 + [0.9e6]),
        of_last_minutes(Metric.DISK_READ, [1000.0] * 59 + [999.8e3]),
        of_last_minutes(Metric.DISK_WRITE, [0.0] * 60),
    )
    charts = SignsCharts(vitals, NOW)
    with patch.object(SignsCharts, "size", Size(width, 4)):
        lines = charts.render().plain.splitlines()
    text = " ".join(" ".join(lines).split())
    assert "3/100 %" in text
    assert "1/999 Mbit/s" in text
    assert "1.0/1.0 MB/s" in text  # the last point is higher than any bar, and on the scale
    assert all(cell_width(line) <= width for line in lines)
    assert all(re.search(r"(%|points|/s)(  | *$)", line) for line in lines)
    assert len(lines) == (2 if width >= 60 else 4)


@pytest.mark.parametrize("width", [30, 46, 76, 120])
def test_the_details_say_every_chart_in_words_too(width: int) -> None:
    lines = sign_lines(
        signs(of_last_minutes(Metric.CPU, [3.0] * 59 + [99.0]), of_last_minutes(Metric.DISK_READ, [1e6] * 60)),
        NOW,
        13,
        width,
    )
    assert [line.plain.split()[0] for line in lines] == ["cpu", "disk"]
    assert all(line.cell_length <= width for line in lines)
    if width > 46:
        assert "3 to 99 %, now 99 %" in lines[0].plain
        assert "1.0 MB/s" in lines[1].plain
        assert len({line.plain.index("  ", 13) for line in lines}) == 1


def test_where_nothing_is_known_nothing_is_drawn() -> None:
    assert sign_lines(unavailable("Refused.", NOW), NOW, 13, 76) == []
    assert sign_lines(Vitals(LifeState.NO_AGENT, NOW), NOW, 13, 76) == []


def test_ascii_has_a_character_for_each_bar_and_for_the_gap() -> None:
    drawn = PlainAscii().apply([Segment(f"cpu {BARS}{GAP} 9 %")], Color(0, 0, 0))
    text = "".join(segment.text for segment in drawn)
    assert text.isascii()
    assert len(set(text[4:12])) == len(BARS) + 1
    assert " " not in text[4:12]


def test_in_ascii_the_ends_of_a_scrollbar_stay_blank() -> None:
    (drawn,) = PlainAscii().apply([Segment("▃", Style(meta={"@mouse.down": "grab"}))], Color(0, 0, 0))
    assert drawn.text == " "
