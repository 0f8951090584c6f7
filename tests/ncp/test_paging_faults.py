"""Each fault of paging against 2,500 servers: every server once, or a sentence that says what may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.client import Client
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVERS = 2500

# Fault, servers read, sentences said. A total that is too high is said although no server lacks: from here
# the two cannot be told apart.
FAULTS = {
    "": (2500, []),
    "list:duplicate-pages": (1000, ["NCP announced 2,500 and gave 1,000."]),
    "list:overlapping-pages": (2500, []),
    "list:short-pages": (1600, ["NCP announced 2,500 and gave 1,600."]),
    "once:list:short-pages": (2500, []),
    "3-times:list:short-pages": (2500, []),
    "list:short-pages=1000": (0, ["NCP announced 2,500 and gave 0."]),
    "list:wrong-total=1": (2500, []),
    "list:wrong-total=0": (2500, []),
    "list:wrong-total=1000": (2500, []),
    "list:wrong-total=2499": (2500, []),
    "list:wrong-total=99999": (2500, ["NCP announced 99,999 and gave 2,500."]),
    "once:list:wrong-total=1": (2500, []),
    "once:list:wrong-total=2501": (2500, []),
    "2-times:list:wrong-total=1700": (2500, []),
    "list:wrong-total=1 list:duplicate-pages": (1000, ["NCP gave 1,000 and then a page of those again."]),
    "list:number-as-int": (2500, []),
    "list:as-xml": (2500, []),
}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(servers=SERVERS) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("faults", FAULTS)
async def test_every_server_once_or_a_word_about_it(simulator: Simulator, faults: str) -> None:
    client = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
    simulator.faults.set(*faults.split())
    doubts: list[str] = []
    try:
        servers = await client.servers(simulator.region, on_incomplete=doubts.append)
        assert len(servers) == len({server.server_instance_no for server in servers})
        assert (len(servers), doubts) == FAULTS[faults]
    finally:
        await client.aclose()


@pytest.mark.parametrize("fault", ["duplicate-pages", "short-pages"])
async def test_interfaces_that_lack_are_told_too(simulator: Simulator, fault: str) -> None:
    client = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
    simulator.faults.set(f"interfaces:{fault}")
    doubts: list[str] = []
    try:
        interfaces = await client.network_interfaces(simulator.region, on_incomplete=doubts.append)
    finally:
        await client.aclose()
    assert len(interfaces) == len({one.network_interface_no for one in interfaces})
    assert len(doubts) == 1
    assert doubts[0].startswith("NCP announced ")
    assert doubts[0].endswith(f" and gave {len(interfaces):,}.")
