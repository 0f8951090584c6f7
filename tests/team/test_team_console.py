"""The console of a team: who is at which row, what colleagues sent, and the way past a database that is down."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from ncpconsole.core.journal import presence as presence_module
from ncpconsole.core.journal.presence import PresenceLine
from ncpconsole.ncp.results import Outcome
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from tests.core.fakes import ACCEPTED, BOB, a_draft
from tests.team.proxy import CuttingProxy
from tests.tui.console_driver import ORIGIN, Backend, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from ncpconsole.core.journal.team import TeamJournal
    from tests.team.postgres import Server

    Machine = Callable[..., TeamJournal]


@pytest.fixture
def proxy(postgres: Server) -> Iterator[CuttingProxy]:
    made = CuttingProxy(postgres.port)
    yield made
    made.close()


@asynccontextmanager
async def team_backend(journal: TeamJournal, path: Path) -> AsyncIterator[Backend]:
    """A simulator, and a console's journal that a team's stands beside."""
    async with Simulator(servers=64, interrupt_seconds=0.2) as running:
        backend = Backend(running, journal, path)
        await backend.read()
        try:
            yield backend
        finally:
            for client in backend.clients:
                await client.aclose()


def here(machine: Machine, name: str, **changes: object) -> TeamJournal:
    """A console's journal with the real time, as the screens have it."""
    from datetime import UTC, datetime

    return machine(name, clock=lambda: datetime.now(UTC), **changes)


async def test_a_colleague_at_a_server_is_on_its_row_and_leaves_it(machine: Machine, tmp_path: Path) -> None:
    colleague = here(machine, "two", origin=BOB)
    colleague.follow(lambda _: None)
    async with team_backend(here(machine, "one", origin=ORIGIN), tmp_path) as backend, open_console(backend) as console:
        row = backend.row()
        await console.wait_for_list()
        console.servers.table.select(row.key)
        colleague.announce("confirming", backend.simulator.url, row.number)
        await console.wait_for(
            lambda: "bob@bastion-2 is confirming" in console.text or "bob confirming" in console.text
        )
        colleague.announce("sending", backend.simulator.url, row.number)
        await console.wait_for(lambda: "bob@bastion-2 is sending" in console.text or "bob sending" in console.text)
        colleague.announce("")
        await console.wait_for(lambda: "bob" not in console.text)


async def test_this_console_tells_what_it_does(machine: Machine, tmp_path: Path) -> None:
    colleague = here(machine, "two", origin=BOB)
    colleague.follow(lambda _: None)
    async with team_backend(here(machine, "one", origin=ORIGIN), tmp_path) as backend, open_console(backend) as console:
        row = backend.row()
        await console.interrupt(row)
        await console.wait_for(lambda: [one.doing for one in colleague.colleagues("")] == ["confirming"])
        colleague.announce("confirming", backend.simulator.url, row.number)
        await console.wait_for_text("bob@bastion-2 is confirming this server too.")
        (told,) = colleague.colleagues(backend.simulator.url)
        assert (told.server_no, told.user, told.host) == (row.number, ORIGIN.user, ORIGIN.host)
        await console.press("escape")
        await console.wait_for(lambda: colleague.colleagues("") == ())


async def test_what_a_colleague_sent_is_on_the_row_without_a_key(machine: Machine, tmp_path: Path) -> None:
    colleague = here(machine, "two", origin=BOB)
    async with team_backend(here(machine, "one", origin=ORIGIN), tmp_path) as backend, open_console(backend) as console:
        row = backend.row()
        await console.wait_for_list()
        console.servers.table.select(row.key)
        intent = colleague.claim(a_draft(row.number, backend.simulator.url, server_name=row.name))
        colleague.mark_sending(intent.id)
        await console.wait_for(lambda: "sending" in console.text or "under way" in console.text)
        colleague.finish(intent.id, ACCEPTED)
        await console.wait_for(lambda: "dump" in console.text or "accepted" in console.text)


