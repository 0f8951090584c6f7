"""The filter grammar: what each term finds, what is merely unfinished, what is refused and how."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.errors import InvalidFilter
from ncpconsole.core.filters import KEYS, NO_FILTER, STATES, SYNTAX_HELP, Signs, parse
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.view import SortKey, View, in_order
from ncpconsole.core.vitals import LifeState, Vitals, unavailable
from tests.core.records import NOON, intent, interface, server

SERVERS = [
    server("30000001", "web-1", public_ip="211.10.0.1"),
    server("30000002", "Web-10", zone="KR-2", operation="SHTDN"),
    server("30000003", "결제-서버", vpc="175"),
    server("30000004", unicodedata.normalize("NFD", "결제-백업"), status="NSTOP"),
    server("30000005", "sql 01", hypervisor="KVM", region="KRS", zone="KRS-1"),
    server("30000006", "linux-web", platform="LNX64"),
    server("30000007", "STRASSE-ß:1"),
    server("30000008", 'it\'s "x"', hypervisor=""),
    server("30000009", "hidden\u200bname"),
]
INTERFACES = [
    interface("30000001", "10.0.0.1"),
    interface("30000001", "192.168.0.1", default=False),
    interface("30000002", "10.0.0.13"),
    interface("30000003", "10.0.1.13"),
    interface("30000005", "not-an-address"),
]
INVENTORY = Inventory.build(
    SERVERS, INTERFACES, RULE_SETS["xen-windows"], now=NOON, cooldown=1800, intents=[intent("30000003")]
)
ALL = "123456789"


def found(text: str, **options: object) -> str:
    """The last digits of the numbers of the servers that a filter finds."""
    rows = in_order(parse(text).apply(INVENTORY.rows, **options), SortKey.NUMBER)  # type: ignore[arg-type]  # passed on
    return "".join(row.number[-1] for row in rows)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ALL),
        ("   ", ALL),
        ("web", "126"),
        ("WEB", "126"),
        ("web 10", "12"),
        ("10 web", "12"),
        ("30000004", "4"),
        ("0000", ALL),
        ("10.0.0.1", "12"),
        ("211.10", "1"),
        ("192.168", "1"),
        ("kr-2", "2"),
        ("결제", "34"),
        (unicodedata.normalize("NFD", "결제"), "34"),
        ("백업", "4"),
        ("strasse-ss", "7"),
        ('"ẞ:1"', "7"),
        ("1 10", "123"),
        ("nothing-like-it", ""),
        ("hidden\u200bname", "9"),
        ("hidden\\u200b", "9"),
    ],
)
def test_plain_terms_search_name_number_addresses_and_zone(text: str, numbers: str) -> None:
    assert found(text) == numbers


def test_a_plain_term_never_runs_across_two_fields() -> None:
    assert found('"web-1 30000001"') == found("web-130000001") == ""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name:web", "126"),
        ("name:30000001", ""),
        ("NAME:Web", "126"),
        ("name:=web-1", "1"),
        ("name:=WEB-10", "2"),
        ("name:=web", ""),
        ("name:결제", "34"),
        ("no:30000004", "4"),
        ("no:4", "4"),
        ("no:=3", ""),
        ("no:=30000003", "3"),
        ("ip:10.0.0.1", "12"),
        ("ip:=10.0.0.1", "1"),
        ("ip:=192.168.0.1", "1"),
        ("ip:211.10", "1"),
        ("ip:10.0.0.0/24", "12"),
        ("ip:10.0.0.77/16", "123"),
        ("ip:211.0.0.0/8", "1"),
        ("ip:10.0.0.1/32", "1"),
        ("ip:10.0.0.8/29", "2"),
        ("ip:10.0.0.0/23", "123"),
        ("ip:8.0.0.0/5", "123"),
        ("ip:0.0.0.0/0", "123"),
        ("ip:not", "5"),
        ("region:kr", ALL),
        ("region:=KR", "12346789"),
        ("region:krs", "5"),
        ("zone:kr-2", "2"),
        ("zone:=krs-1", "5"),
        ("status:run", "12356789"),
        ("status:running", "1356789"),
        ("status:stopped", "4"),
        ("status:shutting", "2"),
        ("status:=nstop", "4"),
        ("status:=running", "1356789"),
        ('status:="run shutting down"', "2"),
        ("hv:kvm", "5"),
        ("hv:unknown", "8"),
        ("os:linux", "6"),
        ("os:=windows", "12345789"),
        ("vpc:75", ALL),
        ("vpc:=75", "12456789"),
        ("verdict:busy", "2"),
        ("verdict:linux", "6"),
        ("verdict:eligible", "12379"),
        ("verdict:caution", "239"),
        ("verdict:=caution", "239"),
        ("verdict:blocked", "4568"),
        ("verdict:accepted", "3"),
        ("verdict:=stopped", "4"),
    ],
)
def test_a_key_searches_one_field(text: str, numbers: str) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("is:eligible", "12379"),
        ("is:blocked", "4568"),
        ("is:marked", "15"),
        ("is:recent", "3"),
        ("IS:Eligible", "12379"),
        ("is:e", "12379"),
        ("is:b", "4568"),
        ("!is:marked", "2346789"),
        ("is:eligible is:marked", "1"),
        ("is:eligible !is:recent web", "12"),
    ],
)
def test_states(text: str, numbers: str) -> None:
    assert found(text, marked={"30000001", "30000005"}) == numbers


def test_recent_may_be_told_from_outside_as_well() -> None:
    assert found("is:recent", recent={"30000001"}) == "13"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("!web", "345789"),
        ("!결제", "1256789"),
        ("!os:linux", "12345789"),
        ("web !os:linux", "12"),
        ('!"sql 01"', "12346789"),
        ("!name:=web-1", "23456789"),
        ("!ip:10.0.0.0/8", "456789"),
        ("!web !결제", "5789"),
    ],
)
def test_negation(text: str, numbers: str) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('"sql 01"', "5"),
        ("'sql 01'", "5"),
        ('"sql 01', "5"),
        ("'sql 0", "5"),
        ('name:"sql 01"', "5"),
        ("name:'sql 01", "5"),
        ('name:="sql 01"', "5"),
        ('"web" "1"', "126"),
        ('"ß:1"', "7"),
        ('name:"ß:1"', "7"),
        ("it's", "8"),
        ("'\"x\"'", "8"),
        ('""', ALL),
    ],
)
def test_quotes(text: str, numbers: str) -> None:
    assert found(text) == numbers


def life(state: LifeState, minutes: float) -> Vitals:
    return Vitals(state, NOON, NOON - timedelta(minutes=minutes))


SIGNS = Signs(
    {
        "30000001": life(LifeState.SILENT, 4),
        "30000002": life(LifeState.SILENT, 6),
        "30000003": life(LifeState.SILENT, 600),
        "30000004": life(LifeState.ALIVE, 1),
        "30000005": Vitals(LifeState.NO_AGENT, NOON),
        "30000006": unavailable("No.", NOON),
    },
    NOON,
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("is:silent", "123"),
        ("is:s", "123"),
        ("is:alive", "4"),
        ("!is:silent", "456789"),
        ("silent:>5m", "23"),
        ("silent:5m", "23"),
        ("silent:5", "23"),
        ("silent:<5m", "1"),
        ("silent:>9h", "3"),
        ("silent:>300s <", ""),
        ("silent:>1d", ""),
        ("silent:", ALL),
        ("silent:>", ALL),
        ("!silent:>5m is:silent", "1"),
    ],
)
def test_vital_signs(text: str, numbers: str) -> None:
    assert found(text, signs=SIGNS) == numbers


@pytest.mark.parametrize("text", ["silent:long", "silent:>5x", "silent:>>5", "silent:5mm"])
def test_what_is_no_silence(text: str) -> None:
    with pytest.raises(InvalidFilter, match="is no time; write silent:>5m"):
        parse(text)


def test_the_longest_silence_first() -> None:
    rows = in_order(INVENTORY.rows, SortKey.SILENCE, signs=SIGNS)
    assert "".join(row.number[-1] for row in rows[:5]) == "32145"
    view = View(INVENTORY)
    view.sort = SortKey.SILENCE
    before = view.rows
    view.signs = SIGNS
    assert [row.number for row in view.rows] == [row.number for row in rows]
    assert view.rows is not before


def test_signs_that_decide_nothing_leave_the_rows_alone() -> None:
    view = View(INVENTORY)
    before = view.rows
    view.signs = SIGNS
    assert view.rows is before
    view.filter = parse("is:silent")
    assert len(view.rows) == 3


@pytest.mark.parametrize("key", [*KEYS, "is"])
def test_a_key_without_a_value_yet_is_no_error(key: str) -> None:
    for text in (f"{key}:", f"!{key}:", f"{key}:=", f'{key}:"', f"web {key}:"):
        assert found(text) == found("web" if text.startswith("web") else "")


@pytest.mark.parametrize("text", ["!", "! ", '"', "'", '!"', "ip:10.0.0.0/", "10.0.0.1:80", "fe80::1", ":", "::", "=x"])
def test_what_is_unfinished_or_only_looks_like_a_key_is_no_error(text: str) -> None:
    parse(text)


def test_an_address_with_a_port_is_searched_as_text() -> None:
    assert found("10.0.0.1:80") == ""
    assert found("ip:10.0.0.0/") == ""
    assert found("ip:10.0.0/") == found("ip:10.0.0")


def test_every_prefix_of_a_good_filter_can_be_typed() -> None:
    whole = "web !os:linux name:'a b' is:eligible ip:10.0.0.0/24 !\"x y\" status:=run"
    for end in range(len(whole)):
        if not whole[:end].endswith("ip:10.0.0.0/"):
            parse(whole[:end])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("foo:1", "There is no filter key “foo”; known are name, no, ip,"),
        ("foo:", "There is no filter key “foo”"),
        ("web !foo:1", "There is no filter key “foo”"),
        ("이름:web", "There is no filter key “이름”"),
        (
            "is:x",
            "A server cannot be “x”; known are is:eligible, is:blocked, is:marked, is:recent, is:silent, is:alive.",
        ),
        ("is:\x1b", "A server cannot be “\\x1b”"),
        ("ip:10.0.0.0/33", "“10.0.0.0/33” is not a network; write it like 10.0.0.0/24."),
        ("ip:x/1", "is not a network"),
    ],
)
def test_what_can_only_be_a_mistake_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        parse(text)
    assert sentence in str(caught.value)


def test_a_mistaken_key_is_told_how_to_be_text() -> None:
    with pytest.raises(InvalidFilter, match='quote it: "http:'):
        parse("http://x")
    assert parse('"http://x"').terms


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_a_filter_or_refused_in_words(text: str) -> None:
    sentence = ""
    try:
        parse(text).apply(INVENTORY.rows)
    except InvalidFilter as error:
        sentence = str(error)
    assert sentence.isprintable()


@given(st.lists(st.sampled_from(["web", "!web", "name:결제", "!is:b", "ip:10.0.0.0/24", "status:run"])))
def test_terms_narrow_whatever_their_order(terms: list[str]) -> None:
    for row in INVENTORY.rows:
        each = [bool(parse(term).apply([row])) for term in terms]
        assert bool(parse(" ".join(terms)).apply([row])) is all(each)
        assert bool(parse("  ".join(reversed(terms))).apply([row])) is all(each)


def test_equal_terms_are_equal_filters() -> None:
    assert parse(" web   is:e ") == parse("WEB is:eligible")
    assert parse("") == parse("name:") == NO_FILTER


def test_eligible_only_narrows_as_well() -> None:
    view = View(INVENTORY)
    view.filter, view.eligible_only = parse("web"), True
    assert [row.number[-1] for row in view.rows] == ["1", "2"]


def test_every_line_of_the_help_is_a_filter_and_every_key_is_in_it() -> None:
    shown = " ".join(term + " " + meaning for term, meaning in SYNTAX_HELP)
    for term, _ in SYNTAX_HELP:
        assert parse(term).terms
    assert [key for key in KEYS if f"{key}:" not in shown] == []
    assert [state for state in STATES if f"is:{state}" not in shown] == []
