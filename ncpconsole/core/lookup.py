"""One server among all that a session can see: by its number, or by an address or a name that it alone has."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ncpconsole.core.cautions import Surroundings
from ncpconsole.core.errors import ConsoleError, Refused
from ncpconsole.core.interrupter import share_of
from ncpconsole.core.inventory import Row
from ncpconsole.core.listing import AccountSnapshot, InventoryLoader, inventory_of
from ncpconsole.core.names import composed
from ncpconsole.core.safe_text import is_altered, safe_text
from ncpconsole.core.session import Session
from ncpconsole.language import tr
from ncpconsole.ncp.models import Server

MOST_NAMED = 8
"""Servers that a sentence names where several could be meant."""
MOST_NEAR = 5
"""Names that are offered where none is right."""
LONGEST_WANTED = 100
"""Characters that are compared with names: what is longer is none of a server."""


@dataclass(frozen=True, slots=True)
class Found:
    """One server read afresh, and what the lists of the session's regions say of the others."""

    region_code: str
    server: Server
    surroundings: Surroundings


async def find_server(session: Session, which: str, seconds: float = math.inf) -> Found:
    """One server, read afresh in each of the session's regions while all their servers are listed.

    ``which`` is its number, or an address or a name that it alone has, whole. A list that cannot be read is a
    warning, and so is one that takes more than its share of ``seconds``, for which the caller waits. Errors of the
    server's own reading are those of `locate`; for an address or a name they are also Refused where several servers
    have it or others may, and NcpError where a list cannot be read.
    """
    loader = InventoryLoader(session)
    if which.isascii() and which.isdecimal():
        (region_code, server), _ = await asyncio.gather(
            locate(session, which), _within(share_of(seconds), loader.read_servers())
        )
        return Found(region_code, server, loader.snapshot.surroundings(server))
    await asyncio.gather(loader.read_servers(), *map(loader.read_interfaces, session.identity.regions))
    if loader.errors:
        raise loader.errors[0]
    snapshot = loader.snapshot
    region_code, server = await locate(session, the_one(snapshot, which).server_instance_no)
    return Found(region_code, server, snapshot.surroundings(server, looked_for=(which,)))


async def _within(seconds: float, reading: Coroutine[None, None, None]) -> None:
    """Read for so long; what is not there by then is missing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(None if math.isinf(seconds) else seconds):
            await reading


def the_one(snapshot: AccountSnapshot, which: str) -> Server:
    """The server that has this address or name. Raises ConsoleError where none has, Refused where several may."""
    having = {
        interface.instance_no
        for region in snapshot.regions
        for interface in region.interfaces
        if which in (interface.ip, *interface.secondary_ip_list)
    }
    found = [
        server
        for region in snapshot.regions
        for server in region.servers
        if which == server.public_ip
        or server.server_instance_no in having
        or composed(server.server_name) == composed(which)
    ]
    if snapshot.warnings:
        raise Refused(
            tr(
                "Another server may have this address or name too: {why} Give the server's number.",
                why=snapshot.warnings[0],
            ),
            codes=("list-incomplete",),
        )
    if not found:
        where = ", ".join(region.code for region in snapshot.regions)
        if near := nearest(snapshot, which):
            raise ConsoleError(
                tr(
                    "There is no server with this address or name in {regions}. It must be whole; near are: {names}.",
                    regions=where,
                    names=", ".join(safe_text(name, 60) for name in near),
                )
            )
        raise ConsoleError(
            tr(
                "There is no server with this address or name in {regions}. It must be whole; check the region "
                "(--region) and the profile (--profile).",
                regions=where,
            )
        )
    if len(found) > 1:
        names = [
            f"{safe_text(server.server_name, 60)} ({safe_text(server.server_instance_no, 30)}, "
            f"{safe_text(server.zone_code or server.region_code, 10)})"
            for server in found
        ]
        facts = {"count": len(found), "servers": ", ".join(names[:MOST_NAMED]), "more": len(found) - MOST_NAMED}
        if len(found) > MOST_NAMED:
            several = tr(
                "{count} servers have this address or name: {servers} and {more} more. Give the number of one.", **facts
            )
        else:
            several = tr("{count} servers have this address or name: {servers}. Give the number of one.", **facts)
        raise Refused(several, codes=("several-servers",))
    return found[0]


def nearest(snapshot: AccountSnapshot, which: str) -> list[str]:
    """At most `MOST_NEAR` names that could be meant: those that hold the text, then those that are spelled alike.

    One that cannot be shown as it is cannot be typed either, and is left out.
    """
    wanted = composed(which)[:LONGEST_WANTED].casefold()
    servers = [server for region in snapshot.regions for server in region.servers]
    names = {
        server.server_name: composed(server.server_name).casefold()
        for server in servers
        if not is_altered(server.server_name)
    }
    holding = sorted((folded.index(wanted), name) for name, folded in names.items() if wanted and wanted in folded)
    alike = get_close_matches(wanted, sorted(set(names.values())), n=MOST_NEAR) if len(holding) < MOST_NEAR else []
    spelled = [name for folded in alike for name in names if names[name] == folded]
    return list(dict.fromkeys((*(name for _, name in holding), *spelled)))[:MOST_NEAR]


async def find_row(session: Session, which: str, warn: Callable[[str], None]) -> Row:
    """One server as the list shows it, its surroundings' warnings among the cautions.

    ``which`` is as in `find_server`, ``warn`` as in `take_inventory`.

    Raises as `find_server` does, NcpError when the private addresses of its region cannot be read, and
    JournalUnavailable when the earlier interrupts cannot.
    """
    found = await find_server(session, which)
    code = found.region_code
    loader = InventoryLoader(session)
    await loader.read_interfaces(code)
    if loader.errors:
        raise loader.errors[0]
    region = next(region for region in loader.snapshot.regions if region.code == code)
    for warning in region.warnings:
        warn(warning)
    intents = tuple(session.journal.intents(gateway=session.identity.base_url))
    servers = [*found.surroundings.others, found.server]
    inventory = inventory_of(session, servers, region.interfaces, intents)
    row = next(row for row in inventory.rows if row.server is found.server)
    warnings = (*row.verdict.warnings, *found.surroundings.warnings)
    return replace(row, verdict=replace(row.verdict, warnings=warnings))


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
            tr(
                "There is no server with number {number} in {regions}. "
                "Check the number, the region (--region) and the profile (--profile).",
                number=server_no,
                regions=where,
            )
        )
    if len(found) > 1:
        where = ", ".join(region for region, _ in found)
        raise ConsoleError(
            tr("Number {number} exists in {regions}. Name one region with --region.", number=server_no, regions=where)
        )
    return found[0]
