"""Orders, and a view that sorts and filters only when it must."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core import view as view_module
from ncpconsole.core.cautions import not_looked_for
from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.filters import parse
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.listing import AccountSnapshot, RegionSnapshot
from ncpconsole.core.names import natural_key
from ncpconsole.core.view import SORT_KEYS, NothingFound, SortKey, View, in_order
from ncpconsole.ncp.models import NetworkInterface
from tests.core.records import NOON, interface, server

if TYPE_CHECKING:
    from ncpconsole.ncp.models import NetworkInterface, Server


def inventory(
    servers: list[Server], interfaces: list[NetworkInterface] | None = None, previous: Inventory | None = None
) -> Inventory:
    return Inventory.build(
        servers, interfaces or [], RULE_SETS["xen-windows"], now=NOON, cooldown=1800, previous=previous
    )


@pytest.mark.parametrize(
    "names",
    [
        ["web-1", "web-2", "web-10", "web-10a", "web-11", "web-100"],
        ["1", "2", "10", "a", "a1", "a2", "b"],
        ["web", "web-1", "web-1-1", "web-1-2", "web-2"],
        ["결제-1", "결제-2", "결제-10", "서버-1"],
        ["a9", "a10", "a99999999999999999999", "a100000000000000000000"],
        ["가-1", "나-1", "하-1"],
        ["v1.2.9", "v1.10.1", "v2.0.0"],
    ],
)
def test_natural_order(names: list[str]) -> None:
    shuffled = random.Random(1).sample(names, len(names))
    assert sorted(shuffled, key=natural_key) == names


def test_case_and_leading_zeros_do_not_part_names() -> None:
    assert natural_key("Web-01") == natural_key("web-1")
    assert natural_key("web-0") < natural_key("web-1")


@given(st.integers(0, 10**120), st.integers(0, 10**120))
def test_numbers_count_as_numbers_however_long(one: int, other: int) -> None:
    if min(len(str(one)), len(str(other))) < 90:
        assert (natural_key(f"x{one}") < natural_key(f"x{other}")) == (one < other)


MIXED = [
    server("5", "web-10", zone="KR-2", status="NSTOP"),
    server("40", "web-2", zone="KR-1", platform="LNX64"),
    server("300", "Web-1", zone="KR-2", operation="SHTDN"),
    server("12", "web-1", zone="KR-1", hypervisor="KVM"),
    server("7", "sql", zone="KR-1"),
]
NICS = [
    interface("5", "10.0.0.9"),
    interface("40", "10.0.0.10"),
    interface("300", "9.0.0.1"),
    interface("12", "strange"),
]


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        (SortKey.NAME, ["7", "12", "300", "40", "5"]),
        (SortKey.NUMBER, ["5", "7", "12", "40", "300"]),
        (SortKey.IP, ["300", "5", "40", "12", "7"]),
        (SortKey.ZONE, ["7", "12", "40", "300", "5"]),
        (SortKey.STATUS, ["5", "7", "12", "40", "300"]),
        (SortKey.OS, ["40", "7", "12", "300", "5"]),
        (SortKey.HV, ["12", "7", "300", "40", "5"]),
        (SortKey.VERDICT, ["7", "300", "40", "12", "5"]),
    ],
)
def test_each_order_with_names_breaking_ties(sort: SortKey, numbers: list[str]) -> None:
    rows = inventory(MIXED, NICS).rows
    for shuffled in (rows, rows[::-1]):
        assert [row.number for row in in_order(shuffled, sort)] == numbers
    assert sort in SORT_KEYS


def test_descending_turns_the_order_but_not_the_ties() -> None:
    rows = inventory(MIXED, NICS).rows
    assert [row.number for row in in_order(rows, SortKey.OS, descending=True)] == ["7", "12", "300", "5", "40"]
    assert [row.number for row in in_order(rows, descending=True)] == ["5", "40", "300", "12", "7"]


def numbers(view: View) -> list[str]:
    return [row.number for row in view.rows]


def test_a_view_shows_the_rows_that_pass_in_order() -> None:
    stock = inventory(MIXED, NICS)
    view = View(stock)
    for sort in SORT_KEYS:
        for descending in (False, True):
            for text in ("", "web", "is:eligible", "is:marked", "is:recent"):
                for eligible_only in (False, True):
                    view.sort, view.descending, view.eligible_only = sort, descending, eligible_only
                    view.filter, view.marked, view.recent = parse(text), frozenset({"5"}), frozenset({"7"})
                    rows = [row for row in stock.rows if row.verdict.eligible or not eligible_only]
                    passing = parse(text).apply(rows, marked={"5"}, recent={"7"})
                    assert list(view.rows) == in_order(passing, sort, descending=descending)


ALIKE = [
    server("30000006", "web-1"),
    server("30000067", "web-10", public_ip="211.0.0.6"),
    server("300000678", "a-web-1"),
    server("30000069", "sql", status="NSTOP", public_ip="10.0.0.69"),
]
ALIKE_NICS = [
    interface("30000006", "10.0.0.67"),
    interface("30000067", "10.0.0.60"),
    interface("300000678", "10.0.0.6"),
    interface("30000069", "10.0.0.7"),
    interface("30000069", "10.0.0.8", default=False),
]


@pytest.mark.parametrize(
    ("text", "shown", "exact", "words"),
    [
        ("10.0.0.6", ["300000678", "30000069", "30000006", "30000067"], 1, "1 exact, 3 more contain it"),
        ("ip:10.0.0.6", ["300000678", "30000069", "30000006", "30000067"], 1, "1 exact, 3 more contain it"),
        ("211.0.0.6", ["30000067"], 1, ""),
        ("10.0.0.8", ["30000069"], 1, ""),
        ("0.0.0.6", ["300000678", "30000069", "30000006", "30000067"], 0, "0 exact, 4 more contain it"),
        ("30000067", ["30000067", "300000678"], 1, "1 exact, 1 more contains it"),
        ("no:30000067", ["30000067", "300000678"], 1, "1 exact, 1 more contains it"),
        ("WEB-1", ["30000006", "300000678", "30000067"], 1, "1 exact, 2 more contain it"),
        ("web-1 10.0.0.67", ["30000006"], 1, ""),
        ("web-1 10.0.0.6", ["300000678", "30000006", "30000067"], 0, "0 exact, 3 more contain it"),
        ("10.0.0.", ["300000678", "30000069", "30000006", "30000067"], 0, ""),
        ("3000", ["300000678", "30000069", "30000006", "30000067"], 0, ""),
        ("!10.0.0.6", [], 0, ""),
        ("zone:10.0.0.6", [], 0, ""),
    ],
)
def test_what_is_typed_whole_comes_first(text: str, shown: list[str], exact: int, words: str) -> None:
    view = View(inventory(ALIKE, ALIKE_NICS))
    view.filter = parse(text)
    assert sorted(numbers(view)) == sorted(shown)
    assert numbers(view)[:exact] == shown[:exact]
    assert (view.exact, view.match_words) == (exact, words)


@pytest.mark.parametrize("text", ["30000067", "no:30000067"])
def test_a_number_of_two_regions_typed_whole_comes_before_those_that_contain_it(text: str) -> None:
    twice = [server("30000067", "sql-1"), server("30000067", "sql-2", region="SGN"), server("300000678", "a-web-1")]
    view = View(inventory(twice))
    view.filter = parse(text)
    assert (view.looked_for, view.exact, view.match_words) == (("30000067",), 2, "2 exact, 1 more contains it")
    assert numbers(view) == ["30000067", "30000067", "300000678"]


def test_a_view_tells_what_was_looked_for_also_when_only_others_are_shown() -> None:
    view = View(inventory(ALIKE, ALIKE_NICS))
    view.eligible_only = True
    for text, looked_for in [
        ("10.0.0.7 web", ("10.0.0.7",)),
        ("sql", ("sql",)),
        ("SQL 10.0.0.9", ("sql", "10.0.0.9")),
        ("web", ()),
        ("!sql", ()),
        ("3000006", ()),
        ("no:30000069", ("30000069",)),
        ("", ()),
    ]:
        view.filter = parse(text)
        assert view.looked_for == looked_for, text


def test_equal_rows_come_first_in_every_order() -> None:
    view = View(inventory(ALIKE, ALIKE_NICS))
    view.filter = parse("10.0.0.6")
    for sort in SORT_KEYS:
        for view.descending in (False, True):
            view.sort = sort
            assert numbers(view)[0] == "300000678"


def test_sort_by_turns_round_the_second_time() -> None:
    view = View(inventory(MIXED))
    view.sort_by(SortKey.NUMBER)
    assert numbers(view) == ["5", "7", "12", "40", "300"]
    view.sort_by(SortKey.NUMBER)
    assert numbers(view) == ["300", "40", "12", "7", "5"]
    view.sort_by(SortKey.NAME)
    assert not view.descending


def test_marks_and_recent_servers_are_shown_as_they_change() -> None:
    view = View(inventory(MIXED))
    view.filter = parse("is:marked")
    assert numbers(view) == []
    view.marked = frozenset({"5"})
    assert numbers(view) == ["5"]
    view.filter = parse("is:recent")
    assert numbers(view) == []
    view.recent = frozenset({"7"})
    assert numbers(view) == ["7"]


def test_an_empty_view() -> None:
    assert list(View().rows) == []


def test_nothing_is_sorted_or_scanned_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sorts: list[SortKey] = []

    def counted(*args: object, **options: object) -> object:
        sorts.append(view.sort)
        return in_order(*args, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(view_module, "in_order", counted)
    view = View(inventory(MIXED, NICS))
    first = view.rows
    assert view.rows is first
    view.filter = parse("w")
    narrowed = view.rows
    view.filter = parse(" W ")
    assert view.rows is narrowed
    view.filter = parse("we")
    assert numbers(view) == ["12", "300", "40", "5"]
    assert sorts == [SortKey.NAME]
    view.sort = SortKey.IP
    assert numbers(view) == ["300", "5", "40", "12"]
    assert sorts == [SortKey.NAME, SortKey.IP]


def test_a_refresh_that_found_nothing_new_shows_the_very_same_list() -> None:
    before = inventory(MIXED, NICS)
    view = View(before)
    view.filter = parse("web")
    shown = view.rows
    view.inventory = inventory(list(MIXED), NICS, previous=before)
    assert view.inventory is not before
    assert view.rows is shown
    view.inventory = inventory([*MIXED, server("9", "web-9")], NICS, previous=before)
    assert "9" in numbers(view)
    view.inventory = inventory([*MIXED[:4], server("9", "web-9")], NICS, previous=before)
    assert "9" in numbers(view)
    view.inventory = before
    assert "9" not in numbers(view)


def test_a_secondary_address_typed_whole_is_as_good_as_any_other() -> None:
    nics = [
        NetworkInterface("n1", "10.0.1.60", "eth0", True, "30000006", "", ("10.0.9.6",)),
        NetworkInterface("n2", "10.0.1.61", "eth0", True, "30000067", "", ("10.0.9.60",)),
    ]
    view = View(inventory(ALIKE, nics))
    view.filter = parse("10.0.9.6")
    assert (numbers(view)[0], view.exact, view.match_words) == ("30000006", 1, "1 exact, 1 more contains it")
    (own, other) = (row.server for row in view.rows)
    snapshot = AccountSnapshot((RegionSnapshot("KR", servers=(own, other), interfaces=tuple(nics)),))
    assert not not_looked_for(own, snapshot.surroundings(own, looked_for=view.looked_for))
    assert not_looked_for(other, snapshot.surroundings(other, looked_for=view.looked_for))


def test_why_nothing_passes_names_the_terms_that_match_alone_fewest_first() -> None:
    view = View(inventory(MIXED, NICS))
    view.filter = parse("nosuch 300 is:blocked")
    assert not view.rows
    nothing = view.why_nothing()
    assert nothing.word == "300"
    assert nothing.reasons[0].startswith("“300” alone matches 1")
    view.filter = parse("nosuch")
    assert view.why_nothing() == NothingFound(())
