"""Names that a tired reader could confuse share a key; names that differ plainly do not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core.names import confusable_key, same_name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web-01", "WEB-01"),
        ("web-O1", "web-01"),
        ("web-l", "web-1"),
        ("web-I", "web-l"),
        ("web|1", "webl1"),
        ("web-01", "web_01"),
        ("web-01", "web–01"),
        ("web-01", "web−01"),
        ("web-01", "wеb-01"),  # Cyrillic е
        ("PROD", "РRОD"),  # Cyrillic Р and О
        ("KAFKA", "ΚΑFΚΑ"),  # Greek
        ("NODE", "ΝODΕ"),
        ("HOST", "НОЅТ"),
        ("web-01", "ｗｅｂ－０１"),
        ("web-01", "𝐰𝐞𝐛-𝟎𝟏"),
        ("cafe", "café"),
        ("cafe", "cafe\u0301"),
        ("web 01", "web  01 "),
        ("web 01", "web\u00a001"),
        ("web01", "web\u200b01"),
        ("web01", "web\x1b01"),
        ("web01", "web\u316401"),
        ("web\x1b01", "web\\x1b01"),
        ("web\u202e01", "web\\u202e01"),
        ("결제", unicodedata.normalize("NFD", "결제")),
        ("서버l", "서버ㅣ"),
        ("서버-1", "서버ㅡ1"),
        ("modern-1", "modem-1"),
        ("vveb-1", "web-1"),
        ("clb-1", "db-1"),
        ("c1b-1", "db-1"),
        ("CORNER", "comer"),
        ("web- 1", "web-1"),
        ("web 1", "web1"),
        ("web.1", "web·1"),
        ("web.1", "web•1"),
        ("web.1", "webㆍ1"),
        ("a:b", "a∶b"),
        ("a/b", "a∕b"),
        ("it's", "it’s"),
        ("a,b", "a‚b"),
    ],
)
def test_confusable(one: str, other: str) -> None:
    assert confusable_key(one) == confusable_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web-1", "web-2"),
        ("web-01", "web-10"),
        ("web-1", "web-11"),
        ("web-1", "was-1"),
        ("web1", "web-1"),
        ("web 1", "web-1"),
        ("결제-1", "경제-1"),
        ("결제", "결재"),
        ("가", "개"),
        ("a", ""),
    ],
)
def test_not_confusable(one: str, other: str) -> None:
    assert confusable_key(one) != confusable_key(other)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_different_numbers_stay_different(one: int, other: int) -> None:
    assert (confusable_key(f"web-{one}") == confusable_key(f"web-{other}")) == (one == other)


@given(st.text(st.characters(exclude_categories=())))
def test_equal_texts_in_another_normal_form_are_confusable_and_nothing_raises(text: str) -> None:
    assert confusable_key(unicodedata.normalize("NFD", text)) == confusable_key(unicodedata.normalize("NFC", text))


@given(st.text())
def test_a_name_is_the_same_however_it_is_stored(name: str) -> None:
    stored = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    assert {same_name_key(one) for one in stored} == {same_name_key(name)}
    assert same_name_key(name.casefold()) == same_name_key(name)


@pytest.mark.parametrize(("one", "other"), [("web-1", "web-l"), ("cafe", "café"), ("a b", "a  b"), ("a", "а")])
def test_names_that_only_look_alike_are_not_the_same(one: str, other: str) -> None:
    assert same_name_key(one) != same_name_key(other)
