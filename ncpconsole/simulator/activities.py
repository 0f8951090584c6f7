"""The Cloud Activity Tracer: what happened in an account, by whom and from where.

Source: the API page of ``POST /api/v1/activities``. Two dialects of paging are known, ``page``/``size`` and
the older ``pageIndex``/``pageSize``; pages count from 0. Interrupts received, and what colleagues did, are listed
among ordinary events, under the API's camel-case name in words, as the tracer names other actions; what it calls an
interrupt is not documented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ncpconsole.simulator.fleet import Fleet, Machine
from ncpconsole.simulator.recorder import ColleaguesAct, ReceivedInterrupt
from ncpconsole.simulator.responses import Record, gateway_error

PATH = "/api/v1/activities"
MOST_SIZE = 1000
NOISE_EVERY = 97 * 60
MOST_NOISE = 500
INTERRUPTED = "Interrupt Server Instance"
# None that stops a server: a caution that comes and goes with the time of day would confuse whoever rehearses.
NOISE = (
    *("Start Server Instances", "Attach Network Interface", "Change Server Instance Spec", "Login"),
    *("Create Server Instance", "Create Server Instance (Complete)", "Set Protect Server Termination"),
)
DAYS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """The interval asked for, in milliseconds, and the page of it, counted from 0; ``nrn`` narrows it to one
    resource, empty for all.
    """

    since: int
    until: int
    page: int
    size: int
    nrn: str


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
        since=_number(asked, ("fromEventTime",), until - DAYS * 24 * 3600 * 1000),
        until=until,
        page=_number(asked, ("page", "pageIndex"), 0),
        size=_number(asked, ("size", "pageSize"), 20),
        nrn=str(asked.get("nrn") or ""),
    )
    if window.page < 0 or not 1 <= window.size <= MOST_SIZE or window.since > window.until:
        raise gateway_error(400, "100", "The interval or the page is out of bounds.")
    return window


def _number(asked: dict[str, Any], names: Iterable[str], default: int) -> int:
    value = next((asked[name] for name in names if name in asked), default)
    if not isinstance(value, int):
        raise gateway_error(400, "100", f"{'/'.join(names)} is not a number.")
    return value


def activities(
    fleet: Fleet, interrupts: Iterable[ReceivedInterrupt], acts: Iterable[ColleaguesAct], window: Window
) -> Record:
    """The answer: one page of the interval's events, newest first."""
    items = [_interrupt_item(fleet, n, interrupt) for n, interrupt in enumerate(interrupts)]
    items += [_act_item(fleet, n, act) for n, act in enumerate(acts)]
    items = [item for item in items if window.since <= item["eventTime"] <= window.until]
    items += _noise(fleet, window)
    items = [item for item in items if window.nrn in {"", item["nrn"]}]
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
    moment, number = int(interrupt.time * 1000), 900_000_000 + n
    item = _item(fleet, number, moment, INTERRUPTED, machine, result=result)
    return {
        **item,
        "resourceId": interrupt.server_no,
        "actionUserType": "Sub" if interrupt.sub_account_no else "Customer",
        "actionSubAccountNo": interrupt.sub_account_no,
        "sourceIp": interrupt.source_ip,
    }


def _act_item(fleet: Fleet, n: int, act: ColleaguesAct) -> Record:
    item = _item(fleet, 800_000_000 + n, int(act.time * 1000), act.action, fleet.machine(act.server_no))
    return {**item, "actionSubAccountNo": act.sub_account_no, "sourceIp": act.source_ip}


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
        items.append(_item(fleet, 700_000_000 + n, n * step, NOISE[n % len(NOISE)], machine))
    return items


def _item(
    fleet: Fleet, no: int, moment: int, action: str, machine: Machine | None, *, result: str = "SUCCESS"
) -> Record:
    number, name, region = (machine.number, machine.name, machine.region) if machine else ("", "", "")
    site = "GOV" if "KRS" in fleet.regions else "FIN" if "FKR" in fleet.regions else "PUB"
    return {
        "historyId": f"h{no:010d}",
        "nrn": f"nrn:{site}:VPCServer:{region}:1234567:Server/{number}",
        "eventTime": moment,
        "platformType": "VPC",
        "productName": "VPCServer",
        "productDisplayName": "Server (VPC)",
        "regionCode": region,
        "resourceType": "Server",
        "resourceId": number,
        "resourceName": name,
        "actionIdNo": str(no),
        "actionDisplayName": action,
        "actionResultType": result,
        "actionUserType": "Sub",
        "actionSubAccountNo": "70412",
        "sourceType": "API",
        "sourceIp": "198.51.100.23",
        # An object or a list, and the list in two spellings.
        "productData": ({}, [{"key": "serverName", "value": name}], [{"name": "zone", "productValue": "1"}])[no % 3],
    }
