"""A guest that sends its metrics: its number is due, in the dialog and for each mark of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.review import ReviewScreen
from tests.tui.console_driver import Backend, open_backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.inventory import Row

ALIVE, SILENT, NO_AGENT = "142300012", "142300008", "142300014"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator whose guests send their metrics, and a journal."""
    async with open_backend(tmp_path, agents=True) as opened:
        yield opened


def row(backend: Backend, number: str) -> Row:
    return backend.row(lambda server, _: server.server_instance_no == number)


async def test_the_number_is_due_for_who_is_alive(backend: Backend) -> None:
    alive = row(backend, ALIVE)
    async with open_console(backend) as console:
        await console.interrupt(alive)
        await console.wait_for_text("It does not look hung", "Type the number")
        await console.write(alive.name)
        await console.press("enter", "enter")
        assert backend.sends == 0
        await console.press(*["backspace"] * len(alive.name))
        await console.write(ALIVE)
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
    (intent,) = backend.intents()
    assert intent.draft.signs is not None
    assert intent.draft.signs["state"] == "alive"


@pytest.mark.parametrize("number", [SILENT, NO_AGENT])
async def test_who_shows_no_life_is_named(backend: Backend, number: str) -> None:
    async with open_console(backend) as console:
        await console.send(row(backend, number))
        await console.wait_for_text("ACCEPTED")
    assert backend.sends == 1


async def test_a_cloud_insight_that_refuses_demands_nothing(backend: Backend) -> None:
    backend.simulator.faults.set("insight:permission-denied")
    async with open_console(backend) as console:
        await console.send(row(backend, ALIVE))
        await console.wait_for_text("ACCEPTED")
    (intent,) = backend.intents()
    assert intent.draft.signs is not None
    assert "NCP_CLOUD_INSIGHT_VIEWER" in intent.draft.signs["reason"]


async def test_a_mark_of_a_review_wants_its_number_too(backend: Backend) -> None:
    rows = [row(backend, SILENT), row(backend, ALIVE)]
    async with open_console(backend) as console:

        async def walk() -> None:
            await console.app.flow.review(console.session, rows)

        console.app.interrupt_commands.run(walk)
        await console.wait_for_screen(ReviewScreen)
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)
        await console.wait_for_text("Type the name")
        await console.press("escape")
        await console.wait_for_screen(ReviewScreen)
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)
        await console.wait_for_text("It does not look hung", "Type the number")
        await console.write(ALIVE)
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        assert backend.sends == 0
