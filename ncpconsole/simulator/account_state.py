"""One account's servers as they are now: the fleet as made, and what interrupts have changed since.

Nothing here runs by itself: the gateway's clock is handed in, and what is due by then has happened.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from ncpconsole.simulator.fleet import Fleet, Machine
from ncpconsole.simulator.responses import Format, Record, encode_rows, interface_record, server_record

KOREA = timezone(timedelta(hours=9))
SERVER_LIST = "serverInstanceList"
INTERFACE_LIST = "networkInterfaceList"


class AccountState:
    """The servers of one account.

    ``interrupt_seconds`` pass between an accepted interrupt and running again.
    """

    def __init__(self, fleet: Fleet, interrupt_seconds: float) -> None:
        self.fleet = fleet
        self._interrupt_seconds = interrupt_seconds
        self._changed: dict[str, Machine] = {}
        self._due: list[tuple[float, str]] = []
        self._restarts: dict[str, list[tuple[float, float]]] = {}
        # Pages without a filter are encoded once: a listing then measures the client, not this gateway.
        self._pages: dict[tuple[str, str, int, int, Format], bytes] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """The region codes, first the default one."""
        return self.fleet.regions

    def settle(self, now: float) -> None:
        """Bring back every server whose interrupt is over by ``now`` (seconds since the epoch)."""
        while self._due and self._due[0][0] <= now:
            moment, number = heapq.heappop(self._due)
            self.change(number, operation="NULL", status_name="running", uptime=ncp_time(moment))

    def interrupted(self, number: str, now: float) -> Machine:
        """Set a server up anew, as an accepted interrupt does; returns it as it is from now on."""
        running = now + self._interrupt_seconds
        heapq.heappush(self._due, (running, number))
        self._restarts.setdefault(number, []).append((now, running))
        return self.change(number, operation="SETUP", status_name="setting up")

    def restarts(self, number: str) -> list[tuple[float, float]]:
        """When a server was interrupted and when it runs again, in seconds since the epoch, oldest first."""
        return self._restarts.get(number, [])

    def change(self, number: str, **changes: object) -> Machine:
        """Change fields of a server: ``name``, ``status``, as many ``private_ips``, …; raises LookupError for none."""
        machine = self.machine(number)
        if machine is None:
            raise LookupError(f"no server {number}")
        changed = self._changed[number] = replace(machine, **changes)  # type: ignore[arg-type]  # by field name
        for key in list(self._pages):
            list_name, region, page, size, _ = key
            if list_name == SERVER_LIST:
                shows_it = (page - 1) * size < machine.index <= page * size
            else:
                shows_it = "private_ips" in changes
            if region == machine.region and shows_it:
                del self._pages[key]
        return changed

    def machine(self, number: str) -> Machine | None:
        """One server as it is now, or None."""
        return self._changed.get(number) or self.fleet.machine(number)

    def machines(self, region: str, start: int = 0, stop: int | None = None) -> list[Machine]:
        """The servers of a region by number, all or those of the places ``start`` to before ``stop``."""
        numbers = self.fleet.slice(region, start, self.fleet.size(region) if stop is None else stop)
        return [machine for machine in map(self.machine, numbers) if machine is not None]

    def total(self, list_name: str, region: str) -> int:
        """How many servers or network interfaces a region holds."""
        return self.fleet.size(region) if list_name == SERVER_LIST else len(self.fleet.interfaces(region))

    def rows(self, list_name: str, region: str, page: int, size: int) -> list[Record]:
        """The records of one page of servers or network interfaces; pages count from 1."""
        start, stop = (page - 1) * size, page * size
        if list_name == SERVER_LIST:
            return [server_record(machine) for machine in self.machines(region, start, stop)]
        found = [(self.machine(number), n) for number, n in self.fleet.interfaces(region)[start:stop]]
        return [interface_record(machine, n) for machine, n in found if machine is not None]

    def encoded_page(self, list_name: str, region: str, page: int, size: int, body_format: Format) -> bytes:
        """`rows`, encoded and kept until one of its servers changes."""
        key = (list_name, region, page, size, body_format)
        if (page - 1) * size >= self.total(list_name, region):
            return encode_rows((), list_name, body_format)
        if key not in self._pages:
            self._pages[key] = encode_rows(self.rows(list_name, region, page, size), list_name, body_format)
        return self._pages[key]


def ncp_time(moment: float) -> str:
    """A time in seconds since the epoch as the API writes it: ``2025-06-19T16:13:43+0900``."""
    return datetime.fromtimestamp(moment, KOREA).strftime("%Y-%m-%dT%H:%M:%S%z")
