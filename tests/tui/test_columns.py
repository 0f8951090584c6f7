"""Columns drop in the declared order as the width shrinks, and never touch each other."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from ncpconsole.core.eligibility import RULE_SETS, verdict
from ncpconsole.core.safe_text import cell_width
from ncpconsole.core.view import SortKey
from ncpconsole.core.wording import STATUS_WORDS
from ncpconsole.language import shown, use
from ncpconsole.tui.screens.servers import PANEL_FROM, VAST
from ncpconsole.tui.widgets import columns
from ncpconsole.tui.widgets.columns import column_at, place
from ncpconsole.tui.widgets.row_painter import measured_texts
from ncpconsole.tui.widgets.row_state import RowState, held_until
from tests.core.records import server
from tests.tui.server_rows import inventory
from tests.tui.server_rows import server as server_of_list

NO_REGION = tuple(key for key in columns.DEFAULT_COLUMNS if key not in {columns.REGION, columns.LIFE})
"""The columns of an account with one region, and vital signs switched off."""


def keys(width: int, chosen: tuple[str, ...] = NO_REGION) -> list[str]:
    return [item.column.key for item in place(width, chosen)]


@pytest.mark.parametrize(
    ("width", "gone"),
    [
        (199, []),
        (119, []),
        (99, []),
        (79, ["public_ip", "uptime", "zone"]),
        (59, ["ip", "public_ip", "os", "hv", "uptime", "zone"]),
        (50, ["number", "ip", "public_ip", "os", "hv", "uptime", "zone"]),
        (20, ["number", "ip", "public_ip", "os", "hv", "uptime", "zone"]),
    ],
)
def test_what_is_dropped_at_a_width(width: int, gone: list[str]) -> None:
    assert keys(width) == [key for key in NO_REGION if key not in gone]


def test_columns_go_in_the_declared_order_and_never_come_back() -> None:
    gone: list[str] = []
    for width in range(220, 20, -1):
        shown = keys(width, columns.DEFAULT_COLUMNS)
        gone += [key for key in columns.DEFAULT_COLUMNS if key not in shown and key not in gone]
        assert not set(gone) & set(shown)
    assert tuple(gone) == columns.DROP_ORDER


@pytest.mark.parametrize("sorted_by", ["life", "ip", "zone", "number", "os"])
def test_at_sixty_columns_the_column_that_is_sorted_by_stays_and_the_status_goes_for_it(sorted_by: str) -> None:
    needs = (("number", 9), ("ip", 13), ("zone", 4), ("verdict", 20))
    shown = [item.column.key for item in place(59, columns.DEFAULT_COLUMNS, needs, sorted_by)]
    assert sorted_by in shown
    assert {"name", "number", "verdict"} <= set(shown)
    last = place(59, columns.DEFAULT_COLUMNS, needs, sorted_by)[-1]
    assert last.end <= 59


def test_at_a_hundred_columns_nothing_is_left_out_that_usual_texts_leave_room_for() -> None:
    needs = (("number", 9), ("ip", 10), ("public_ip", 11), ("zone", 4), ("status", 7), ("verdict", 20))
    assert [item.column.key for item in place(99, NO_REGION, needs)] == list(NO_REGION)


@pytest.mark.parametrize("width", range(49, 221))
def test_columns_fit_and_do_not_touch(width: int) -> None:
    placed = place(width)
    assert placed[0].start == columns.PREFIX
    assert placed[-1].end <= width
    for left, right in itertools.pairwise(placed):
        assert right.start > left.end
    for item in placed:
        assert item.width >= item.column.least


def test_a_name_gets_the_spare_width() -> None:
    width_of = {width: place(width, NO_REGION)[0].width for width in range(60, 221)}
    assert width_of[80] >= 13
    assert width_of[120] >= 20
    assert width_of[220] == 34


def test_a_column_is_as_wide_as_its_texts_need() -> None:
    (number,) = [item for item in place(80, NO_REGION, (("number", 12),)) if item.column.key == "number"]
    assert number.width == 12


def test_the_column_under_the_pointer() -> None:
    placed = place(80, NO_REGION)
    for item in placed:
        assert column_at(placed, item.start) is item.column
        assert column_at(placed, item.end - 1) is item.column
        assert column_at(placed, item.end) is item.column
    assert column_at(placed, 0) is placed[0].column
    assert column_at((), 5) is None


def test_every_column_is_an_order_of_rows() -> None:
    assert set(columns.COLUMNS) == set(SortKey)


def test_a_configured_column_that_does_not_exist_is_said() -> None:
    with pytest.raises(columns.UnknownColumn, match=r"“nmae”.* the columns are name, number, ip"):
        columns.checked(["name", "nmae"])
    assert columns.checked(["name", "ip"]) == ("name", "ip")
    assert columns.checked(()) is None


ORDINARY = {"number": 9, "ip": 13, "public_ip": 15, "zone": 4, "status": 7, "verdict": 22}
"""The cells that the texts of a usual account take."""


@pytest.mark.parametrize("needs", [{}, ORDINARY, ORDINARY | {"verdict": 40}], ids=["none", "ordinary", "long verdict"])
def test_a_wider_terminal_never_shows_fewer_columns(needs: dict[str, int]) -> None:
    """The details open beside the list only where they take no column away."""

    def shown(width: int) -> int:
        panel = 60 if width >= VAST else 46 if width >= PANEL_FROM else 0
        return len(place(width - panel - 1, columns.DEFAULT_COLUMNS, tuple(needs.items())))

    counts = [shown(width) for width in range(60, 260)]
    assert counts == sorted(counts)
    assert counts[-1] == len(columns.DEFAULT_COLUMNS)


def test_what_a_verdict_needs_is_there_before_what_does_not_decide() -> None:
    needs = (("number", 9), ("ip", 10), ("verdict", 20))
    placed = {item.column.key: item.width for item in place(79, NO_REGION, needs)}
    assert placed[columns.VERDICT] == 20
    assert columns.STARTED not in placed
    assert {columns.OS, columns.HYPERVISOR, columns.IP} <= placed.keys()
    assert placed[columns.NAME] >= 13


def test_a_verdict_that_has_shorter_words_takes_no_column_away() -> None:
    """A server that may be writing its dump says so in few cells: its system stays on show beside the others'."""
    now = datetime(2026, 10, 9, tzinfo=UTC)
    rows = inventory([server_of_list(66, "[prod]web-01"), server_of_list(8, "batch-00008")]).rows
    states = [RowState(), RowState(annotation=held_until(now + timedelta(minutes=29)).at(now))]
    needs = columns.Needs()
    needs.widen(text for row, state in zip(rows, states, strict=True) for text in measured_texts(row, state))
    placed = {item.column.key: item.width for item in place(79, columns.DEFAULT_COLUMNS, needs.cells)}
    assert {columns.OS, columns.LIFE, columns.IP, columns.NUMBER} <= placed.keys()
    assert placed[columns.VERDICT] >= len("! may dump: 29m")


