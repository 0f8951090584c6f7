"""Reading what a session can see: whole regions side by side. One server of them: `core.lookup`.

Servers and private addresses are read side by side, and handed on as they come. A region that cannot be read
keeps what was read of it before and is said to have failed; the others stand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ncpconsole.core.cautions import Caution, Finding, Surroundings, cautious_now, identity
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Kept, Session
from ncpconsole.core.wording import safe_sentence
from ncpconsole.language import Sentence, said, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import KeptRegion, NetworkInterface, Server

STREAM_EVERY = 0.5
"""Seconds between two lists that are handed on while pages come in."""

TELL_EVERY = 0.1
"""Seconds between two words on how far the reading is: each paints the header, and keys wait 3 ms."""

ADDRESSES_FOR = 600.0
"""Seconds for which a region's addresses are kept while its servers are the ones they were read with."""

NOT_COME = Sentence("its list has not come yet.")
"""Why servers of a region may be missing while it is read for the first time."""


@dataclass(frozen=True, slots=True)
class RegionSnapshot:
    """What was last read of one region.

    ``failure``, ``short`` (fewer servers came than were announced) and ``without_addresses`` are sentences,
    empty when all is well. ``kept_at`` is when an earlier console read it, where nothing newer has come;
    ``to_follow`` servers of what it kept are still to be read from there.
    ``addresses_at`` is a time of the monotonic clock, None before they were read whole.
    """

    code: str
    servers: tuple[Server, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()
    failure: str = ""
    short: str = ""
    without_addresses: str = ""
    read_at: datetime | None = None
    kept_at: datetime | None = None
    to_follow: int = 0
    addresses_at: float | None = None

    @property
    def lacking(self) -> tuple[str, ...]:
        """Why servers of the region may be missing or its record old, in sentences."""
        pending = NOT_COME if self.read_at is None and not self.failure else ""
        return tuple(why for why in (self.failure, self.short, pending) if why)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the region's list, in sentences that name the region."""
        code = safe_text(self.code, 8)
        words = []
        if self.failure and self.servers:
            words.append(
                tr("{region} failed, its servers on show are old: {why}", region=code, why=shown(self.failure))
            )
        elif self.failure:
            words.append(tr("{region} failed, its servers are missing: {why}", region=code, why=shown(self.failure)))
        elif self.short:
            words.append(tr("{region}: servers may be missing: {why}", region=code, why=shown(self.short)))
        if self.without_addresses:
            why = shown(self.without_addresses)
            words.append(tr("{region}: private IPs may be missing: {why}", region=code, why=why))
        return tuple(words)


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """What was last read of an account, region by region, and what the journal knows of its servers.

    ``without_journal`` says why the journal could not be read, if so.
    """

    regions: tuple[RegionSnapshot, ...] = ()
    intents: tuple[Intent, ...] = ()
    notes: tuple[Note, ...] = ()
    without_journal: str = ""
    inventory: Inventory | None = None

    @property
    def kept_at(self) -> datetime | None:
        """When an earlier console read the oldest part of what is on show; None once all of it is read anew."""
        return min((region.kept_at for region in self.regions if region.kept_at is not None), default=None)

    @property
    def is_beginning(self) -> bool:
        """Whether these are only the first servers of a kept list, so that counting them tells nothing."""
        return any(region.to_follow for region in self.regions)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the list, in sentences."""
        words = [warning for region in self.regions for warning in region.warnings]
        if self.without_journal:
            words.append(" ".join((shown(self.without_journal), tr("Earlier interrupts may be missing."))))
        return tuple(words)

    def surroundings(self, server: Server, failed_since: str = "", looked_for: tuple[str, ...] = ()) -> Surroundings:
        """The other servers of the account, and a warning for each reason why some may be missing.

        ``failed_since`` says why a later look at the account gave nothing, which leaves every region old;
        ``looked_for`` is as in `Surroundings`.
        """
        since = (failed_since,) if failed_since else ()
        own = identity(server)
        return Surroundings(
            others=tuple(one for region in self.regions for one in region.servers if identity(one) != own),
            looked_for=looked_for,
            listed_name=server.server_name,
            addresses=tuple(
                ip
                for region in self.regions
                for interface in region.interfaces
                if interface.instance_no == server.server_instance_no
                for ip in (interface.ip, *interface.secondary_ip_list)
            ),
            warnings=tuple(
                Finding(
                    Caution.LIST_INCOMPLETE,
                    Sentence(
                        "The servers of {region} could not all be listed, so another one may have this name or one "
                        "that looks like it: {why}",
                        region=safe_text(region.code),
                        why=safe_sentence(why),
                    ),
                )
                for region in self.regions
                for why in (*region.lacking, *since)
            ),
        )


async def kept_snapshot(session: Session, *, beginning: bool = False) -> AccountSnapshot:
    """The list that an earlier console kept, or its beginning, with rows by today's verdicts; empty where none was.

    For showing alone: no region of it counts as read, and a server that is chosen from it is cautioned about as long
    as that holds.
    """
    if session.kept is None:
        return AccountSnapshot()
    known = _with_journal(session, AccountSnapshot())
    return await asyncio.to_thread(_kept_with_rows, session, session.kept, known, beginning=beginning)


def _kept_with_rows(session: Session, kept: Kept, known: AccountSnapshot, *, beginning: bool) -> AccountSnapshot:
    """``known`` is what the journal knows, which is asked on the thread that opened it."""
    regions = {region.code: region for region in kept.read(beginning=beginning)}
    if set(regions) != set(session.identity.regions):
        return AccountSnapshot()
    found = []
    for one in (regions[code] for code in session.identity.regions):
        region = RegionSnapshot(one.code, servers=one.servers, interfaces=one.interfaces)
        found.append(replace(region, kept_at=one.read_at, to_follow=one.more))
    return _with_rows(session, replace(known, regions=tuple(found)))


async def know_kept(session: Session, snapshot: AccountSnapshot) -> None:
    """Have what comes unchanged be the records of the kept list, which are held once then."""

    def tell() -> None:
        for region in snapshot.regions:
            session.gateway.know(region.code, region.servers, region.interfaces)

    await asyncio.to_thread(tell)


def keep_snapshot(session: Session, snapshot: AccountSnapshot) -> None:
    """Keep a list that was read whole, for the next start: in the order of names, as its beginning is shown first."""
    inventory = snapshot.inventory
    if session.kept is None or any(region.read_at is None or region.lacking for region in snapshot.regions):
        return
    # The rows know by what they are sorted: to find it anew for 10,000 names would hold up keys.
    place = {row.number: row.sort_name for row in inventory.rows} if inventory is not None else {}

    def by_name(server: Server) -> str:
        return place.get(server.server_instance_no, "")

    session.kept.write(
        [
            KeptRegion(region.code, region.read_at, tuple(sorted(region.servers, key=by_name)), region.interfaces)
            for region in snapshot.regions
            if region.read_at is not None
        ]
    )


def _no_rows(_: AccountSnapshot) -> None:
    return


def _no_progress(_arrived: int, _expected: int) -> None:
    return


class InventoryLoader:
    """One look at an account. Create one per refresh.

    ``before`` is the snapshot that this one follows, empty at first. While that one is empty, ``on_rows`` gets the rows
    as pages come in; later the list is replaced as a whole, so that it never shrinks for a moment. ``on_progress`` gets
    the servers read so far and expected in all. Addresses are read anew with ``addresses``, where they are older than
    ten minutes, and where a server is new or differs: they make up half of all calls.
    """

    def __init__(
        self,
        session: Session,
        before: AccountSnapshot = AccountSnapshot(),
        *,
        on_rows: Callable[[AccountSnapshot], object] = _no_rows,
        on_progress: Callable[[int, int], object] = _no_progress,
        addresses: bool = True,
    ) -> None:
        self._session = session
        self._on_rows = on_rows
        self._on_progress = on_progress
        self._addresses = addresses
        self._intents, self._notes = before.intents, before.notes
        self._without_journal = ""
        self._inventory = before.inventory
        self._streams = before.inventory is None and on_rows is not _no_rows
        known = {region.code: region for region in before.regions}
        self._regions = {
            code: replace(known.get(code, RegionSnapshot(code)), failure="") for code in session.identity.regions
        }
        self._counts: dict[str, tuple[int, int]] = {}
        self._told_at = 0.0
        self._fresh = asyncio.Event()
        self._ended = asyncio.Event()
        self.errors: list[NcpError] = []
        """What kept regions, or their private addresses, from being read, as it happened."""

    @property
    def snapshot(self) -> AccountSnapshot:
        """What has been read so far."""
        regions = tuple(self._regions.values())
        return AccountSnapshot(regions, self._intents, self._notes, self._without_journal, self._inventory)

    async def read(self) -> AccountSnapshot:
        """Read everything and build the rows. Raises NcpError when no region could be read."""
        self._read_journal()
        painter = asyncio.create_task(self._keep_handing_on()) if self._streams else None
        try:
            async with asyncio.TaskGroup() as group:
                for code, region in self._regions.items():
                    if self._addresses or not _keeps_addresses(region):
                        group.create_task(self._read_servers(code))
                        group.create_task(self.read_interfaces(code))
                    else:
                        group.create_task(self._read_changes(code))
        finally:
            self._ended.set()
            self._fresh.set()
            if painter is not None:
                await painter  # not cancelled: a thread cannot be, and two that build hold up keys
        if self.errors and all(region.failure for region in self._regions.values()):
            raise self.errors[0]
        self._read_journal()
        return await self._built()

    async def read_servers(self) -> None:
        """Read the servers of every region, and neither addresses nor journal; no rows are built."""
        await asyncio.gather(*(self._read_servers(code) for code in self._regions))

    async def read_interfaces(self, code: str) -> None:
        """Read one region's network interfaces; without them the list stands, and says what it lacks."""
        doubts: list[str] = []
        try:
            interfaces = await self._session.gateway.network_interfaces(code, on_incomplete=doubts.append)
        except NcpError as error:
            self.errors.append(error)
            self._keep(code, without_addresses=safe_sentence(error.sentence))
            return
        read_at = None if doubts else time.monotonic()
        self._keep(code, interfaces=tuple(interfaces), without_addresses=Sentence.joined(*doubts), addresses_at=read_at)

    async def _read_changes(self, code: str) -> None:
        """Read one region's servers, and its addresses only where a server is new or differs."""
        before = self._regions[code].servers
        await self._read_servers(code)
        known = {identity(one): one for one in before}
        seen = ((known.get(identity(one)), one) for one in self._regions[code].servers)
        if any(old is not one and old != one for old, one in seen):
            await self.read_interfaces(code)

    async def _read_servers(self, code: str) -> None:
        """Read one region's servers; a failure is kept as a sentence."""
        arrived: list[Server] = []
        doubts: list[str] = []

        def page(servers: Sequence[Server]) -> None:
            arrived.extend(servers)
            self._keep(code, servers=tuple(arrived))

        def progress(done: int, expected: int) -> None:
            self._counts[code] = (done, max(done, expected))
            if done < expected and time.monotonic() - self._told_at < TELL_EVERY:
                return
            self._told_at = time.monotonic()
            self._on_progress(*map(sum, zip(*self._counts.values(), strict=True)))

        try:
            servers = await self._session.gateway.servers(
                code, progress=progress, on_page=page if self._streams else None, on_incomplete=doubts.append
            )
        except NcpError as error:
            self.errors.append(error)
            self._keep(code, failure=safe_sentence(error.sentence))
            return
        self._keep(
            code,
            servers=tuple(servers),
            short=Sentence.joined(*doubts),
            read_at=datetime.now(UTC),
            kept_at=None,
            to_follow=0,
        )

    def _keep(self, code: str, **changes: object) -> None:
        self._regions[code] = replace(self._regions[code], **changes)  # type: ignore[arg-type]  # by field name
        self._fresh.set()

    def _read_journal(self) -> None:
        """Take over what the journal knows; a journal that fails is said, and the list still stands."""
        before = self._intents, self._notes
        self._intents, self._notes, self._without_journal = _journal_knowledge(self._session, *before)

    async def _keep_handing_on(self) -> None:
        """Hand on the rows read so far while there are new ones: the first at once, then with pauses between.

        Nobody reads ten lists a second, and building and painting them would hold up keys.
        """
        while not self._ended.is_set():
            await self._fresh.wait()
            self._fresh.clear()
            if any(region.servers for region in self._regions.values()) and not self._ended.is_set():
                self._on_rows(await self._built())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), STREAM_EVERY)

    async def _built(self) -> AccountSnapshot:
        """The snapshot with its rows, built on another thread so that keys are answered meanwhile."""
        snapshot = await asyncio.to_thread(_with_rows, self._session, self.snapshot)
        self._inventory = snapshot.inventory
        return snapshot


