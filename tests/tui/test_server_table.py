"""The server table keeps the selection on the server, whatever happens to the list around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from textual.events import Click, MouseScrollDown

from ncpconsole.tui.commands import TABLE_ACTIONS
from ncpconsole.tui.widgets.server_table import ServerTable
from tests.tui.server_rows import inventory, rows, server
from tests.tui.table_app import TableApp, frame, line_of, lines

if TYPE_CHECKING:
    from textual.pilot import Pilot

SIZE = (80, 24)
PAGE = 23


def selected_number(table: ServerTable) -> str | None:
    return None if table.selected is None else table.selected.number


def selections(app: TableApp) -> list[str | None]:
    rows_said = [message.row for message in app.said if isinstance(message, ServerTable.Selected)]
    return [None if row is None else row.number for row in rows_said]


async def shown(pilot: Pilot[None], count: int, selected: int | None = None) -> ServerTable:
    app = pilot.app
    assert isinstance(app, TableApp)
    app.table.show(rows(count))
    if selected is not None:
        assert app.table.select(str(30_000_000 + selected))
    await frame(pilot)
    app.said.clear()
    return app.table


class TestFollowing:
    async def test_nothing_is_selected_at_first(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100)
            assert table.selected is None

    async def test_sort_keeps_the_server_and_its_line_on_the_screen(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 1000, selected=400)
            line = line_of(table, "30000400")
            table.show(list(reversed(table.rows)))
            await frame(pilot)
            assert selected_number(table) == "30000400"
            assert line_of(table, "30000400") == line
            assert selections(app) == []

    async def test_rows_inserted_above_move_neither_selection_nor_line(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 1000, selected=400)
            line = line_of(table, "30000400")
            new = [server(number) for number in range(5000, 5010)]
            table.show([*inventory(new).rows, *table.rows])
            await frame(pilot)
            assert selected_number(table) == "30000400"
            assert line_of(table, "30000400") == line

    async def test_filter_keeps_the_server(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 1000, selected=400)
            table.show([row for row in table.rows if row.number.endswith("00")])
            await frame(pilot)
            assert selected_number(table) == "30000400"
            assert "30000400" in "".join(lines(table))
            assert table.scroll_offset.y == 0

    async def test_refresh_shows_the_new_record_of_the_selected_server(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            servers = [server(number) for number in range(50)]
            before = inventory(servers)
            app.table.show(before.rows)
            app.table.select("30000007")
            await frame(pilot)
            app.said.clear()
            servers[7] = msgspec.structs.replace(servers[7], server_name="renamed")
            after = inventory(servers, previous=before)
            app.table.show(after.rows, changed=after.changed_since(before))
            await frame(pilot)
            assert app.table.selected is after.by_key["30000007"]
            assert "▌ renamed" in lines(app.table)[8]
            assert selections(app) == []

    async def test_a_vanished_server_leaves_nothing_selected(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=10)
            table.show([row for row in table.rows if row.number != "30000010"])
            await frame(pilot)
            assert table.selected is None
            assert selections(app) == [None]
            assert not any(line.startswith("▌") for line in lines(table))
            await pilot.press("enter", "space")
            await frame(pilot)
            assert selections(app) == [None]
            assert len(app.said) == 1

    @pytest.mark.parametrize(("key", "expected"), [("j", "30000011"), ("k", "30000009")])
    async def test_keys_start_where_the_vanished_server_was(self, key: str, expected: str) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=10)
            table.show([row for row in table.rows if row.number != "30000010"])
            await pilot.press(key)
            assert selected_number(table) == expected

    async def test_a_server_that_comes_back_is_not_selected_by_itself(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=10)
            everything = table.rows
            table.show(everything[:5])
            table.show(everything)
            await frame(pilot)
            assert table.selected is None

    async def test_a_namesake_is_another_server(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            app.table.show(inventory([server(1, "db"), server(2, "db")]).rows)
            app.table.select("30000001")
            app.table.show(inventory([server(2, "db")]).rows)
            await frame(pilot)
            assert app.table.selected is None

    async def test_reading_further_down_is_not_disturbed_by_a_refresh(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 1000, selected=0)
            table.scroll_to(y=500, animate=False)
            await frame(pilot)
            before = lines(table)
            table.show(table.rows[3:])
            await frame(pilot)
            assert lines(table)[1:] == before[1:]
            assert table.selected is None

    async def test_the_list_may_end_above_the_view(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 1000, selected=990)
            table.show(table.rows[:5])
            await frame(pilot)
            assert "30000004" in lines(table)[5]
            assert not lines(table)[6].strip()


class TestKeys:
    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            (["j"], 0),
            (["down", "down"], 1),
            (["j", "j", "k"], 0),
            (["j", "up"], 0),
            (["G"], 199),
            (["end"], 199),
            (["end", "g"], 0),
            (["end", "home"], 0),
            (["g", "ctrl+d"], PAGE // 2),
            (["g", "pagedown"], PAGE),
            (["g", "pagedown", "pageup"], 0),
            (["end", "ctrl+u"], 199 - PAGE // 2),
            (["g", "k"], 0),
            (["G", "j"], 199),
        ],
    )
    async def test_moves(self, keys: list[str], expected: int) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 200)
            await pilot.press(*keys)
            await frame(pilot)
            assert selected_number(table) == str(30_000_000 + expected)
            assert any(line.startswith("▌") for line in lines(table))

    async def test_half_a_page_moves_the_view_with_the_selection(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 200, selected=4)
            line = line_of(table, "30000004")
            await pilot.press("ctrl+d")
            await frame(pilot)
            assert line_of(table, "▌") == line

    async def test_every_key_is_offered_for_remapping(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE):
            active = [each.binding for each in app.screen.active_bindings.values() if each.node is app.table]
            assert {binding.id for binding in active} == {f"table.{name}" for name in TABLE_ACTIONS}

    async def test_a_remapped_key_replaces_the_old_ones(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 10)
            app.set_keymap({"table.down": "n"})
            await pilot.press("j", "down")
            assert table.selected is None
            await pilot.press("n")
            assert selected_number(table) == "30000000"

    async def test_enter_opens_and_space_marks_the_selected_server(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 10, selected=3)
            await pilot.press("enter", "space")
            opened, marked = app.said
            assert isinstance(opened, ServerTable.Opened)
            assert isinstance(marked, ServerTable.MarkToggled)
            assert opened.row is marked.row is table.rows[3]

    async def test_keys_do_nothing_in_an_empty_table(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            await shown(pilot, 0)
            await pilot.press("j", "k", "g", "G", "pagedown", "pageup", "ctrl+d", "ctrl+u", "enter", "space")
            assert app.said == []

    async def test_a_message_only_when_the_selection_changes(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            await shown(pilot, 10)
            await pilot.press("g", "g", "k", "j")
            assert selections(app) == ["30000000", "30000001"]

    @pytest.mark.parametrize(("key", "expected"), [("j", 50), ("k", 49)])
    async def test_keys_start_in_view_when_nothing_was_ever_selected(self, key: str, expected: int) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100)
            table.scroll_to(y=50, animate=False)
            await pilot.press(key)
            assert selected_number(table) == str(30_000_000 + expected)

    async def test_unknown_keys_of_servers_are_refused(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 10, selected=3)
            assert not table.select("1")
            assert selected_number(table) == "30000003"

    async def test_the_selected_server_stays_in_view_when_the_terminal_shrinks(self) -> None:
        async with TableApp().run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=20)
            await pilot.resize_terminal(70, 10)
            await frame(pilot)
            assert "30000020" in lines(table)[line_of(table, "▌")]


class TestMouse:
    async def test_hovering_selects_and_repaints_nothing(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=3)
            app.table.lines_painted.clear()
            for y in (5, 9, 0, 12):
                await pilot.hover(ServerTable, offset=(20, y))
            await frame(pilot)
            assert selected_number(table) == "30000003"
            assert app.said == []
            assert app.table.lines_painted == []

    async def test_a_click_selects_the_server_under_it(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100)
            table.scroll_to(y=10, animate=False)
            await frame(pilot)
            await pilot.click(ServerTable, offset=(20, 6))
            assert selections(app) == ["30000015"]
            assert len(app.said) == 1

    async def test_a_click_means_the_server_that_was_on_the_screen(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100)
            # A refresh turns the list round while the finger is on its way; nothing is painted yet.
            table.show(list(reversed(table.rows)))
            table.on_click(Click(table, 20, 6, 0, 0, 1, False, False, False))
            await frame(pilot)
            assert selections(app) == ["30000005"]

    async def test_a_double_click_opens(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100)
            await pilot.double_click(ServerTable, offset=(20, 6))
            opened = [message.row for message in app.said if isinstance(message, ServerTable.Opened)]
            assert opened == [table.rows[5]]

    async def test_the_wheel_scrolls_without_selecting(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 100, selected=0)
            table.post_message(MouseScrollDown(table, 20, 6, 0, 1, 0, False, False, False))
            await frame(pilot)
            assert table.scroll_offset.y > 0
            assert selected_number(table) == "30000000"
            assert app.said == []

    async def test_below_the_last_server_there_is_nothing_to_click(self) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            await shown(pilot, 3)
            await pilot.click(ServerTable, offset=(20, 10))
            assert app.said == []

    @pytest.mark.parametrize(
        ("title", "column"),
        [("NAME", "name"), ("NUMBER", "number"), ("IP", "ip"), ("STATUS", "status"), ("VERDICT", "verdict")],
    )
    async def test_a_click_on_a_title_asks_to_sort(self, title: str, column: str) -> None:
        app = TableApp()
        async with app.run_test(size=SIZE) as pilot:
            table = await shown(pilot, 3)
            await pilot.click(ServerTable, offset=(lines(table)[0].index(title), 0))
            (message,) = app.said
            assert isinstance(message, ServerTable.SortRequested)
            assert message.column == column
