"""Reading the list: every region side by side, servers and private addresses side by side, rows as they come.

A region that cannot be read keeps what was read of it before and is said to have failed; the others stand.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.messages import InventoryChanged, ListingProgress, RefreshFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.message import Message

    from ncpconsole.core.cautions import ListedRegion
    from ncpconsole.core.inventory import Inventory
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Session
    from ncpconsole.ncp.models import NetworkInterface, Server


STREAM_EVERY = 0.5
"""Seconds between two lists that are shown while pages come in."""

NOT_COME = "its list has not come yet."
"""Why servers of a region may be missing while it is read for the first time."""

TELL_EVERY = 0.1
"""Seconds between two words on how far the reading is: each paints the header, and keys wait 3 ms."""


@dataclass(frozen=True, slots=True)
class RegionSnapshot:
    """What was last read of one region.

    ``failure``, ``short`` (fewer servers came than were announced) and ``without_addresses`` are sentences,
    empty when all is well.
    """

    code: str
    servers: tuple[Server, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()
    failure: str = ""
    short: str = ""
    without_addresses: str = ""
    read_at: datetime | None = None

    @property
    def lacking(self) -> tuple[str, ...]:
        """Why servers of the region may be missing or its record old, in sentences."""
        pending = NOT_COME if self.read_at is None and not self.failure else ""
        return tuple(why for why in (self.failure, self.short, pending) if why)


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """What was last read of an account, region by region, and what the journal knows of its servers.

    ``without_journal`` says why the journal could not be read, if so.
    """

    regions: tuple[RegionSnapshot, ...] = ()
    intents: tuple[Intent, ...] = ()
    without_journal: str = ""
    inventory: Inventory | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The region codes, in order."""
        return tuple(region.code for region in self.regions)

    def listed(self, failed_since: str = "") -> tuple[ListedRegion, ...]:
        """The regions as the rules of names want them.

        ``failed_since`` says why a later look at the account gave nothing, which leaves all of them old.
        """
        from ncpconsole.core.cautions import ListedRegion

        since = (failed_since,) if failed_since else ()
        return tuple(
            ListedRegion(region.code, region.servers, (*region.lacking, *since)) for region in self.regions
        )


class Progress(Protocol):
    """Posts a message to whoever draws."""

    def __call__(self, message: Message) -> object:
        """Post it."""
        ...


