"""Texts are cut and padded by terminal cells, and never through a wide character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ncpconsole.core.safe_text import fit, safe_text
from ncpconsole.tui.themes import MARKS, STAND_INS
from ncpconsole.tui.widgets.row_painter import fit_middle


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("web", 5, "web  "),
        ("web-01", 6, "web-01"),
        ("web-01", 5, "web-…"),
        ("결제서버", 8, "결제서버"),
        ("결제서버", 7, "결제서…"),
        ("결제서버", 6, "결제… "),
        ("결제", 1, "…"),
        ("", 3, "   "),
        ("web", 0, ""),
    ],
)
def test_fit(text: str, cells: int, fitted: str) -> None:
    assert fit(text, cells) == fitted


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("web-production-00012", 13, "web-pr…-00012"),
        ("결제서버운영계", 11, "결제서…영계"),
        ("short", 13, "short        "),
        ("longer than that", 6, "longe…"),
    ],
)
def test_fit_middle_keeps_both_ends(text: str, cells: int, fitted: str) -> None:
    assert fit_middle(text, cells).rstrip() == fitted.rstrip()


@given(st.text(max_size=60).map(safe_text), st.integers(1, 40))
def test_the_width_is_exact(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == cells
    assert cell_len(fit_middle(text, cells)) == cells


def test_marks_are_one_cell_and_ascii_where_promised() -> None:
    for mark, stand_in in MARKS.items():
        assert cell_len(mark) == cell_len(stand_in) == 1
        assert stand_in.isascii()
        assert mark.translate(STAND_INS) == stand_in
