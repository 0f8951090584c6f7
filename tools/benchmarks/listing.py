"""Reading 10,000 servers over a gateway with 50 ms latency, against the official Python SDK on the same one.

The gateway runs in a process of its own and serves pages that it encoded before: a first round warms it up,
so that it is not the one that is measured. Both sides read pages of 1,000, each with connections that stand.
The floor is what no client can go below: one round trip that tells how many pages there are, one for all the
others at once, and the decoding.
"""

from __future__ import annotations

import asyncio
import json
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncpconsole.ncp.client import PAGE_SIZE, Client
from ncpconsole.ncp.decode import decode_list
from ncpconsole.ncp.models import Server
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.fleet import Fleet
from ncpconsole.simulator.responses import Document, Format, encode_document, server_record
from tests.end_to_end.simulation import Simulation, separate_simulation
from tools.benchmarks.harness import Figure, in_turns, main, milliseconds, ratio
from tools.benchmarks.processes import CONSOLE, PYTHON, private_environment, undisturbed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

COUNT = 10_000
LATENCY_MS = 50
OURS = "Client.servers"
PROGRAM = "servers --all --json"
SDK = "ncloud_vserver"
JSON = "json and dataclasses"
WRAPPER, LIST = "getServerInstanceListResponse", "serverInstanceList"


def client_of(gateway: Simulation) -> Client:
    """Our client for a simulator."""
    pair = gateway.environment
    return Client(gateway.url, Credentials(pair["NCLOUD_ACCESS_KEY"], Secret(pair["NCLOUD_SECRET_KEY"])))


@contextmanager
def sdk_of(gateway: Simulation) -> Iterator[Any]:
    """The SDK's API object for a simulator."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escape sequences that Python warns of
        import ncloud_vserver
        from ncloud_vserver.api.v2_api import V2Api
    configuration = ncloud_vserver.Configuration()
    configuration.host = f"{gateway.url}/vserver/v2"
    configuration.access_key = gateway.environment["NCLOUD_ACCESS_KEY"]
    configuration.secret_key = gateway.environment["NCLOUD_SECRET_KEY"]
    client = ncloud_vserver.ApiClient(configuration)
    yield V2Api(client)
    client.rest_client.pool_manager.clear()


def read_with_sdk(api: Any, region: str) -> int:
    """Page through the list as the SDK's users do; returns how many servers came."""
    from ncloud_vserver.model import GetServerInstanceListRequest

    found: list[Any] = []
    page, total = 1, 1
    while len(found) < total:
        request = GetServerInstanceListRequest(region_code=region, page_no=page, page_size=PAGE_SIZE)
        answered = api.get_server_instance_list(request)
        found += answered.server_instance_list
        page, total = page + 1, answered.total_rows
    return len(found)


async def timed(read: Callable[[], Awaitable[int]], count: int) -> float:
    """Seconds to read a list, which must be complete."""
    start = time.perf_counter()
    came = await read()
    taken = time.perf_counter() - start
    if came != count:
        raise RuntimeError(f"{came} servers came where there are {count}")
    return taken


