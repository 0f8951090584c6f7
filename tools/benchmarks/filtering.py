"""What the rules cost at 1,000 to 100,000 servers: building rows, refreshing, sorting, scanning for a filter.

Times are processor time without a screen; `console` measures the same in a terminal.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.filters import parse
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.view import SORT_KEYS, View, in_order
from ncpconsole.ncp.models import Code, NetworkInterface, Server
from tools.benchmarks.harness import Figure, main, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNTS = (1_000, 10_000, 100_000)
RULES = RULE_SETS["xen-windows"]
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
KEYSTROKES = (
    "w",
    "we",
    "web",
    "web 0",
    "web 01",
    "10.0.0.1",
    "결제",
    "is:e",
    "!os:linux",
    "status:run",
    "ip:10.0.0.0/24",
)


def make_servers(count: int) -> list[Server]:
    """A plausible account: several roles, a fifth with Korean names, some Linux, some stopped."""
    roles = ("web", "sql", "was", "결제", "batch")
    return [
        Server(
            server_instance_no=str(30_000_000 + i),
            server_name=f"{roles[i % 5]}-{i:05}",
            platform_type=Code("LNX64" if i % 7 == 0 else "WND64", "64 Bit"),
            hypervisor_type=Code("KVM" if i % 3 == 0 else "XEN", "hypervisor"),
            server_instance_status=Code("NSTOP" if i % 11 == 0 else "RUN", "status"),
            server_instance_operation=Code("NULL", "NULL OP"),
            zone_code=f"KR-{i % 2 + 1}",
            region_code="KR",
            vpc_no=str(i % 40),
            uptime="2026-06-19T16:13:43+0900",
        )
        for i in range(count)
    ]


def make_interfaces(servers: Sequence[Server]) -> list[NetworkInterface]:
    """One default interface per server."""
    return [
        NetworkInterface(f"nic-{i}", f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", "eth0", True, one.server_instance_no)
        for i, one in enumerate(servers)
    ]


def received_again(servers: Sequence[Server], changed: float) -> list[Server]:
    """The servers as a refresh delivers them: new objects, a share of them restarted since."""
    again: list[Server] = msgspec.json.decode(msgspec.json.encode(servers), type=list[Server])
    step = round(1 / changed) if changed else len(again) + 1
    for i in range(0, len(again), step) if changed else ():
        again[i] = msgspec.structs.replace(again[i], uptime="2026-11-02T21:00:00+0900")
    return again


def build(
    servers: Sequence[Server], interfaces: Sequence[NetworkInterface], previous: Inventory | None = None
) -> Inventory:
    """The inventory under the default rules."""
    return Inventory.build(servers, interfaces, RULES, now=NOW, cooldown=1800, previous=previous)


def seconds(work: Callable[[], object], rounds: int) -> list[float]:
    """Processor seconds of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return times


def build_figures(count: int, rounds: int) -> list[Figure]:
    """Building rows afresh, and after a refresh with 0, 1 and 100 % of the servers changed."""
    servers = make_servers(count)
    interfaces = make_interfaces(servers)
    first = build(servers, interfaces)
    again = {share: received_again(servers, share) for share in (0, 0.01, 1)}
    return [
        milliseconds(f"building rows, {count:,}", seconds(lambda: build(servers, interfaces), rounds)),
        *(
            milliseconds(
                f"building rows, {share:.0%} changed, {count:,}",
                seconds(partial(build, received, interfaces, first), rounds),
            )
            for share, received in again.items()
        ),
    ]


def slowest(name: str, works: Sequence[Callable[[], object]], rounds: int) -> Figure:
    """The one of these that takes longest, by its median."""
    return max((milliseconds(name, seconds(work, rounds)) for work in works), key=lambda one: one.value)


def view_figures(count: int, rounds: int) -> list[Figure]:
    """The slowest filter's scan, and the slowest order."""
    servers = make_servers(count)
    stock = build(servers, make_interfaces(servers))
    rows = View(stock).rows
    scans = [partial(parse(text).apply, rows) for text in KEYSTROKES]
    sorts = [partial(in_order, stock.rows, key) for key in SORT_KEYS]
    return [
        slowest(f"slowest scan for a filter, {count:,}", scans, rounds),
        slowest(f"slowest sort, {count:,}", sorts, rounds),
    ]


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about twenty seconds."""
    counts, rounds = (COUNTS[:1], 1) if quick else (COUNTS, 3)
    return [one for count in counts for part in (build_figures, view_figures) for one in part(count, rounds)]


if __name__ == "__main__":
    main(figures)
