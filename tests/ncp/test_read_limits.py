"""What a read may cost, whatever a gateway answers: characters, records, bytes, seconds, requests at once."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.safe_text import is_altered
from ncpconsole.ncp import errors, paging
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.decode import decode_activities, decode_list, raw_records
from ncpconsole.ncp.models import Code, NetworkInterface, Region, Server
from ncpconsole.ncp.responses import read_document
from tests.ncp.raw_gateway import RawGateway, Received, answering, http
from tests.ncp.test_client import DETAIL, SERVERS, Opened, form, listing, routed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ncpconsole.ncp.signing import Credentials

TEXT_LIMIT, MAX_RECORDS = 1024, 200_000
LONG = "긴" * (TEXT_LIMIT + 1)


def a_page(records: object) -> bytes:
    return json.dumps({"getServerInstanceListResponse": {"serverInstanceList": records}}, ensure_ascii=False).encode()


@pytest.mark.parametrize("tidy", [True, False], ids=["as documented", "with an odd field"])
def test_every_text_of_a_record_is_cut_and_shows_it(tidy: bool) -> None:
    record = {
        "serverInstanceNo": "1",
        "serverName": LONG,
        "zoneCode": LONG,
        "platformType": {"code": LONG, "codeName": LONG},
        "cpuCount": 2 if tidy else "two",
    }
    neighbour = {"serverInstanceNo": "2", "serverName": "n" * TEXT_LIMIT}
    first, second = decode_list(
        a_page([record, neighbour]), "getServerInstanceListResponse", "serverInstanceList", Server
    ).records
    cut = LONG[: TEXT_LIMIT - 1] + "…"
    assert (first.server_name, first.zone_code, first.platform_type) == (cut, cut, Code(cut, cut))
    assert is_altered(first.server_name)
    assert second.server_name == "n" * TEXT_LIMIT


def test_the_other_kinds_are_cut_too() -> None:
    regions = json.dumps({"r": {"l": [{"regionCode": LONG, "regionName": LONG}]}}).encode()
    (region,) = decode_list(regions, "r", "l", Region).records
    assert len(region.region_code) == len(region.region_name) == TEXT_LIMIT
    interfaces = json.dumps({"r": {"l": [{"networkInterfaceNo": "1", "ip": LONG}]}}).encode()
    (interface,) = decode_list(interfaces, "r", "l", NetworkInterface).records
    assert len(interface.ip) == TEXT_LIMIT
    (activity,), _ = decode_activities(json.dumps({"items": [{"actionDisplayName": LONG}]}).encode())
    assert len(activity.action_display_name) == TEXT_LIMIT
    (raw,) = raw_records(a_page([{"new": {"deep": [LONG, 7]}}]), "getServerInstanceListResponse", "serverInstanceList")
    assert len(raw["new"]["deep"][0]) == TEXT_LIMIT


def test_a_record_of_before_with_a_longer_text_is_read_cut() -> None:
    plain = Server("1", "n").as_plain() | {"serverName": LONG}
    assert len(Server.from_plain(plain).server_name) == TEXT_LIMIT


@pytest.mark.parametrize("record", ["{}", '{"serverInstanceNo":"1"}'])
def test_a_page_of_very_many_records_is_refused_at_once(record: str) -> None:
    body = a_page("@").decode().replace('"@"', f"[{','.join([record] * (MAX_RECORDS + 1))}]")
    begun = time.process_time()
    with pytest.raises(errors.UnreadableAnswer, match="more than"):
        decode_list(body.encode(), "getServerInstanceListResponse", "serverInstanceList", Server)
    assert time.process_time() - begun < 2


def pages_without_end(received: Received) -> bytes:
    start = int(form(received)["pageNo"]) * 1000
    return listing(*SERVERS, [{"serverInstanceNo": str(start + one)} for one in range(1000)], 10**9)


@pytest.mark.parametrize(
    ("budget", "words"), [({"MAX_BYTES": 200_000}, "larger than"), ({"MAX_SECONDS": 0.3}, "within")], ids=str
)
async def test_a_listing_has_a_budget(
    budget: dict[str, float], words: str, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in budget.items():
        monkeypatch.setattr(paging, name, value)
    async with Opened(routed(pages_without_end), credentials) as (client, gateway):
        with pytest.raises(errors.UnreadableAnswer, match=words):
            await client.servers("KR")
    assert len(gateway.requests) < 200


async def test_more_regions_than_there_can_be_are_refused(credentials: Credentials) -> None:
    regions = [{"regionCode": f"R{number}"} for number in range(100_000)]
    async with Opened(answering(listing("getRegionList", "regionList", regions)), credentials) as (client, _):
        with pytest.raises(errors.UnreadableAnswer, match="100,000 regions"):
            await client.regions()


async def test_a_few_requests_are_under_way_at_once_and_none_gives_up_waiting_for_the_others(
    credentials: Credentials,
) -> None:
    under_way, most = 0, 0

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        while True:
            await gateway.read_request(reader)
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.15)
            under_way -= 1
            writer.write(listing(*SERVERS, []))

    async with Opened(behave, credentials, read_timeout=2, total_timeout=2, attempts=1) as (client, gateway):
        await asyncio.gather(*(client.servers(f"R{number}") for number in range(120)))
    assert len(gateway.requests) == 120
    assert most <= 8
    assert gateway.connections <= 8


@pytest.mark.parametrize(("status", "kind"), [(503, errors.GatewayFailure), (404, errors.UnreadableAnswer)])
async def test_of_an_error_only_the_beginning_is_read(
    status: int, kind: type[errors.NcpError], credentials: Credentials
) -> None:
    async def endless(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        writer.write(b"HTTP/1.1 %d Error\r\n\r\n<html>" % status)
        while True:
            writer.write(b"<a " * 20_000)
            await writer.drain()

    async with Opened(endless, credentials, attempts=1) as (client, _):
        with pytest.raises(kind) as caught:
            await client.regions()
    assert caught.value.http_status == status


async def test_a_record_of_one_server_may_not_be_as_long_as_a_list(credentials: Credentials) -> None:
    answer = listing(*DETAIL, [{"serverInstanceNo": "1", "serverName": "n" * 5_000_000}])
    async with Opened(answering(answer), credentials) as (client, _):
        with pytest.raises(errors.UnreadableAnswer, match="larger than 4 MiB"):
            await client.server("KR", "1")


@pytest.mark.slow
@pytest.mark.parametrize("call", ["server", "raw_server", "activities"])
async def test_a_long_answer_leaves_the_keys_alone(call: str, credentials: Credentials) -> None:
    """XML is read slowly, most of all where it is long; the loop goes round all the while."""
    siblings = "<a/>" * 200_000
    record = f"<serverInstance><serverInstanceNo>1</serverInstanceNo><x>{siblings}</x></serverInstance>"
    body = f"<getServerInstanceDetailResponse><serverInstanceList>{record}</serverInstanceList>"
    body += "</getServerInstanceDetailResponse>"
    if call == "activities":
        body = f"<r><items><item><resourceId>1</resourceId></item></items><x>{siblings}</x></r>"
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            begun = time.process_time()  # what another program takes of the machine is no fault
            await asyncio.sleep(0.01)
            longest = max(longest, time.process_time() - begun)

    async with Opened(answering(http(200, body.encode())), credentials) as (client, gateway):
        tracer = Client(gateway.url, credentials, activity_url=gateway.url)
        reads: dict[str, Callable[[], Awaitable[object]]] = {
            "server": lambda: client.server("KR", "1"),
            "raw_server": lambda: client.raw_server("KR", "1"),
            "activities": lambda: tracer.activities(0, 1),
        }
        beating = asyncio.create_task(beat())
        try:
            await reads[call]()
        except errors.UnreadableAnswer:
            assert call == "activities"  # what is not in its form is told so, after it was read
        await asyncio.sleep(0.05)
        beating.cancel()
        await tracer.aclose()
    begun = time.process_time()
    read_document(body.encode())
    assert longest < (time.process_time() - begun) / 2


@pytest.mark.slow
async def test_a_name_of_60_mb_costs_no_gigabytes() -> None:
    """From the socket to the words of the command, measured by the system."""
    record = [{"serverInstanceNo": "1001", "serverName": "긴" * 20_000_000}]
    body = json.dumps(
        {"getServerInstanceListResponse": {"totalRows": 1, "serverInstanceList": record}}, ensure_ascii=False
    ).encode()
    interfaces = listing("getNetworkInterfaceList", "networkInterfaceList", [])

    def route(received: Received) -> bytes:
        return interfaces if "NetworkInterface" in received.target else http(200, body)

    async with RawGateway(routed(route)) as gateway:
        environment = {
            **os.environ,
            "NCLOUD_ACCESS_KEY": "AK",
            "NCLOUD_SECRET_KEY": "SK",
            "NCLOUD_API_GW": gateway.url,
            "NCLOUD_REGION": "KR",
        }
        begun = time.monotonic()
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "ncpconsole", "servers", "--json"],
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
    assert ran.returncode == 0, ran.stderr.decode()
    assert len(ran.stdout) < 100_000
    assert time.monotonic() - begun < 60
    # Kilobytes, of the largest child there was; the console alone takes some 80,000.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 700_000
