"""Columns are aligned in terminal cells, as the screen library counts them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from textual.content import Content

from ncpconsole.core.safe_text import cell_width, fit, safe_text


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("web-1", 5),
        ("결제-1", 6),
        ("\u1100\u1161\u11a8", 2),
        ("e\u0301", 1),
        ("ｗ東カ", 6),
        ("●…", 2),
        ("😀", 2),
        ("👍\U0001f3fb", 2),
        ("\u1100\u1167\u11af\u110c\u1166-1", 6),
        ("☰", 2),
        (safe_text("a\u200b"), 7),
        (safe_text("👩\u200d🔧"), 10),
        (safe_text("❤\ufe0f"), 7),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert cell_width(text) == cells
    assert Content(text).cell_length == cells


NEWER_THAN_9 = "🧑🧑-ops"


@pytest.mark.parametrize(("version", "cells"), [("9.0.0", 6), ("latest", 8)])
def test_the_version_of_the_terminal_s_table_is_the_one_that_the_screen_draws_with(version: str, cells: int) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            f"""
from textual.content import Content
from ncpconsole.core.safe_text import cell_width
print(cell_width({NEWER_THAN_9!r}), Content({NEWER_THAN_9!r}).cell_length)""",
        ],
        env=os.environ | {"UNICODE_VERSION": version, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [str(cells)] * 2


@pytest.mark.slow
def test_every_character_is_as_wide_as_the_screen_paints_it() -> None:
    differing = [
        hex(code)
        for code in (*range(0x20, 0x40000), *range(0xE0000, 0xE1000))
        if safe_text("a" + chr(code)) == "a" + chr(code) and cell_width(chr(code)) != get_character_cell_size(chr(code))
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("web", 5, "web  "),
        ("web", 3, "web"),
        ("web-1", 3, "we…"),
        ("결제", 4, "결제"),
        ("결제", 3, "결…"),
        ("결제서버", 4, "결… "),
        ("a결제", 3, "a… "),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("web", 1, "…"),
        ("결", 1, "…"),
        ("", 2, "  "),
        ("web", 0, ""),
        ("web", -1, ""),
    ],
)
def test_fit(text: str, cells: int, shown: str) -> None:
    assert fit(text, cells) == shown


@given(st.text(max_size=30).map(safe_text), st.integers(0, 40))
def test_fit_takes_exactly_the_cells_asked_for(text: str, cells: int) -> None:
    assert cell_width(fit(text, cells)) == cells
