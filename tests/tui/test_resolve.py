"""Settling an unknown outcome: evidence, a finding and a note, and nothing concluded by the console."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from textual.widgets import Button, Input

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Draft, Observation, ResolvedAs
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.widgets.dialog import Choice
from tests.tui.console_driver import ORIGIN, Backend, ConsoleDriver, HeldClient, open_backend, open_console
from tests.zones import times_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.records import Intent


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path, servers=24) as opened:
        yield opened


LONG_AGO = timedelta(minutes=6)


def unknown(backend: Backend, gateway: str = "", ago: timedelta = LONG_AGO) -> Intent:
    """An interrupt of unknown outcome, with one change seen since; ``ago`` is when it was sent."""
    server = backend.row().server
    draft = Draft(
        gateway=gateway or backend.simulator.url,
        profile="prod",
        key_fingerprint="key-12345678",
        region_code=backend.region,
        server_no=server.server_instance_no,
        server_name=server.server_name,
        snapshot=msgspec.to_builtins(server),
        rule_set="xen-windows",
        reason="",
        incident="",
        typed=server.server_name,
        method="POST",
        path="/vserver/v2/interruptServerInstance",
    )
    with Journal.open(backend.journal_path, ORIGIN, lambda: datetime.now(UTC) - ago) as journal:
        intent = journal.claim(draft)
        journal.mark_sending(intent.id)
        journal.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))
    backend.journal.observe(intent.id, Observation(datetime.now(UTC), "operation", "NULL", "SETUP"))
    found = backend.journal.intent(intent.id)
    assert found is not None
    return found


async def test_what_a_watch_and_another_console_record_meanwhile_is_in_the_evidence(backend: Backend) -> None:
    """The dialog stands open for minutes, until "not received" can be said."""
    intent = unknown(backend)
    async with open_console(backend) as console:
        console.app.push_screen(ResolveScreen(console.session, intent))
        await console.wait_for_text("the record now", "running → setting up")
        with Journal.open(backend.journal_path, ORIGIN) as other:
            other.observe(intent.id, Observation(datetime.now(UTC), "uptime", "", "2026-11-26T12:00:00+0900"))
            await console.wait_for_text("STARTED")
            other.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen on the console")
        await console.wait_for_text("resolved as accepted", "was already resolved as accepted.")
        assert console.app.screen.query_one("#resolve", Button).disabled
        await console.press("escape")


async def test_the_dialog_of_a_locked_server_offers_to_resolve_what_locks_it(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        await console.wait_for_text("cannot be sent: see above", " Resolve ", "enter resolve the unknown outcome")
        await console.press("enter")
        await console.wait_for_screen(ResolveScreen)
        await console.press("escape")
        await console.wait_for_screen(ConfirmScreen)
        await console.press("enter")
        await console.wait_for_screen(ResolveScreen)
        found = backend.journal.resolve(intent.id, ResolvedAs.ACCEPTED, "blue screen")
        console.app.screen.dismiss(found)
        # What was shown was made of the lock: it is asked for anew.
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.wait_for(lambda: console.reports == [None])
        await console.interrupt(backend.row())
        assert " Resolve " not in console.text
        assert backend.sends == 0


async def ask(console: ConsoleDriver, intent: Intent) -> list[Intent | None]:
    """Open the screen; the list gets its answer."""
    answers: list[Intent | None] = []
    console.app.push_screen(ResolveScreen(console.session, intent), answers.append)
    await console.wait_for_screen(ResolveScreen)
    return answers


@pytest.mark.parametrize(
    ("keys", "finding"), [(("right",), ResolvedAs.ACCEPTED), (("right", "right"), ResolvedAs.NOT_RECEIVED)]
)
async def test_a_finding_and_a_note_resolve_it(backend: Backend, keys: tuple[str, ...], finding: ResolvedAs) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        answers = await ask(console, intent)
        await console.press(*keys, "tab")
        await console.write("it restarted")
        await console.press("enter")
        assert console.focus == "resolve"
        assert backend.intents()[0].is_unresolved
        await console.press("enter")
        await console.wait_for(lambda: answers)
    resolution = backend.intents()[0].resolution
    assert resolution is not None
    assert (resolution.resolved_as, resolution.note, resolution.user) == (finding, "it restarted", "mina")


async def test_what_was_seen_goes_on_record_with_not_received(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        answers = await ask(console, intent)
        await console.press("right", "right", "tab", "x", "enter", "enter")
        await console.wait_for(lambda: answers)
    resolution = backend.intents()[0].resolution
    assert resolution is not None
    assert resolution.seen is not None
    assert resolution.seen["start"] == intent.draft.snapshot["uptime"]


async def test_not_received_is_counted_down_and_cannot_be_said_before(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is good for five minutes and may be executed until then; received may be said at once."""
    intent = unknown(backend)
    too_early = "The request may still be executed: 'not received' can be known in 4:"
    async with open_console(backend) as console:
        # For as long as the gateway's clock is taken to be off by five minutes, the time is not over.
        monkeypatch.setattr(HeldClient, "clock_offset", 300.0)
        answers = await ask(console, intent)
        button = console.app.screen.query_one("#resolve", Button)
        await console.press("right", "right", "tab", "x")
        await console.wait_for_text(too_early)
        assert button.disabled
        await console.press("enter")
        assert console.focus == "note"
        await console.press("shift+tab", "left")
        await console.wait_for(lambda: not button.disabled)
        assert "may still be executed" not in console.text
        await console.press("right")
        await console.wait_for_text(too_early)
        assert button.disabled
        said = console.text
        await console.wait_for(lambda: console.text != said)
        monkeypatch.setattr(HeldClient, "clock_offset", 0.0)
        await console.wait_for(lambda: not button.disabled)
        assert "may still be executed" not in console.text
        await console.press("tab", "enter", "enter")
        await console.wait_for(lambda: answers)
        assert not backend.intents()[0].is_unresolved