async def take_inventory(session: Session, warn: Callable[[str], None]) -> Inventory:
    """All servers of the session's regions with their private IPs and verdicts.

    Raises NcpError when any region cannot be read: a list that is silently short would mislead. For the same
    reason ``warn`` is called with a sentence when a region gives less than it announces. Raises
    JournalUnavailable when the earlier interrupts cannot be read.
    """
    loader = InventoryLoader(session)
    snapshot = await loader.read()
    if loader.errors:
        raise loader.errors[0]
    if snapshot.without_journal:
        raise JournalUnavailable(snapshot.without_journal)
    for warning in snapshot.warnings:
        warn(warning)
    return snapshot.inventory or Inventory()


def _keeps_addresses(region: RegionSnapshot) -> bool:
    """Whether a region's addresses were read whole, not long ago."""
    return region.addresses_at is not None and time.monotonic() - region.addresses_at < ADDRESSES_FOR


def rebuilt(session: Session, snapshot: AccountSnapshot) -> AccountSnapshot:
    """The same snapshot with what the journal knows now, after an interrupt or a resolution."""
    snapshot = _with_journal(session, snapshot)
    return snapshot if snapshot.inventory is None else _with_rows(session, snapshot)


def _with_journal(session: Session, snapshot: AccountSnapshot) -> AccountSnapshot:
    intents, notes, why = _journal_knowledge(session, snapshot.intents, snapshot.notes)
    return replace(snapshot, intents=intents, notes=notes, without_journal=why)


