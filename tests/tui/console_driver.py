"""Drives the console in a test: a simulator behind it, a real journal on disk, keys, and waits by name.

`Backend` is what the console works on, `Accounts` what it opens, `ConsoleDriver` the operator before it.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from textual._context import active_app
from textual.app import App

from ncpconsole.core.eligibility import Verdict, rules_named, verdict
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.inventory import Inventory, Row
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Intent, Origin
from ncpconsole.core.session import Examined, Identity, LoginForm, OnWait, ProfileSummary, Session
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui import interrupt_flow as flow
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from ncpconsole.tui.timing import Clocks
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.inputs import TypedInput
from tests.clock import Clock
from tests.core.fakes import NOTHING_AROUND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from textual._queue import Queue
    from textual.message_pump import MessagePump
    from textual.pilot import Pilot
    from textual.screen import Screen

    from ncpconsole.core.plan import Report
    from ncpconsole.ncp.models import Activity, Server
    from ncpconsole.ncp.results import SendResult
    from ncpconsole.tui.screens.servers import ServersScreen

ORIGIN = Origin(user="mina", host="bastion-1", terminal="pts/3 from 192.0.2.7", version="0.0")
RULES = rules_named("xen-windows")
STYLES = Path(flow.__file__).with_name("dialogs.tcss")

WAIT_LIMIT = 60.0
"""Seconds after which a test that waits for something has failed; long, for a machine that does much else."""

NEVER = 86_400.0
"""Seconds in which every test is over."""

NAMED_KEYS = {
    " ": "space",
    "-": "minus",
    "_": "underscore",
    ".": "full_stop",
    ":": "colon",
    "!": "exclamation_mark",
    "/": "slash",
    "[": "left_square_bracket",
}


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


@dataclass
class Backend:
    """One simulator, one journal, and the sessions that a test opens on them."""

    simulator: Simulator
    journal: Journal
    journal_path: Path
    clients: list[HeldClient] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    def session(
        self, *, profile: str = "prod", incident: str = "", pair: tuple[str, str] | None = None, **policy: Any
    ) -> Session:
        """A session of its own, as after a profile was opened, by default with the simulator's first key."""
        access_key, secret_key = pair or (self.simulator.access_key, self.simulator.secret_key)
        client = HeldClient(self.simulator.url, Credentials(access_key, Secret(secret_key)))
        self.clients.append(client)
        allowed = replace(Policy(), **policy)
        identity = Identity(
            profile, "public", client.base_url, client.key_fingerprint, "key of the test", (self.region,)
        )
        vitals = VitalsReader(client)
        interrupter = Interrupter(
            client, self.journal, RULES, allowed, profile=profile, incident=incident, vitals=vitals
        )
        return Session(identity, allowed, RULES, client, self.journal, interrupter, vitals, incident)

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
async def open_backend(directory: Path, **simulator: Any) -> AsyncIterator[Backend]:
    """A simulator and a journal, closed in the end."""
    async with Simulator(**{"servers": 64, "interrupt_seconds": 0.2, **simulator}) as running:
        path = directory / "state" / "journal.db"
        with Journal.open(path, ORIGIN) as journal:
            backend = Backend(running, journal, path)
            try:
                await backend.read()
                yield backend
            finally:
                for client in backend.clients:
                    await client.aclose()


