"""What the server table draws: literally, aligned, in every theme, and no more often than needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, overload
from unicodedata import normalize

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.content import Content

from ncpconsole.core.cautions import ServerContext
from ncpconsole.core.eligibility import RULE_SETS, verdict
from ncpconsole.core.inventory import Row
from ncpconsole.core.safe_text import cell_width
from ncpconsole.ncp.models import Code
from ncpconsole.tui.themes import PlainAscii
from ncpconsole.tui.widgets.columns import COLUMNS, VERDICT
from ncpconsole.tui.widgets.row_state import Annotation, alive_again, held_until
from ncpconsole.tui.widgets.server_table import ServerTable
from tests.tui.server_rows import LINUX, NSTOP, inventory, rows, server
from tests.tui.table_app import TableApp, frame, line_of, lines

if TYPE_CHECKING:
    from rich.style import Style
    from textual.strip import Strip

SIZE = (80, 24)
NOON = datetime(2026, 10, 10, 12, 0, 0, tzinfo=UTC)
TRICKY = [
    "[prod]web-01",
    "web[/]01",
    "[@click=app.quit]x",
    ":skull:",
    "[b]bold[/b]",
    "$primary",
    "{name}",
    "\\[x]",
    "%s",
]
KOREAN = ["결제-01", "데이터베이스서버-운영-계-00012", "웹a서버", "가", "한글과-ascii-mixed-이름이-아주-긴-서버"]


def mixed() -> list[Row]:
    """One server for each kind of line."""
    return list(
        inventory(
            [
                server(1, "plain"),
                server(2, "linux", platform_type=LINUX),
                server(3, "stopped", server_instance_status=NSTOP),
                server(4, "busy", server_instance_operation=Code("SHTDN", "")),
            ]
        ).rows
    )


class ReadRows(Sequence[Row]):
    """Servers that note which of them are looked at."""

    def __init__(self, of: list[Row]) -> None:
        self.rows = of
        self.read: set[int] = set()

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        indexes = range(len(self.rows))[index]
        self.read.update(indexes if isinstance(indexes, range) else [indexes])
        return self.rows[index]


class TestLiteralText:
    @pytest.mark.parametrize("name", TRICKY)
    async def test_names_are_painted_as_they_are(self, name: str) -> None:
        app = TableApp()
        async with app.run_test(size=(140, 24)) as pilot:
            app.table.show(inventory([server(1, name)]).rows)
            app.table.placeholder = name
            await frame(pilot)
            assert lines(app.table)[1].startswith(f"  {name} ")
            await pilot.click(ServerTable, offset=(4, 1))
            await frame(pilot)
            assert lines(app.table)[1].startswith(f"▌ {name} ")
            assert app.is_running

    @pytest.mark.parametrize("name", TRICKY)
    async def test_a_placeholder_is_painted_as_it_is(self, name: str) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.placeholder = name
            await frame(pilot)
            assert name in lines(app.table)[line_of(app.table, name)]

    async def test_no_name_becomes_a_link(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(inventory([server(1, "[@click=app.quit]x")]).rows)
            await frame(pilot)
            for strip in app.table.render_lines(app.table.size.region):
                for segment in strip:
                    assert segment.style is None or not segment.style.meta.get("@click")


class TestAlignment:
    @pytest.mark.parametrize("width", range(40, 201, 7))
    async def test_every_line_has_exactly_the_width(self, width: int) -> None:
        app = TableApp()
        async with app.run_test(size=(width, 24)) as pilot:
            names = [*KOREAN, *TRICKY, "e\u0301" * 20, "👩‍🔧-ops", "x" * 256]
            app.table.several_regions = width > 100
            app.table.show(inventory([server(n, name) for n, name in enumerate(names)]).rows)
            app.table.select_first()
            await frame(pilot)
            assert {cell_len(line) for line in lines(app.table)} == {app.table.size.width}

    @pytest.mark.parametrize("name", [*KOREAN, *(normalize("NFD", name) for name in KOREAN), "👍\U0001f3fb-ops", "☰"])
    async def test_no_name_shifts_the_columns(self, name: str) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(inventory([server(1, name), server(2, "ascii")]).rows)
            await frame(pilot)
            header, korean, ascii_line = lines(app.table)[:3]
            for title, text in (("NUMBER", "3000000"), ("STATUS", "running"), ("VERDICT", "● eligible")):
                column = header.index(title)
                assert cell_len(korean[: korean.index(text)]) == column
                assert cell_len(ascii_line[: ascii_line.index(text)]) == column

    @pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
    async def test_name_status_verdict_and_number_are_always_there(self, width: int) -> None:
        app = TableApp()
        async with app.run_test(size=(width, 24)) as pilot:
            app.table.show(rows(30))
            await frame(pilot)
            header, first = lines(app.table)[:2]
            assert all(title in header for title in ("NAME", "NUMBER", "STATUS", "VERDICT"))
            assert all(text in first for text in ("web-00000", "30000000", "running", "● eligible"))

    async def test_eighty_columns(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.sort = ("name", False)
            app.table.moment = NOON + timedelta(minutes=10)
            app.table.show(mixed())
            app.table.select("30000001")
            await frame(pilot)
            assert [line.rstrip() for line in lines(app.table)[:5]] == [
                "  NAME ▲         NUMBER   IP        STATUS  OS  HV  UP     VERDICT",
                "▌ plain          30000001 10.0.0.1  running Win XEN 31 h   ● eligible",
                "  linux          30000002 10.0.0.2  running Lin XEN 31 h   ○ not Windows: Linux",
                "  stopped        30000003 10.0.0.3  stopped Win XEN        ○ stopped",
                "  busy           30000004 10.0.0.4  busy    Win XEN 31 h   ! shutting down",
            ]

    async def test_long_numbers_are_shown_whole(self) -> None:
        app = TableApp()
        async with app.run_test(size=(60, 24)) as pilot:
            app.table.show(inventory([server(1), server(99_123_456_789)]).rows)
            await frame(pilot)
            assert "99153456789 " in lines(app.table)[2]


class TestMarks:
    async def test_review_mark_annotation_and_sort_mark(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(mixed())
            app.table.marked = frozenset({"30000001"})
            app.table.annotations = {
                "30000002": Annotation("●", "accepted 14:03:22", "good"),
                "30000003": Annotation("!", "unknown", "bad"),
            }
            app.table.sort = ("status", True)
            await frame(pilot)
            header, plain, linux, stopped, _ = lines(app.table)[:5]
            assert "STATUS▼" in header
            assert plain.startswith(" ✓plain")
            assert "● accepted 14:03:22" in linux
            assert stopped.startswith("  stopped")
            assert "! unknown" in stopped

    async def test_no_other_mark_hides_that_of_the_review_queue_nor_it_another(self) -> None:
        app = TableApp(changed_for=60)
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(mixed())
            await frame(pilot)
            app.table.show(list(app.table.rows), changed={"30000003"})
            app.table.marked = frozenset({"30000001", "30000003", "30000004"})
            app.table.containing = frozenset({"30000001", "30000002"})
            app.table.select("30000004")
            await frame(pilot)
            assert [line[:3] for line in lines(app.table)[1:5]] == ["+✓p", "+ l", "~✓s", "▌✓b"]
            app.table.select("30000002")
            await frame(pilot)
            assert lines(app.table)[2][:3] == "▌+l"

    async def test_ascii_marks_leave_nothing_else(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.sort = ("name", True)
            app.table.show([*mixed(), *inventory([server(5, "x" * 60)]).rows])
            app.table.marked = frozenset({"30000001"})
            app.table.annotations = {
                "30000002": Annotation("●", "accepted", "good"),
                "30000003": Annotation("✗", "rejected", "bad"),
                "30000005": Annotation("◌", "sending", "busy"),
            }
            app.table.select("30000004")
            await frame(pilot)
            text = [PlainAscii().apply([Segment(line)], Color(0, 0, 0))[0].text for line in lines(app.table)]
            assert all(line.isascii() for line in text)
            assert "NAME v" in text[0]
            assert text[1].startswith(" +plain")
            assert "* eligible" in text[1]
            assert "* accepted" in text[2]
            assert "x rejected" in text[3]
            assert text[4].startswith("> busy")
            assert ". sending" in text[5]

    async def test_a_short_column_keeps_its_sort_mark(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(3))
            app.table.sort = ("os", False)
            await frame(pilot)
            assert "OS▲" in lines(app.table)[0]

    async def test_region_is_shown_only_among_several(self) -> None:
        app = TableApp()
        async with app.run_test(size=(140, 24)) as pilot:
            app.table.show(rows(3))
            await frame(pilot)
            assert "REGION" not in lines(app.table)[0]
            app.table.several_regions = True
            await frame(pilot)
            assert "REGION" in lines(app.table)[0]

    async def test_columns_can_be_chosen(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(3))
            app.table.column_keys = ("verdict", "number", "nonsense", "name")
            await frame(pilot)
            assert lines(app.table)[0].split() == ["VERDICT", "NUMBER", "NAME"]


class TestTimes:
    @pytest.mark.parametrize(
        ("started", "up"),
        [
            ("2026-10-10T20:58:46+0900", "74 s"),
            ("2026-10-10T20:00:00+0900", "60 min"),
            ("2025-10-27T21:00:00+0900", "348 d"),
            ("2026-10-10T21:00:09+0900", "0 s"),
            ("", ""),
            ("soon", "soon"),
        ],
    )
    async def test_how_long_a_server_runs_is_told_as_an_age(self, started: str, up: str) -> None:
        app = TableApp()
        async with app.run_test(size=(120, 24)) as pilot:
            app.table.moment = NOON
            app.table.show(inventory([server(1, uptime=started)]).rows)
            await frame(pilot)
            header, line = lines(app.table)[:2]
            at = header.index(" UP ") + 1
            assert line[at : at + 7].strip() == up

    async def test_a_stopped_server_is_not_up(self) -> None:
        app = TableApp()
        async with app.run_test(size=(120, 24)) as pilot:
            app.table.moment = NOON
            app.table.show(inventory([server(1, server_instance_status=NSTOP)]).rows)
            await frame(pilot)
            at = lines(app.table)[0].index(" UP ") + 1
            assert not lines(app.table)[1][at : at + 7].strip()

    async def test_a_row_that_is_held_counts_down_and_is_free_again(self) -> None:
        app = TableApp()
        async with app.run_test(size=(120, 24)) as pilot:
            now = NOON + timedelta(minutes=10)
            app.table.moment = now
            app.table.show(rows(3))
            app.table.annotations = {"30000001": held_until(now + timedelta(minutes=27))}
            await frame(pilot)
            assert "! dump may be writing: 27 min" in lines(app.table)[2]
            app.table.lines_painted.clear()
            app.table.moment = now + timedelta(minutes=20)
            await frame(pilot)
            assert "! dump may be writing: 7 min" in lines(app.table)[2]
            assert app.table.lines_painted == [2]
            app.table.moment = now + timedelta(minutes=27)
            await frame(pilot)
            assert "● eligible" in lines(app.table)[2]

    async def test_at_eighty_columns_the_time_that_is_left_is_not_cut(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.moment = NOON
            app.table.show(rows(3))
            app.table.annotations = {
                "30000000": held_until(NOON + timedelta(minutes=27)),
                "30000001": Annotation("!", "unknown: locked", "bad", "locked: outcome unknown"),
            }
            await frame(pilot)
            assert lines(app.table)[1].rstrip().endswith("! may dump: 27m")
            assert lines(app.table)[2].rstrip().endswith(("! unknown: locked", "! locked: outcome unknown"))

    async def test_what_is_said_of_a_held_row_fits_the_verdict_for_every_time(self) -> None:
        for minutes in (0, 1, 29, 99, 100, 1440):
            for note in (
                held_until(NOON + timedelta(minutes=minutes, seconds=1)),
                alive_again(NOON - timedelta(minutes=minutes), NOON + timedelta(minutes=1)),
            ):
                shown = note.at(NOON)
                assert shown is not None
                assert cell_width(f"{shown.mark} {shown.word}") <= COLUMNS[VERDICT].least

    async def test_an_earlier_interrupt_that_only_cautions_tell_of_holds_the_row_too(self) -> None:
        about = ServerContext(NOON, 1800, recent=NOON - timedelta(minutes=3))
        (row,) = inventory([server(1)]).rows
        row = replace(row, context=about, verdict=verdict(row.server, RULE_SETS["xen-windows"], about))
        app = TableApp()
        async with app.run_test(size=(120, 24)) as pilot:
            app.table.moment = NOON
            app.table.show([row])
            await frame(pilot)
            assert "! dump may be writing: 27 min" in lines(app.table)[1]

    async def test_an_old_list_dims_what_it_cannot_vouch_for_and_no_name(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(3))
            await frame(pilot)
            fresh = app.table.render_lines(app.table.size.region)[1]
            app.table.stale = True
            await frame(pilot)
            old = app.table.render_lines(app.table.size.region)[1]
            assert old.text == fresh.text

            def style_of(strip: Strip, word: str) -> Style | None:
                return next(segment.style for segment in strip if word in segment.text)

            assert style_of(old, "web-00000") == style_of(fresh, "web-00000")
            for word in ("running", "● eligible"):
                style = style_of(old, word)
                assert style is not None
                assert style.italic, word
                assert style != style_of(fresh, word)


class TestThemes:
    @pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord"])
    @pytest.mark.parametrize("focused", [True, False])
    async def test_the_selected_line_stands_out_without_colour(self, theme: str, focused: bool) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.theme = theme
            app.table.show(rows(5))
            app.table.select("30000002")
            app.table.can_focus = focused
            if not focused:
                app.screen.set_focus(None)
            await frame(pilot)
            strips = app.table.render_lines(app.table.size.region)
            assert [y for y, strip in enumerate(strips) if strip.text.startswith("▌")] == [3]
            assert all(segment.style is not None and segment.style.bold for segment in strips[3])

    async def test_without_any_colour_the_selected_line_is_bold_and_marked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(5))
            app.table.select("30000002")
            await frame(pilot)
            strips = app.table.render_lines(app.table.size.region)
            for y, strip in enumerate(strips[1:6]):
                assert strip.text.startswith("▌") == (y == 2)
                for segment in strip:
                    assert segment.style is not None
                    assert bool(segment.style.bold) == (y == 2)
                    colour = segment.style.color
                    assert colour is None or len(set(colour.get_truecolor())) == 1

    async def test_a_theme_change_repaints_in_its_colours(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(5))
            await frame(pilot)
            dark = app.table.render_lines(app.table.size.region)
            app.theme = "textual-light"
            await frame(pilot)
            light = app.table.render_lines(app.table.size.region)
            assert [strip.text for strip in dark] == [strip.text for strip in light]
            assert all(list(before) != list(after) for before, after in zip(dark, light, strict=True))

    async def test_an_unknown_tone_is_plain(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(1))
            app.table.annotations = {"30000000": Annotation("?", "odd", "no-such-tone")}
            await frame(pilot)
            assert "? odd" in lines(app.table)[1]


class TestPlaceholder:
    async def test_centred_and_gone_with_the_first_server(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.placeholder = "Loading servers…"
            await frame(pilot)
            text = lines(app.table)
            y = line_of(app.table, "Loading servers…")
            assert 8 <= y <= 15
            before = len(text[y]) - len(text[y].lstrip())
            after = len(text[y]) - len(text[y].rstrip())
            assert abs(before - after) <= 1
            app.table.show(rows(1))
            await frame(pilot)
            assert "Loading" not in "".join(lines(app.table))
            app.table.show([])
            app.table.placeholder = Content("No server matches.")
            await frame(pilot)
            assert "No server matches." in "".join(lines(app.table))

    async def test_a_long_one_is_wrapped(self) -> None:
        app = TableApp()
        async with app.run_test(size=(40, 12)) as pilot:
            app.table.placeholder = "No server matches this filter. Press Esc to clear the filter, or change it."
            await frame(pilot)
            words = " ".join(" ".join(lines(app.table)[1:]).split())
            assert words == app.table.placeholder


class TestRepaints:
    async def test_the_same_rows_repaint_nothing(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            servers = [server(number) for number in range(500)]
            first = inventory(servers)
            app.table.show(first.rows)
            app.table.select("30000003")
            await frame(pilot)
            app.table.lines_painted.clear()
            again = inventory([server(number) for number in range(500)], previous=first)
            app.table.show(list(again.rows), changed=again.changed_since(first))
            await frame(pilot)
            assert app.table.lines_painted == []

    async def test_only_changed_lines_in_view_are_repainted(self) -> None:
        app = TableApp(changed_for=60)
        async with app.run_test(size=SIZE) as pilot:
            servers = [server(number) for number in range(500)]
            before = inventory(servers)
            app.table.show(before.rows)
            await frame(pilot)
            app.table.lines_painted.clear()
            for number in (2, 7, 400):
                servers[number] = server(number, "renamed")
            after = inventory(servers, previous=before)
            app.table.show(after.rows, changed=after.changed_since(before))
            await frame(pilot)
            assert app.table.lines_painted == [3, 8]
            assert lines(app.table)[3].startswith("~ renamed") or "!renamed" in lines(app.table)[3]

    async def test_a_changed_server_is_marked_until_the_table_settles(self) -> None:
        app = TableApp(changed_for=60)
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(30))
            await frame(pilot)
            quiet = app.table.render_lines(app.table.size.region)
            app.table.show(rows(30), changed=["30000005"])
            await frame(pilot)
            marked = app.table.render_lines(app.table.size.region)
            assert marked[6].text == "~ " + quiet[6].text[2:]
            assert list(marked[6])[1].style != list(quiet[6])[1].style
            app.table.lines_painted.clear()
            app.table.settle()
            await frame(pilot)
            assert app.table.lines_painted == [6]
            assert app.table.render_lines(app.table.size.region)[6].text == quiet[6].text

    async def test_the_mark_goes_by_itself(self) -> None:
        app = TableApp(changed_for=0.01)
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(30))
            await frame(pilot)
            app.table.show(app.table.rows, changed={"30000005"})
            async with asyncio.timeout(30):
                while any("~" in line for line in lines(app.table)):
                    await frame(pilot)
            assert "web-00005" in lines(app.table)[6]

    async def test_moving_the_selection_repaints_two_lines(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(500))
            app.table.select("30000003")
            await frame(pilot)
            app.table.lines_painted.clear()
            await pilot.press("j")
            await frame(pilot)
            assert app.table.lines_painted == [4, 5]

    async def test_a_sort_mark_repaints_the_header_alone(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(rows(500))
            await frame(pilot)
            app.table.lines_painted.clear()
            app.table.sort = ("name", True)
            await frame(pilot)
            assert app.table.lines_painted == [0]

    async def test_a_frame_looks_at_the_servers_in_view_and_a_few_more(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            many, changed = ReadRows(rows(1000)), ReadRows(rows(1000))
            app.table.show(many)
            app.table.select_first()
            await pilot.press("j", "pagedown")
            await frame(pilot)
            app.table.show(changed, changed={"30000005"})
            await frame(pilot)
            app.table.sort = ("name", False)
            app.table.marked = frozenset({"30000007"})
            await frame(pilot)
            assert app.table.selected is changed.rows[24]
            assert len(many.read | changed.read) < 200
