"""The life of an account: opened after the first paint, read again and again, replaced on a switch.

Workers read; they change nothing on screen and post messages. The handlers here take the messages.
What only an open account needs is imported when it is needed: the first frame does not wait for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.app import App

from ncpconsole.tui.later import Later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ncpconsole.core.listing import AccountSnapshot
    from ncpconsole.core.records import Intent
    from ncpconsole.core.session import Console, Session
    from ncpconsole.tui.messages import (
        InventoryChanged,
        ListingProgress,
        RefreshFailed,
        SessionFailed,
        SessionOpened,
    )
    from ncpconsole.tui.screens.servers import ServersScreen


DEFAULT_REFRESH = 30.0
TICK = 1.0
"""Seconds between two looks at the clock."""


class AccountController(App[None]):
    """Opens accounts, keeps the list fresh, and says what goes wrong. What keys do is in `app`."""

    servers: ServersScreen
    reading: AccountSnapshot
    """What was last read of the account; there from `start` on."""
    freshness: RefreshSchedule
    """When the list is read again; there from `start` on."""

    def __init__(
        self,
        console: Console,
        *,
        profile: str | None,
        region: str | None,
        refresh_every: float | None,
        startup_notes: Iterable[str],
        on_painted: Callable[[], None] | None,
    ) -> None:
        super().__init__()
        self.console_port = console
        self.session: Session | None = None
        self.sending: set[str] = set()
        """The interrupts under way, in words; kept by the interrupt flow, asked for before quitting."""
        self.wanted = (profile, region)
        self.refresh_every = refresh_every
        self.startup_notes = tuple(startup_notes)
        self.on_painted = on_painted
        self.is_opening = False
        self.is_reading = False
        self.progress = (0, 0)
        self.read_at: datetime | None = None
        self.retired: list[Session] = []
        self.monotonic: Callable[[], float] = time.monotonic
        self.tick_every = TICK

    # Opening

    def start(self) -> None:
        """Open the account that was asked for; called once the first frame is on screen."""
        if self.on_painted is not None:
            self.on_painted()
        self.open_account(*self.wanted)
        self.set_interval(self.tick_every, self.tick)

    def open_account(self, profile: str | None, region: str | None) -> None:
        """Leave the account that is open, if one is, and open another. Nothing is carried over."""
        from ncpconsole.core.listing import AccountSnapshot
        from ncpconsole.core.safe_text import safe_text

        if self.session is not None:
            self.retired.append(self.session)
        self.session = None
        self.wanted = (profile, region)
        self.reading = AccountSnapshot()
        self.freshness = RefreshSchedule.starting(self.refresh_every or DEFAULT_REFRESH, self.monotonic())
        self.read_at = None
        self.progress = (0, 0)
        self.is_reading = False
        self.is_opening = True
        self.workers.cancel_group(self, "listing")
        self.servers.reset(f"Opening {safe_text(profile, 40)} ..." if profile else "Opening ...")
        self.header_changed()
        self.run_worker(Later(self.opening, profile, region), group="opening", exclusive=True)

    async def opening(self, profile: str | None, region: str | None) -> None:
        """Worker: open the account, settle what an ended program left behind, and tell."""
        from ncpconsole.core.errors import ConsoleError
        from ncpconsole.ncp.errors import NcpError
        from ncpconsole.tui.messages import SessionFailed, SessionOpened

        try:
            session = await self.console_port.open_session(profile, region, on_wait=self.keyring_waits)
            surfaced = tuple(session.journal.recover())
        except (ConsoleError, NcpError) as error:
            self.post_message(SessionFailed(error))
            return
        self.post_message(SessionOpened(session, surfaced))

    def keyring_waits(self) -> None:
        """Say that it is the keyring that keeps the operator waiting."""
        self.servers.table.placeholder = (
            "Waiting for the OS keyring, which may ask for its password in a window of its own. "
            "Esc calls it off."
        )

    def call_off_opening(self) -> None:
        """Wait no longer for the account that is being opened."""
        from ncpconsole.tui.text.problem import CALLED_OFF

        self.is_opening = False
        self.workers.cancel_group(self, "opening")
        self.servers.show_problem(CALLED_OFF)
        self.header_changed()

    def on_session_opened(self, message: SessionOpened) -> None:
        """Say what is unresolved before anything else, and read the list meanwhile."""

        if not self.is_opening:
            self.retired.append(message.session)
            return
        self.is_opening = False
        session = self.session = message.session
        every = self.refresh_every or session.policy.refresh_every
        self.freshness = RefreshSchedule.starting(every, self.monotonic())
        self.servers.table.placeholder = "Reading servers ..."
        self.header_changed()
        self.refresh_list()
        self.brief(message.surfaced)

    def brief(self, surfaced: tuple[Intent, ...]) -> None:
        """Show the notes of the start, and interrupts that need an operator."""
        from ncpconsole.core.errors import JournalUnavailable

        session = self.session
        if session is None:
            return
        try:
            unresolved = tuple(session.journal.unresolved(session.identity.base_url))
        except JournalUnavailable:
            unresolved = ()
        notes, self.startup_notes = self.startup_notes, ()
        if notes or surfaced or unresolved:
            from ncpconsole.tui.screens.small_dialogs import StartupNotices

            self.push_screen(StartupNotices(notes, surfaced, unresolved), self.briefed)

    def briefed(self, go_to_history: bool | None) -> None:
        """After the briefing: to the history, if that was asked for."""
        raise NotImplementedError

    def on_session_failed(self, message: SessionFailed) -> None:
        """Say what is the case and what to do, in the list's place."""
        from ncpconsole.tui.text.problem import problem_for

        if not self.is_opening:
            return
        self.is_opening = False
        self.servers.show_problem(problem_for(message.error))
        self.header_changed()

    # Reading

    def refresh_list(self) -> None:
        """Read the list now, unless it is being read."""
        if self.session is None or self.is_reading:
            return
        self.is_reading = True
        self.progress = (0, 0)
        self.header_changed()
        self.run_worker(Later(self.listing, self.session), group="listing", exclusive=True)

    async def listing(self, session: Session) -> None:
        """Worker: one look at the account."""
        from ncpconsole.core.listing import InventoryLoader
        from ncpconsole.ncp.errors import NcpError
        from ncpconsole.tui.messages import InventoryChanged, ListingProgress, RefreshFailed

        before = self.reading.inventory

        def show(reading: AccountSnapshot, *, complete: bool = False) -> None:
            changed = reading.inventory.changed_since(before) if reading.inventory and before else ()
            self.post_message(
                InventoryChanged(session, reading, datetime.now(UTC), frozenset(changed), complete)
            )

        loader = InventoryLoader(
            session,
            self.reading,
            on_rows=show,
            on_progress=lambda *counts: self.post_message(ListingProgress(session, *counts)),
        )
        try:
            reading = await loader.read()
        except NcpError as error:
            self.post_message(RefreshFailed(session, error))
        else:
            show(reading, complete=True)

    def on_listing_progress(self, message: ListingProgress) -> None:
        """Pages are coming in."""
        if message.session is self.session:
            self.progress = (message.arrived, message.expected)
            self.header_changed()

    def on_inventory_changed(self, message: InventoryChanged) -> None:
        """Show what was read."""
        if message.session is not self.session:
            return
        self.reading = message.reading
        if message.complete:
            self.is_reading = False
            self.read_at = message.read_at
            self.freshness = self.freshness.succeeded(self.monotonic())
        self.servers.show_problem(None)
        self.show_reading(changed=message.changed, complete=message.complete)
        self.consider_emptiness()
        self.header_changed()

    def on_refresh_failed(self, message: RefreshFailed) -> None:
        """Keep what is on show and say that it grows old; with nothing on show, say the trouble."""
        from ncpconsole.core.safe_text import safe_text

        if message.session is not self.session:
            return
        self.is_reading = False
        error = message.error
        self.freshness = self.freshness.failed(
            self.monotonic(), safe_text(str(error), 300), at_least=getattr(error, "retry_after", None)
        )
        if self.reading.inventory is None or self.read_at is None:
            from ncpconsole.tui.text.problem import problem_for

            self.servers.show_problem(
                problem_for(error, base_url=message.session.identity.base_url), self.next_try()
            )
        self.header_changed()

    def show_reading(self, *, changed: Iterable[str] = (), complete: bool = True) -> None:
        """Give the list what was read, with what the journal knows."""
        from ncpconsole.tui.text.interrupt import row_annotations

        session, inventory = self.session, self.reading.inventory
        if session is None or inventory is None:
            return
        notes = row_annotations(inventory, self.reading.intents, datetime.now(UTC), session.policy.cooldown)
        self.servers.show_inventory(inventory, notes, changed=frozenset(changed), complete=complete)
        self.server_details_changed()

    def journal_changed(self) -> None:
        """Take over what the journal knows now: after an interrupt, a watch, or a resolution."""
        from ncpconsole.core.listing import rebuilt

        if self.session is not None:
            self.reading = rebuilt(self.session, self.reading)
            self.show_reading()
            self.header_changed()

    def consider_emptiness(self) -> None:
        """Say why nothing is on show, when that is not the filter's doing."""
        from ncpconsole.tui.text.problem import empty_account, nothing_eligible

        session, inventory, view = self.session, self.reading.inventory, self.servers.view
        if session is None or inventory is None or view is None or self.read_at is None:
            return
        if not inventory.rows and not any(region.failure for region in self.reading.regions):
            self.servers.show_problem(empty_account(session.identity.regions))
        elif view.eligible_only and inventory.rows and not inventory.eligible_count:
            self.servers.show_problem(nothing_eligible(inventory, session.rules.name))
        else:
            self.servers.show_problem(None)

    # Time

    def tick(self) -> None:
        """Once a second: let the age grow, and read again when it is time and nobody is deciding."""
        may_read = self.session is not None and not self.is_reading and not self.is_deciding()
        if may_read and self.freshness.is_due(self.monotonic()):
            self.refresh_list()
        self.header_changed()
        if self.retired and not any(worker.group in {"interrupt", "watch"} for worker in self.workers):
            retired, self.retired = self.retired, []
            self.run_worker(Later(self.closing, retired), group="closing")

    async def closing(self, sessions: Iterable[Session]) -> None:
        """Worker: close the connections of accounts that were left, once nothing is under way there."""
        for session in sessions:
            await session.gateway.aclose()

    def is_deciding(self) -> bool:
        """Whether a dialog is open: the list stays as it is then."""
        return self.screen.is_modal

    def next_try(self) -> str:
        """When the list is read again, in words."""
        from ncpconsole.core.wording import duration

        if self.is_reading:
            return "Trying again now."
        wait = self.freshness.due - self.monotonic()
        return (
            f"Next try in {duration(wait)}; r tries now." if wait > 0 else "Next try once no dialog is open."
        )

    # Left to the app proper

    def header_changed(self) -> None:
        """The header or the warnings may have changed."""
        raise NotImplementedError

    def server_details_changed(self) -> None:
        """Another server is selected, or more is known about it."""
        raise NotImplementedError


