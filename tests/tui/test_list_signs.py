"""The list shows who is alive and who is silent: a screenful by itself, all of it on request, and never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from textual.strip import Strip

from ncpconsole.core.vitals import LifeState
from ncpconsole.simulator.insight import SEVERAL
from ncpconsole.tui.widgets.columns import COLUMNS, place
from ncpconsole.tui.widgets.row_painter import life_text
from ncpconsole.tui.widgets.row_state import Life
from tests.tui.console_driver import NEVER, Accounts, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from ncpconsole.core.session import Session
    from tests.tui.console_driver import Backend, ConsoleDriver


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=128, agents=True) as opened:
        yield opened


def life_cells(console: ConsoleDriver) -> dict[str, str]:
    """What stands in the column, by name, of the rows in view."""
    table = console.servers.table
    (placed,) = [item for item in table._placed() if item.column.key == "life"]
    lines = console.text.splitlines()
    begin = next(at for at, line in enumerate(lines) if " NAME" in line and "VERDICT" in line) + 1
    return {
        row.name: Strip([Segment(line)]).crop(placed.start, placed.end).text
        for row, line in zip(table.in_view, lines[begin:], strict=False)
    }


def calls(backend: Backend) -> int:
    return sum(request.target.startswith(SEVERAL) for request in backend.simulator.requests)


async def test_the_servers_in_view_show_their_signs_and_no_others_are_asked_for(backend: Backend) -> None:
    async with open_console(backend) as console:
        in_view = {row.number for row in console.servers.table.in_view if row.verdict.eligible}
        await console.wait_for(lambda: in_view <= set(console.session.vitals.known))
        assert set(console.session.vitals.known) == in_view
        assert calls(backend) <= 2  # the last hour, and the day of those without a point in it
        for row in console.servers.table.in_view:
            assert bool(life_cells(console)[row.name].strip()) is row.verdict.eligible, row.name


async def test_pages_that_are_passed_are_not_asked_for(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ncpconsole.tui.list_signs.SIGNS_AFTER", NEVER)
    async with open_console(backend) as console:
        reading = console.servers.signs_reading
        assert reading is not None
        first = reading.timer
        await console.press("G", "g", "G", "ctrl+u", "ctrl+u", "G")
        await console.wait_for(lambda: reading.timer is not first)
        assert not console.session.vitals.known
        asked = {row.number for row in console.servers.table.in_view if row.verdict.eligible}
        reading.ask_for_view()  # as the timer does, which begins anew with every move
        await console.wait_for(lambda: asked <= set(console.session.vitals.known))
        assert set(console.session.vitals.known) == asked


async def test_v_reads_the_whole_list_and_shows_the_longest_silence_first(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("j", "j")
        selected = console.selected
        await console.press("v")
        await console.wait_for_text("are silent; the longest silence comes first", "3 silent", "LIFE ▲")
        known = console.session.vitals.known
        every = [row for row in console.servers.table.rows if row.verdict.eligible]
        assert set(known) == {row.number for row in every}
        silent = [row.number for row in every if known[row.number].state is LifeState.SILENT]
        assert [row.number for row in console.servers.table.rows][: len(silent)] == silent
        lasts = [known[number].last_sign for number in silent]
        assert lasts == sorted(lasts, key=str)
        cells = [life_cells(console)[row.name].strip() for row in console.servers.table.in_view[:3]]
        minutes = [int(cell.removeprefix("silent ").removesuffix("m")) for cell in cells]
        # The last point is at a full minute: by the end of one, a silence is a minute longer than it was.
        assert all(this - silent in (0, 1) for this, silent in zip(minutes, (47, 14, 6), strict=True))
        assert console.selected == selected


async def test_the_filter_finds_the_silent_and_says_while_not_all_are_known(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.wait_for_text(" %")
        await console.press("slash")
        await console.write("is:silent")
        await console.wait_for_text("vital signs are known. Enter, then v reads them all.")
        await console.press("enter")
        await console.wait_for_text("vital signs are known. v reads them all.")
        await console.press("v")
        await console.wait_for(lambda: len(console.names) == 3)
        await console.press("slash")
        await console.write(" silent:>10m")
        await console.wait_for(lambda: len(console.names) == 2)
        assert "v reads them all" not in console.text


async def test_signs_that_come_move_no_row(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.wait_for_text(" %")
        servers = console.servers
        assert servers.signs is not None
        assert servers.signs_reading is not None
        assert servers.model.view is not None
        servers.model.view.sort_by("life")
        servers.show_rows()
        before, selected = console.names, console.selected
        numbers = servers.signs.numbers_of(servers.table.rows)
        await servers.signs.read(numbers, arrived=servers.signs_reading.arrived, progress=lambda *_: None)
        await console.wait_for_idle()
        assert console.names == before
        await console.press("r")
        await console.wait_for(lambda: console.names != before)
        assert console.selected == selected


async def test_esc_stops_the_reading_of_the_whole_list_and_nothing_else(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", NEVER)
    async with open_console(backend) as console:
        await console.wait_for_text(" %")
        await console.press("slash")
        await console.write("is:eligible")
        await console.press("enter")
        backend.simulator.faults.set("insight:hang")
        await console.press("v")
        await console.wait_for_text("Reading vital signs: ", "Esc stops")
        await console.press("escape")
        await console.wait_for(lambda: not console.servers.reads_signs and "Esc stops" not in console.text)
        assert console.servers.model.filter_text == "is:eligible"
        await console.press("escape")
        assert console.servers.model.filter_text == ""


async def test_where_cloud_insight_refuses_the_list_goes_on_and_says_so_once(tmp_path: Path) -> None:
    async with (
        open_backend(tmp_path, servers=64, agents=True, faults=["insight:permission-denied"]) as backend,
        open_console(backend) as console,
    ):
        await console.wait_for_text("Vital signs not known: ")
        await console.wait_for(lambda: "unknown" in life_cells(console).values() or "unknown" in console.text)
        asked = calls(backend)
        await console.press("G")
        assert console.servers.signs is not None
        assert console.servers.signs.rests
        await console.wait_for_idle()
        assert calls(backend) == asked
        assert "eligible" in console.text


class WithoutSigns(Accounts):
    """Accounts whose vital signs are switched off."""

    async def open_session(self, *given: Any, **more: Any) -> Session:
        session = await super().open_session(*given, **more)
        session.vitals.off = "switched off in the settings (vitals = false)."
        return session


async def test_switched_off_there_is_no_column_and_no_call(backend: Backend) -> None:
    async with open_console(WithoutSigns(backend)) as console:
        assert "LIFE" not in console.text
        assert "OS" in console.text
        await console.press("v")
        await console.wait_for_text("Vital signs are not read: switched off in the settings")
        assert calls(backend) == 0


async def test_in_ascii_the_charts_are_ascii(backend: Backend) -> None:
    async with open_console(backend, ascii_marks=True) as console:
        await console.wait_for_text(" %")
        cells = [cell for cell in life_cells(console).values() if "%" in cell]
        assert cells
        for cell in cells:
            assert set(cell[:5]) <= set("_.:~=+#-")
            assert cell[:5].strip()


@pytest.mark.parametrize(
    ("life", "text"),
    [
        (None, ""),
        (Life("▁▁▂▃▂▁", "12 %"), "▁▂▃▂▁ 12 %"),
        (Life("██████", "100 %"), "█████100 %"),
        (Life("", "silent 6m"), "silent 6m"),
        (Life("", "silent 99m"), "silent 99m"),
        (Life("", "no agent"), "no agent"),
    ],
)
def test_a_cell_is_as_wide_as_its_column(life: Life | None, text: str) -> None:
    assert life_text(life, COLUMNS["life"].least) == text.ljust(10)


def test_where_there_is_room_a_chart_has_more_bars() -> None:
    assert life_text(Life("▁▁▂▃▂▁", "7 %"), 11) == "▁▁▂▃▂▁  7 %"


@pytest.mark.parametrize("address", [9, 13, 15])
def test_at_eighty_columns_vital_signs_are_there(address: int) -> None:
    needs = (("number", 9), ("ip", address), ("status", 7), ("verdict", 19))
    keys = {item.column.key: item.width for item in place(79, needs=needs)}
    assert {"name", "number", "ip", "status", "life", "verdict"} <= keys.keys()
    assert keys["name"] >= 11


async def test_a_reading_that_was_stopped_says_how_far_it_came(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ncpconsole.core.vitals_reader.WAIT", NEVER)
    async with open_console(backend) as console:
        await console.wait_for_text(" %")
        every = sum(row.verdict.eligible for row in console.servers.table.rows)
        backend.simulator.faults.set("insight:hang")
        await console.press("v")
        await console.wait_for_text("Reading vital signs: ", "Esc stops")
        await console.press("escape")
        await console.wait_for_text("Stopped: ", f" of {every} vital signs are known")
        assert f"Stopped: {len(console.session.vitals.known)} of {every}" in console.text


async def test_a_refusal_that_was_told_is_told_again_to_who_asks(tmp_path: Path) -> None:
    async with (
        open_backend(tmp_path, servers=64, agents=True, faults=["insight:permission-denied"]) as backend,
        open_console(backend) as console,
    ):
        await console.wait_for_text("Vital signs not known: ")
        before = console.names
        console.servers.status.say("")
        await console.press("v")
        await console.wait_for(lambda: not console.servers.reads_signs)
        await console.wait_for_text("Vital signs not known: ")
        assert "Reading vital signs" not in console.text
        assert console.names == before
