"""One request over a bare connection, and every byte that comes back."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ncpconsole.simulator.simulator import Simulator
    from tests.simulator.caller import Caller

READ = "/vserver/v2/getRegionList?responseFormatType=json"
INTERRUPT = "/vserver/v2/interruptServerInstance?serverInstanceNo=142300012&responseFormatType=json"


def request_bytes(caller: Caller, target: str) -> bytes:
    """A signed GET as it goes over the wire."""
    headers = caller.headers("GET", target) | {"host": "localhost"}
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def connection(simulator: Simulator) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to the simulator."""
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def everything(simulator: Simulator, caller: Caller, target: str) -> bytes:
    """All bytes until the simulator closes; raises ConnectionResetError when it resets."""
    async with connection(simulator) as (reader, writer), asyncio.timeout(20):
        writer.write(request_bytes(caller, target))
        return await reader.read()
