"""The dialog and the command ask for the same: one plan, one set of cautions, whatever the trouble is."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.cli.interrupt import interrupt_once
from ncpconsole.cli.wiring import ReadDeadline
from ncpconsole.core.cautions import codes
from ncpconsole.core.lookup import find_row
from ncpconsole.core.plan import Confirmation
from ncpconsole.ncp.client import Client
from tests.tui.console_driver import Accounts, open_console
from tests.tui.test_same_names import ELSEWHERE, HERE, elsewhere_meets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.tui.console_driver import Backend

PLAIN = {"name": "lone-1", "hypervisor": "XEN", "platform": "WND64", "status": "RUN", "operation": "NULL"}

SITUATIONS: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "nothing": ({}, "", []),
    "busy": ({"operation": "SHTDN"}, "", ["operation"]),
    "no name": ({"name": ""}, "", ["no-name"]),
    "spaces": ({"name": "lone  1"}, "", ["spaces-in-name"]),
    "hidden": ({"name": "lone\u200b-1"}, "", ["altered-name"]),
    "same name elsewhere": ({}, "LONE-1", ["same-name"]),
    "look-alike elsewhere": ({"name": "modern-1"}, "modem-1", ["look-alike"]),
    "all at once": ({"name": "lone  1", "operation": "COPY"}, "lone  1", ["operation", "same-name", "spaces-in-name"]),
}


CASES = [
    *((situation, "", "") for situation in SITUATIONS),
    *((situation, "list:permission-denied", "") for situation in ("nothing", "all at once")),
    *((situation, "list:short-pages=10", "") for situation in ("nothing", "same name elsewhere")),
    *((situation, "", "mirror.example") for situation in ("nothing", "busy")),
    ("all at once", "list:error-500", "mirror.example"),
]


def without_ids(said: Iterable[str]) -> set[str]:
    return {re.sub("request id [0-9a-f-]+", "request id", sentence) for sentence in said}


@pytest.mark.slow
@pytest.mark.parametrize(("situation", "fault", "foreign"), CASES)
async def test_dialog_command_and_list_agree(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, situation: str, fault: str, foreign: str
) -> None:
    changes, elsewhere, expected = SITUATIONS[situation]
    state, fleet = backend.simulator.state(), backend.simulator.fleet
    number = backend.row().number
    state.change(number, **{**PLAIN, **changes})
    state.change(fleet.number(ELSEWHERE, 1), name=elsewhere or "other-1")
    monkeypatch.setattr(Client, "foreign_host", foreign)
    async with AsyncExitStack() as stack:
        if fault:
            await stack.enter_async_context(elsewhere_meets(fault, stack.enter_context(pytest.MonkeyPatch.context())))
        accounts = Accounts(backend, regions=(HERE, ELSEWHERE))
        console = await stack.enter_async_context(open_console(accounts, size=(120, 36)))
        plan = (await console.open_dialog(number)).plan
        said: list[Any] = []
        command = await interrupt_once(
            console.session, number, Confirmation(""), dry_run=True, warn=said.append, deadline=ReadDeadline()
        )
        assert command.outcome == "dry_run", command
        assert command.caution_codes == codes(plan.warnings)
        assert without_ids(plan.cautions) <= without_ids(said)
        shown = await find_row(console.session, number, said.append)
        # What speaks of the gateway itself stands in the header, not in every line of the list.
        assert set(codes(shown.verdict.warnings)) == set(codes(plan.warnings)) - {"foreign-gateway"}
        if not fault:
            assert list(codes(plan.warnings)) == [*expected, *(["foreign-gateway"] if foreign else [])]
        else:
            assert "list-incomplete" in codes(plan.warnings)
        assert plan.demands.what == ("number" if plan.warnings else "name")
