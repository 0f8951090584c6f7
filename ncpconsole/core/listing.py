"""Read what a session can see: whole regions side by side, or one server wherever it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.names import same_name_key
from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.errors import NcpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
class ListedRegion:
    """What one region's list gave. ``lacking`` are sentences: why servers of it may have been missed."""

    code: str
    servers: tuple[Server, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The other servers that an operator could mean instead of one (see `surroundings`).

    ``others`` are their records as listed. ``warnings`` are cautions: why another server of this name, or of
    one like it, may have been missed.
    """

    others: tuple[Server, ...] = ()
    warnings: tuple[str, ...] = ()

    def same_names(self, server: Server) -> set[tuple[str, str]]:
        """Region and number of the others that bear this server's name (see `same_name_key`).

        The record is handed in, as its name may have changed since the lists were read.
        """
        name = same_name_key(server.server_name)
        return {identity(one) for one in self.others if same_name_key(one.server_name) == name}

    @property
    def other_names(self) -> tuple[str, ...]:
        """The names of the others."""
        return tuple(one.server_name for one in self.others)


NOTHING_AROUND = Surroundings()
"""For a server that is known to be alone."""


def identity(server: Server) -> tuple[str, str]:
    """What tells a record from all others: region and number, as one number may occur in two regions."""
    return server.region_code, server.server_instance_no


def surroundings(server: Server, regions: Iterable[ListedRegion]) -> Surroundings:
    """What the lists of the account's regions say of all servers but this one; one warning per shortfall."""
    regions = tuple(regions)
    own = identity(server)
    every = chain.from_iterable(region.servers for region in regions)
    return Surroundings(
        others=tuple(one for one in every if identity(one) != own),
        warnings=tuple(
            f"The servers of {safe_text(region.code)} could not all be listed, so another one may have this "
            f"name or one that looks like it: {safe_text(why)}"
            for region in regions
            for why in region.lacking
        ),
    )


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
    interfaces = await session.gateway.network_interfaces(code, on_short=_lacking(IPS, code, warn))
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
        servers = await gateway.servers(region_code, on_short=lacking.append)
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
