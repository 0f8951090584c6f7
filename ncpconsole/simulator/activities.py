"""The Cloud Activity Tracer: what happened in an account, by whom and from where.

Source: the API page of ``POST /api/v1/activities``. Two dialects of paging are known, ``page``/``size`` and
the older ``pageIndex``/``pageSize``; pages count from 0. Interrupts received are listed among ordinary
events. What the real tracer calls an interrupt is not documented: the name here is the simulator's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ncpconsole.simulator.fleet import Fleet, Machine
from ncpconsole.simulator.recorder import ReceivedInterrupt
from ncpconsole.simulator.responses import Record, gateway_error

PATH = "/api/v1/activities"
MOST_SIZE = 1000
NOISE_EVERY = 97 * 60
MOST_NOISE = 500
NOISE = ("Start Server", "Stop Server", "Change Server Spec", "Set ACG", "Login")


@dataclass(frozen=True, slots=True)
class Window:
    """The interval asked for, in milliseconds, and the page of it, counted from 0."""

    since: int
    until: int
    page: int
    size: int


def read_window(body: bytes, now: float) -> Window:
    """Read the request's JSON. Raises GatewayError (400) for what is none, or is out of bounds."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError as error:
        raise gateway_error(400, "100", "The body is not JSON.") from error
    if not isinstance(asked, dict):
        raise gateway_error(400, "100", "The body is not a JSON object.")
    until = _number(asked, ("toEventTime",), int(now * 1000))
    window = Window(
        since=_number(asked, ("fromEventTime",), until - 24 * 3600 * 1000),
        until=until,
        page=_number(asked, ("page", "pageIndex"), 0),
        size=_number(asked, ("size", "pageSize"), 20),
    )
    if window.page < 0 or not 1 <= window.size <= MOST_SIZE or window.since > window.until:
        raise gateway_error(400, "100", "The interval or the page is out of bounds.")
    return window


def _number(asked: dict[str, Any], names: Iterable[str], default: int) -> int:
    value = next((asked[name] for name in names if name in asked), default)
    if not isinstance(value, int):
        raise gateway_error(400, "100", f"{'/'.join(names)} is not a number.")
    return value


def activities(fleet: Fleet, interrupts: Iterable[ReceivedInterrupt], window: Window) -> Record:
    """The answer: one page of the interval's events, newest first."""
    items = [_interrupt_item(fleet, n, interrupt) for n, interrupt in enumerate(interrupts)]
    items = [item for item in items if window.since <= item["eventTime"] <= window.until]
    items += _noise(fleet, window)
    items.sort(key=lambda item: item["eventTime"], reverse=True)
    start = window.page * window.size
    shown = items[start : start + window.size]
    return {
        "page": window.page,
        "size": window.size,
        "itemCount": len(shown),
        "hasMore": start + window.size < len(items),
        "items": shown,
    }


def _interrupt_item(fleet: Fleet, n: int, interrupt: ReceivedInterrupt) -> Record:
    result = "SUCCESS" if interrupt.accepted else "FAIL"
    machine = fleet.machine(interrupt.server_no)
    item = _item(f"i{n:08d}", int(interrupt.time * 1000), "Interrupt Server", result, machine)
    return {**item, "resourceId": interrupt.server_no, "sourceIp": "127.0.0.1"}


def _noise(fleet: Fleet, window: Window) -> list[Record]:
    size = fleet.size(fleet.regions[0])
    if not size:
        return []
    step = NOISE_EVERY * 1000
    last = window.until // step
    first = max(-(-window.since // step), last - MOST_NOISE + 1)
    items = []
    for n in range(first, last + 1):
        machine = fleet.machine(fleet.number(fleet.regions[0], 1 + n * 7919 % size))
        items.append(_item(f"n{n:08d}", n * step, NOISE[n % len(NOISE)], "SUCCESS", machine))
    return items


def _item(history_id: str, moment: int, action: str, result: str, machine: Machine | None) -> Record:
    number, name, region = (machine.number, machine.name, machine.region) if machine else ("", "", "")
    return {
        "historyId": history_id,
        "nrn": f"nrn:PUB:VPCServer:{region}:1234567:Server/{number}",
        "eventTime": moment,
        "platformType": "VPC",
        "productName": "VPCServer",
        "productDisplayName": "Server (VPC)",
        "regionCode": region,
        "resourceType": "Server",
        "resourceId": number,
        "resourceName": name,
        "actionDisplayName": action,
        "actionResultType": result,
        "actionUserType": "Sub",
        "actionSubAccountNo": "70412",
        "sourceType": "API",
        "sourceIp": "198.51.100.23",
        "productData": {},
    }
