"""One interrupt from the key to the watch: what is sent, what is said, and what survives a screen."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui import interrupt_flow as interrupting
from ncpconsole.tui.interrupt_flow import interrupt_flow, is_open
from ncpconsole.tui.screens import result
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog
from tests.core.fakes import NOTHING_AROUND
from tests.tui.bench import Bench, Table, open_bench, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.inventory import Row


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path) as opened:
        yield opened


async def confirm(table: Table, row: Row) -> None:
    """Open the dialog, type the name, and press Send."""
    await table.interrupt(row)
    await table.write(row.name)
    await table.press("enter", "enter")


async def test_the_whole_way_is_shown_and_recorded(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await confirm(table, row)
        await table.until(lambda: "ACCEPTED" in table.text)
        assert "not proof" in table.text
        await table.press("escape")
        await table.until(lambda: table.reports)
        (intent,) = bench.intents()
        report = table.reports[0]
        assert report is not None
        assert report.intent is not None
        assert (report.intent.id, intent.outcome) == (intent.id, Outcome.ACCEPTED)
        assert intent.draft.typed == row.name


async def test_an_unknown_number_is_refused_in_words(bench: Bench) -> None:
    async with sit_down(bench) as table:
        flow = partial(interrupt_flow, table.app, table.session, bench.region, "99999999", NOTHING_AROUND)
        table.app.run_flow(flow)
        await table.until_on(RefusalDialog)
        assert "There is no server 99999999" in table.text
        await table.press("escape")
        assert bench.sends == 0


async def test_a_gateway_that_is_not_reached_is_said_and_nothing_is_sent(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await bench.simulator.__aexit__(None, None, None)
        await table.interrupt(row)
        assert table.is_on(RefusalDialog)
        assert "NOT READ" in table.text
        assert "Nothing was sent" in table.text


async def test_a_journal_that_cannot_be_read_is_said_and_nothing_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bench.row()

    def unreadable(**_: object) -> None:
        raise JournalUnavailable("The journal cannot be read: the disk is gone.")

    async with sit_down(bench) as table:
        monkeypatch.setattr(bench.journal, "intents", unreadable)
        await table.interrupt(row)
        assert table.is_on(RefusalDialog)
        assert "the disk is gone" in table.text
        assert bench.sends == 0


async def test_reading_again_is_said_and_can_be_called_off(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bench.row()
    async with sit_down(bench) as table:

        async def never(*_: object, **__: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(bench.clients[-1], "server", never)
        number = row.server.server_instance_no
        flow = partial(
            interrupt_flow, table.app, table.session, bench.region, number, NOTHING_AROUND, row=row
        )
        table.app.run_flow(flow)
        await table.until_on(LoadingDialog)
        assert f"Reading {row.name} again" in table.text
        await table.press("exclamation_mark", "enter", "h")
        assert table.is_on(LoadingDialog)
        await table.press("escape")
        await table.until_on(type(table.app.servers))
        assert not is_open(table.app)


async def test_a_switch_between_dialog_and_send_sends_nothing(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter")
        table.app.session = bench.session(profile="test")
        await table.press("enter")
        await table.until_on(RefusalDialog)
        assert "switched" in table.text
        assert bench.sends == 0
        assert bench.intents() == []


async def test_escape_while_connecting_ends_as_not_sent(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        client = bench.clients[-1]
        client.connecting = asyncio.Event()
        await confirm(table, row)
        await table.until_on(ResultScreen)
        await table.until(lambda: "CONNECTING" in table.text)
        assert table.app.sending == {f"{row.name} ({row.number})"}
        await table.press("escape")
        await table.until(lambda: "NOT SENT" in table.text)
        assert table.app.sending == set()
        client.connecting.set()
        await table.press("escape")
        await table.until(lambda: table.reports)
        assert bench.intents()[0].outcome is Outcome.NOT_SENT
        assert bench.sends == 0


async def test_after_the_first_byte_there_is_no_way_back(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        client = bench.clients[-1]
        client.answering = asyncio.Event()
        await confirm(table, row)
        await table.until(lambda: bench.sends == 1)
        await table.until(lambda: "cannot be called back" in table.text)
        assert "for up to 30 s" in table.text
        await table.press("escape", "enter", "q", "escape")
        assert table.is_on(ResultScreen)
        client.answering.set()
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1


async def test_an_unknown_outcome_says_do_not_repeat_and_locks_the_server(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        client = bench.clients[-1]
        client.says = SendResult(outcome=Outcome.UNKNOWN, message="No answer came within 30 s.")
        await confirm(table, row)
        await table.until(lambda: "UNKNOWN" in table.text)
        for expected in ("No answer came", "Do not repeat it", "locked", "resolve"):
            assert expected in table.text
        await table.press("escape")
        await table.until(lambda: table.reports)
        client.says = None
        await table.interrupt(row)
        assert table.is_on(ConfirmScreen)
        assert "cannot be sent: see above" in table.text
        await table.write(row.number)
        await table.press("enter", "enter", "tab", "tab", "enter")
        assert bench.sends == 1
        assert len(bench.intents()) == 1


async def test_a_rejected_interrupt_shows_the_answer(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        bench.clients[-1].says = SendResult(
            outcome=Outcome.REJECTED,
            message="NAVER Cloud rejected it.",
            http_status=401,
            return_code="210",
            return_message="Permission [red]Denied[/red]\x1b[2J",
            request_id="req-1",
        )
        await confirm(table, row)
        await table.until(lambda: "REJECTED" in table.text)
        for expected in ("HTTP 401", "code 210", "Permission [red]Denied[/red]\\x1b[2J", "req-1"):
            assert expected in table.text


async def test_a_server_that_changed_meanwhile_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)

        async def gone(*_: object) -> None:
            return None

        monkeypatch.setattr(bench.clients[-1], "server", gone)
        await table.press("enter", "enter")
        await table.until(lambda: "NOT SENT" in table.text)
        assert "gone" in table.text
        assert bench.sends == 0


async def test_one_flow_at_a_time(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        second = interrupt_flow(table.app, table.session, bench.region, row.number, NOTHING_AROUND, row=row)
        done = table.app.run_worker(second)
        await table.until(lambda: done.is_finished)
        assert done.result is None
        assert sum(isinstance(screen, ConfirmScreen) for screen in table.app.screen_stack) == 1


async def test_the_watch_rings_when_the_server_is_back_and_outlives_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupting, "WATCH_EVERY", 0.05)
    rung: list[bool] = []
    async with open_bench(tmp_path, interrupt_seconds=3) as bench, sit_down(bench) as table:

        def bell() -> None:
            rung.append("server" in {seen.field for seen in bench.intents()[0].observations})

        monkeypatch.setattr(table.app, "bell", bell)
        await confirm(table, bench.row())
        await table.until(lambda: "ACCEPTED" in table.text)
        await table.press("escape")
        await table.until(lambda: table.reports)
        await table.until(lambda: rung)
        fields = {seen.field for seen in bench.intents()[0].observations}
        assert {"operation", "uptime", "server"} <= fields
        assert rung == [True]


async def test_an_unknown_outcome_is_watched_too_and_nothing_is_concluded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupting, "WATCH_EVERY", 0.05)
    async with sit_down(bench) as table:
        bench.clients[-1].says = SendResult(outcome=Outcome.UNKNOWN, message="No answer came within 30 s.")
        await confirm(table, bench.row())
        await table.until(lambda: "UNKNOWN" in table.text)
        await table.until(lambda: "server" in {seen.field for seen in bench.intents()[0].observations})
        assert bench.intents()[0].is_unresolved
        assert all(seen.time >= bench.intents()[0].time for seen in bench.intents()[0].observations)


async def test_the_result_screen_shows_the_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupting, "WATCH_EVERY", 0.05)
    monkeypatch.setattr(interrupting, "WATCH_LASTING", 5.0)
    async with (
        open_bench(tmp_path, interrupt_seconds=2) as bench,
        sit_down(bench, size=(80, 40)) as table,
    ):
        await confirm(table, bench.row())
        await table.until(lambda: "the server is back" in table.text)
        assert "now setting up" in table.text
        await table.until(lambda: "the watch ended" in table.text)


async def test_enter_closes_an_outcome_only_once_it_could_be_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "SETTLE_SECONDS", 3.0)
    async with sit_down(bench) as table:
        await confirm(table, bench.row())
        await table.until(lambda: "ACCEPTED" in table.text)
        await table.press("enter", "enter")
        assert table.is_on(ResultScreen)
        await table.until(lambda: "enter" in table.text)
        await table.press("enter")
        await table.until(lambda: table.reports)


async def test_quitting_while_sending_asks_and_waiting_is_the_default(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        client = bench.clients[-1]
        client.answering = asyncio.Event()
        await confirm(table, row)
        await table.until(lambda: bench.sends == 1)
        await table.press("ctrl+q")
        await table.until_on(QuitConfirm)
        assert row.name in table.text
        await table.press("enter")
        await table.until_on(ResultScreen)
        await table.press("ctrl+q")
        await table.until_on(QuitConfirm)
        client.answering.set()
        await table.until(lambda: table.is_on(ResultScreen) and "ACCEPTED" in table.text)
        assert table.app.is_running


async def test_quitting_anyway_leaves_it_unknown(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        bench.clients[-1].answering = asyncio.Event()
        await confirm(table, row)
        await table.until(lambda: bench.sends == 1)
        await table.press("ctrl+q")
        await table.until_on(QuitConfirm)
        await table.press("tab", "enter")
        await table.until(lambda: not table.app.is_running)
    (intent,) = bench.intents()
    assert intent.outcome is Outcome.UNKNOWN
    assert intent.is_unresolved
    assert bench.sends == 1


async def test_quitting_while_connecting_sends_nothing(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        bench.clients[-1].connecting = asyncio.Event()
        await confirm(table, row)
        await table.until(lambda: table.app.sending)
        await table.press("ctrl+q")
        await table.until_on(QuitConfirm)
        await table.press("tab", "enter")
        await table.until(lambda: not table.app.is_running)
    (intent,) = bench.intents()
    assert intent.outcome is Outcome.NOT_SENT
    assert bench.sends == 0


async def test_a_cancelled_send_is_told_as_the_journal_has_it(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        client = bench.clients[-1]
        client.connecting = asyncio.Event()
        await confirm(table, row)
        await table.until(lambda: "CONNECTING" in table.text)
        await table.press("escape", "escape")
        await table.until(lambda: "NOT SENT" in table.text or table.reports)
        assert bench.intents()[0].outcome is Outcome.NOT_SENT


async def test_the_list_hears_of_start_and_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    row = bench.row()
    async with sit_down(bench) as table:
        posted = table.app.post_message

        def note(message: object) -> bool:
            heard.append(type(message).__name__)
            return posted(message)  # type: ignore[arg-type]  # whatever was posted is passed on

        monkeypatch.setattr(table.app, "post_message", note)
        await confirm(table, row)
        await table.until(lambda: "Watched" in heard)
        assert heard.index("SendStarted") < heard.index("SendFinished") < heard.index("Watched")


async def test_the_activity_log_never_holds_a_send_up(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        bench.clients[-1].log = NotReached("The activity tracer is not reached.")
        await confirm(table, row)
        await table.until(lambda: "ACCEPTED" in table.text)
