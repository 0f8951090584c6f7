"""The console on several accounts of one simulator, with a clock that a test turns by hand."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ncpconsole.core.session import LoginForm, OnWait, ProfileSummary, Session
from ncpconsole.tui.app import ConsoleApp
from tests.tui.bench import NAMED_KEYS, PATIENCE, Bench, screen_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from ncpconsole.tui.screens.servers import ServersScreen


@dataclass
class Accounts:
    """A program around the screens that opens accounts of the simulator.

    ``troubles`` are raised by the next openings, one each; ``held`` holds openings back while it is set.
    ``regions`` are those of every session; ``policies`` maps a profile to its policy.
    """

    bench: Bench
    regions: tuple[str, ...] = ()
    policies: dict[str, dict[str, Any]] = field(default_factory=lambda: {"prod": {}})
    troubles: list[Exception] = field(default_factory=list)
    held: asyncio.Event | None = None
    opened: list[tuple[str | None, str | None]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    logged_in: list[LoginForm] = field(default_factory=list)
    incident: str = ""

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
        session = self.bench.session(profile=name, incident=self.incident, **self.policies[name])
        codes = self.regions or (self.bench.region,)
        if region is not None:
            codes = self.bench.simulator.regions if region == "all" else (region,)
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
                self.bench.simulator.url,
                ("KR",),
                bool(policy.get("read_only")),
                bool(policy.get("protected")),
                "key-1",
                "keyring",
                is_current=name == next(iter(self.policies)),
            )
            for name, policy in self.policies.items()
        ]

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None) -> str:
        """Keep the form, and know the profile from now on."""
        self.logged_in.append(form)
        self.policies.setdefault(form.profile, {})
        return "Kept."


NEVER = 86_400.0
"""Seconds in which every test is over."""


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """The console, the keys of whoever sits before it, and the clock on the wall."""

    app: ConsoleApp
    pilot: Pilot[None]
    clock: Clock

    @property
    def servers(self) -> ServersScreen:
        """The list's screen."""
        return self.app.servers

    @property
    def text(self) -> str:
        """What the screen in front shows, line by line."""
        return screen_text(self.app)

    @property
    def names(self) -> list[str]:
        """The names in the list, in their order."""
        return [row.name for row in self.servers.table.rows]

    @property
    def selected(self) -> str | None:
        """The number of the selected server."""
        return self.servers.row.number if self.servers.row is not None else None

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Type a text, character by character."""
        await self.pilot.press(*(KEYS.get(character, character) for character in text))

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"it never came to be; the screen:\n{self.text}") from None
        await self.pilot.pause()

    async def until_shown(self, *words: str) -> None:
        """Wait until all of these are on screen."""
        await self.until(lambda: all(word in self.text for word in words))

    async def until_listed(self) -> None:
        """Wait until a whole list is on screen."""
        await self.until(lambda: self.app.read_at is not None and not self.app.is_reading)

    async def pass_time(self, seconds: float) -> None:
        """Let time go by, as the console sees it."""
        self.clock.now += seconds
        self.app.tick()
        await self.pilot.pause()


KEYS = {**NAMED_KEYS, ":": "colon", "!": "exclamation_mark", "/": "slash", "[": "left_square_bracket"}


@asynccontextmanager
async def sit_down(
    accounts: Accounts, *, size: tuple[int, int] = (80, 24), listed: bool = True, **options: Any
) -> AsyncIterator[Desk]:
    """Open the console; with ``listed`` a whole list is on screen. Only `Desk.pass_time` lets time go by."""
    app = ConsoleApp(accounts, **options)
    clock = Clock()
    app.monotonic = clock
    app.tick_every = NEVER
    async with app.run_test(size=size, notifications=True) as pilot:
        desk = Desk(app, pilot, clock)
        if listed:
            await desk.until_listed()
        yield desk
