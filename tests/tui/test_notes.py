"""Notes from the console: about the selected server, and about a record of the history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.widgets import Input

from ncpconsole.core.records import Subject
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.screens.detail import DetailScreen
from ncpconsole.tui.screens.export import ExportScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.small_dialogs import NoteScreen
from tests.tui.console_driver import Accounts, open_console
from tests.tui.test_history import open_history, record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.console_driver import Backend


async def test_a_note_about_the_selected_server(backend: Backend) -> None:
    row = backend.row()
    async with open_console(Accounts(backend, incident="INC-7")) as console:
        console.servers.table.select(row.key)
        await console.press("n")
        await console.wait_for_screen(NoteScreen)
        assert f"Note about {row.name} ({row.number}), incident INC-7" in console.text
        await console.write("RDP answers")
        await console.press("enter")
        await console.wait_for(lambda: not console.is_on(NoteScreen))
        (note,) = backend.journal.notes()
        assert (note.text, note.about.server_no, note.about.incident) == ("RDP answers", row.number, "INC-7")
        await console.press("enter")
        await console.wait_for_screen(DetailScreen)
        assert ": RDP answers" in console.text
        assert backend.intents() == []


async def test_a_note_that_cannot_be_kept_stays_in_its_box_and_says_why(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("n")
        await console.wait_for_screen(NoteScreen)
        await console.press("enter")
        assert "The note is empty" in console.text
        await console.press("escape")
        assert not console.is_on(NoteScreen)
        assert backend.journal.notes() == []


async def test_the_history_lists_notes_and_takes_one_about_a_record(backend: Backend) -> None:
    intent = record(backend, "web-1", "301", Outcome.ACCEPTED, incident="INC-7")
    async with open_console(backend) as console:
        screen = await open_history(console)
        await console.press("n")
        await console.wait_for_screen(NoteScreen)
        await console.write("dump is there")
        await console.press("enter")
        await console.wait_for_screen(HistoryScreen)
        (note,) = backend.journal.notes()
        assert note.about == Subject(backend.simulator.url, "301", "web-1", intent.id, "INC-7")
        assert [screen.entries[0], screen.shown[0].id] == [note, intent.id]
        assert "– note" in console.text
        assert "2 of 2" in console.text
        await console.press("y")
        lines = console.app.clipboard.splitlines()
        assert len(lines) == 5
        assert "web-1 (301)" in lines[0]
        assert lines[4].endswith(": dump is there")
        await console.press("k")
        assert screen.entry == note
        assert "y copy" not in console.text
        await console.press("slash")
        await console.write("dump")
        await console.wait_for(lambda: screen.entries == [note])


async def test_a_note_alone_is_listed_and_exported(backend: Backend, tmp_path: Path) -> None:
    backend.journal.add_note("looked at it", Subject(backend.simulator.url, "301", "web-1"))
    async with open_console(backend) as console:
        screen = await open_history(console)
        assert screen.entries == backend.journal.notes()
        assert "looked at it" in console.text
        await console.press("v", "y", "x")
        await console.wait_for_screen(ExportScreen)
        directory = tmp_path / ("a long way down " * 5).strip().replace(" ", "/")
        directory.mkdir(parents=True)
        console.app.screen.query_one("#path", Input).value = str(directory)
        await console.wait_for_idle()
        # The box cannot show all of it; the lines below it do.
        shown = "".join(line.strip(" │") for line in console.text.splitlines())
        offered = next(iter(re.findall(r"ncpconsole-history-\d+T\d+Z", shown)))
        assert f"{directory}/{offered}" in shown
        await console.press("enter")
        await console.wait_for_screen(HistoryScreen)
        (written,) = directory.iterdir()
        assert "looked at it" in written.read_text()
        assert str(written) in "".join(line.strip(" │") for line in console.text.splitlines())
