"""One interrupt from the key to the watch: what is sent, what is said, and what survives a screen."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui import interrupt_flow
from ncpconsole.tui.screens import result
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import LoadingDialog, QuitConfirm, RefusalDialog
from tests.core.fakes import NOTHING_AROUND
from tests.tui.console_driver import NEVER, Accounts, Backend, open_backend, open_console

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_whole_way_is_shown_and_recorded(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.send(row)
        await console.wait_for_text("ACCEPTED")
        assert "not proof" in console.text
        await console.press("escape")
        await console.wait_for(lambda: console.reports)
        (intent,) = backend.intents()
        report = console.reports[0]
        assert report is not None
        assert report.intent is not None
        assert (report.intent.id, intent.outcome) == (intent.id, Outcome.ACCEPTED)
        assert intent.draft.typed == row.name


async def test_an_unknown_number_is_refused_in_words(backend: Backend) -> None:
    async with open_console(backend) as console:
        flow = partial(console.app.flow.interrupt, console.session, backend.region, "99999999", NOTHING_AROUND)
        console.app.interrupt_commands.run(flow)
        await console.wait_for_screen(RefusalDialog)
        assert "There is no server 99999999" in console.text
        await console.press("escape")
        assert backend.sends == 0


async def test_a_gateway_that_is_not_reached_is_said_and_nothing_is_sent(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await backend.simulator.__aexit__(None, None, None)
        await console.interrupt(row)
        assert console.is_on(RefusalDialog)
        assert "NOT READ" in console.text
        assert "Nothing was sent" in console.text


async def test_a_journal_that_cannot_be_read_is_said_and_nothing_is_sent(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = backend.row()

    def unreadable(**_: object) -> None:
        raise JournalUnavailable("The journal cannot be read: the disk is gone.")

    async with open_console(backend) as console:
        monkeypatch.setattr(backend.journal, "intents", unreadable)
        await console.interrupt(row)
        assert console.is_on(RefusalDialog)
        assert "the disk is gone" in console.text
        assert backend.sends == 0


async def test_reading_again_is_said_and_can_be_called_off(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    row = backend.row()
    async with open_console(backend) as console:

        async def never(*_: object, **__: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(backend.clients[-1], "server", never)
        number = row.server.server_instance_no
        flow = partial(console.app.flow.interrupt, console.session, backend.region, number, NOTHING_AROUND, row=row)
        console.app.interrupt_commands.run(flow)
        await console.wait_for_screen(LoadingDialog)
        assert f"Reading {row.name} again" in console.text
        await console.press("exclamation_mark", "enter", "h")
        assert console.is_on(LoadingDialog)
        await console.press("escape")
        await console.wait_for_screen(type(console.app.servers))
        assert not console.app.flow.is_open


async def test_a_switch_between_dialog_and_send_sends_nothing(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.confirm(row)
        console.app.account.session = backend.session(profile="test")
        await console.press("enter")
        await console.wait_for_screen(RefusalDialog)
        assert "switched" in console.text
        assert backend.sends == 0
        assert backend.intents() == []


async def test_escape_while_connecting_ends_as_not_sent(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        client = backend.clients[-1]
        client.connecting = asyncio.Event()
        await console.send(row)
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("CONNECTING")
        assert console.app.flow.sending == {f"{row.name} ({row.number})"}
        await console.press("escape")
        await console.wait_for_text("NOT SENT")
        assert console.app.flow.sending == set()
        client.connecting.set()
        await console.press("escape")
        await console.wait_for(lambda: console.reports)
        assert backend.intents()[0].outcome is Outcome.NOT_SENT
        assert backend.sends == 0


async def test_nothing_is_drawn_between_send_and_the_first_byte(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupt_flow, "HEAD_START", NEVER)
    async with open_console(backend) as console:
        backend.clients[-1].connecting = asyncio.Event()
        await console.send(backend.row())
        await console.wait_for(lambda: console.app.flow.sending)
        assert console.is_on(ConfirmScreen)
        assert not console.app.screen.query_one("#send").has_class("-active")
        backend.clients[-1].connecting.set()
        await console.wait_for_text("ACCEPTED")


async def test_after_the_first_byte_there_is_no_way_back(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        client = backend.clients[-1]
        client.answering = asyncio.Event()
        await console.send(row)
        await console.wait_for(lambda: backend.sends == 1)
        await console.wait_for_text("cannot be called back")
        assert "for up to 30 s" in console.text
        await console.press("escape", "enter", "q", "escape")
        assert console.is_on(ResultScreen)
        client.answering.set()
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_an_unknown_outcome_says_do_not_repeat_and_locks_the_server(tmp_path: Path) -> None:
    # A server that is back would tell that it was received.
    async with open_backend(tmp_path, interrupt_seconds=600) as backend, open_console(backend) as console:
        row = backend.row()
        client = backend.clients[-1]
        client.says = SendResult(outcome=Outcome.UNKNOWN, message="No answer came within 30 s.")
        await console.send(row)
        await console.wait_for_text("UNKNOWN")
        for expected in ("No answer came", "Do not repeat it", "locked", "resolve"):
            assert expected in console.text
        await console.press("escape")
        await console.wait_for(lambda: console.reports)
        client.says = None
        await console.interrupt(row)
        assert console.is_on(ConfirmScreen)
        assert "cannot be sent: see above" in console.text
        await console.write(row.number)
        await console.press("enter", "enter", "tab", "tab", "enter")
        assert backend.sends == 1
        assert len(backend.intents()) == 1


async def test_a_rejected_interrupt_shows_the_answer(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        backend.clients[-1].says = SendResult(
            outcome=Outcome.REJECTED,
            message="NAVER Cloud rejected it.",
            http_status=401,
            return_code="210",
            return_message="Permission [red]Denied[/red]\x1b[2J",
            request_ids=("req-1",),
        )
        await console.send(row)
        await console.wait_for_text("REJECTED")
        for expected in ("HTTP 401", "code 210", "Permission [red]Denied[/red]\\x1b[2J", "req-1"):
            assert expected in console.text


async def test_a_server_that_changed_meanwhile_is_not_sent(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        await console.write(row.name)

        async def gone(*_: object) -> None:
            return None

        monkeypatch.setattr(backend.clients[-1], "server", gone)
        await console.press("enter", "enter")
        await console.wait_for_text("NOT SENT")
        assert "gone" in console.text
        assert backend.sends == 0


async def test_one_flow_at_a_time(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        second = console.app.flow.interrupt(console.session, backend.region, row.number, NOTHING_AROUND, row=row)
        done = console.app.run_worker(second)
        await console.wait_for(lambda: done.is_finished)
        assert done.result is None
        assert sum(isinstance(screen, ConfirmScreen) for screen in console.app.screen_stack) == 1


@pytest.mark.slow
async def test_the_watch_rings_when_the_server_is_back_and_outlives_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {"prod": {"watch_every": 0.05}}
    rung: list[bool] = []
    async with (
        open_backend(tmp_path, interrupt_seconds=3) as backend,
        open_console(Accounts(backend, policies=quick)) as console,
    ):

        def bell() -> None:
            rung.append("server" in {seen.field for seen in backend.intents()[0].observations})

        monkeypatch.setattr(console.app, "bell", bell)
        await console.send(backend.row())
        await console.wait_for_text("ACCEPTED")
        await console.press("escape")
        await console.wait_for(lambda: console.reports)
        await console.wait_for(lambda: rung)
        fields = {seen.field for seen in backend.intents()[0].observations}
        assert {"operation", "uptime", "server"} <= fields
        assert rung == [True]


async def test_an_unknown_outcome_is_watched_too_and_nothing_is_concluded(backend: Backend) -> None:
    quick = {"prod": {"watch_every": 0.05}}
    async with open_console(Accounts(backend, policies=quick)) as console:
        backend.clients[-1].says = SendResult(outcome=Outcome.UNKNOWN, message="No answer came within 30 s.")
        await console.send(backend.row())
        await console.wait_for_text("UNKNOWN")
        await console.wait_for(lambda: "server" in {seen.field for seen in backend.intents()[0].observations})
        assert backend.intents()[0].is_unresolved
        assert all(seen.time >= backend.intents()[0].time for seen in backend.intents()[0].observations)


@pytest.mark.slow
async def test_the_result_screen_shows_the_watch(tmp_path: Path) -> None:
    quick = {"prod": {"watch_every": 0.05, "watch_for": 5}}
    async with (
        open_backend(tmp_path, interrupt_seconds=2) as backend,
        open_console(Accounts(backend, policies=quick), size=(80, 40)) as console,
    ):
        await console.send(backend.row())
        await console.wait_for_text("the server is back")
        assert "→ setting up" in console.text
        await console.wait_for(
            lambda: "watching for its guest's first metrics until" in " ".join(console.text.replace("│", "").split())
        )
        await console.wait_for_text("the watch ended")


async def test_enter_closes_an_outcome_only_once_it_could_be_read(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "SETTLE_SECONDS", NEVER)
    async with open_console(backend) as console:
        await console.send(backend.row())
        await console.wait_for_text("ACCEPTED")
        await console.press("enter", "enter")
        assert isinstance(console.app.screen, ResultScreen)
        console.app.screen._settle()  # as once it could be read
        await console.wait_for_text("enter")
        await console.press("enter")
        await console.wait_for(lambda: console.reports)


async def test_quitting_while_sending_asks_and_waiting_is_the_default(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        client = backend.clients[-1]
        client.answering = asyncio.Event()
        await console.send(row)
        await console.wait_for(lambda: backend.sends == 1)
        await console.press("ctrl+q")
        await console.wait_for_screen(QuitConfirm)
        assert row.name in console.text
        await console.press("enter")
        await console.wait_for_screen(ResultScreen)
        await console.press("ctrl+q")
        await console.wait_for_screen(QuitConfirm)
        client.answering.set()
        await console.wait_for(lambda: console.is_on(ResultScreen) and "ACCEPTED" in console.text)
        assert console.app.is_running


async def test_quitting_anyway_leaves_it_unknown(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        backend.clients[-1].answering = asyncio.Event()
        await console.send(row)
        await console.wait_for(lambda: backend.sends == 1)
        await console.press("ctrl+q")
        await console.wait_for_screen(QuitConfirm)
        await console.press("tab", "enter")
        await console.wait_for(lambda: not console.app.is_running)
    (intent,) = backend.intents()
    assert intent.outcome is Outcome.UNKNOWN
    assert intent.is_unresolved
    assert backend.sends == 1


async def test_quitting_while_connecting_sends_nothing(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        backend.clients[-1].connecting = asyncio.Event()
        await console.send(row)
        await console.wait_for(lambda: console.app.flow.sending)
        await console.press("ctrl+q")
        await console.wait_for_screen(QuitConfirm)
        await console.press("tab", "enter")
        await console.wait_for(lambda: not console.app.is_running)
    (intent,) = backend.intents()
    assert intent.outcome is Outcome.NOT_SENT
    assert backend.sends == 0


async def test_a_cancelled_send_is_told_as_the_journal_has_it(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        client = backend.clients[-1]
        client.connecting = asyncio.Event()
        await console.send(row)
        await console.wait_for_text("CONNECTING")
        await console.press("escape", "escape")
        await console.wait_for(lambda: "NOT SENT" in console.text or console.reports)
        assert backend.intents()[0].outcome is Outcome.NOT_SENT


async def test_the_list_hears_of_start_and_end(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    row = backend.row()
    async with open_console(backend) as console:
        posted = console.app.post_message

        def note(message: object) -> bool:
            heard.append(type(message).__name__)
            return posted(message)  # type: ignore[arg-type]  # whatever was posted is passed on

        monkeypatch.setattr(console.app, "post_message", note)
        await console.send(row)
        await console.wait_for(lambda: "Watched" in heard)
        assert heard.index("SendFinished") < heard.index("Watched")


async def test_the_activity_log_never_holds_a_send_up(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        backend.clients[-1].log = NotReached("The activity tracer is not reached.")
        await console.send(row)
        await console.wait_for_text("ACCEPTED")