def _journal_knowledge(
    session: Session, intents: tuple[Intent, ...], notes: tuple[Note, ...]
) -> tuple[tuple[Intent, ...], tuple[Note, ...], str]:
    """This gateway's interrupts and all notes, newest first, or those known before and why they could not be read."""
    journal = session.journal
    try:
        return tuple(journal.intents(gateway=session.identity.base_url)), tuple(journal.notes()), ""
    except JournalUnavailable as error:
        return intents, notes, safe_sentence(said(error))


def _with_rows(session: Session, snapshot: AccountSnapshot) -> AccountSnapshot:
    servers = [server for region in snapshot.regions for server in region.servers]
    interfaces = [interface for region in snapshot.regions for interface in region.interfaces]
    inventory = inventory_of(session, servers, interfaces, snapshot.intents, snapshot.inventory)
    return replace(snapshot, inventory=inventory)


def inventory_of(
    session: Session,
    servers: Sequence[Server],
    interfaces: Iterable[NetworkInterface],
    intents: Iterable[Intent],
    previous: Inventory | None = None,
) -> Inventory:
    """The rows of these servers by the session's rules, as of now; ``previous`` is as in `Inventory.build`."""
    return Inventory.build(
        servers,
        interfaces,
        session.rules,
        now=cautious_now(datetime.now(UTC), session.gateway.clock_offset),
        cooldown=session.policy.cooldown,
        intents=intents,
        previous=previous,
    )
