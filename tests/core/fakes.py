"""Stand-ins for what the rules talk to: a gateway in memory that counts, and drafts to claim."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from ncpconsole.core.cautions import Surroundings
from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Draft, Origin
from ncpconsole.language import said
from ncpconsole.ncp.errors import NotAvailable
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.metrics import Condition, Interval, Metric, MetricAnswer, RawPoints
from ncpconsole.ncp.models import Activity, Code, NetworkInterface, Region, Server
from ncpconsole.ncp.outcome import not_sent
from ncpconsole.ncp.results import Outcome, RequestPreview, SendProgress, SendResult

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.gateway import OnIncomplete, PageArrived, Progress

GATEWAY = "https://gateway.test"
ALICE = Origin(user="alice", host="bastion-1", terminal="pts/3 from 192.0.2.7", version="0.0")
BOB = Origin(user="bob", host="bastion-2", terminal="pts/9", version="0.0")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

NOTHING_AROUND = Surroundings()
"""For a server that is known to be alone."""

ACCEPTED = SendResult(outcome=Outcome.ACCEPTED, message="NCP accepted the interrupt.", http_status=200)
REJECTED = SendResult(outcome=Outcome.REJECTED, message="NCP rejected it.", http_status=400, return_code="800")
NOT_SENT = SendResult(outcome=Outcome.NOT_SENT, message="The connection was refused.")
UNKNOWN = SendResult(outcome=Outcome.UNKNOWN, message="No answer came.")


def a_server(number: str = "300", name: str = "web-1", **changes: Any) -> Server:
    """A server that every rule set allows to be interrupted."""
    server = Server(
        server_instance_no=number,
        server_name=name,
        platform_type=Code("WND64"),
        public_ip="192.0.2.10",
        server_instance_status=Code("RUN", "running"),
        server_instance_operation=Code("NULL"),
        server_instance_status_name="running",
        create_date="2025-01-01T00:00:00+0900",
        uptime="2026-02-01T00:00:00+0900",
        zone_code="KR-1",
        region_code="KR",
        hypervisor_type=Code("XEN"),
    )
    return msgspec.structs.replace(server, **changes)


def a_draft(number: str = "300", gateway: str = GATEWAY, **changes: Any) -> Draft:
    """A confirmed interrupt that is ready to be claimed."""
    values: dict[str, Any] = {
        "gateway": gateway,
        "profile": "prod",
        "key_fingerprint": "key-12345678",
        "region_code": "KR",
        "server_no": number,
        "server_name": "web-1",
        "snapshot": a_server(number).as_plain(),
        "rule_set": "xen-windows",
        "reason": "hangs",
        "incident": "INC-7",
        "typed": "web-1",
        "method": "POST",
        "path": "/vserver/v2/interruptServerInstance",
    }
    return Draft(**{**values, **changes})


class Clock:
    """A clock that stands still until it is moved, in either direction."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Wire:
    """One request that reached the gateway: where to, and what the journal on disk said at that moment."""

    base_url: str
    key_fingerprint: str
    region_code: str
    server_no: str


Answer = SendResult | BaseException | Callable[[], Awaitable[SendResult]]