class InventoryLoader:
    """One look at an account. Create one per refresh; `read` posts what happens and returns the reading.

    ``before`` is the reading that this one follows, empty at first. While that one is empty, rows are posted
    as pages come in; later the list is replaced as a whole, so that it never shrinks for a moment.
    """

    def __init__(self, session: Session, post: Progress, before: AccountSnapshot) -> None:
        self.session = session
        self.post = post
        self.before = before
        self.parts: dict[str, RegionSnapshot] = {}
        self.counts: dict[str, tuple[int, int]] = {}
        self.streams = before.inventory is None
        self.told_at = 0.0
        self.inventory = before.inventory
        self.intents: tuple[Intent, ...] = before.intents
        self.without_journal = ""
        self.fresh = asyncio.Event()
        self.ended = asyncio.Event()
        self.error: NcpError | None = None

    async def read(self) -> AccountSnapshot | None:
        """Read everything; None when no region could be read, after `RefreshFailed` was posted."""
        try:
            codes = await self.region_codes()
        except NcpError as error:
            self.post(RefreshFailed(self.session, error))
            return None
        known = {region.code: region for region in self.before.regions}
        self.parts = {code: replace(known.get(code, RegionSnapshot(code)), failure="") for code in codes}
        self.read_journal()
        painter = asyncio.create_task(self.keep_posting()) if self.streams else None
        try:
            async with asyncio.TaskGroup() as group:
                for code in codes:
                    group.create_task(self.read_servers(code))
                    group.create_task(self.read_interfaces(code))
        finally:
            self.ended.set()
            self.fresh.set()
            if painter is not None:
                await painter  # not cancelled: a thread cannot be, and two that build hold up keys
        if self.error is not None and all(part.failure for part in self.parts.values()):
            self.post(RefreshFailed(self.session, self.error))
            return None
        self.read_journal()
        return await self.post_inventory(complete=True)

    async def region_codes(self) -> tuple[str, ...]:
        """The regions to read: the chosen ones, all of the site's, or its first."""
        identity = self.session.identity
        if identity.regions:
            return identity.regions
        codes = tuple(region.region_code for region in await self.session.gateway.regions())
        return codes if identity.all_regions else codes[:1]

    def read_journal(self) -> None:
        """Take over what the journal knows; a journal that fails is said, and the list still stands."""
        self.intents, self.without_journal = journal_knowledge(self.session, self.intents)

    async def read_servers(self, code: str) -> None:
        """Read one region's servers; a failure is kept as a sentence."""
        arrived: list[Server] = []
        warnings: list[str] = []

        def page(servers: Sequence[Server]) -> None:
            arrived.extend(servers)
            self.keep(code, servers=tuple(arrived))

        def progress(done: int, expected: int) -> None:
            self.counts[code] = (done, max(done, expected))
            if done < expected and time.monotonic() - self.told_at < TELL_EVERY:
                return
            self.told_at = time.monotonic()
            so_far = tuple(map(sum, zip(*self.counts.values(), strict=True)))
            self.post(ListingProgress(self.session, *so_far))

        try:
            servers = await self.session.gateway.servers(
                code,
                progress=progress,
                on_page=page if self.streams else None,
                on_incomplete=warnings.append,
            )
        except NcpError as error:
            self.error = self.error or error
            self.keep(code, failure=safe_text(error.sentence, 300))
            return
        self.keep(code, servers=tuple(servers), short=" ".join(warnings), read_at=datetime.now(UTC))

    async def read_interfaces(self, code: str) -> None:
        """Read one region's network interfaces; without them the list stands, and says what it lacks."""
        warnings: list[str] = []
        try:
            interfaces = await self.session.gateway.network_interfaces(code, on_incomplete=warnings.append)
        except NcpError as error:
            self.keep(code, without_addresses=safe_text(error.sentence, 300))
            return
        self.keep(code, interfaces=tuple(interfaces), without_addresses=" ".join(warnings))

    def keep(self, code: str, **changes: object) -> None:
        """Note what is new of a region."""
        self.parts[code] = replace(self.parts[code], **changes)  # type: ignore[arg-type]  # by field name
        self.fresh.set()

    async def keep_posting(self) -> None:
        """Post the rows read so far while there are new ones: the first at once, then with pauses in between.

        Nobody reads ten lists a second, and building and painting them would hold up keys.
        """
        while not self.ended.is_set():
            await self.fresh.wait()
            self.fresh.clear()
            if any(part.servers for part in self.parts.values()) and not self.ended.is_set():
                await self.post_inventory(complete=False)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.ended.wait(), STREAM_EVERY)

    async def post_inventory(self, *, complete: bool) -> AccountSnapshot:
        """Build the rows on another thread, so that keys are answered meanwhile, and post them."""
        parts = tuple(self.parts.values())
        previous = self.inventory
        inventory = await asyncio.to_thread(build, self.session, parts, self.intents, previous)
        changed = (
            frozenset(inventory.changed_since(previous))
            if previous is not None and not self.streams
            else frozenset[str]()
        )
        self.inventory = inventory
        reading = AccountSnapshot(parts, self.intents, self.without_journal, inventory)
        self.post(InventoryChanged(self.session, reading, datetime.now(UTC), changed, complete))
        return reading


def journal_knowledge(session: Session, before: tuple[Intent, ...]) -> tuple[tuple[Intent, ...], str]:
    """This gateway's interrupts, newest first, or the ones known before and why they could not be read."""
    try:
        return tuple(session.journal.intents(gateway=session.identity.base_url)), ""
    except JournalUnavailable as error:
        return before, safe_text(str(error), 300)


def build(
    session: Session, parts: Iterable[RegionSnapshot], intents: tuple[Intent, ...], previous: Inventory | None
) -> Inventory:
    """The rows of all regions together."""
    from ncpconsole.core.inventory import Inventory

    parts = tuple(parts)
    return Inventory.build(
        [server for part in parts for server in part.servers],
        [interface for part in parts for interface in part.interfaces],
        session.rules,
        now=datetime.now(UTC),
        cooldown=session.policy.cooldown,
        intents=intents,
        previous=previous,
    )


def rebuilt(session: Session, reading: AccountSnapshot) -> AccountSnapshot:
    """The same reading with what the journal knows now, after an interrupt or a resolution."""
    intents, why = journal_knowledge(session, reading.intents)
    if reading.inventory is None:
        return replace(reading, intents=intents, without_journal=why)
    inventory = build(session, reading.regions, intents, reading.inventory)
    return AccountSnapshot(reading.regions, intents, why, inventory)
