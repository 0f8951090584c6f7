"""One unsigned request, to learn whether a gateway answers and what time it has."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import httpx

from ncpconsole.ncp.api_errors import clock_offset
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.network_errors import explain
from ncpconsole.ncp.sites import API_PATH
from ncpconsole.ncp.transport import new_client


@dataclass(frozen=True, slots=True)
class Probe:
    """What an unsigned request brought: its HTTP status, and the gateway's clock minus ours in seconds."""

    status: int
    clock_offset: float | None


async def probe(base_url: str, seconds: float) -> Probe:
    """Ask once, without a key, and read no body. Raises NotReached after ``seconds`` at the latest."""
    try:
        async with (
            asyncio.timeout(seconds),
            new_client(base_url, timeout=httpx.Timeout(seconds), limits=httpx.Limits()) as client,
            client.stream("GET", f"{base_url}{API_PATH}/getRegionList") as response,
        ):
            return Probe(response.status_code, clock_offset(response.headers, time.time()))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError) as error:
        raise NotReached(f"No answer: {explain(error, base_url)}.") from error
