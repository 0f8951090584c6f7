"""Vital signs of 2,000 servers over a gateway with 50 ms latency: how long, how many calls, how many at a time.

The servers are those of a larger simulated fleet whose guests have an agent; some have been silent for minutes. Who
had no point for an hour is asked for over a day as well, 20 a call: a figure of its own tells what that costs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ncpconsole.core.vitals import LifeState
from ncpconsole.core.vitals_reader import AT_ONCE, VitalsReader
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.metrics import MOST_CONDITIONS, Condition, Interval, Metric, MetricAnswer
from tests.end_to_end.simulation import separate_simulation
from tools.benchmarks.harness import Figure, main, milliseconds
from tools.benchmarks.listing import LATENCY_MS, client_of
from tools.benchmarks.processes import undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 2_000
FLEET = 5_000
SECONDS = 3.0
CALLS = 100


class Counted:
    """The gateway's Cloud Insight, counted: all calls, and the most that were on their way at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._under_way = 0
        self.calls = 0
        self.at_once = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    async def metric_points(
        self, conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval = Interval.MINUTE
    ) -> MetricAnswer:
        self.calls += 1
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        try:
            return await self._client.metric_points(conditions, since_ms, until_ms, interval)
        finally:
            self._under_way -= 1


async def read(
    client: Client, numbers: list[str], metrics: tuple[Metric, ...] = (Metric.CPU,)
) -> tuple[float, Counted]:
    """Seconds to read the signs of these servers with nothing kept, and what it took."""
    counted = Counted(client)
    reader = VitalsReader(counted)  # type: ignore[arg-type]  # the rest of the gateway is handed on
    start = time.perf_counter()
    signs = await reader.read(numbers, metrics=metrics)
    taken = time.perf_counter() - start
    if any(one.state is LifeState.UNAVAILABLE for one in signs.values()):
        raise RuntimeError("not every server's signs came")
    return taken, counted


async def measure(*, quick: bool) -> list[Figure]:
    """All figures of this module."""
    count, rounds = (400, 1) if quick else (COUNT, 5)
    with separate_simulation("--latency", str(LATENCY_MS), "--servers", str(FLEET), agents=True) as gateway:
        client = client_of(gateway)
        try:
            listed = await client.servers(gateway.environment["NCLOUD_REGION"])
            numbers = [one.server_instance_no for one in listed if one.server_instance_status.code == "RUN"]
            known = await VitalsReader(client).read(numbers)
            with_agent = [number for number in numbers if known[number].state is not LifeState.NO_AGENT][:count]
            runs = [await read(client, with_agent) for _ in range(rounds)]
            mixed = [await read(client, numbers[:count]) for _ in range(rounds)]
            _, screenful = await read(client, with_agent[:MOST_CONDITIONS])
            _, one = await read(client, with_agent[:1], tuple(Metric))
        finally:
            await client.aclose()
    title = f"vital signs of {count:,} servers over {LATENCY_MS} ms latency"
    most: Callable[[str], float] = lambda what: float(max(getattr(counted, what) for _, counted in runs))  # noqa: E731
    return [
        milliseconds(title, [taken for taken, _ in runs], bar=SECONDS * 1000),
        Figure(f"{title}: calls", most("calls"), "calls", bar=CALLS),
        Figure(f"{title}: at a time", most("at_once"), "calls", bar=AT_ONCE),
        Figure("vital signs of a screenful", screenful.calls, "calls", bar=1),
        Figure("everything about one server's life", one.calls, "calls", bar=1),
        milliseconds(f"{title}, some without an agent", [taken for taken, _ in mixed]),
        Figure(f"{title}, some without an agent: calls", mixed[0][1].calls, "calls"),
    ]


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about a minute."""
    with undisturbed():
        return asyncio.run(measure(quick=quick))


if __name__ == "__main__":
    main(figures)
