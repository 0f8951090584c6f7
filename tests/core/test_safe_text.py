"""What reaches a terminal only draws: nothing in it acts, hides or runs together with something else."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ncpconsole.core.safe_text import cell_width, is_altered, safe_block, safe_text

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
NASTY = st.text(
    st.sampled_from(
        "a가ᄀ\u1161\u11a8ㅣ \t\n\r\x00\x1b\x7f\x9b\xad\u0301\u0302\u20dd\u3164\u200b\u202e\u2066\ufe0f\u2028\U0001f3fb"
    )
    | st.characters(exclude_categories=())
)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("\x00\x1f\x7f\x80\x9f", "\\x00\\x1f\\x7f\\x80\\x9f"),
        ("a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd"),
        ("abc\u202egnp", "abc\\u202egnp"),
        ("\u2066a\u2069\u200e\u200f\u061c", "\\u2066a\\u2069\\u200e\\u200f\\u061c"),
        ("web\u200b01\u200d\ufeff\u00ad", "web\\u200b01\\u200d\\ufeff\\u00ad"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("a\u00a0b\u3000c\u2009d", "a\\u00a0b\\u3000c\\u2009d"),
        ("a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\x85d"),
        ("\ud800a\udfff", "\ufffda\ufffd"),
        ("\ue000\U000f0000", "\ufffd\ufffd"),
        ("\u0378\uffff", "\ufffd\ufffd"),
        ("filler\u3164\uffa0\u115f\u2800", "filler\\u3164\\uffa0\\u115f\\u2800"),
        ("a\u034fb\ufe0f", "a\\u034fb\\ufe0f"),
        ("e\u0301\u0302", "e\u0301\u0302"),
        ("e\u0301\u0302\u0303\u0304x", "e\u0301\u0302\\u0303\\u0304x"),
        ("\u0301x", "\\u0301x"),
        ("\x1b\u0301", "\\x1b\\u0301"),
        ("a\u1161", "a\\u1161"),
        ("\U0001f600\U0001f3fb", "\U0001f600\U0001f3fb"),
        ("\U0001f600" + "\U0001f3fb" * 3, "\U0001f600\U0001f3fb\U0001f3fb\\U0001f3fb"),
    ],
)
def test_what_acts_or_hides_is_spelled_out(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web-00012",
        "[prod]web[/]01 :skull: [@click=app.quit]",
        "결제-00031",
        unicodedata.normalize("NFD", "결제 서버 값"),
        "ㅋㅋㅇㅈ",
        "ｗｅｂ－１ 東京 カタカナ",
        "Größe café naïve Владивосток αβγ",
        "a  b ",
        "😀 → ● … “quoted”",
        "back\\slash \\x1b",
    ],
)
def test_what_only_draws_is_kept(text: str) -> None:
    assert safe_text(text) == text
    assert not is_altered(text)


def test_a_spelled_escape_and_the_real_character_are_told_apart_by_is_altered() -> None:
    assert safe_text("\\x1b") == safe_text("\x1b")
    assert not is_altered("\\x1b")
    assert is_altered("\x1b")


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("가나다라마바사", 6, "가나다라마…"),
        ("\x1b\x1b", 6, "\\x1b\\…"),
        ("ab", 1, "…"),
    ],
)
def test_long_text_is_cut_with_an_ellipsis(text: str, limit: int, shown: str) -> None:
    assert safe_text(text, limit) == shown


def test_a_text_that_is_shown_cut_is_altered() -> None:
    assert is_altered("x" * 257)
    assert not is_altered("x" * 256)


def test_a_block_keeps_its_lines_and_nothing_else() -> None:
    assert safe_block("one\r\ntwo\n\tthree\rfour\n\u0301") == "one\ntwo\n\\x09three\\x0dfour\n\\u0301"
    assert safe_block("ab\n" * 10, 7) == "ab\nab\n…"


@given(ANY_TEXT | NASTY)
@example("\\x1b\x1b")
@settings(max_examples=500)
def test_once_is_enough(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)
    assert safe_block(safe_block(text)) == safe_block(text)


@given(ANY_TEXT | NASTY, st.integers(1, 20))
def test_once_is_enough_also_when_cut(text: str, limit: int) -> None:
    once = safe_text(text, limit)
    assert len(once) <= limit
    assert safe_text(once, limit) == once
    block = safe_block(text, limit)
    assert len(block) <= limit
    assert safe_block(block, limit) == block


@given(ANY_TEXT | NASTY)
@settings(max_examples=500)
def test_nothing_that_acts_or_hides_comes_out(text: str) -> None:
    for shown in (safe_text(text), safe_block(text).replace("\n", "")):
        assert {unicodedata.category(char) for char in shown}.isdisjoint(FORBIDDEN)
        assert not [char for char in shown if unicodedata.category(char) == "Zs" and char != " "]
        shown.encode()  # no lone surrogate


@given(ANY_TEXT | NASTY)
@settings(max_examples=500)
def test_no_more_than_two_marks_pile_up(text: str) -> None:
    pile = 2  # a mark at the very start would be drawn onto what stands before the text
    for char in safe_text(text):
        pile = pile + 1 if cell_width(char) == 0 else 0
        assert pile <= 2


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=256))
def test_printable_ascii_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


def test_every_single_character_is_judged_the_same_alone_and_beside_an_unsafe_one() -> None:
    """The quick check for ordinary text and the careful path must agree on every character there is.

    Planes 4 to 13 hold no character yet; of the private planes the borders are enough.
    """
    for code in (*range(0x40000), *range(0xE0000, 0xE1000), *range(0xEFFF0, 0xF0010), sys.maxunicode):
        char = chr(code)
        assert safe_text("a" + char) == safe_text("a" + char + "\x00").removesuffix("\\x00"), hex(code)