async def test_past_a_database_that_is_down_by_number_and_reason(
    machine: Machine, tmp_path: Path, postgres: Server, database: str, proxy: CuttingProxy
) -> None:
    proxy.down()
    journal = here(machine, "one", origin=ORIGIN, url=postgres.url(database, port=proxy.port))
    async with team_backend(journal, tmp_path) as backend, open_console(backend) as console:
        row = backend.row()
        await console.interrupt(row)
        await console.wait_for_screen(ConfirmScreen)
        await console.wait_for_text("The team's journal cannot be used")
        await console.write(row.name)
        await console.press("enter", "enter")
        assert backend.sends == 0
        console.app.screen.query_one("#target", Input).value = ""
        await console.write(row.number)
        await console.press("enter", "enter")
        assert backend.sends == 0
        assert console.focus == "without_team"
        await console.write("the database is down")
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1
    proxy.up()
    other = machine("two")
    await journal.catch_up()
    other.read_team()
    (told,) = other.intents(server_no=row.number)
    assert (told.outcome, told.draft.without_team) == (Outcome.ACCEPTED, "the database is down")


def test_presence_arrives_within_a_second(machine: Machine) -> None:
    arrived, ready = threading.Event(), threading.Event()
    one, two = machine("one"), machine("two", origin=BOB)
    two.follow(lambda is_event: ready.set() if is_event else arrived.set())
    one.follow(lambda _: None)
    assert ready.wait(60)
    took = []
    for number in range(20):
        arrived.clear()
        began = time.monotonic()
        one.announce("confirming", "", str(number))
        assert arrived.wait(60)
        took.append(time.monotonic() - began)
        if took[-1] < 1.0:
            break
    assert min(took) < 1.0


def test_who_was_killed_is_forgotten_and_who_came_later_hears(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "REPEAT", 0.2)
    monkeypatch.setattr(presence_module, "FORGET", 2.0)
    one = machine("one")
    one.follow(lambda _: None)
    one.announce("confirming", "", "300")
    changed = threading.Event()
    late = machine("two", origin=BOB)
    late.follow(lambda is_event: None if is_event else changed.set())
    assert changed.wait(60)
    assert [each.server_no for each in late.colleagues("")] == ["300"]
    assert one._presence is not None
    monkeypatch.setattr(one._presence, "_payload", lambda *_: "{}")  # it says nothing more, as if killed
    give_up = time.monotonic() + 60
    while late.colleagues("") and time.monotonic() < give_up:
        changed.wait(0.05)
    assert late.colleagues("") == ()


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"console": "1", "user": [], "host": 3, "doing": "dancing", "site": "", "server": "300"}',
        "\x1b]52;c;eA==\x07",
        "[" * 7_000,
    ],
    ids=["nothing", "null", "list", "text", "empty", "another-word", "escape", "deep"],
)
def test_what_others_say_is_never_believed(payload: str, url: str) -> None:
    line = PresenceLine(url, BOB, lambda _: None)
    line.close()
    assert line.hear(payload) is False
    assert line.colleagues() == ()
    line.hear('{"console": "1", "user": "\\u001b[31mx", "host": "h", "doing": "sending", "site": "", "server": "3"}')
    (told,) = line.colleagues()
    assert "\x1b" not in told.words


def test_a_lost_listener_comes_back(machine: Machine, postgres: Server, database: str, proxy: CuttingProxy) -> None:
    heard: list[bool] = []
    told = threading.Condition()

    def on_told(is_event: bool) -> None:
        with told:
            heard.append(is_event)
            told.notify()

    listener = machine("far", url=postgres.url(database, port=proxy.port))
    listener.follow(on_told)
    with told:
        assert told.wait_for(lambda: heard == [True], 60)
    proxy.reset()
    with told:
        assert told.wait_for(lambda: heard == [True, True], 60)
    asyncio.run(listener.catch_up())
    assert listener.team_trouble == ""
