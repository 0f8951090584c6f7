"""Cloud Insight: one-minute points that an agent inside each guest sends, of which a guest that hangs sends none.

Every server is a guest of one kind, by its place in the fleet. Points come 60 to 115 seconds late. Who is interrupted
falls silent, and sends again half a minute after it runs again. Source: the API pages of the query of one and of
several metrics and of the list of system schemas; the fields of a row are those of the official SDK.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from ncpconsole.simulator.account_state import AccountState
from ncpconsole.simulator.fleet import OPENING, Machine, ServerKind
from ncpconsole.simulator.responses import gateway_error

API_PATH = "/cw_fea/real/cw/api"
SCHEMAS = f"{API_PATH}/schema/system/list"
ONE = f"{API_PATH}/data/query"
SEVERAL = f"{API_PATH}/data/query/multiple"
PATHS = {SCHEMAS: "GET", ONE: "POST", SEVERAL: "POST"}

SERVER_KEY = "460438474722512896"
PRODUCT = "System/Server(VPC)"
SYSTEMS = (("System/Object Storage", "463300341211312128"), (PRODUCT, SERVER_KEY), ("Load Balancer(VPC)", "4630"))
MOST_CONDITIONS = 20
MOST_POINTS = 1440
STEPS = {"Min1": 60, "Min5": 300, "Min30": 1800, "Hour2": 7200, "Day1": 86400}
AGGREGATIONS = {"AVG", "MIN", "MAX", "SUM", "COUNT"}
BOOT = 30
"""Seconds from running again to the agent's first point."""


class Guest(Enum):
    """How a guest fares."""

    IDLE = "idle"
    BUSY = "busy"
    SILENT = "silent"
    NO_AGENT = "no agent"


SILENT_FOR = {8: 6, 11: 47, 31: 14}
"""Minutes for which some servers of the opening have been silent when the simulator starts."""
BUSY = frozenset((2, 6, 44))
WITHOUT_AGENT = frozenset((14, 20, 27))
RARELY_SILENT = 149
"""Beyond the opening, one server in so many is silent."""

_SCALES: dict[str, tuple[float, float]] = {
    "avg_cpu_used_rto": (2, 12),
    "max_cpu_used_rto": (4, 20),
    "mem_usert": (35, 8),
    "avg_fs_usert": (50, 1),
    "avg_read_byt_cnt": (20_000, 400_000),
    "avg_write_byt_cnt": (60_000, 900_000),
    "avg_rcv_bps": (200_000, 3_000_000),
    "avg_snd_bps": (100_000, 2_000_000),
}
"""By metric: the least value of an idle guest, and how much comes on top."""
_PERCENT = {"avg_cpu_used_rto", "max_cpu_used_rto", "mem_usert"}


def guest_of(machine: Machine) -> Guest:
    """The kind of a server's guest; one that does not run sends nothing."""
    index = machine.index
    if machine.status != "RUN" or machine.kind is ServerKind.BARE_METAL or index in WITHOUT_AGENT:
        return Guest.NO_AGENT
    if index in SILENT_FOR or (index not in OPENING and index % RARELY_SILENT == 0):
        return Guest.SILENT
    if index in BUSY:
        return Guest.BUSY
    mixed = _mix(index * 7)
    if index not in OPENING and mixed % 16 == 0:
        return Guest.NO_AGENT
    return Guest.BUSY if index not in OPENING and mixed % 16 == 1 else Guest.IDLE


def late(machine: Machine) -> int:
    """How many seconds after its time a point of this server can be read."""
    return 60 + machine.index % 56


class Stretch(NamedTuple):
    """From when to when points are asked for, in seconds since the epoch, and one in how many seconds."""

    since: float
    until: float
    step: int
    now: float


