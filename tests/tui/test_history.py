"""The history: what it lists, how it is searched, and what it writes to a file."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList, Static

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.records import Draft, Observation
from ncpconsole.core.safe_text import cell_width
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.export import ExportScreen, write_new
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.text.record import detail_facts
from tests.core.records import intent
from tests.tui.console_driver import Accounts, Backend, ConsoleDriver, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.records import Intent

HOSTILE = "=[@click=app.quit]x[/]|\x1b[2J\u202e"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=24) as opened:
        yield opened


def record(backend: Backend, name: str, number: str, outcome: Outcome, gateway: str = "", incident: str = "") -> Intent:
    """One interrupt in the journal, with its outcome."""
    draft = Draft(
        gateway=gateway or backend.simulator.url,
        profile="prod",
        key_fingerprint="key-12345678",
        region_code=backend.region,
        server_no=number,
        server_name=name,
        snapshot={"serverInstanceNo": number, "uptime": "2026-02-01T00:00:00+0900"},
        rule_set="xen-windows",
        reason="hangs",
        incident=incident,
        typed=name,
        method="POST",
        path="/vserver/v2/interruptServerInstance",
    )
    intent = backend.journal.claim(draft)
    if outcome is not Outcome.NOT_SENT:
        backend.journal.mark_sending(intent.id)
    return backend.journal.finish(intent.id, SendResult(outcome=outcome, message=f"It was {outcome}."))


def exported(directory: Path, suffix: str) -> list[Path]:
    """The files that an export left behind."""
    return list(directory.glob(f"ncpconsole-history-*{suffix}"))


async def open_history(console: ConsoleDriver) -> HistoryScreen:
    """Press the key that shows the history."""
    await console.press("h")
    await console.wait_for_screen(HistoryScreen)
    screen = console.app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


def test_a_record_tells_the_answers_facts_once() -> None:
    told = replace(
        intent(),
        message="NCP accepted the interrupt. (HTTP 200, code 0: success; request id r-1)",
        http_status=200,
        return_code="0",
        request_ids=("r-1",),
    )
    words = " ".join(text.plain for _, text in detail_facts(told))
    assert words.count("HTTP 200") == words.count("r-1") == 1
    assert "NCP accepted the interrupt." in words


async def test_newest_first_with_outcome_who_and_details(backend: Backend) -> None:
    record(backend, "web-1", "301", Outcome.REJECTED)
    record(backend, "sql-2", "302", Outcome.ACCEPTED, incident="INC-7")
    async with open_console(Accounts(backend, incident="INC-9"), size=(120, 40)) as console:
        await open_history(console)
        shown = console.text
        assert shown.index("sql-2") < shown.index("web-1")
        for expected in ("accepted", "rejected", "mina", "incident INC-9", "INC-7", "hangs", "Timeline", "times in"):
            assert expected in shown
        await console.press("j")
        await console.wait_for_text("It was rejected.")
        await console.press("q")
        await console.wait_for(lambda: console.app.screen is console.app.servers)


async def test_an_empty_history_says_so(backend: Backend) -> None:
    async with open_console(backend) as console:
        await open_history(console)
        assert "No interrupt is recorded here yet." in console.text
        await console.press("x", "v", "j", "k", "g", "G")
        assert console.is_on(HistoryScreen)


@pytest.mark.slow
async def test_the_filter_is_live_and_escape_clears_it_first(backend: Backend) -> None:
    record(backend, "web-1", "301", Outcome.REJECTED)
    record(backend, "결제-2", "302", Outcome.ACCEPTED)
    async with open_console(backend) as console:
        screen = await open_history(console)
        await console.press("slash")
        await console.write("web rej")
        await console.wait_for(lambda: [intent.draft.server_name for intent in screen.shown] == ["web-1"])
        assert "1 of 2" in console.text
        await console.press("enter")
        assert console.focus == "intents"
        await console.press("escape")
        await console.wait_for(lambda: len(screen.shown) == 2)
        assert console.is_on(HistoryScreen)
        await console.press("slash")
        await console.write("qjx")
        assert console.app.screen.query_one("#filter", Input).value == "qjx"
        assert "No match." in console.text


async def test_this_gateway_or_all(backend: Backend) -> None:
    record(backend, "web-1", "301", Outcome.ACCEPTED)
    record(backend, "far-2", "302", Outcome.ACCEPTED, gateway="https://elsewhere.test")
    async with open_console(backend) as console:
        screen = await open_history(console)
        assert [intent.draft.server_name for intent in screen.shown] == ["web-1"]
        await console.press("a")
        assert [intent.draft.server_name for intent in screen.shown] == ["far-2", "web-1"]
        assert "all gateways" in console.text


async def test_the_cursor_stays_on_its_record(backend: Backend) -> None:
    for number in range(301, 306):
        record(backend, f"web-{number}", str(number), Outcome.ACCEPTED)
    async with open_console(backend) as console:
        screen = await open_history(console)
        await console.press("j", "j")
        assert screen.selected is not None
        kept = screen.selected.id
        record(backend, "new-1", "400", Outcome.ACCEPTED)
        screen.reload()
        await console.wait_for_idle()
        assert screen.selected.id == kept


async def test_hostile_text_is_only_drawn(backend: Backend) -> None:
    intent = record(backend, HOSTILE, "301", Outcome.ACCEPTED)
    backend.journal.observe(intent.id, Observation(datetime.now(UTC), "statusName", HOSTILE, HOSTILE))
    async with open_console(backend, size=(120, 50)) as console:
        await open_history(console)
        assert "=[@click=app.quit]x[/]|\\x1b[2J\\u202e" in console.text
        assert not any(ord(character) < 32 and character != "\n" for character in console.text)


async def test_a_journal_that_fails_is_said(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_console(backend) as console:

        def broken(**_: object) -> None:
            raise JournalUnavailable("The journal cannot be read: the disk is gone.")

        monkeypatch.setattr(backend.journal, "intents", broken)
        await open_history(console)
        assert "the disk is gone" in console.text


@pytest.mark.slow
@pytest.mark.parametrize(("keys", "suffix"), [(("enter",), ".md"), (("tab", "enter"), ".jsonl")])
async def test_export_writes_what_is_shown_to_a_new_private_file(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    record(backend, "web-1", "301", Outcome.REJECTED)
    record(backend, "sql-2", "302", Outcome.ACCEPTED)
    async with open_console(backend) as console:
        screen = await open_history(console)
        await console.press("slash")
        await console.write("sql")
        await console.press("enter", "x")
        await console.wait_for_screen(ExportScreen)
        await console.press(*keys)
        await console.wait_for(lambda: console.app.screen is screen)
    (path,) = exported(tmp_path, suffix)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert "sql-2" in text
    assert "web-1" not in text
    if suffix == ".jsonl":
        assert [json.loads(line)["serverName"] for line in text.splitlines()] == ["sql-2"]


async def test_export_overwrites_nothing_and_says_what_is_wrong(backend: Backend, tmp_path: Path) -> None:
    taken = tmp_path / "taken.md"
    taken.write_text("mine")
    record(backend, "web-1", "301", Outcome.ACCEPTED)
    async with open_console(backend) as console:
        await open_history(console)
        await console.press("x")
        await console.wait_for_screen(ExportScreen)
        box = console.app.screen.query_one("#path", Input)
        box.value = str(taken)
        await console.press("enter")
        await console.wait_for_text("such a file already")
        box.value = str(tmp_path / "missing" / "file.md")
        await console.press("enter")
        await console.wait_for_text("It cannot be written (No such file")
        assert console.is_on(ExportScreen)
    assert taken.read_text() == "mine"


async def test_where_no_file_can_be_made_in_the_working_directory_another_is_proposed(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, gone = tmp_path / "home", tmp_path / "gone"
    home.mkdir()
    gone.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(gone)
    gone.rmdir()
    record(backend, "web-1", "301", Outcome.ACCEPTED)
    async with open_console(backend) as console:
        screen = await open_history(console)
        await console.press("x")
        await console.wait_for_screen(ExportScreen)
        shown = "".join(line.strip("│ ") for line in console.text.splitlines())
        assert f"{home}/ncpconsole-history-" in shown
        box = console.app.screen.query_one("#path", Input)
        proposed, box.value = box.value, "here"
        await console.press("enter")
        await console.wait_for_text("It cannot be written (No such file")
        box.value = proposed
        await console.press("enter")
        await console.wait_for(lambda: console.app.screen is screen)
    (path,) = exported(home, ".md")
    assert "web-1" in path.read_text(encoding="utf-8")


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(tmp_path / "target.md")
    with pytest.raises(FileExistsError):
        write_new(link, "text")
    assert not os.path.lexists(tmp_path / "target.md")


async def test_the_foot_names_each_key_whole_or_not_at_all(backend: Backend) -> None:
    """Also with the key that an unresolved record brings with it."""
    record(backend, "sql-2", "302", Outcome.UNKNOWN)
    async with open_console(backend) as console:
        await open_history(console)
        await console.wait_for_text("v resolve", "esc back", "pgdn more")
        hints = console.app.screen.query_one("#hints", Static)
        assert cell_width(str(hints.render())) <= hints.content_size.width


@pytest.mark.parametrize("key", ["question_mark", "J", "0"])
async def test_a_key_that_does_nothing_here_is_told(backend: Backend, key: str) -> None:
    """In a dialog, and in the list, where the help is a key and ``0`` sorts by no column."""
    record(backend, "web-1", "301", Outcome.ACCEPTED)
    async with open_console(backend) as console:
        await open_history(console)
        letter = {"question_mark": "?"}.get(key, key)
        await console.press(key)
        await console.wait_for_text(f"“{letter}” does nothing here; the last line names keys that do.")
        await console.press("escape", "x")
        await console.wait_for_text("“x” does nothing here")
        await console.press("j", "k", "y")
        await console.wait_for_text("Copied the number")
        assert "does nothing here" not in console.text


async def test_only_an_unresolved_unknown_can_be_resolved(backend: Backend) -> None:
    record(backend, "web-1", "301", Outcome.ACCEPTED)
    record(backend, "sql-2", "302", Outcome.UNKNOWN)
    async with open_console(backend) as console:
        if not console.is_on(type(console.app.servers)):
            await console.press("escape")
            await console.wait_for(lambda: console.app.screen is console.app.servers)
        await open_history(console)
        assert "UNKNOWN, unresolved" in console.text
        assert "1 unresolved" in console.text
        await console.press("j", "v")
        assert console.is_on(HistoryScreen)
        await console.press("k", "v")
        await console.wait_for_screen(ResolveScreen)
        await console.press("escape")
        await console.wait_for_screen(HistoryScreen)
        assert console.app.screen.query_one(OptionList).highlighted == 0


async def test_a_line_at_80_cells_says_when_outcome_server_back_and_who_on_which_machine(backend: Backend) -> None:
    intent = record(backend, "web-00012", "301", Outcome.ACCEPTED)
    back = Observation(intent.time + timedelta(seconds=10), "server", "interrupted", "back")
    backend.journal.observe(intent.id, back)
    record(backend, "ad-00068", "302", Outcome.UNKNOWN)
    async with open_console(backend) as console:
        await open_notices_away(console)
        await open_history(console)
        await console.press("down")
        await console.wait_for_text("the server was back after 10 s.", "Timeline")
        lines = console.text.splitlines()
        accepted = next(line for line in lines if "web-00012  " in line)
        for part in ("● accepted", "back after 10 s", "mina@bastion-1"):
            assert part in accepted
        assert any("? UNKNOWN locked ad-00068" in line for line in lines)
        assert "The interrupt of web-00012 (301) by mina@bastion-1" in console.text


async def open_notices_away(console: ConsoleDriver) -> None:
    """Close what is said at the start, if it is."""
    while console.app.screen is not console.servers:
        await console.app.pop_screen()
