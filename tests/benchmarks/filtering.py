"""What the rules cost at 1,000 to 100,000 servers: building rows, refreshing, sorting, and one keystroke.

Run ``python -m tests.benchmarks.filtering``. Times are medians in milliseconds, memory is in MB.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.filters import NO_FILTER, parse
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.sorting import SORT_KEYS, SortKey
from ncpconsole.core.view import View
from ncpconsole.ncp.models import Code, NetworkInterface, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
PAGE = 1000


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
        NetworkInterface(
            f"nic-{i}", f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", "eth0", True, one.server_instance_no
        )
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


def median_ms(work: Callable[[], object], rounds: int = 5) -> float:
    """Median time of some rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def build_figures(count: int, rounds: int = 5) -> dict[str, float]:
    """Milliseconds to build rows afresh and after a refresh with 0, 1 and 100 % of the servers changed."""
    servers = make_servers(count)
    interfaces = make_interfaces(servers)
    first = build(servers, interfaces)
    figures = {"build": median_ms(lambda: build(servers, interfaces), rounds)}
    for share in (0, 0.01, 1):
        again = received_again(servers, share)
        figures[f"rebuild {share:.0%} changed"] = median_ms(lambda: build(again, interfaces, first), rounds)  # noqa: B023  # called at once
    return figures


def streaming_figures(count: int) -> dict[str, float]:
    """Milliseconds while pages come in and the rows so far are built and sorted after each page."""
    servers = make_servers(count)
    interfaces = make_interfaces(servers)
    view, times = View(), []
    for end in range(PAGE, count + PAGE, PAGE):
        start = time.perf_counter()
        view.inventory = build(servers[:end], interfaces, view.inventory)
        assert len(view.rows) == min(end, count)
        times.append((time.perf_counter() - start) * 1000)
    return {"slowest page": max(times), "all pages": sum(times)}


def keystroke_figures(count: int, rounds: int = 5) -> dict[str, float]:
    """Milliseconds from a changed filter text to the rows to show, by text."""
    servers = make_servers(count)
    view = View(build(servers, make_interfaces(servers)))

    def press(text: str) -> None:
        view.filter = NO_FILTER
        assert len(view.rows) == count  # sorted once; without a filter this is no work
        view.filter = parse(text)
        assert len(view.rows) < count

    press("w")
    return {text: median_ms(lambda: press(text), rounds) for text in KEYSTROKES}  # noqa: B023  # called at once


def sort_figures(count: int, rounds: int = 5) -> dict[str, float]:
    """Milliseconds to sort all rows, by order."""
    servers = make_servers(count)
    stock = build(servers, make_interfaces(servers))

    def sort(key: SortKey) -> None:
        view = View(stock)
        view.sort = key
        assert view.rows

    return {key.value: median_ms(lambda: sort(key), rounds) for key in SORT_KEYS}  # noqa: B023  # called at once


def memory_figures(count: int) -> dict[str, float]:
    """MB that decoded records, and the rows on top of them, hold."""
    encoded = msgspec.json.encode(make_servers(count))
    tracemalloc.start()
    try:
        servers = msgspec.json.decode(encoded, type=list[Server])
        interfaces = make_interfaces(servers)
        records = tracemalloc.get_traced_memory()[0]
        view = View(build(servers, interfaces))
        assert view.rows
        rows = tracemalloc.get_traced_memory()[0] - records
    finally:
        tracemalloc.stop()
    return {"records": records / 1e6, "rows and view": rows / 1e6}


def main() -> None:
    """Print every figure at three sizes."""
    sizes = (1_000, 10_000, 100_000)
    sections: dict[str, Callable[[int], dict[str, float]]] = {
        "build (ms)": build_figures,
        f"streaming in pages of {PAGE} (ms)": lambda count: streaming_figures(min(count, 10_000)),
        "keystroke (ms)": keystroke_figures,
        "sort (ms)": sort_figures,
        "memory (MB)": memory_figures,
    }
    for title, figures_of in sections.items():
        print(f"\n{title:<28}" + "".join(f"{size:>10,}" for size in sizes))
        columns = [figures_of(size) for size in sizes]
        for name in columns[0]:
            print(f"  {name:<26}" + "".join(f"{column[name]:>10.2f}" for column in columns))


if __name__ == "__main__":
    main()