async def compare_reading(gateway: Simulation, count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds for one list by reader; the first round warms the gateway and opens the connections."""
    region = gateway.environment["NCLOUD_REGION"]
    client = client_of(gateway)

    async def ours() -> int:
        return len(await client.servers(region))

    with sdk_of(gateway) as api:

        async def theirs() -> int:
            return read_with_sdk(api, region)

        readers = {OURS: partial(timed, ours, count), SDK: partial(timed, theirs, count)}
        try:
            return await in_turns(readers, rounds)
        finally:
            await client.aclose()


async def compare_regions(gateway: Simulation, rounds: int) -> dict[str, list[float]]:
    """Seconds for the first region alone, and for all regions side by side as the console reads them."""
    client = client_of(gateway)
    codes = [region.region_code for region in await client.regions()]

    async def read(regions: list[str]) -> float:
        start = time.perf_counter()
        await asyncio.gather(*(client.servers(code) for code in regions))
        return time.perf_counter() - start

    async def one_by_one() -> float:
        return sum([await read([code]) for code in codes])

    try:
        return await in_turns(
            {"first": lambda: read(codes[:1]), "all": lambda: read(codes), "one by one": one_by_one}, rounds
        )
    finally:
        await client.aclose()


@dataclass(frozen=True, slots=True)
class PlainCode:
    """A coded value, as one would write it with the standard library."""

    code: str
    code_name: str


@dataclass(frozen=True, slots=True)
class PlainServer:
    """A server with the fields that the console knows, as one would write it with the standard library."""

    server_instance_no: str
    server_name: str
    server_description: str
    cpu_count: int
    memory_size: int
    platform_type: PlainCode
    public_ip: str
    server_instance_status: PlainCode
    server_instance_operation: PlainCode
    server_instance_status_name: str
    create_date: str
    uptime: str
    server_image_product_code: str
    server_image_no: str
    server_spec_code: str
    zone_code: str
    region_code: str
    vpc_no: str
    subnet_no: str
    hypervisor_type: PlainCode
    is_protect_server_termination: bool


def plain_code(value: dict[str, str] | None) -> PlainCode:
    """A code that may be missing."""
    return PlainCode(value.get("code", ""), value.get("codeName", "")) if value else PlainCode("", "")


def plain_server(record: dict[str, Any]) -> PlainServer:
    """A server from a decoded object."""
    return PlainServer(
        record["serverInstanceNo"],
        record.get("serverName", ""),
        record.get("serverDescription", ""),
        record.get("cpuCount", 0),
        record.get("memorySize", 0),
        plain_code(record.get("platformType")),
        record.get("publicIp", ""),
        plain_code(record.get("serverInstanceStatus")),
        plain_code(record.get("serverInstanceOperation")),
        record.get("serverInstanceStatusName", ""),
        record.get("createDate", ""),
        record.get("uptime", ""),
        record.get("serverImageProductCode", ""),
        record.get("serverImageNo", ""),
        record.get("serverSpecCode", ""),
        record.get("zoneCode", ""),
        record.get("regionCode", ""),
        record.get("vpcNo", ""),
        record.get("subnetNo", ""),
        plain_code(record.get("hypervisorType")),
        record.get("isProtectServerTermination", False),
    )


async def compare_decoding(rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time to make records of one page of 1,000, from its bytes."""
    fleet = Fleet(PAGE_SIZE, 1)
    machines = filter(None, map(fleet.machine, fleet.slice(fleet.regions[0], 0, PAGE_SIZE)))
    rows = list(map(server_record, machines))
    body = encode_document(Document(LIST, PAGE_SIZE, lambda: rows), WRAPPER, Format.JSON)

    async def cost(work: Callable[[], list[Any]]) -> float:
        start = time.process_time()
        records = work()
        taken = time.process_time() - start
        assert len(records) == PAGE_SIZE
        return taken

    return await in_turns(
        {
            OURS: lambda: cost(lambda: decode_list(body, WRAPPER, LIST, Server).records),
            JSON: lambda: cost(lambda: [plain_server(one) for one in json.loads(body)[WRAPPER][LIST]]),
        },
        rounds,
    )


async def compare_programs(gateway: Simulation, count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of whole processes that print every server as JSON: the command, and a script on the SDK."""

    async def printed(*command: str) -> float:
        with private_environment() as environment:
            start = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                *command, env={**environment, **gateway.environment}, stdout=asyncio.subprocess.PIPE
            )
            written, _ = await process.communicate()
            taken = time.perf_counter() - start
        if len(json.loads(written)) != count:
            raise RuntimeError(f"{command} printed another number of servers")
        return taken

    script = str(Path(__file__).with_name("sdk_list.py"))
    return await in_turns(
        {PROGRAM: lambda: printed(CONSOLE, "servers", "--all", "--json"), SDK: lambda: printed(PYTHON, script)}, rounds
    )


async def measure(*, quick: bool) -> list[Figure]:
    """All figures of this module."""
    count, rounds = (2_000, 2) if quick else (COUNT, 7)
    with separate_simulation("--latency", str(LATENCY_MS), "--servers", str(count)) as gateway:
        read = await compare_reading(gateway, count, rounds)
        regions = await compare_regions(gateway, rounds)
        programs = await compare_programs(gateway, count, rounds)
    decoded = await compare_decoding(rounds * 4)
    pages = -(-count // PAGE_SIZE)
    floor = [2 * LATENCY_MS / 1000 + pages * taken for taken in decoded[OURS]]
    title = f"{count:,} servers over {LATENCY_MS} ms latency"
    return [
        ratio(f"times faster: {title}", read[SDK], read[OURS], versus=SDK, bar=2.5, higher_is_better=True),
        milliseconds(f"{title}, first request to decoded list", read[OURS]),
        milliseconds(f"{title}, {SDK}", read[SDK]),
        ratio(title, read[OURS], floor, versus="two round trips and the decoding"),
        ratio(
            f"times faster: {PROGRAM}, {title}",
            programs[SDK],
            programs[PROGRAM],
            versus="a script on the SDK",
            bar=2,
            higher_is_better=True,
        ),
        milliseconds(f"{PROGRAM}, {title}", programs[PROGRAM]),
        ratio("all regions side by side", regions["all"], regions["first"], versus="the first region alone"),
        ratio("all regions side by side", regions["all"], regions["one by one"], versus="one after the other"),
        milliseconds("decoding 1,000 records, processor time", decoded[OURS]),
        ratio("times faster: decoding", decoded[JSON], decoded[OURS], versus=JSON, higher_is_better=True),
    ]


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about a minute."""
    with undisturbed():
        return asyncio.run(measure(quick=quick))


if __name__ == "__main__":
    main(figures)
