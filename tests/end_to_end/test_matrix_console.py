"""The safety matrix through the console: keys are pressed, and what reached the gateway is counted."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.cli.accounts import UserAccounts
from ncpconsole.cli.options import Options
from ncpconsole.cli.wiring import Wiring
from ncpconsole.core.export import server_fields
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.inputs import TypedInput
from tests.end_to_end.cells import CELLS, Cell, is_of, typed_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot
    from textual.screen import Screen

ASKED = {"eligible", "busy"}
"""The kinds of server whose key opens the dialog; of any other a screen says no, which has no box to type into."""
# A dry run has no key on screen, and a number that the account does not have cannot be selected there.
ON_SCREEN = [
    cell
    for cell in CELLS
    if cell.mode != "dry-run" and cell.kind != "unknown number" and (cell.kind in ASKED or cell.typed == "nothing")
]


@asynccontextmanager
async def console(gateway: Simulator, *, read_only: bool) -> AsyncIterator[tuple[ConsoleApp, Pilot[None]]]:
    """The console on the simulator, as the command opens it, with the list on screen."""
    environment = {
        "NCLOUD_API_GW": gateway.url,
        "NCLOUD_ACCESS_KEY": gateway.access_key,
        "NCLOUD_SECRET_KEY": gateway.secret_key,
    }
    options = Options(region=gateway.region, read_only=read_only or None)
    async with Wiring(options, UserAccounts(replace(options, environ=environment))) as wiring:
        app = ConsoleApp(wiring)
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.account.session is not None and app.account.read_at is not None)
            yield app, pilot


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the console work until the condition holds."""
    async with asyncio.timeout(30):
        while not condition():
            await pilot.pause()


@pytest.mark.parametrize("cell", ON_SCREEN, ids=str)
async def test_cell(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    # Keys pressed as fast as the console takes them count as pressed by hand.
    monkeypatch.setattr(EnterGuard, "SECONDS", 0.0)
    monkeypatch.setattr(TypedInput, "FASTEST", 0.0)
    async with Simulator(servers=64) as gateway, console(gateway, read_only=cell.mode == "read-only") as (app, pilot):
        assert app.account.snapshot.inventory is not None
        row = next(row for row in app.account.snapshot.inventory.rows if is_of(cell.kind, server_fields(row)))
        app.servers.table.select(row.key)
        await pilot.press("!")

        def on(*kinds: type[Screen[Any]]) -> bool:
            return isinstance(app.screen, kinds) and app.screen.is_mounted

        await until(pilot, lambda: on(RefusalDialog, ConfirmScreen))
        assert on(ConfirmScreen) == (cell.kind in ASKED)
        if on(ConfirmScreen):
            await pilot.press(*typed_text(cell.typed, row.server.server_name, row.number))
        if cell.sent:
            await pilot.press("enter")
            await until(pilot, lambda: app.focused is not None and app.focused.id == "send")
            await pilot.press("enter")
            await gateway.interrupt_received(30)
            await until(pilot, lambda: bool(recorded(app)))
        else:
            await pilot.press("enter", "enter", "enter")
        await pilot.pause()

        assert [one.server_no for one in gateway.interrupts] == [row.number] * cell.sent
        assert recorded(app) == ([cell.outcome] if cell.sent else [])


def recorded(app: ConsoleApp) -> list[str]:
    """The outcomes in the journal."""
    assert app.account.session is not None
    return [intent.outcome.value for intent in app.account.session.journal.intents() if intent.outcome]