async def test_not_received_against_a_new_start_wants_the_number(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = unknown(backend)
    started = msgspec.structs.replace(backend.row().server, uptime="2026-03-01T21:01:00+0900")

    async def read(*_: object) -> object:
        return started

    async with open_console(backend, size=(120, 40)) as console:
        monkeypatch.setattr(backend.clients[-1], "server", read)
        answers = await ask(console, intent)
        await console.wait_for_text("It was received.")
        await console.press("right", "tab", "ctrl+u", "x", "enter", "enter")
        await console.wait_for(lambda: console.focus == "number")
        for typed in (intent.draft.server_name, intent.draft.server_no):
            assert backend.intents()[0].is_unresolved
            await console.wait_for(lambda: console.focus == "number")
            await console.press("ctrl+u")
            await console.write(typed)
            await console.press("enter", "enter")
        await console.wait_for(lambda: answers)
    resolution = backend.intents()[0].resolution
    assert resolution is not None
    assert resolution.seen is not None
    assert resolution.seen["despite"] == intent.draft.server_no


async def test_nothing_is_chosen_beforehand_and_neither_half_is_enough(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        await ask(console, intent)
        screen = console.app.screen
        button = screen.query_one("#resolve", Button)
        assert screen.query_one(Choice).chosen is None
        assert button.disabled
        await console.press("enter")
        await console.write("seen")
        await console.press("enter", "enter")
        assert button.disabled
        await console.press("shift+tab", "right")
        await console.wait_for(lambda: not button.disabled)
        await console.press("tab", "ctrl+u")
        await console.write("  ")
        await console.wait_for(lambda: button.disabled)
        assert backend.intents()[0].is_unresolved


async def test_the_evidence_is_shown_and_nothing_is_concluded_from_what_was_before(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend, size=(120, 40)) as console:
        backend.clients[-1].log = [
            Activity(event_time=1_700_000_000_000, resource_id=intent.draft.server_no, action_display_name="Interrupt"),
            Activity(
                event_time=int(time.time() * 1000),
                resource_id=intent.draft.server_no,
                action_display_name="Attach Network Interface",
            ),
        ]
        await ask(console, intent)
        await console.wait_for_text("not started again since", "Attach Network Interface")
        assert "It was received" not in console.text
        assert "→ setting up" in console.text
        assert "No answer came." in console.text


async def test_the_evidence_has_the_one_form_of_times_that_the_head_names(tmp_path: Path) -> None:
    """Both zones took two lines here, and put the activity log out of sight."""
    with times_in("Asia/Seoul"):
        async with open_backend(tmp_path, servers=24, agents=True) as backend, open_console(backend) as console:
            await ask(console, unknown(backend))
            await console.wait_for_text("times in KST", "vital signs now: alive", "last sign of life")
            (line,) = [line for line in console.text.splitlines() if "vital signs now" in line]
            assert re.search(r"last sign of life \d\d:\d\d:\d\d +│$", line)


async def test_evidence_that_is_unavailable_is_said_and_holds_nothing_up(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = unknown(backend)

    async def unreachable(*_: object) -> None:
        raise NotReached("The gateway is not reached.")

    async with open_console(backend, size=(120, 40)) as console:
        client = backend.clients[-1]
        client.log = NotReached("The tracer is not reached.")
        monkeypatch.setattr(client, "server", unreachable)
        answers = await ask(console, intent)
        await console.wait_for_text("the record now: unavailable (The gateway is not reached.)")
        await console.wait_for_text("activity log: unavailable (The tracer is not reached.)")
        await console.press("right", "tab", "x", "enter", "enter")
        await console.wait_for(lambda: answers)
        assert not backend.intents()[0].is_unresolved


async def test_another_gateways_server_is_not_looked_up_here(backend: Backend) -> None:
    intent = unknown(backend, gateway="https://elsewhere.test")
    async with open_console(backend, size=(120, 40)) as console:
        await ask(console, intent)
        assert "Open a profile of https://elsewhere.test" in console.text
        assert "the record now" not in console.text


async def test_escape_leaves_it_locked(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        answers = await ask(console, intent)
        await console.press("right", "tab", "x", "escape")
        await console.wait_for(lambda: answers == [None])
        assert backend.intents()[0].is_unresolved


async def test_a_journal_that_cannot_be_written_is_said(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    intent = unknown(backend)

    def full(*_: object) -> None:
        raise JournalUnavailable("The journal cannot be written: the disk is full.")

    async with open_console(backend) as console:
        monkeypatch.setattr(backend.journal, "resolve", full)
        await ask(console, intent)
        await console.press("right", "tab", "x", "enter", "enter")
        await console.wait_for_text("the disk is full")
        assert console.is_on(ResolveScreen)


@pytest.mark.parametrize("witness", ["a new start", "the activity log"])
async def test_the_conclusion_is_drawn_and_offered_with_its_reason(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, witness: str
) -> None:
    """At 80×24, without scrolling; two Enters take it over, and the contrary wants the number at once."""
    intent = unknown(backend)
    started = msgspec.structs.replace(backend.row().server, uptime="2026-03-01T21:01:00+0900")

    async def read(*_: object) -> object:
        return started

    async with open_console(backend) as console:
        client = backend.clients[-1]
        if witness == "a new start":
            monkeypatch.setattr(client, "server", read)
        else:
            now = int(datetime.now(UTC).timestamp() * 1000)
            number = intent.draft.server_no
            entry = Activity(event_time=now, resource_id=number, action_display_name="Interrupt Server")
            client.log = [msgspec.structs.replace(entry, action_result_type="SUCCESS")]
        answers = await ask(console, intent)
        await console.wait_for_text("It was received.", "(●) accepted")
        await console.press("right")
        await console.wait_for_text("the server's number, against what is seen")
        await console.press("left")
        await console.wait_for_text("(●) accepted")
        assert "the server's number" not in console.text
        await console.press("tab", "enter", "enter")
        await console.wait_for(lambda: answers)
    resolution = backend.intents()[0].resolution
    assert resolution is not None
    assert resolution.resolved_as is ResolvedAs.ACCEPTED
    assert "started again" in resolution.note or "activity log" in resolution.note


async def test_a_failed_interrupt_in_the_activity_log_concludes_nothing(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend, size=(120, 40)) as console:
        now = int(datetime.now(UTC).timestamp() * 1000)
        entry = Activity(event_time=now, resource_id=intent.draft.server_no, action_display_name="Interrupt Server")
        backend.clients[-1].log = [msgspec.structs.replace(entry, action_result_type="FAIL")]
        await ask(console, intent)
        await console.wait_for_text("FAIL")
        assert "It was received" not in console.text
        assert console.app.screen.query_one(Choice).chosen is None


async def test_what_is_typed_already_is_not_replaced_by_the_conclusion(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = unknown(backend)
    started = msgspec.structs.replace(backend.row().server, uptime="2026-03-01T21:01:00+0900")
    held = asyncio.Event()

    async def read(*_: object) -> object:
        await held.wait()
        return started

    async with open_console(backend) as console:
        monkeypatch.setattr(backend.clients[-1], "server", read)
        await ask(console, intent)
        await console.press("tab", "x")
        held.set()
        await console.wait_for_text("It was received.")
        assert console.app.screen.query_one(Choice).chosen is None
        assert console.app.screen.query_one("#note", Input).value == "x"


async def test_after_not_received_the_cooldown_stays_the_next_dialog_wants_the_number(backend: Backend) -> None:
    intent = unknown(backend)
    async with open_console(backend) as console:
        answers = await ask(console, intent)
        await console.press("right", "right", "tab", "x", "enter", "enter")
        await console.wait_for(lambda: answers)
        while console.app.screen is not console.servers:
            await console.app.pop_screen()
        console.app.presenter.journal_changed()
        await console.wait_for_idle()
        row = next(row for row in console.servers.table.rows if row.number == intent.draft.server_no)
        assert row.verdict.cautions
        await console.open_dialog(row.key)
        await console.wait_for_text("Type the number", "earlier interrupt of this server")
