"""What is pasted is not pressed, and what is no text ends nothing."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from ncpconsole.tui.textual_fixes.terminal_driver import PASTE_BEGINS, PASTE_ENDS, PasteFilter
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def in_pieces(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(ends)]


@given(st.text(), st.lists(st.integers(0, 500)))
def test_what_is_typed_passes_at_once_and_unchanged(typed: str, cuts: list[int]) -> None:
    fit = PasteFilter()
    typed = typed.replace(PASTE_BEGINS, "")
    for piece in in_pieces(typed, cuts):
        assert fit(piece) == piece


@given(
    st.lists(st.sampled_from(["\x1b", "[", "20", "1~", "a", "[201", "\n"])).map("".join), st.lists(st.integers(0, 500))
)
def test_what_is_pasted_loses_every_escape_and_nothing_else(pasted: str, cuts: list[int]) -> None:
    fit = PasteFilter()
    pasted = pasted.replace(PASTE_ENDS, "")
    whole = f"x{PASTE_BEGINS}{pasted}{PASTE_ENDS}\x1b[A"
    passed = "".join(map(fit, in_pieces(whole, cuts)))
    assert passed == f"x{PASTE_BEGINS}{pasted.replace(chr(27), '')}{PASTE_ENDS}\x1b[A"


def test_the_parser_reads_one_paste_and_no_key() -> None:
    fit, parser = PasteFilter(), XTermParser()
    read = list(parser.feed(fit(f"{PASTE_BEGINS}one\x1b[2J!\x1bq\x1b{PASTE_ENDS}")))
    read += parser.feed("j")
    assert [type(event) for event in read] == [events.Paste, events.Key]
    assert isinstance(read[0], events.Paste)
    assert read[0].text == "one[2J!q"


@pytest.mark.parametrize("stray", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\x9b31m", b"\x1b[200~\xb0\xe1\x1b[201~"])
def test_bytes_that_are_no_text_do_not_end_the_console(tmp_path: Path, stray: bytes) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.child.send(stray)
        console.press("?")
        console.shows("send one, after typing")
        console.press("q")
        console.hides("send one, after typing")
        console.press("q")
        assert console.ended() == 0


def test_a_paste_presses_no_key(tmp_path: Path) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.paste("\x1bXq\x1bq")
        console.press("?")
        console.shows("send one, after typing")
        console.press("q")
        console.hides("send one, after typing")
        console.press("q")
        assert console.ended() == 0
