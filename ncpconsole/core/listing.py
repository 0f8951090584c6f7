"""Read what a session can see: whole regions side by side, or one server wherever it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.search_text import composed
from ncpconsole.ncp.errors import NcpError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Gateway, Session
    from ncpconsole.ncp.models import NetworkInterface, Server

SERVERS, IPS = "servers", "private IPs"


async def take_inventory(session: Session, warn: Callable[[str], None]) -> Inventory:
    """All servers of the session's regions with their private IPs and verdicts.

    Raises NcpError when any region cannot be read: a list that is silently short would mislead. For the same
    reason ``warn`` is called with a sentence when a region gives less than it announces.
    """
    regions, gateway = session.identity.regions, session.gateway
    listings, interfaces = await asyncio.gather(
        asyncio.gather(*(gateway.servers(code, on_short=_lacking(SERVERS, code, warn)) for code in regions)),
        asyncio.gather(
            *(gateway.network_interfaces(code, on_short=_lacking(IPS, code, warn)) for code in regions)
        ),
    )
    return _inventory(session, list(chain(*listings)), list(chain(*interfaces)))


@dataclass(frozen=True, slots=True)
class Found:
    """One server read afresh, and what the lists of the session's regions say of the others.

    ``doubts`` are cautions: why another server of this name, or of one like it, may have been missed.
    """

    region_code: str
    server: Server
    others: tuple[Server, ...]
    doubts: tuple[str, ...]

    @property
    def same_names(self) -> tuple[str, ...]:
        """The numbers of other servers that bear exactly this name."""
        name = composed(self.server.server_name)
        return tuple(one.server_instance_no for one in self.others if composed(one.server_name) == name)

    @property
    def other_names(self) -> tuple[str, ...]:
        """The names of the other servers."""
        return tuple(one.server_name for one in self.others)


async def find_server(session: Session, server_no: str) -> Found:
    """One server, read afresh in each of the session's regions while all their servers are listed.

    A list that cannot be read is a doubt. Errors of the server's own reading are those of `locate`.
    """
    doubts: list[str] = []
    regions = session.identity.regions
    (region_code, server), listings = await asyncio.gather(
        locate(session, server_no),
        asyncio.gather(*(_listed(session.gateway, region, doubts) for region in regions)),
    )
    own = (server.region_code, server.server_instance_no)
    others = (one for one in chain(*listings) if (one.region_code, one.server_instance_no) != own)
    return Found(region_code, server, tuple(others), tuple(doubts))


async def find_row(session: Session, server_no: str, warn: Callable[[str], None]) -> Row:
    """One server as the list shows it, with its doubts among the cautions; ``warn`` as in `take_inventory`.

    Raises as `locate` does, and NcpError when the private addresses of its region cannot be read.
    """
    found = await find_server(session, server_no)
    code = found.region_code
    interfaces = await session.gateway.network_interfaces(code, on_short=_lacking(IPS, code, warn))
    inventory = _inventory(session, [*found.others, found.server], interfaces)
    row = next(row for row in inventory.rows if row.server is found.server)
    return replace(row, verdict=replace(row.verdict, cautions=(*row.verdict.cautions, *found.doubts)))


async def locate(session: Session, server_no: str) -> tuple[str, Server]:
    """The region code and record of a server number, asked for in each of the session's regions.

    Raises ConsoleError when no region or more than one has this number; NcpError when one cannot be read.
    """
    regions = session.identity.regions
    answers = await asyncio.gather(*(session.gateway.server(region, server_no) for region in regions))
    found = [(region, server) for region, server in zip(regions, answers, strict=True) if server]
    if not found:
        where = ", ".join(regions)
        raise ConsoleError(
            f"There is no server with number {server_no} in {where}. "
            "Check the number, the region (--region) and the profile (--profile)."
        )
    if len(found) > 1:
        where = ", ".join(region for region, _ in found)
        raise ConsoleError(f"Number {server_no} exists in {where}. Name one region with --region.")
    return found[0]


async def _listed(gateway: Gateway, region_code: str, doubts: list[str]) -> list[Server]:
    """A region's servers; adds a sentence to ``doubts`` where they cannot all be read."""

    def doubt(because: str) -> None:
        doubts.append(
            f"The servers of {safe_text(region_code)} could not all be listed, so another one may have this "
            f"name or one that looks like it: {safe_text(because)}"
        )

    try:
        return await gateway.servers(region_code, on_short=doubt)
    except NcpError as error:
        doubt(error.sentence)
        return []


def _lacking(what: str, region_code: str, warn: Callable[[str], None]) -> Callable[[str], None]:
    return lambda because: warn(f"{region_code}: {what} may be missing: {because}")


def _inventory(session: Session, servers: list[Server], interfaces: list[NetworkInterface]) -> Inventory:
    return Inventory.build(
        servers,
        interfaces,
        session.rules,
        now=datetime.now(UTC),
        cooldown=session.policy.cooldown,
        intents=session.journal.intents(gateway=session.identity.base_url),
    )
