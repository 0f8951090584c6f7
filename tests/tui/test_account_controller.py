"""The life of an account, driven without a screen: opened, read, failed, switched, called off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from ncpconsole.config import kept_list
from ncpconsole.config.kept_list import KeptList
from ncpconsole.core import listing
from ncpconsole.core.cautions import Caution
from ncpconsole.core.errors import JournalUnavailable, MissingCredentials
from ncpconsole.tui.account_controller import (
    AccountController,
    AccountEvent,
    InventoryChanged,
    ListingProgress,
    RefreshFailed,
    SessionFailed,
    SessionOpened,
)
from ncpconsole.tui.timing import Clocks
from ncpconsole.tui.widgets.header import HeaderState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ncpconsole.core.session import Examined, LoginForm, OnWait, ProfileSummary, Session
    from tests.tui.console_driver import Backend


@dataclass
class Console:
    """Opens accounts of one simulator; ``held`` holds openings back while it is set."""

    backend: Backend
    errors: list[Exception] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        if self.held is not None:
            await self.held.wait()
        if self.errors:
            raise self.errors.pop()
        return self.backend.session(profile=profile or "prod")

    async def load_rest(self) -> None:
        """Everything is loaded."""

    def profiles(self) -> list[ProfileSummary]:
        return []

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None, session_only: bool = False) -> str:
        raise NotImplementedError

    async def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """The doctor is not asked here."""
        raise AssertionError(profile)
        yield

    def places(self) -> list[tuple[str, str]]:
        """Where the record is."""
        raise AssertionError

    async def keyring_note(self) -> str:
        return ""


def list_calls(backend: Backend) -> int:
    """How many lists of servers or addresses were asked for."""
    counts = backend.simulator.counts()["by_operation"]
    return int(counts["list"]) + int(counts.get("interfaces", 0))


class Driven:
    """A controller, what it told, and its clock."""

    def __init__(self, backend: Backend, console: Console | None = None) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self.told: list[AccountEvent] = []
        self.console = console or Console(backend)
        self.account = AccountController(
            self.console, self.told.append, clocks=Clocks(lambda: self.now, lambda: self.now + self.slept)
        )

    async def open(self, profile: str | None = None) -> None:
        """Open an account and read its list once."""
        self.account.switch(profile, None)
        await self.account.open()
        await self.refresh()

    async def refresh(self) -> None:
        """Read the list."""
        assert self.account.begin_refresh()
        await self.account.refresh()

    @property
    def names(self) -> list[str]:
        """What was told, by name, but for the progress of pages."""
        return [type(event).__name__ for event in self.told if not isinstance(event, ListingProgress)]


@pytest.fixture
def driven(backend: Backend) -> Driven:
    """A controller on a simulator, with no account yet."""
    return Driven(backend)


def test_the_controller_loads_no_screen() -> None:
    code = (
        "import sys, ncpconsole.tui.account_controller\n"
        "print([m for m in sys.modules if m.partition('.')[0] == 'textual'])"  # rich's table measures text
    )
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


async def test_an_account_is_opened_and_read(driven: Driven, backend: Backend) -> None:
    await driven.open()
    account = driven.account
    assert driven.names[0] == "SessionOpened"
    assert isinstance(driven.told[-1], InventoryChanged)
    assert driven.told[-1].complete
    assert account.session is not None
    assert account.snapshot.inventory is not None
    assert len(account.snapshot.inventory.rows) == len(backend.servers)
    assert (account.is_listed, account.is_reading, account.age) == (True, False, 0.0)
    assert not account.warnings()


async def test_it_is_read_again_when_it_is_time_and_not_before(driven: Driven) -> None:
    await driven.open()
    assert not driven.account.is_due()
    driven.now += driven.account.schedule.every
    assert driven.account.is_due()
    assert driven.account.begin_refresh()
    assert not driven.account.is_due()
    assert not driven.account.begin_refresh()


async def test_a_failed_refresh_keeps_what_is_on_show_and_puts_the_next_one_off(
    driven: Driven, backend: Backend
) -> None:
    await driven.open()
    shown = driven.account.snapshot
    backend.simulator.faults.set("list:permission-denied")
    driven.now += 60
    await driven.refresh()
    account = driven.account
    assert isinstance(driven.told[-1], RefreshFailed)
    assert account.snapshot is shown
    assert account.is_stale
    assert account.age == 60
    assert account.schedule.due == driven.now + account.schedule.every
    assert account.warnings()[0].startswith("STALE. Next try in 30 s; r tries now.")
    backend.simulator.faults.clear()
    await driven.refresh()
    assert not account.is_stale
    assert account.warnings() == []


async def test_a_switch_carries_nothing_over(driven: Driven) -> None:
    await driven.open("prod")
    left = driven.account.session
    assert left is not None
    driven.account.switch("test", None)
    assert driven.account.session is None
    assert driven.account.snapshot.inventory is None
    assert driven.account.retired == [left]
    await driven.account.open()
    assert driven.account.session is not None
    assert driven.account.session.identity.profile == "test"
    await driven.account.close_retired()
    assert driven.account.retired == []


async def test_what_comes_of_an_account_that_was_left_is_dropped(driven: Driven) -> None:
    await driven.open("prod")
    left, shown = driven.account.session, driven.account.snapshot
    assert left is not None
    await driven.open("test")
    told = list(driven.told)
    now = driven.account.snapshot
    driven.account.take(InventoryChanged(left, shown))
    assert driven.account.snapshot is now
    assert driven.told == told


async def test_a_reading_that_a_switch_overtakes_changes_nothing(driven: Driven) -> None:
    await driven.open("prod")
    assert driven.account.begin_refresh()
    reading = asyncio.create_task(driven.account.refresh())
    await asyncio.sleep(0)
    driven.account.switch("test", None)
    await reading
    assert driven.account.snapshot.inventory is None
    assert not driven.account.is_reading


async def test_an_account_that_comes_after_it_was_called_off_is_closed_not_shown(driven: Driven) -> None:
    driven.console.held = asyncio.Event()
    driven.account.switch(None, None)
    opening = asyncio.create_task(driven.account.open())
    await asyncio.sleep(0)
    driven.account.call_off()
    driven.console.held.set()
    await opening
    assert driven.account.session is None
    assert driven.told == []
    assert len(driven.account.retired) == 1


async def test_the_account_that_was_asked_for_last_is_the_one_that_opens(driven: Driven) -> None:
    driven.console.held = asyncio.Event()
    driven.account.switch("prod", None)
    first = asyncio.create_task(driven.account.open())
    await asyncio.sleep(0)
    driven.account.switch("test", None)
    second = asyncio.create_task(driven.account.open())
    driven.console.held.set()
    await asyncio.gather(first, second)
    assert [event.session.identity.profile for event in driven.told if isinstance(event, SessionOpened)] == ["test"]
    assert driven.account.session is not None
    assert driven.account.session.identity.profile == "test"


async def test_what_keeps_an_account_from_opening_is_told(driven: Driven) -> None:
    error = MissingCredentials("No key.")
    driven.console.errors.append(error)
    driven.account.switch(None, None)
    await driven.account.open()
    assert driven.told == [SessionFailed(error)]
    assert not driven.account.is_opening
    assert not driven.account.begin_refresh()


async def test_a_journal_that_cannot_be_settled_opens_no_account(driven: Driven, backend: Backend) -> None:
    error = JournalUnavailable("The journal is damaged.")

    def torn() -> list[object]:
        raise error

    backend.journal.recover = torn  # type: ignore[method-assign,assignment]  # a damaged file
    driven.account.switch(None, None)
    await driven.account.open()
    assert driven.told == [SessionFailed(error)]
    assert driven.account.session is None


@pytest.mark.parametrize("slept", [8 * 3600.0, -3600.0])
async def test_clocks_that_part_by_more_than_a_minute_make_the_list_old(driven: Driven, slept: float) -> None:
    await driven.open()
    driven.now, driven.slept = driven.now + 5, 50
    assert not driven.account.woke()
    assert not driven.account.is_due()
    driven.slept = slept
    assert driven.account.woke()
    assert not driven.account.woke()
    assert driven.account.is_stale
    assert driven.account.is_due()
    assert driven.account.age == 5 + max(0, slept)
    await driven.refresh()
    assert not driven.account.is_stale


def interfaces_read(backend: Backend) -> int:
    """How many pages of network interfaces were asked for."""
    return int(backend.simulator.counts()["by_operation"].get("interfaces", 0))


async def test_addresses_are_read_again_only_for_servers_that_are_new_or_differ(
    driven: Driven, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    await driven.open()
    first = interfaces_read(backend)
    inventory = driven.account.snapshot.inventory
    await driven.refresh()
    assert interfaces_read(backend) == first
    assert driven.account.snapshot.inventory is not None
    assert inventory is not None
    assert [row.ips for row in driven.account.snapshot.inventory.rows] == [row.ips for row in inventory.rows]

    assert driven.account.begin_refresh(addresses=True)
    await driven.account.refresh()
    assert interfaces_read(backend) == 2 * first

    backend.simulator.state().change(backend.servers[0].server_instance_no, name="renamed-01")
    await driven.refresh()
    assert interfaces_read(backend) == 3 * first

    monkeypatch.setattr("ncpconsole.core.listing.ADDRESSES_FOR", 0.0)
    await driven.refresh()
    assert interfaces_read(backend) == 4 * first


async def test_addresses_that_could_not_be_read_whole_are_read_again(driven: Driven, backend: Backend) -> None:
    backend.simulator.faults.set("interfaces:permission-denied")
    await driven.open()
    assert driven.account.warnings()
    backend.simulator.faults.clear()
    await driven.refresh()
    assert not driven.account.warnings()


async def test_a_console_that_nobody_touches_is_read_less_often_and_at_once_when_somebody_comes(
    driven: Driven, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "time", SimpleNamespace(monotonic=lambda: driven.now))
    await driven.open()
    account = driven.account
    before = list_calls(backend)
    reads = 0
    for _ in range(3600):
        driven.now += 1
        if account.is_due():
            reads += 1
            await driven.refresh()
        assert not account.is_stale
    # Twice a minute for ten minutes, then once in five: it was 120 an hour, each with the addresses, so 240 calls.
    assert reads == 29
    assert list_calls(backend) - before == 29 + 5
    driven.now += 100
    account.touched()
    assert account.is_stale
    assert account.is_due()


async def test_an_hour_of_watching_takes_half_the_calls_that_it_took(
    driven: Driven, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "time", SimpleNamespace(monotonic=lambda: driven.now))
    await driven.open()
    before = list_calls(backend)
    for _ in range(3600):
        driven.now += 1
        driven.account.touched()
        if driven.account.is_due():
            await driven.refresh()
    # Addresses every ten minutes, and not with each of 120 lists any more.
    assert list_calls(backend) - before == 120 + 6


class Keeping(Console):
    """Opens accounts whose list is kept in a directory."""

    def __init__(self, backend: Backend, directory: Path) -> None:
        super().__init__(backend)
        self.directory = directory

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        session = await super().open_session(profile, region)
        identity = session.identity
        kept = KeptList(self.directory, identity.base_url, identity.key_fingerprint, identity.regions)
        return replace(session, kept=kept)


async def test_the_next_start_shows_the_kept_list_at_once_and_trusts_it_with_nothing(
    backend: Backend, tmp_path: Path
) -> None:
    console = Keeping(backend, tmp_path / "lists")
    first = Driven(backend, console)
    await first.open()
    whole = first.account.snapshot.inventory
    assert whole is not None

    second = Driven(backend, console)
    second.account.switch(None, None)
    await second.account.open()
    account = second.account
    assert second.names == ["InventoryChanged", "SessionOpened", "InventoryChanged"]
    assert account.snapshot.inventory is not None
    assert {row.key: row.ips for row in account.snapshot.inventory.rows} == {row.key: row.ips for row in whole.rows}
    assert account.snapshot.warnings == ()
    assert account.kept_age is not None
    assert account.is_stale
    assert not account.is_listed
    assert account.age is None
    # A server chosen from it: the others are not known for sure, so its number is due.
    found = account.surroundings_of(account.snapshot.inventory.rows[0])
    assert [warning.code for warning in found.warnings] == [Caution.LIST_INCOMPLETE]

    await second.refresh()
    assert account.kept_age is None
    assert not account.is_stale
    assert account.is_listed


async def test_the_first_rows_of_a_long_kept_list_come_before_the_others(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_list, "PIECE", 10)
    console = Keeping(backend, tmp_path / "lists")
    first = Driven(backend, console)
    await first.open()
    whole = first.account.snapshot.inventory
    assert whole is not None
    by_name = sorted(whole.rows, key=lambda row: row.sort_name)

    second = Driven(backend, console)
    counted: list[int | None] = []
    tell = second.account.tell

    def told(event: AccountEvent) -> None:
        tell(event)
        counted.append(HeaderState.of(second.account).servers)

    monkeypatch.setattr(second.account, "tell", told)
    second.account.switch(None, None)
    await second.account.open()
    assert second.names == ["InventoryChanged", "SessionOpened", "InventoryChanged"]
    assert counted == [None, len(by_name), len(by_name)]
    shown = [event for event in second.told if isinstance(event, InventoryChanged)]
    assert [event.complete for event in shown] == [False, False]
    assert [[row.key for row in event.snapshot.inventory.rows] for event in shown if event.snapshot.inventory] == [
        [row.key for row in by_name[:10]],
        [row.key for row in by_name],
    ]
    # A server chosen from the beginning: another one of its name may be among the others, so its number is due.
    beginning = shown[0].snapshot
    assert [one.code for one in beginning.surroundings(by_name[0].server).warnings] == [Caution.LIST_INCOMPLETE]
    kept = {server.server_instance_no: server for server in second.account.snapshot.regions[0].servers}
    await second.refresh()
    read = second.account.snapshot.regions[0].servers
    assert all(kept[server.server_instance_no] is server for server in read)


async def test_the_beginning_of_a_kept_list_that_was_altered_stays_uncounted_until_the_list_is_read(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_list, "PIECE", 10)
    console = Keeping(backend, tmp_path / "lists")
    first = Driven(backend, console)
    await first.open()
    assert first.account.snapshot.inventory is not None
    (path,) = (tmp_path / "lists").iterdir()
    content = path.read_bytes()
    last = content.rindex(b"serverName")
    path.write_bytes(content[:last] + b"\xc1" + content[last + 1 :])

    second = Driven(backend, console)
    second.account.switch(None, None)
    await second.account.open()
    assert second.names == ["InventoryChanged", "SessionOpened", "InventoryChanged"]
    assert second.account.snapshot.inventory is not None
    assert len(second.account.snapshot.inventory.rows) == 10
    assert HeaderState.of(second.account).servers is None
    await second.refresh()
    assert HeaderState.of(second.account).servers == len(first.account.snapshot.inventory.rows)


async def test_a_list_that_was_not_read_whole_is_not_kept(backend: Backend, tmp_path: Path) -> None:
    backend.simulator.faults.set("list:wrong-total=900")
    first = Driven(backend, Keeping(backend, tmp_path / "lists"))
    await first.open()
    assert first.account.snapshot.warnings
    assert not (tmp_path / "lists").exists()