@dataclass
class Accounts:
    """A program around the screens that opens accounts of the simulator.

    ``troubles`` are raised by the next openings, one each; ``held`` holds openings back while it is set.
    ``regions`` are those of every session; ``policies`` maps a profile to its policy.
    """

    backend: Backend
    regions: tuple[str, ...] = ()
    policies: dict[str, dict[str, Any]] = field(default_factory=lambda: {"prod": {}})
    troubles: list[Exception] = field(default_factory=list)
    held: asyncio.Event | None = None
    opened: list[tuple[str | None, str | None]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    logged_in: list[LoginForm] = field(default_factory=list)
    incident: str = ""
    findings: list[Examined] = field(default_factory=list)
    examined: list[tuple[str | None, str]] = field(default_factory=list)

    async def load_rest(self) -> None:
        """Everything is loaded."""

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """A session of its own on the simulator."""
        self.opened.append((profile, region))
        if self.held is not None:
            await self.held.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        name = profile or next(iter(self.policies))
        session = self.backend.session(profile=name, incident=self.incident, **self.policies[name])
        codes = self.regions or (self.backend.region,)
        if region is not None:
            codes = self.backend.simulator.regions if region == "all" else (region,)
        identity = replace(
            session.identity,
            regions=codes,
            all_regions=region == "all",
            key_source="key from the OS keyring",
            key_source_short="keyring key",
        )
        session = replace(session, identity=identity)
        self.sessions.append(session)
        return session

    def profiles(self) -> list[ProfileSummary]:
        """One line for each policy; the first is the one chosen at start."""
        return [
            ProfileSummary(
                name,
                "public",
                self.backend.simulator.url,
                ("KR",),
                bool(policy.get("read_only")),
                bool(policy.get("protected")),
                "key-1",
                "keyring",
                is_current=name == next(iter(self.policies)),
            )
            for name, policy in self.policies.items()
        ]

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None, session_only: bool = False) -> str:
        """Keep the form, and know the profile from now on."""
        self.logged_in.append(form)
        self.policies.setdefault(form.profile, {})
        return "Kept."

    async def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """What the doctor of a test finds, on whatever thread it is asked."""
        self.examined.append((profile, threading.current_thread().name))
        for finding in self.findings:
            yield finding

    def places(self) -> list[tuple[str, str]]:
        """Where the record is."""
        return [("Journal", str(self.backend.journal_path))]

    async def keyring_note(self) -> str:
        """There is a keyring."""
        return ""


@dataclass
class ConsoleDriver:
    """The console, the hands and eyes of its operator, and the clock on the wall."""

    app: ConsoleApp
    pilot: Pilot[None]
    clock: Clock
    backend: Backend
    reports: list[Report | None] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The session that is open."""
        assert self.app.account.session is not None
        return self.app.account.session

    @property
    def servers(self) -> ServersScreen:
        """The list's screen."""
        return self.app.servers

    @property
    def text(self) -> str:
        """What the screen in front shows, line by line."""
        return screen_text(self.app)

    @property
    def focus(self) -> str:
        """The id of what has the focus, or nothing."""
        return (self.app.focused.id or "") if self.app.focused else ""

    @property
    def names(self) -> list[str]:
        """The names in the list, in their order."""
        return [row.name for row in self.servers.table.rows]

    @property
    def selected(self) -> str | None:
        """The number of the selected server."""
        return self.servers.row.number if self.servers.row is not None else None

    def is_on(self, kind: type[Screen[Any]]) -> bool:
        """Whether such a screen is in front, and drawn."""
        return isinstance(self.app.screen, kind) and self.app.screen.is_mounted

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other; a button that was pressed is released before it is pressed again.

        Until then (0.2 s) Textual lets it take no key, so a test as fast as the console would lose its press.
        """
        for key in keys:
            if key in {"enter", "space"}:
                await self.wait_for_release()
            await self.pilot.press(key)

    async def write(self, text: str) -> None:
        """Type a text, character by character."""
        await self.pilot.press(*(NAMED_KEYS.get(character, character) for character in text))

    async def interrupt(self, row: Row, **more: Any) -> None:
        """Begin the flow for a server alone, and wait for the screen that asks or says no."""

        async def one() -> None:
            number = row.server.server_instance_no
            self.reports.append(
                await self.app.flow.interrupt(
                    self.session, self.backend.region, number, NOTHING_AROUND, row=row, **more
                )
            )

        self.app.interrupt_commands.run(one)
        await self.wait_for(lambda: self.is_on(ConfirmScreen) or self.is_on(RefusalDialog))

    async def confirm(self, row: Row, *, by_key: bool = False) -> None:
        """Confirm a server by its name: the next Enter sends. ``by_key`` begins in the list."""
        if by_key:
            await self.open_dialog(row.key)
        else:
            await self.interrupt(row)
        await self.write(row.name)
        await self.press("enter")
        await self.wait_for_text("enter SENDS")

    async def send(self, row: Row) -> None:
        """Begin the flow for a server, confirm it by its name, and send."""
        await self.confirm(row)
        await self.press("enter")

    async def open_dialog(self, key: str) -> ConfirmScreen:
        """Choose a server in the list, press its key and wait for the dialog."""
        self.servers.table.select(key)
        await self.press("exclamation_mark")
        await self.wait_for_screen(ConfirmScreen)
        assert isinstance(self.app.screen, ConfirmScreen)
        return self.app.screen

    async def wait_for_idle(self) -> None:
        """Wait until the console is at rest."""
        await self.pilot.pause()

    async def wait_for(self, true: Callable[[], object]) -> None:
        """Wait until something is so; a console that broke meanwhile ends the test."""
        try:
            async with asyncio.timeout(WAIT_LIMIT):
                while not true():
                    if self.app.crash is not None:
                        raise self.app.crash
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"it never came to be; the screen:\n{self.text}") from None
        await self.pilot.pause()

    async def wait_for_text(self, *words: str) -> None:
        """Wait until all of these are on screen."""
        await self.wait_for(lambda: all(word in self.text for word in words))

    async def wait_for_screen(self, kind: type[Screen[Any]]) -> None:
        """Wait until such a screen is in front."""
        await self.wait_for(lambda: self.is_on(kind))

    async def wait_for_list(self) -> None:
        """Wait until a whole list is on screen."""
        await self.wait_for(lambda: self.app.account.read_at is not None and not self.app.account.is_reading)

    async def wait_for_release(self) -> None:
        """Wait until the button that was pressed can be pressed again."""
        await self.wait_for(lambda: not self.app.screen.query("Button.-active:focus"))

    async def pass_time(self, seconds: float) -> None:
        """Let time go by, as the console sees it."""
        self.clock.now += seconds
        self.app.tick()
        await self.pilot.pause()


@asynccontextmanager
async def open_console(
    opened: Backend | Accounts,
    *,
    size: tuple[int, int] = (80, 24),
    listed: bool = True,
    hasty: bool = False,
    **options: Any,
) -> AsyncIterator[ConsoleDriver]:
    """Open the console; with ``listed`` a whole list is on screen.

    Time goes by for its refreshes with `ConsoleDriver.pass_time` alone. Keys are pressed as fast as the
    console takes them and count as pressed by hand, unless ``hasty`` has them judged by their pace.
    """
    if not hasty:
        with patch.object(EnterGuard, "SECONDS", 0.0), patch.object(TypedInput, "FASTEST", 0.0):
            async with open_console(opened, size=size, listed=listed, hasty=True, **options) as console:
                yield console
        return
    accounts = Accounts(opened) if isinstance(opened, Backend) else opened
    app = ConsoleApp(accounts, **options)
    clock = Clock()
    app.account.clocks = Clocks(clock, clock)
    app.tick_every = NEVER
    async with app.run_test(size=size, notifications=True) as pilot:
        console = ConsoleDriver(app, pilot, clock, accounts.backend)
        if listed:
            await console.wait_for_list()
        yield console


class DialogHost(App[None]):
    """An app with nothing but dialogs."""

    CSS_PATH = [STYLES]  # noqa: RUF012 - Textual's own declaration


def screen_text(app: App[Any]) -> str:
    """What is on screen, as plain lines."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


