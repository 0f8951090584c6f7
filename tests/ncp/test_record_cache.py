"""A list read again: what did not change is the same object, and what did is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.ncp.models import Server
from tests.ncp.test_client import SERVERS, Opened, form, listing, routed

if TYPE_CHECKING:
    from ncpconsole.ncp.signing import Credentials
    from tests.ncp.raw_gateway import Received


async def test_what_did_not_change_is_the_same_object(credentials: Credentials) -> None:
    padding = "x" * 400  # as many bytes as are decoded on a thread, and the second page is decoded at once
    fleet = [{"serverInstanceNo": str(number), "serverDescription": padding} for number in range(1002)]

    def page(received: Received) -> bytes:
        start = (int(form(received)["pageNo"]) - 1) * 1000
        return listing(*SERVERS, fleet[start : start + 1000], len(fleet))

    async with Opened(routed(page), credentials) as (client, _):
        first = await client.servers("KR")
        fleet[3] = {**fleet[3], "serverName": "renamed"}
        second = await client.servers("KR")
        elsewhere = await client.servers("JPN")
    changed = [number for number, (one, other) in enumerate(zip(first, second, strict=True)) if one is not other]
    assert changed == [3]
    assert second[3].server_name == "renamed"
    assert elsewhere == second
    assert elsewhere[0] is not second[0]


async def test_a_narrowed_list_leaves_known_what_it_left_out(credentials: Credentials) -> None:
    fleet = [{"serverInstanceNo": str(number)} for number in range(3)]

    def page(received: Received) -> bytes:
        return listing(*SERVERS, fleet[:1] if "serverName" in form(received) else fleet)

    async with Opened(routed(page), credentials) as (client, _):
        first = await client.servers("KR")
        assert len(await client.servers("KR", server_name="web")) == 1
        second = await client.servers("KR")
    assert all(one is other for one, other in zip(first, second, strict=True))


async def test_records_hold_one_object_for_each_value_that_many_have(credentials: Credentials) -> None:
    record = {"zoneCode": "KR-2", "memorySize": 34359738368, "platformType": {"code": "WND64", "codeName": "Windows"}}
    fleet = [{"serverInstanceNo": str(number), **record} for number in range(3)]
    async with Opened(routed(lambda _: listing(*SERVERS, fleet)), credentials) as (client, _):
        first, *others = await client.servers("KR")
    for one in others:
        assert one.zone_code is first.zone_code
        assert one.memory_size is first.memory_size
        assert one.platform_type is first.platform_type
        assert one.server_instance_no != first.server_instance_no


async def test_what_an_earlier_console_read_is_the_same_object_where_it_did_not_change(
    credentials: Credentials,
) -> None:
    fleet = [{"serverInstanceNo": str(number), "zoneCode": "KR-2"} for number in range(3)]
    kept = [Server(server_instance_no=str(number), zone_code="KR-2") for number in range(2)]
    kept.append(Server(server_instance_no="2", zone_code="KR-1"))
    async with Opened(routed(lambda _: listing(*SERVERS, fleet)), credentials) as (client, _):
        client.know("KR", kept, ())
        read = await client.servers("KR")
    assert [one is other for one, other in zip(read, kept, strict=True)] == [True, True, False]
    assert read[2].zone_code == "KR-2"
