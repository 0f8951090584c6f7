"""Opens an account, reads its list repeatedly, and replaces it on a switch. Without Textual.

The controller holds all that is known of the account. Its coroutines read; after each step they tell the
event to whoever draws, once the state is as the event says. It is imported behind the first frame.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ncpconsole.core.cautions import cautious_now
from ncpconsole.core.errors import ConsoleError, JournalUnavailable
from ncpconsole.core.listing import AccountSnapshot, InventoryLoader, keep_snapshot, kept_snapshot, know_kept, rebuilt
from ncpconsole.core.policy import DEFAULTS
from ncpconsole.core.watch import is_awaited
from ncpconsole.core.wording import duration, safe_sentence
from ncpconsole.language import said, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.timing import LONGEST_WAIT, Clocks, RefreshSchedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.cautions import Surroundings
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.records import Intent
    from ncpconsole.core.session import Console, ProfileSummary, Session

IDENTITY_SECONDS = 10.0
"""How long NAVER Cloud may take to tell whose key it is; after that, the next interrupt asks again."""
DRAWN_WITHIN = 0.05
"""Seconds in which nothing else is done while a list that came is drawn, which takes 30 ms."""
KEEP_EVERY = 600.0
"""Seconds between two times that the list is kept for the next start."""
UNTOUCHED_FOR = 600.0
"""Seconds without a key or a click after which a console counts as left alone."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """An account is open; ``surfaced`` are interrupts that an ended program left behind."""

    session: Session
    surfaced: tuple[Intent, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """No account could be opened."""

    error: ConsoleError | NcpError


@dataclass(frozen=True, slots=True)
class KeyringWaits:
    """The keyring keeps the operator waiting, perhaps for its password."""


@dataclass(frozen=True, slots=True)
class ListingProgress:
    """Pages are coming in: servers read so far, and expected in all."""

    session: Session
    arrived: int
    expected: int


@dataclass(frozen=True, slots=True)
class InventoryChanged:
    """The list was read. ``changed`` holds the keys of rows that differ from the ones before.

    ``complete`` is False while pages are still coming in.
    """

    session: Session
    snapshot: AccountSnapshot
    changed: frozenset[str] = frozenset()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RefreshFailed:
    """No region could be read; what is on show grows old."""

    session: Session
    error: NcpError


ListingEvent = ListingProgress | InventoryChanged | RefreshFailed
AccountEvent = SessionOpened | SessionFailed | KeyringWaits | ListingEvent


class AccountController:
    """Opens accounts, keeps the list fresh, and knows what is wrong with it.

    ``tell`` is called with each event, on the event loop and within the coroutine that met it.
    ``refresh_every`` overrides the account's own (seconds).
    """

    def __init__(
        self,
        console: Console,
        tell: Callable[[AccountEvent], object],
        *,
        refresh_every: float | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        self.console = console
        self.tell = tell
        self.refresh_every = refresh_every
        self.clocks = clocks or Clocks()
        self.session: Session | None = None
        self.wanted: tuple[str | None, str | None] = (None, None)
        """Profile and region as they were asked for; None stands for the console's choice."""
        self.retired: list[Session] = []
        """Sessions that were left and are not closed yet: a watch may still need them."""
        self.snapshot: AccountSnapshot
        """What was last read; there from the first `switch` on."""
        self.schedule = RefreshSchedule.starting(refresh_every or DEFAULTS.refresh_every, self.clocks.monotonic())
        self.read_at: datetime | None = None
        self.is_opening = False
        self.is_reading = False
        self.reads_addresses = True
        """Whether the next list is read with its addresses, whatever is known of them."""
        self.touched_at = self.keep_again = self.clocks.monotonic()
        self.progress = (0, 0)
        """Servers read so far, and expected in all, while pages come in."""

    def _fresh_schedule(self) -> RefreshSchedule:
        return RefreshSchedule.starting(self.refresh_every or DEFAULTS.refresh_every, self.clocks.monotonic())

    # Opening and leaving

    def switch(self, profile: str | None, region: str | None) -> None:
        """Leave the account that is open, if one is; `open` opens the other. Nothing is carried over."""
        if self.session is not None:
            self.retired.append(self.session)
        self.session = None
        self.wanted = (profile, region)
        self.silent = 0
        self.is_opening = True
        self.is_reading = False
        self.progress = (0, 0)
        self.snapshot = AccountSnapshot()
        self.keep_again = self.clocks.monotonic()
        self.schedule = self._fresh_schedule()
        self.read_at = None

    async def open(self) -> None:
        """Open the account that `switch` named, and settle what an ended program left behind."""
        wanted = self.wanted
        try:
            session = await self.console.open_session(*wanted, on_wait=self._keyring_waits)
        except (ConsoleError, NcpError) as error:
            self._opening_failed(wanted, error)
            return
        try:
            surfaced = tuple(session.journal.recover())
        except ConsoleError as error:
            self.retired.append(session)
            self._opening_failed(wanted, error)
            return
        kept = await kept_snapshot(session, beginning=True)
        if not self.is_opening or self.wanted != wanted:
            self.retired.append(session)
            return
        self.is_opening = False
        self.is_reading = True
        self.snapshot = kept
        self.session = session
        every = self.refresh_every or session.policy.refresh_every
        self.schedule = RefreshSchedule.starting(every, self.clocks.monotonic())
        if kept.regions:
            await self._show_kept(session, kept)
        await self.console.load_rest()
        if self.session is session:
            self.is_reading = False
            self.tell(SessionOpened(session, surfaced))
            if kept.regions:
                self.tell(InventoryChanged(session, self.snapshot, complete=False))
                await know_kept(session, self.snapshot)

    async def _show_kept(self, session: Session, kept: AccountSnapshot) -> None:
        """Show the beginning of a kept list, and read the rest of it once that is drawn."""
        self.tell(InventoryChanged(session, kept, complete=False))
        await asyncio.sleep(DRAWN_WITHIN)
        if not kept.is_beginning:
            return
        whole = await kept_snapshot(session)
        if self.session is session and whole.regions:  # else the beginning stays until the list is read anew
            self.snapshot = whole

    def _keyring_waits(self) -> None:
        self.tell(KeyringWaits())

    def _opening_failed(self, wanted: tuple[str | None, str | None], error: ConsoleError | NcpError) -> None:
        if self.is_opening and self.wanted == wanted:
            self.is_opening = False
            self.tell(SessionFailed(error))

    def call_off(self) -> None:
        """Wait no longer for the account that is being opened; what comes of it is dropped."""
        self.is_opening = False

    async def close_retired(self) -> None:
        """Close the connections of the accounts that were left."""
        while self.retired:
            await self.retired.pop().gateway.aclose()

    def profiles(self) -> list[ProfileSummary]:
        """The profiles, with the one marked that is open or being opened; raises ConsoleError."""
        wanted = self.session.identity.profile if self.session is not None else self.wanted[0]
        return [
            summary if wanted is None else replace(summary, is_current=summary.name == wanted)
            for summary in self.console.profiles()
        ]

    def unresolved(self) -> tuple[Intent, ...]:
        """This gateway's interrupts of unknown outcome, by whomever; as last known if the journal is unreadable."""
        if self.session is None:
            return ()
        try:
            return tuple(self.session.journal.unresolved(self.session.identity.base_url))
        except JournalUnavailable:
            return tuple(intent for intent in self.snapshot.intents if intent.is_unresolved)

    def owed(self) -> tuple[Intent, ...]:
        """What the team's journal does not have yet; none when the journal cannot be read."""
        try:
            return tuple(self.session.journal.owed()) if self.session is not None else ()
        except JournalUnavailable:
            return ()

    def awaited(self) -> tuple[Intent, ...]:
        """This gateway's interrupts whose servers are to be watched still; none when the journal cannot be read."""
        session, now = self.session, datetime.now(UTC)
        if session is None:
            return ()
        try:
            intents = session.journal.intents(gateway=session.identity.base_url)
        except JournalUnavailable:
            return ()
        return tuple(intent for intent in intents if is_awaited(intent, now, session.policy.watch_for))

    async def identify(self) -> None:
        """Ask whose key it is, for a moment; the gateway then knows it as its caller. Raises nothing."""
        session = self.session
        if session is not None:
            with suppress(NcpError, TimeoutError):
                async with asyncio.timeout(IDENTITY_SECONDS):
                    await session.gateway.caller_identity()

    # Reading

    def begin_refresh(self, *, addresses: bool = False) -> bool:
        """Whether the list is to be read now, by `refresh`: an account is open, and nobody reads it yet.

        With ``addresses`` the servers' addresses are read anew, whatever is known of them.
        """
        if self.session is None or self.is_reading:
            return False
        self.is_reading = True
        self.reads_addresses = addresses
        self.progress = (0, 0)
        return True

    async def refresh(self) -> None:
        """Read the list; call it after `begin_refresh`. What comes of an account that was left is dropped."""
        session, before = self.session, self.snapshot
        if session is None:
            return

        def show(snapshot: AccountSnapshot, *, complete: bool = False) -> None:
            old, new = before.inventory, snapshot.inventory
            changed = frozenset(new.changed_since(old)) if new is not None and old is not None else frozenset()
            self.take(InventoryChanged(session, snapshot, changed, complete))

        def progress(arrived: int, expected: int) -> None:
            self.take(ListingProgress(session, arrived, expected))

        try:
            loader = InventoryLoader(
                session, before, on_rows=show, on_progress=progress, addresses=self.reads_addresses
            )
            snapshot = await loader.read()
        except NcpError as error:
            self.take(RefreshFailed(session, error))
        else:
            show(snapshot, complete=True)
            if self.session is session and self.clocks.monotonic() >= self.keep_again:
                self.keep_again = self.clocks.monotonic() + KEEP_EVERY
                await asyncio.sleep(DRAWN_WITHIN)
                await asyncio.to_thread(keep_snapshot, session, snapshot)

    def take(self, event: ListingEvent) -> None:
        """Take over what was read of the account, and tell it."""
        if event.session is not self.session:
            return
        match event:
            case ListingProgress():
                self.progress = (event.arrived, event.expected)
            case InventoryChanged():
                self.snapshot = event.snapshot
                if event.complete:
                    self.is_reading = False
                    self.read_at = datetime.now(UTC)
                    self.schedule = self.schedule.succeeded(self.clocks.monotonic())
            case RefreshFailed():
                self.is_reading = False
                self.schedule = self.schedule.failed(
                    self.clocks.monotonic(),
                    safe_sentence(said(event.error)),
                    at_least=getattr(event.error, "retry_after", None),
                )
        self.tell(event)

    def journal_changed(self) -> None:
        """Take over what the journal knows now: after an interrupt, a watch, or a resolution."""
        if self.session is not None:
            self.snapshot = rebuilt(self.session, self.snapshot)

    def woke(self) -> bool:
        """Whether the machine slept, or its clock was set, since the last call: what was read is old then."""
        if not self.clocks.are_apart:
            return False
        self.schedule = self.schedule.doubted(self.clocks.monotonic(), self.clocks.parted)
        self.clocks.set_together()
        return True

    def touched(self) -> None:
        """Somebody is there: a key was pressed, or the mouse."""
        self.touched_at = self.clocks.monotonic()

    @property
    def is_left_alone(self) -> bool:
        """Whether nobody has touched the console for so long that it is read less often."""
        return self.clocks.monotonic() - self.touched_at >= UNTOUCHED_FOR

    def is_due(self) -> bool:
        """Whether it is time to read the list again."""
        if self.session is None or self.is_reading:
            return False
        waited = self.age if self.is_left_alone and not self.schedule.failures else None
        return self.schedule.is_due(self.clocks.monotonic()) and (waited is None or waited >= LONGEST_WAIT)

    # What is known

    @property
    def now(self) -> datetime:
        """The time to judge by: the earlier of this machine's and the gateway's (see `core.cautions.cautious_now`)."""
        offset = self.session.gateway.clock_offset if self.session is not None else None
        return cautious_now(datetime.now(UTC), offset)

    @property
    def age(self) -> float | None:
        """Seconds since the list was read, None before that."""
        return self.schedule.age(self.clocks.monotonic())

    @property
    def kept_age(self) -> float | None:
        """Seconds since an earlier console read what is on show, None where this one did."""
        kept_at = self.snapshot.kept_at
        return None if kept_at is None else max(0.0, (datetime.now(UTC) - kept_at).total_seconds())

    @property
    def is_stale(self) -> bool:
        """Whether the list is too old to be trusted, or an earlier console's."""
        if self.snapshot.kept_at is not None:
            return True
        every = max(LONGEST_WAIT, self.schedule.every) if self.is_left_alone else self.schedule.every
        return replace(self.schedule, every=every).is_stale(self.clocks.monotonic())

    @property
    def is_listed(self) -> bool:
        """Whether a whole list has been read."""
        return self.snapshot.inventory is not None and self.read_at is not None

    def surroundings_of(self, row: Row, looked_for: tuple[str, ...] = ()) -> Surroundings:
        """What was read of the other servers, why some may be missing, and what was looked for to find this one."""
        return self.snapshot.surroundings(row.server, self.schedule.cause, looked_for)

    def region_of(self, row: Row) -> str:
        return row.server.region_code or next((region.code for region in self.snapshot.regions), "")

    def next_try(self) -> str:
        """When the list is read again, in words."""
        if self.is_reading:
            return tr("Trying again now.")
        wait = self.schedule.due - self.clocks.monotonic()
        if wait > 0:
            return tr("Next try in {time}; r tries now.", time=duration(wait))
        return tr("Next try once no dialog is open.")

    def warnings(self) -> list[str]:
        """What is odd about the account, and what is wrong with the list on show, in sentences."""
        said = [shown(note) for note in self.session.notes] if self.session is not None else []
        if self.schedule.failures and self.is_listed:
            said.append(" ".join((tr("STALE."), self.next_try(), shown(self.schedule.cause))))
        return [*said, *self.snapshot.warnings]
