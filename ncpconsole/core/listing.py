"""Read what a session can see: whole regions side by side, or one server wherever it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from ncpconsole.core.cautions import ListedRegion, Surroundings, surroundings
from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.inventory import Inventory
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
        asyncio.gather(
            *(gateway.servers(code, on_incomplete=_lacking(SERVERS, code, warn)) for code in regions)
        ),
        asyncio.gather(
            *(gateway.network_interfaces(code, on_incomplete=_lacking(IPS, code, warn)) for code in regions)
        ),
    )
    return _inventory(session, list(chain(*listings)), list(chain(*interfaces)))


@dataclass(frozen=True, slots=True)
class Found:
    """One server read afresh, and what the lists of the session's regions say of the others."""

    region_code: str
    server: Server
    surroundings: Surroundings


async def find_server(session: Session, server_no: str) -> Found:
    """One server, read afresh in each of the session's regions while all their servers are listed.

    A list that cannot be read is a warning. Errors of the server's own reading are those of `locate`.
    """
    (region_code, server), listings = await asyncio.gather(
        locate(session, server_no),
        asyncio.gather(*(_listed(session.gateway, region) for region in session.identity.regions)),
    )
    return Found(region_code, server, surroundings(server, listings))


async def find_row(session: Session, server_no: str, warn: Callable[[str], None]) -> Row:
    """One server as the list shows it, its surroundings' warnings among the cautions.

    ``warn`` is as in `take_inventory`.

    Raises as `locate` does, and NcpError when the private addresses of its region cannot be read.
    """
    found = await find_server(session, server_no)
    code = found.region_code
    interfaces = await session.gateway.network_interfaces(code, on_incomplete=_lacking(IPS, code, warn))
    inventory = _inventory(session, [*found.surroundings.others, found.server], interfaces)
    row = next(row for row in inventory.rows if row.server is found.server)
    cautions = (*row.verdict.cautions, *found.surroundings.warnings)
    return replace(row, verdict=replace(row.verdict, cautions=cautions))


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


async def _listed(gateway: Gateway, region_code: str) -> ListedRegion:
    """A region's servers, and why they may not be all."""
    lacking: list[str] = []
    try:
        servers = await gateway.servers(region_code, on_incomplete=lacking.append)
    except NcpError as error:
        return ListedRegion(region_code, lacking=(*lacking, error.sentence))
    return ListedRegion(region_code, tuple(servers), tuple(lacking))


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