def test_an_address_is_shown_whole_or_not_at_all() -> None:
    for width in range(40, 200):
        widths = {item.column.key: item.width for item in place(width, NO_REGION, (("ip", 19),))}
        assert widths.get(columns.IP, 19) == 19


def test_at_eighty_columns_what_decides_is_whole() -> None:
    """System and hypervisor are there, and the longest verdicts and marks fit."""
    placed = {item.column.key: item.width for item in place(79, NO_REGION)}
    assert placed[columns.OS] >= len("Win")
    assert placed[columns.HYPERVISOR] >= len("XEN")
    assert placed[columns.STATUS] >= len("stopped")
    assert placed[columns.VERDICT] >= len("● hypervisor unknown")


@pytest.mark.parametrize(("language", "address"), [("en", 10), ("en", 13), ("en", 15), ("ko", 10), ("ko", 13)])
def test_at_eighty_columns_no_reason_against_a_server_is_cut(language: str, address: int) -> None:
    """Beside vital signs and a long address, whatever its state, system and hypervisor are."""
    codes = itertools.product([*STATUS_WORDS, "ODD"], ["XEN", "KVM", "RHV", ""], ["WND64", "LNX64", ""])
    servers = [
        server(status=status, hypervisor=hypervisor, platform=platform) for status, hypervisor, platform in codes
    ]
    words = {verdict(one, rules).word for one in servers for rules in RULE_SETS.values()}
    use(language)
    cells = {shown(word): cell_width(f"○ {shown(word)}") for word in words}
    use("en")
    needs = {"number": 9, "ip": address, "status": 7, "verdict": max(cells.values())}
    placed = {item.column.key: item.width for item in place(79, columns.DEFAULT_COLUMNS, tuple(needs.items()))}
    assert columns.LIFE in placed
    assert not [word for word, width in cells.items() if width > placed[columns.VERDICT]]
