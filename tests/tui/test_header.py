"""The header: it fits every width, and what keeps an operator safe never gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from textual.color import Color

from ncpconsole.tui.themes import PlainAscii
from ncpconsole.tui.widgets.header import Header, HeaderState, header
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

STANDING = HeaderState(
    profile="prod",
    site="public",
    regions="KR",
    key_source="key from the OS keyring",
    key_source_short="keyring key",
    age=4,
    servers=128,
    eligible=41,
)
CROWDED = STANDING._replace(
    read_only=True, protected=True, require_reason=True, incident="INC-2025-0471", regions="KR,SGN,JPN"
)


def test_it_tells_account_age_and_counts_at_eighty() -> None:
    line = header(STANDING, 80).plain
    assert line.startswith(" prod · public · KR ")
    assert line.endswith(" updated 4 s ago · 128 servers · 41 eligible ")


def test_where_the_key_came_from_is_told_in_as_many_words_as_fit() -> None:
    assert "  key from the OS keyring  " in header(STANDING, 120).plain
    assert "  keyring key  " in header(STANDING, 80).plain


def test_the_site_outlives_the_counts() -> None:
    line = header(CROWDED, 80).plain
    assert "prod · public · KR" in line
    assert "eligible" not in line


@pytest.mark.parametrize("standing", [HeaderState(), STANDING, CROWDED, CROWDED._replace(profile="결제-운영-" * 6)])
@pytest.mark.parametrize("width", [60, 61, 72, 80, 99, 120, 200])
def test_it_is_exactly_as_wide_as_the_screen(standing: HeaderState, width: int) -> None:
    assert header(standing, width).cell_length == width


@pytest.mark.parametrize("width", [60, 80, 120])
def test_read_only_protected_reason_and_stale_never_give_way(width: int) -> None:
    line = header(CROWDED._replace(stale=True, age=200), width).plain
    for word in ("prod", "READ-ONLY", "PROTECTED", "REASON", "STALE, 3 min old"):
        assert word in line


def test_the_incident_is_told() -> None:
    assert "incident INC-2025-0471" in header(CROWDED, 140).plain
    assert "INC-2025-0471" in header(CROWDED, 80).plain


def test_pages_that_come_in_are_counted() -> None:
    reading = STANDING._replace(age=None, servers=None, reading=True, arrived=3000, expected=10240)
    assert header(reading, 80).plain.endswith("reading 3,000 of 10,240 ")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_kept_list_is_told_with_its_age(width: int) -> None:
    kept = STANDING._replace(age=None, kept_age=3 * 3600, stale=True, reading=True)
    assert "kept list, 3 h old" in header(kept, width).plain
    assert "updated" not in header(kept, width).plain


def test_names_are_never_markup() -> None:
    line = header(STANDING._replace(profile="[red]x[/]", incident="[@click=app.quit]y"), 120).plain
    assert "[red]x[/]" in line
    assert "[@click=app.quit]y" in line


def test_separators_are_ascii_where_that_is_asked_for() -> None:
    drawn = PlainAscii().apply([Segment(header(STANDING, 80).plain)], Color(0, 0, 0))
    assert "".join(segment.text for segment in drawn).isascii()


def test_whose_key_it_is_is_told_where_there_is_room() -> None:
    acting = STANDING._replace(acting_as="mina@team-alias")
    assert "  as mina@team-alias  " in header(acting, 120).plain
    at_eighty = header(acting, 80).plain
    assert "  as mina  " in at_eighty
    assert at_eighty.endswith(" 4 s ago · 128 servers · 41 eligible ")
    long = acting._replace(profile="production-of-seoul", acting_as="a-very-long-sub-account@team-alias")
    assert "as a-very" not in header(long, 80).plain
    assert "128 servers" in header(long, 80).plain
    assert "mina" not in header(CROWDED._replace(acting_as="mina@team-alias"), 80).plain


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["night", "day", "clear", "ansi-dark"])
async def test_a_protected_profile_is_told_at_a_glance(backend: Backend, theme: str) -> None:
    """By the ground of the whole line and of the dialog's head, and by the word, for who sees no colour."""
    grounds: dict[bool, set[object]] = {}
    frames: dict[bool, object] = {}
    for protected in (False, True):
        accounts = Accounts(backend, policies={"prod": {"protected": protected}})
        async with open_console(accounts, theme=theme) as console:
            line = console.app.screen.query_one(Header)
            grounds[protected] = {
                (segment.style.bgcolor, segment.style.reverse) for segment in line.render_line(0) if segment.style
            }
            assert ("PROTECTED" in console.text.splitlines()[0]) == protected
            dialog = await console.open_dialog(backend.row().key)
            frames[protected] = dialog.query_one(".box").styles.border_top
            assert ("PROTECTED" in console.text.splitlines()[1]) == protected
    assert not grounds[False] & grounds[True]
    assert frames[False] != frames[True]
