"""One account's servers as they are now: the fleet as made, and what interrupts have changed since.

Nothing here runs by itself: the gateway's clock is handed in, and what is due by then has happened.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ncpconsole.simulator.fleet import NINTH, Fleet
from ncpconsole.simulator.responses import Format, Record, encode_rows, interface_record, server_record

if TYPE_CHECKING:
    from ncpconsole.simulator.fleet import Machine

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
        # Pages without a filter are encoded once: a listing then measures the client, not this gateway.
        self._server_pages: dict[tuple[str, int, int, Format], bytes] = {}
        self._interface_pages: dict[tuple[str, int, int, Format], bytes] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """The region codes, first the default one."""
        return self.fleet.regions

    def settle(self, now: float) -> None:
        """Bring back every server whose interrupt is over by ``now`` (seconds since the epoch)."""
        while self._due and self._due[0][0] <= now:
            moment, number = heapq.heappop(self._due)
            self._change(number, operation="NULL", status_name="running", uptime=ncp_time(moment))

    def interrupted(self, number: str, now: float) -> Machine:
        """Set a server up anew, as an accepted interrupt does; returns it as it is from now on."""
        heapq.heappush(self._due, (now + self._interrupt_seconds, number))
        return self._change(number, operation="SETUP", status_name="setting up")

    def alter(self, number: str, **changes: str) -> Machine:
        """Change a server by hand, as another operator would: ``name``, ``status``, ``operation``, …"""
        return self._change(number, **changes)

    def machine(self, number: str) -> Machine | None:
        """One server as it is now, or None."""
        return self._changed.get(number) or self.fleet.machine(number)

    def machines(self, region: str) -> list[Machine]:
        """All servers of a region, by number."""
        return self._machines(region, 0, self.fleet.size(region))

    def size(self, region: str) -> int:
        """How many servers a region holds."""
        return self.fleet.size(region)

    def interface_count(self, region: str) -> int:
        """How many network interfaces a region holds."""
        size = self.fleet.size(region)
        return size + size // NINTH

    def server_rows(self, region: str, page: int, size: int) -> list[Record]:
        """The records of one page; pages count from 1."""
        return [server_record(m) for m in self._machines(region, (page - 1) * size, page * size)]

    def interface_rows(self, region: str, page: int, size: int) -> list[Record]:
        """The network interface records of one page; pages count from 1."""
        rows = []
        for position in range((page - 1) * size, min(page * size, self.interface_count(region))):
            # Nine servers have ten interfaces: the ninth has the last two.
            nines, rest = divmod(position, NINTH + 1)
            number = self.fleet.number(region, nines * NINTH + min(rest, NINTH - 1) + 1)
            machine = self.machine(number)
            if machine is not None:
                rows.append(interface_record(machine, int(rest == NINTH)))
        return rows

    def server_page(self, region: str, page: int, size: int, body_format: Format) -> bytes:
        """`server_rows`, encoded and kept until one of its servers changes."""
        key = (region, page, size, body_format)
        if (page - 1) * size >= self.size(region):
            return encode_rows((), SERVER_LIST, body_format)
        if key not in self._server_pages:
            rows = self.server_rows(region, page, size)
            self._server_pages[key] = encode_rows(rows, SERVER_LIST, body_format)
        return self._server_pages[key]

    def interface_page(self, region: str, page: int, size: int, body_format: Format) -> bytes:
        """`interface_rows`, encoded and kept."""
        key = (region, page, size, body_format)
        if (page - 1) * size >= self.interface_count(region):
            return encode_rows((), INTERFACE_LIST, body_format)
        if key not in self._interface_pages:
            rows = self.interface_rows(region, page, size)
            self._interface_pages[key] = encode_rows(rows, INTERFACE_LIST, body_format)
        return self._interface_pages[key]

    def _machines(self, region: str, start: int, stop: int) -> list[Machine]:
        found = (self.machine(number) for number in self.fleet.slice(region, start, stop))
        return [machine for machine in found if machine is not None]

    def _change(self, number: str, **changes: str) -> Machine:
        machine = self.machine(number)
        if machine is None:
            raise LookupError(f"no server {number}")
        changed = self._changed[number] = replace(machine, **changes)  # type: ignore[arg-type]  # texts only
        for key in [key for key in self._server_pages if _covers(key, machine)]:
            del self._server_pages[key]
        return changed


def _covers(page_key: tuple[str, int, int, Format], machine: Machine) -> bool:
    region, page, size, _ = page_key
    return region == machine.region and (page - 1) * size < machine.index <= page * size


def ncp_time(moment: float) -> str:
    """A time in seconds since the epoch as the API writes it: ``2025-06-19T16:13:43+0900``."""
    return datetime.fromtimestamp(moment, KOREA).strftime("%Y-%m-%dT%H:%M:%S%z")