LOOK_EVERY = 0.002
"""Seconds between two looks; drawing itself waits for a sixtieth of a second."""


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 5.0) -> None:
    """Wait until the running app is at rest, for ``max_sleep`` seconds at most; stands in for Textual's wait.

    Textual's own looks at how much processor time the program uses. On a machine that gives it none for a
    moment a program in the middle of its work looks like one at rest, and a test looks too early.
    What comes later, by a timer or from the network, is waited for by name: see `ConsoleDriver.wait_for`.
    """
    app = active_app.get()
    loop = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    await asyncio.sleep(min_sleep)
    while not is_idle(app) and loop.time() < end:  # noqa: ASYNC110 - nobody tells when all of it is done
        await asyncio.sleep(LOOK_EVERY)


def is_idle(app: App[Any]) -> bool:
    """Whether every widget waits for its next message, and every screen shows what it knows."""
    if not app.is_running or app._exception_event.is_set():
        return True
    return all(map(waits, pumps(app))) and not any(map(is_behind, app.screen_stack))


def pumps(app: App[Any]) -> Iterable[MessagePump]:
    """The app and every widget of every screen that is open."""
    yield app
    for screen in app.screen_stack:
        yield from screen.walk_children(with_self=True)


def waits(pump: MessagePump) -> bool:
    """Whether a pump has handled all it was told, and waits at its empty queue."""
    queue: Queue[Any] = pump._message_queue
    return queue.empty() and bool(queue.ready_event._waiters)


def is_behind(screen: Screen[Any]) -> bool:
    """Whether a screen has still to be laid out or drawn, or to tell somebody that it was."""
    return screen.is_current and (screen._update_timer._active.is_set() or bool(screen._callbacks))
