"""Settling an unknown outcome: evidence, a finding and a note, and nothing concluded by the console."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from textual.widgets import Button

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.records import Draft, Observation, ResolvedAs
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.resolve import ResolveScreen
from ncpconsole.tui.widgets.dialog import Choice
from tests.tui.bench import Bench, Table, open_bench, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.journal.records import Intent


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path, servers=24) as opened:
        yield opened


def unknown(bench: Bench, gateway: str = "") -> Intent:
    """An interrupt of unknown outcome, with one change seen since."""
    server = bench.row().server
    draft = Draft(
        gateway=gateway or bench.simulator.url,
        profile="prod",
        key_fingerprint="key-12345678",
        region_code=bench.region,
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
    intent = bench.journal.claim(draft)
    bench.journal.mark_sending(intent.id)
    bench.journal.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))
    bench.journal.observe(intent.id, Observation(datetime.now(UTC), "operation", "NULL", "SETUP"))
    found = bench.journal.intent(intent.id)
    assert found is not None
    return found


async def ask(table: Table, intent: Intent) -> list[Intent | None]:
    """Open the screen; the list gets its answer."""
    answers: list[Intent | None] = []
    table.app.push_screen(ResolveScreen(table.session, intent), answers.append)
    await table.until_on(ResolveScreen)
    return answers


@pytest.mark.parametrize(
    ("keys", "finding"), [(("right",), ResolvedAs.ACCEPTED), (("right", "right"), ResolvedAs.NOT_RECEIVED)]
)
async def test_a_finding_and_a_note_resolve_it(
    bench: Bench, keys: tuple[str, ...], finding: ResolvedAs
) -> None:
    intent = unknown(bench)
    async with sit_down(bench) as table:
        answers = await ask(table, intent)
        await table.press(*keys, "tab")
        await table.write("it restarted")
        await table.press("enter")
        assert table.focus == "resolve"
        assert bench.intents()[0].is_unresolved
        await table.press("enter")
        await table.until(lambda: answers)
    resolution = bench.intents()[0].resolution
    assert resolution is not None
    assert (resolution.resolved_as, resolution.note, resolution.user) == (finding, "it restarted", "mina")


async def test_nothing_is_chosen_beforehand_and_neither_half_is_enough(bench: Bench) -> None:
    intent = unknown(bench)
    async with sit_down(bench) as table:
        await ask(table, intent)
        screen = table.app.screen
        button = screen.query_one("#resolve", Button)
        assert screen.query_one(Choice).chosen is None
        assert button.disabled
        await table.press("enter")
        await table.write("seen")
        await table.press("enter", "enter")
        assert button.disabled
        await table.press("shift+tab", "right")
        await table.until(lambda: not button.disabled)
        await table.press("tab", "ctrl+u")
        await table.write("  ")
        await table.until(lambda: button.disabled)
        assert bench.intents()[0].is_unresolved


async def test_the_evidence_is_shown_and_nothing_is_concluded(bench: Bench) -> None:
    intent = unknown(bench)
    async with sit_down(bench, size=(120, 40)) as table:
        bench.clients[-1].log = [
            Activity(
                event_time=1_700_000_000_000,
                resource_id=intent.draft.server_no,
                action_display_name="Interrupt",
            )
        ]
        await ask(table, intent)
        await table.until(lambda: "last start as before" in table.text and "Interrupt  " in table.text)
        assert "now setting up" in table.text
        assert "No answer came." in table.text


async def test_evidence_that_is_unavailable_is_said_and_holds_nothing_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = unknown(bench)

    async def unreachable(*_: object) -> None:
        raise NotReached("The gateway is not reached.")

    async with sit_down(bench, size=(120, 40)) as table:
        client = bench.clients[-1]
        client.log = NotReached("The tracer is not reached.")
        monkeypatch.setattr(client, "server", unreachable)
        answers = await ask(table, intent)
        await table.until(lambda: "the record now: unavailable (The gateway is not reached.)" in table.text)
        await table.until(lambda: "activity log: unavailable (The tracer is not reached.)" in table.text)
        await table.press("right", "tab", "x", "enter", "enter")
        await table.until(lambda: answers)
        assert not bench.intents()[0].is_unresolved


async def test_another_gateways_server_is_not_looked_up_here(bench: Bench) -> None:
    intent = unknown(bench, gateway="https://elsewhere.test")
    async with sit_down(bench, size=(120, 40)) as table:
        await ask(table, intent)
        assert "Open a profile of https://elsewhere.test" in table.text
        assert "the record now" not in table.text


async def test_escape_leaves_it_locked(bench: Bench) -> None:
    intent = unknown(bench)
    async with sit_down(bench) as table:
        answers = await ask(table, intent)
        await table.press("right", "tab", "x", "escape")
        await table.until(lambda: answers == [None])
        assert bench.intents()[0].is_unresolved


async def test_a_journal_that_cannot_be_written_is_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = unknown(bench)

    def full(*_: object) -> None:
        raise JournalUnavailable("The journal cannot be written: the disk is full.")

    async with sit_down(bench) as table:
        monkeypatch.setattr(bench.journal, "resolve", full)
        await ask(table, intent)
        await table.press("right", "tab", "x", "enter", "enter")
        await table.until(lambda: "the disk is full" in table.text)
        assert table.is_on(ResolveScreen)
