"""The history: what it lists, how it is searched, and what it writes to a file."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.records import Draft, Observation
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.export import ExportScreen, write_new
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from tests.tui.bench import Bench, Table, open_bench, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.journal.records import Intent

HOSTILE = "=[@click=app.quit]x[/]|\x1b[2J\u202e"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path, servers=24) as opened:
        yield opened


def record(
    bench: Bench, name: str, number: str, outcome: Outcome, gateway: str = "", incident: str = ""
) -> Intent:
    """One interrupt in the journal, with its outcome."""
    draft = Draft(
        gateway=gateway or bench.simulator.url,
        profile="prod",
        key_fingerprint="key-12345678",
        region_code=bench.region,
        server_no=number,
        server_name=name,
        snapshot={"uptime": "2026-02-01T00:00:00+0900"},
        rule_set="xen-windows",
        reason="hangs",
        incident=incident,
        typed=name,
        method="POST",
        path="/vserver/v2/interruptServerInstance",
    )
    intent = bench.journal.claim(draft)
    if outcome is not Outcome.NOT_SENT:
        bench.journal.mark_sending(intent.id)
    return bench.journal.finish(intent.id, SendResult(outcome=outcome, message=f"It was {outcome}."))


def exported(directory: Path, suffix: str) -> list[Path]:
    """The files that an export left behind."""
    return list(directory.glob(f"ncpconsole-history-*{suffix}"))


async def open_history(table: Table) -> HistoryScreen:
    """Press the key that shows the history."""
    await table.press("h")
    await table.until_on(HistoryScreen)
    screen = table.app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


async def test_newest_first_with_outcome_who_and_details(bench: Bench) -> None:
    record(bench, "web-1", "301", Outcome.REJECTED)
    record(bench, "sql-2", "302", Outcome.ACCEPTED, incident="INC-7")
    async with sit_down(bench, bench.session(incident="INC-9"), size=(120, 40)) as table:
        await open_history(table)
        shown = table.text
        assert shown.index("sql-2") < shown.index("web-1")
        for expected in (
            "accepted",
            "rejected",
            "mina",
            "incident INC-9",
            "INC-7",
            "hangs",
            "Timeline",
            "chain head",
        ):
            assert expected in shown
        assert bench.journal.head()[:16] in shown
        await table.press("j")
        await table.until(lambda: "It was rejected." in table.text)
        await table.press("q")
        await table.until(lambda: table.app.screen is table.app.servers)


async def test_an_empty_history_says_so(bench: Bench) -> None:
    async with sit_down(bench) as table:
        await open_history(table)
        assert "No interrupt is recorded here yet." in table.text
        await table.press("x", "v", "j", "k", "g", "G")
        assert table.is_on(HistoryScreen)


async def test_the_filter_is_live_and_escape_clears_it_first(bench: Bench) -> None:
    record(bench, "web-1", "301", Outcome.REJECTED)
    record(bench, "결제-2", "302", Outcome.ACCEPTED)
    async with sit_down(bench) as table:
        screen = await open_history(table)
        await table.press("slash")
        await table.write("web rej")
        await table.until(lambda: [intent.draft.server_name for intent in screen.shown] == ["web-1"])
        assert "1 of 2" in table.text
        await table.press("enter")
        assert table.focus == "intents"
        await table.press("escape")
        await table.until(lambda: len(screen.shown) == 2)
        assert table.is_on(HistoryScreen)
        await table.press("slash")
        await table.write("qjx")
        assert table.app.screen.query_one("#filter", Input).value == "qjx"
        assert "No match." in table.text


async def test_this_gateway_or_all(bench: Bench) -> None:
    record(bench, "web-1", "301", Outcome.ACCEPTED)
    record(bench, "far-2", "302", Outcome.ACCEPTED, gateway="https://elsewhere.test")
    async with sit_down(bench) as table:
        screen = await open_history(table)
        assert [intent.draft.server_name for intent in screen.shown] == ["web-1"]
        await table.press("a")
        assert [intent.draft.server_name for intent in screen.shown] == ["far-2", "web-1"]
        assert "all gateways" in table.text


async def test_the_cursor_stays_on_its_record(bench: Bench) -> None:
    for number in range(301, 306):
        record(bench, f"web-{number}", str(number), Outcome.ACCEPTED)
    async with sit_down(bench) as table:
        screen = await open_history(table)
        await table.press("j", "j")
        assert screen.selected is not None
        kept = screen.selected.id
        record(bench, "new-1", "400", Outcome.ACCEPTED)
        screen.reload()
        await table.pilot.pause()
        assert screen.selected.id == kept


async def test_hostile_text_is_only_drawn(bench: Bench) -> None:
    intent = record(bench, HOSTILE, "301", Outcome.ACCEPTED)
    bench.journal.observe(intent.id, Observation(datetime.now(UTC), "statusName", HOSTILE, HOSTILE))
    async with sit_down(bench, size=(120, 50)) as table:
        await open_history(table)
        assert "=[@click=app.quit]x[/]|\\x1b[2J\\u202e" in table.text
        assert not any(ord(character) < 32 and character != "\n" for character in table.text)


async def test_a_journal_that_fails_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with sit_down(bench) as table:

        def broken(**_: object) -> None:
            raise JournalUnavailable("The journal cannot be read: the disk is gone.")

        monkeypatch.setattr(bench.journal, "intents", broken)
        await open_history(table)
        assert "the disk is gone" in table.text


@pytest.mark.parametrize(("keys", "suffix"), [(("enter",), ".md"), (("tab", "enter"), ".jsonl")])
async def test_export_writes_what_is_shown_to_a_new_private_file(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    record(bench, "web-1", "301", Outcome.REJECTED)
    record(bench, "sql-2", "302", Outcome.ACCEPTED)
    async with sit_down(bench) as table:
        screen = await open_history(table)
        await table.press("slash")
        await table.write("sql")
        await table.press("enter", "x")
        await table.until_on(ExportScreen)
        await table.press(*keys)
        await table.until(lambda: table.app.screen is screen)
    (path,) = exported(tmp_path, suffix)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert "sql-2" in text
    assert "web-1" not in text
    if suffix == ".jsonl":
        assert [json.loads(line)["serverName"] for line in text.splitlines()] == ["sql-2"]


async def test_export_overwrites_nothing_and_says_what_is_wrong(bench: Bench, tmp_path: Path) -> None:
    taken = tmp_path / "taken.md"
    taken.write_text("mine")
    record(bench, "web-1", "301", Outcome.ACCEPTED)
    async with sit_down(bench) as table:
        await open_history(table)
        await table.press("x")
        await table.until_on(ExportScreen)
        box = table.app.screen.query_one("#path", Input)
        box.value = str(taken)
        await table.press("enter")
        await table.until(lambda: "such a file already" in table.text)
        await table.until_released()
        box.value = str(tmp_path / "missing" / "file.md")
        await table.press("enter")
        await table.until(lambda: "It cannot be written (No such file" in table.text)
        assert table.is_on(ExportScreen)
    assert taken.read_text() == "mine"


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(tmp_path / "target.md")
    with pytest.raises(FileExistsError):
        write_new(link, "text")
    assert not os.path.lexists(tmp_path / "target.md")


async def test_only_an_unresolved_unknown_can_be_resolved(bench: Bench) -> None:
    record(bench, "web-1", "301", Outcome.ACCEPTED)
    record(bench, "sql-2", "302", Outcome.UNKNOWN)
    async with sit_down(bench) as table:
        if not table.is_on(type(table.app.servers)):
            await table.press("escape")
            await table.until(lambda: table.app.screen is table.app.servers)
        await open_history(table)
        assert "UNKNOWN, unresolved" in table.text
        assert "1 unresolved" in table.text
        await table.press("j", "v")
        assert table.is_on(HistoryScreen)
        await table.press("k", "v")
        await table.until_on(ResolveScreen)
        await table.press("escape")
        await table.until_on(HistoryScreen)
        assert table.app.screen.query_one(OptionList).highlighted == 0
