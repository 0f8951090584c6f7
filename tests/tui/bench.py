"""A console on a running simulator: real HTTP, a real journal on disk, and keys that are pressed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from ncpconsole.core.eligibility import Verdict, rules_named, verdict
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.inventory import Inventory, Row
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.records import Intent, Origin
from ncpconsole.core.session import Identity, LoginForm, OnWait, Policy, ProfileSummary, Session
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui import interrupt_flow as interrupting
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.interrupt_flow import interrupt_flow
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.core.fakes import NOTHING_AROUND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot
    from textual.screen import Screen

    from ncpconsole.core.plan import Report
    from ncpconsole.ncp.models import Activity, Server
    from ncpconsole.ncp.results import SendResult

ORIGIN = Origin(user="mina", host="bastion-1", terminal="pts/3 from 192.0.2.7", version="0.0")
RULES = rules_named("xen-windows")
STYLES = Path(interrupting.__file__).with_name("dialogs.tcss")
PATIENCE = 20.0
"""Seconds after which a test that waits for something has failed."""


class HeldClient(Client):
    """The real client, whose sends can be held: before they connect, and between the answer and the caller.

    ``says`` replaces the answer that came; ``log`` is what the activity log says, or the error it raises.
    """

    connecting: asyncio.Event | None = None
    answering: asyncio.Event | None = None
    says: SendResult | None = None
    log: list[Activity] | Exception | None = None

    async def interrupt(self, region_code: str, server_no: str, **more: Any) -> SendResult:
        if self.connecting is not None:
            await self.connecting.wait()
        result = await super().interrupt(region_code, server_no, **more)
        if self.answering is not None:
            await self.answering.wait()
        return self.says or result

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        if isinstance(self.log, Exception):
            raise self.log
        return await super().activities(since_ms, until_ms) if self.log is None else self.log


class DialogHost(App[None]):
    """An app with nothing but dialogs."""

    CSS_PATH = [STYLES]  # noqa: RUF012 - Textual's own declaration


@dataclass
class Bench:
    """One simulator, one journal, and the sessions that a test opens on them."""

    simulator: Simulator
    journal: Journal
    clients: list[HeldClient] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    def session(
        self,
        *,
        profile: str = "prod",
        incident: str = "",
        pair: tuple[str, str] | None = None,
        **policy: Any,
    ) -> Session:
        """A session of its own, as after a profile was opened, by default with the simulator's first key."""
        access_key, secret_key = pair or (self.simulator.access_key, self.simulator.secret_key)
        client = HeldClient(self.simulator.url, Credentials(access_key, Secret(secret_key)))
        self.clients.append(client)
        allowed = replace(Policy(), **policy)
        identity = Identity(
            profile, "public", client.base_url, client.key_fingerprint, "key of the test", (self.region,)
        )
        interrupter = Interrupter(client, self.journal, RULES, allowed, profile=profile, incident=incident)
        return Session(identity, allowed, RULES, client, self.journal, interrupter, incident)

    @property
    def region(self) -> str:
        """The region that the tests work in."""
        return self.simulator.region

    @property
    def sends(self) -> int:
        """How many interrupts reached the simulator."""
        return len(self.simulator.interrupts)

    async def read(self) -> None:
        """Read the fleet, for `row`."""
        self.servers = await self.session().gateway.servers(self.region)

    def row(self, wanted: Callable[[Server, Verdict], bool] | None = None) -> Row:
        """The first server that fits; by default one to be interrupted by a plain name of its own."""
        names = [server.server_name for server in self.servers]

        def plain(server: Server, judged: Verdict) -> bool:
            name = server.server_name
            return judged.state == "eligible" and name.isascii() and names.count(name) == 1

        for server in self.servers:
            if (wanted or plain)(server, verdict(server, RULES)):
                return self.row_of(server)
        raise LookupError("the fleet has no such server")

    def row_of(self, server: Server) -> Row:
        """A server as the list shows it."""
        return Inventory.build([server], (), RULES, now=datetime.now(UTC), cooldown=1800).rows[0]

    def intents(self) -> list[Intent]:
        """What the journal holds, newest first."""
        return self.journal.intents()


@asynccontextmanager
async def open_bench(directory: Path, **simulator: Any) -> AsyncIterator[Bench]:
    """A simulator and a journal, closed in the end."""
    async with Simulator(**{"servers": 64, "interrupt_seconds": 0.2, **simulator}) as running:
        with Journal.open(directory / "state" / "journal.db", ORIGIN) as journal:
            bench = Bench(running, journal)
            try:
                await bench.read()
                yield bench
            finally:
                for client in bench.clients:
                    await client.aclose()


class OneSession:
    """A program around the screens that knows one account, open already."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """The session, whatever is asked for."""
        return self.session

    def profiles(self) -> list[ProfileSummary]:
        """None."""
        return []

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None) -> str:
        """Not here."""
        raise NotImplementedError


@dataclass
class Table:
    """The console with one session, and the keys of whoever sits before it."""

    bench: Bench
    session: Session
    app: ConsoleApp
    pilot: Pilot[None]
    reports: list[Report | None] = field(default_factory=list)

    async def interrupt(self, row: Row, **more: Any) -> None:
        """Begin the flow for a server, as its key does, and wait for the screen that asks or says no."""

        async def flow() -> None:
            number = row.server.server_instance_no
            self.reports.append(
                await interrupt_flow(
                    self.app, self.session, self.bench.region, number, NOTHING_AROUND, row=row, **more
                )
            )

        self.app.run_flow(flow)
        await self.until(lambda: self.is_on(ConfirmScreen) or self.is_on(RefusalDialog))

    def is_on(self, kind: type[Screen[Any]]) -> bool:
        """Whether such a screen is in front, and drawn."""
        return isinstance(self.app.screen, kind) and self.app.screen.is_mounted

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Type a text, character by character."""
        await self.pilot.press(*(NAMED_KEYS.get(character, character) for character in text))

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                if self.app.crash is not None:
                    raise self.app.crash
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def until_on(self, kind: type[Screen[Any]]) -> None:
        """Wait until such a screen is in front."""
        await self.until(lambda: self.is_on(kind))

    async def until_released(self) -> None:
        """Wait until the button that was pressed can be pressed again."""
        await self.until(lambda: not self.app.screen.query("Button.-active"))

    @property
    def text(self) -> str:
        """What the screen in front shows, line by line."""
        return screen_text(self.app)

    @property
    def focus(self) -> str:
        """The id of what has the focus, or nothing."""
        return (self.app.focused.id or "") if self.app.focused else ""


NAMED_KEYS = {" ": "space", "-": "minus", "_": "underscore", ".": "full_stop"}


def screen_text(app: App[Any]) -> str:
    """What is on screen, as plain lines."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


@asynccontextmanager
async def sit_down(
    bench: Bench, session: Session | None = None, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Table]:
    """Open the console on the bench, with its list on screen."""
    opened = session or bench.session()
    app = ConsoleApp(OneSession(opened))
    async with app.run_test(size=size) as pilot:
        table = Table(bench, opened, app, pilot)
        await table.until(lambda: app.session is opened)
        yield table