@dataclass
class FakeGateway:
    """A gateway in memory. Records what would be on the wire; answers what the test scripted.

    ``connecting`` runs before the barrier, ``answer`` after the request left; reads raise ``broken`` if set,
    ``log`` is the activity log, None for one that never answers,
    ``short_listing`` is what is said of a list that may lack servers. ``points`` are Cloud Insight's, which raises
    ``broken_metrics`` if set and notes each call's conditions in ``metric_calls``.
    """

    base_url: str = GATEWAY
    key_fingerprint: str = "key-12345678"
    foreign_host: str = ""
    clock_offset: float | None = 0.0
    fleet: dict[str, Server] = field(default_factory=lambda: {"300": a_server()})
    wire: list[Wire] = field(default_factory=list)
    reads: int = 0
    deadlines: list[float] = field(default_factory=list)
    broken: Exception | None = None
    broken_listing: Exception | None = None
    short_listing: str = ""
    interfaces: list[NetworkInterface] = field(default_factory=list)
    connecting: Callable[[], Awaitable[None]] | None = None
    on_wire: Callable[[Wire], None] | None = None
    answer: Answer = ACCEPTED
    log: list[Activity] | Exception | None = field(default_factory=list)
    caller: CallerIdentity | None = None
    points: dict[Condition, RawPoints] = field(default_factory=dict)
    metric_calls: list[Sequence[Condition]] = field(default_factory=list)
    broken_metrics: Exception | None = None
    indescribable: Exception | None = None

    def beat(self, now: datetime, *minutes_ago: float, number: str = "300", value: float = 12.0) -> None:
        """Let Cloud Insight hold a CPU point of each of these times."""
        self.points[Condition(number, Metric.CPU)] = [
            [(now - timedelta(minutes=ago)).timestamp() * 1000, value] for ago in minutes_ago
        ]

    async def regions(self) -> list[Region]:
        return [Region("KR", "Korea")]

    async def servers(
        self,
        region_code: str,
        *,
        server_name: str = "",
        progress: Progress | None = None,
        on_page: PageArrived | None = None,
        on_incomplete: OnIncomplete | None = None,
    ) -> list[Server]:
        await asyncio.sleep(0)
        if error := self.broken or self.broken_listing:
            raise error
        if self.short_listing and on_incomplete is not None:
            on_incomplete(self.short_listing)
        return [server for server in self.fleet.values() if server_name in server.server_name]

    async def server(self, region_code: str, server_no: str, *, retry: bool = True) -> Server | None:
        await asyncio.sleep(0)
        self.reads += 1
        if self.broken:
            raise self.broken
        return self.fleet.get(server_no)

    async def raw_server(self, region_code: str, server_no: str) -> dict[str, Any] | None:
        server = await self.server(region_code, server_no)
        return None if server is None else dict(msgspec.to_builtins(server))

    def know(self, region_code: str, servers: object, interfaces: object) -> None:
        """Forget it: every list is the same objects here anyhow."""

    async def network_interfaces(
        self, region_code: str, *, server_no: str | None = None, on_incomplete: OnIncomplete | None = None
    ) -> list[NetworkInterface]:
        return self.interfaces

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        await asyncio.sleep(0)
        if isinstance(self.log, BaseException):
            raise self.log
        if self.log is None:
            await asyncio.Event().wait()
        return [one for one in self.log or [] if since_ms <= one.event_time <= until_ms]

    async def caller_identity(self) -> CallerIdentity:
        await asyncio.sleep(0)
        if self.caller is None:
            raise NotAvailable("This gateway has no STS; whose key it is cannot be told.")
        return self.caller

    async def metric_points(
        self, conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval = Interval.MINUTE
    ) -> MetricAnswer:
        self.metric_calls.append(conditions)
        await asyncio.sleep(0)
        if self.broken_metrics:
            raise self.broken_metrics
        return {one: self.points[one] for one in conditions if one in self.points}

    async def interrupt(
        self,
        region_code: str,
        server_no: str,
        *,
        before_first_byte: Callable[[], None],
        deadline: float,
        progress: SendProgress,
    ) -> SendResult:
        self.deadlines.append(deadline)
        if self.connecting is not None:
            await self.connecting()
        try:
            before_first_byte()
        except Exception as error:  # noqa: BLE001 - as the real sender: whatever the barrier raises
            return not_sent(said(error), "POST")
        progress.may_have_been_sent = True
        sent = Wire(self.base_url, self.key_fingerprint, region_code, server_no)
        self.wire.append(sent)
        if self.on_wire is not None:
            self.on_wire(sent)
        if isinstance(self.answer, BaseException):
            raise self.answer
        if isinstance(self.answer, SendResult):
            return self.answer
        return await self.answer()

    def describe_interrupt(self, region_code: str, server_no: str) -> RequestPreview:
        if self.indescribable:
            raise self.indescribable
        return RequestPreview("POST", f"{self.base_url}/interrupt", (), f"{region_code} {server_no}")

    async def aclose(self) -> None:
        return None


@dataclass
class Desk:
    """One operator at one console: gateway, journal on disk, clock and interrupter."""

    path: Path
    gateway: FakeGateway = field(default_factory=FakeGateway)
    policy: Policy = field(default_factory=Policy)
    profile: str = "prod"
    origin: Origin = ALICE
    incident: str = "INC-7"
    clock: Clock = field(default_factory=Clock)
    monotonic: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.journal = Journal.open(self.path, self.origin, self.clock)
        self.interrupter = self.new_interrupter()

    def new_interrupter(self) -> Interrupter:
        """An interrupter of its own, as after the session was opened again."""
        return Interrupter(
            self.gateway,
            self.journal,
            rules_named("xen-windows"),
            self.policy,
            profile=self.profile,
            incident=self.incident,
            clock=self.clock,
            monotonic=self.monotonic,
        )


LOCKER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    """Another process holds this database."""
    command = [sys.executable, "-c", LOCKER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as locker:
        assert locker.stdin is not None
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            locker.stdin.close()