@dataclass(frozen=True, slots=True)
class Signs:
    """The points of one account's guests. ``started`` is when the simulator did, by its clock."""

    state: AccountState
    started: float
    agents: bool

    def stopped(self, machine: Machine) -> float:
        """Until when a guest sent points of its own accord, in seconds since the epoch."""
        guest = guest_of(machine)
        if guest is Guest.NO_AGENT or not self.agents:
            return 0
        minutes = SILENT_FOR.get(machine.index, 5 + machine.index % 50)
        return self.started - minutes * 60 if guest is Guest.SILENT else float("inf")

    def sends(self, machine: Machine, moment: float) -> bool:
        """Whether a guest sent a point at this time."""
        stopped = self.stopped(machine)
        for interrupted, running in reversed(self.state.restarts(machine.number)):
            if moment >= interrupted:
                return stopped > 0 and moment >= running + BOOT
        return moment <= stopped

    def points(self, machine: Machine, metric: str, asked: Stretch) -> list[Any]:
        """``[[milliseconds, value], …]`` of a stretch, as far as they can be read by now."""
        step, stopped, changed = asked.step, self.stopped(machine), bool(self.state.restarts(machine.number))
        last = min(asked.until, asked.now - late(machine)) // step * step
        first = max(-(-asked.since // step) * step, last - (MOST_POINTS - 1) * step)
        if not stopped:
            return []
        if not changed:
            last = min(last, stopped)
        busy = guest_of(machine) is Guest.BUSY
        return [
            [moment * 1000, _value(machine.index, metric, moment, busy or stopped - 300 < moment <= stopped)]
            for moment in range(int(first), int(last) + 1, step)
            if not changed or self.sends(machine, moment)
        ]


def _mix(number: int) -> int:
    number = (number ^ (number >> 16)) * 0x45D9F3B & 0xFFFFFFFF
    number = (number ^ (number >> 16)) * 0x45D9F3B & 0xFFFFFFFF
    return number ^ (number >> 16)


def _value(index: int, metric: str, moment: int, busy: bool) -> float:
    least, more = _SCALES[metric]
    part = _mix(index * 1_000_003 + moment // 60 + len(metric)) % 1000 / 1000
    if busy:
        return round(97 + part * 3, 2) if metric in _PERCENT else round(least * 5 + part * more * 3, 2)
    return round(least + part * more, 2)


def answer(path: str, body: bytes, signs: Signs, now: float) -> bytes:
    """The body of an answer. Raises GatewayError (400) for what Cloud Insight does not take."""
    if path == SCHEMAS:
        return _encoded([{"cw_key": key, "prodName": name, "desc": ""} for name, key in SYSTEMS])
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise gateway_error(400, "100", "The body is not JSON.") from error
    if not isinstance(asked, dict):
        raise gateway_error(400, "100", "The body is not a JSON object.")
    since, until = _milliseconds(asked, "timeStart"), _milliseconds(asked, "timeEnd")
    if path == ONE:
        return _encoded(_series(asked, asked.get("cw_key"), signs, (since, until), now) or [])
    conditions = asked.get("metricInfoList")
    if not isinstance(conditions, list) or not 1 <= len(conditions) <= MOST_CONDITIONS:
        raise gateway_error(400, "100", f"metricInfoList must hold 1 to {MOST_CONDITIONS} conditions.")
    rows = []
    for one in conditions:
        if not isinstance(one, dict):
            raise gateway_error(400, "100", "A condition is not a JSON object.")
        points = _series(one, one.get("prodKey"), signs, (since, until), now)
        if points is not None:
            named = {name: one[name] for name in ("aggregation", "dimensions", "interval", "metric")}
            rows.append({**named, "dps": points, "productName": PRODUCT})
    random.Random(now).shuffle(rows)  # noqa: S311 - an order that nobody may rely on
    return _encoded(rows)


def _series(
    asked: dict[str, Any], key: object, signs: Signs, between: tuple[float, float], now: float
) -> list[Any] | None:
    """The points of one condition; None where there are none and the row is left out, as every other one is."""
    metric, step = asked.get("metric"), STEPS.get(str(asked.get("interval")))
    if key != SERVER_KEY or metric not in _SCALES or step is None or asked.get("aggregation") not in AGGREGATIONS:
        raise gateway_error(400, "100", "The product, metric, interval or aggregation is not known.")
    dimensions = asked.get("dimensions")
    number = dimensions.get("instanceNo") if isinstance(dimensions, dict) else None
    if not isinstance(number, str):
        raise gateway_error(400, "100", "The dimension instanceNo is missing.")
    machine = signs.state.machine(number)
    points = [] if machine is None else signs.points(machine, str(metric), Stretch(*between, step, now))
    return None if not points and number[-1:] in "02468" else points


def _milliseconds(asked: dict[str, Any], name: str) -> float:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise gateway_error(400, "100", f"{name} must be a number of milliseconds.")
    return value / 1000


def _encoded(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _each(body: bytes, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bytes:
    rows: Iterable[dict[str, Any]] = json.loads(body)
    return _encoded([change(row) for row in rows])


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "object": lambda body: b'{"data":' + body + b"}",
    "texts": lambda _: b'["a","b"]',
    "no-dimensions": lambda body: _each(body, lambda row: {"metric": row["metric"], "dps": row["dps"]}),
    "points-as-object": lambda body: _each(body, lambda row: {**row, "dps": {"0": row["dps"]}}),
    "text-numbers": lambda body: _each(body, lambda row: {**row, "dps": [[str(a), str(b)] for a, b in row["dps"]]}),
    "nan": lambda body: _each(body, lambda row: {**row, "dps": [[a, float("nan")] for a, _ in row["dps"]]}),
    "future": lambda body: _each(body, lambda row: {**row, "dps": [[a + 3_600_000, b] for a, b in row["dps"]]}),
    "null": lambda _: b"null",
}
"""What the answers of ``wrong-shape`` look like, by the fault's value."""