LONGEST_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class RefreshSchedule:
    """A timetable. Times are seconds of one monotonic clock; a new value is returned for every event.

    ``due`` is when the next read starts; ``read_at`` is when the list on show was read, None before that.
    """

    every: float
    due: float
    read_at: float | None = None
    failures: int = 0
    cause: str = ""

    @classmethod
    def starting(cls, every: float, now: float) -> RefreshSchedule:
        """Due at once."""
        return cls(every=every, due=now)

    def succeeded(self, now: float) -> RefreshSchedule:
        """The list was read: the next read is one interval away."""
        return replace(self, due=now + self.every, read_at=now, failures=0, cause="")

    def failed(self, now: float, cause: str, *, at_least: float | None = None) -> RefreshSchedule:
        """The read failed: wait twice as long each time, up to five minutes, or as the gateway asks."""
        wait = min(self.every * 2**self.failures, max(LONGEST_WAIT, self.every))
        if at_least is not None:
            wait = max(wait, min(at_least, 2 * LONGEST_WAIT))
        return replace(self, due=now + wait, failures=self.failures + 1, cause=cause)

    def hurried(self, now: float) -> RefreshSchedule:
        """Due at once, because an operator asks."""
        return replace(self, due=now)

    def is_due(self, now: float) -> bool:
        """Whether it is time."""
        return now >= self.due

    def age(self, now: float) -> float | None:
        """Seconds since the list was read."""
        return None if self.read_at is None else max(0.0, now - self.read_at)

    def is_stale(self, now: float) -> bool:
        """Whether the list is too old: a read failed, or two intervals and a margin passed."""
        age = self.age(now)
        return age is not None and (self.failures > 0 or age > 2 * self.every + 30)
