"""Servers for tests of the table, judged by the real rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.inventory import Inventory
from ncpconsole.ncp.models import Code, NetworkInterface, Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncpconsole.core.inventory import Row

RUN = Code("RUN", "run")
NSTOP = Code("NSTOP", "server off")
WINDOWS = Code("WND64", "Windows 64 Bit")
LINUX = Code("UBD64", "Ubuntu Desktop 64 Bit")


def server(number: int, name: str = "", **fields: object) -> Server:
    """A running Windows server on XEN, unless ``fields`` say otherwise."""
    plain = Server(
        server_instance_no=str(30_000_000 + number),
        server_name=name or f"web-{number:05}",
        platform_type=WINDOWS,
        server_instance_status=RUN,
        server_instance_operation=Code("NULL", ""),
        zone_code="KR-1" if number % 2 else "KR-2",
        region_code="KR",
        hypervisor_type=Code("XEN", ""),
        uptime="2026-10-09T14:03:22+0900",
    )
    return msgspec.structs.replace(plain, **fields)


def inventory(servers: Sequence[Server], previous: Inventory | None = None) -> Inventory:
    """The servers with one private address each, judged by the founding rule."""
    interfaces = [
        NetworkInterface(
            network_interface_no=each.server_instance_no,
            ip=f"10.0.{int(each.server_instance_no) // 250 % 250}.{int(each.server_instance_no) % 250}",
            is_default=True,
            instance_no=each.server_instance_no,
        )
        for each in servers
        if each.server_instance_no.isdecimal()
    ]
    return Inventory.build(
        servers,
        interfaces,
        RULE_SETS["xen-windows"],
        now=datetime(2026, 10, 9, tzinfo=UTC),
        cooldown=1800,
        previous=previous,
    )


def rows(count: int) -> list[Row]:
    """``count`` servers, web-00000 and on."""
    return list(inventory([server(number) for number in range(count)]).rows)
