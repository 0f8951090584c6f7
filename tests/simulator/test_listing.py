"""Regions, zones, servers, interfaces: pages, filters, both methods, both formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import pytest

from ncpconsole.simulator.account_state import INTERFACE_LIST, SERVER_LIST
from ncpconsole.simulator.responses import BAD_PARAMETER, Format
from ncpconsole.simulator.simulator import Simulator
from tests.simulator.caller import Caller, gateway_code, service_code

if TYPE_CHECKING:
    from tests.clock import Clock

LIST = "getServerInstanceList"


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [row["serverInstanceNo"] for row in rows]


async def test_regions_and_zones(caller: Caller) -> None:
    regions = await caller.content("getRegionList")
    assert [region["regionCode"] for region in regions["regionList"]] == ["KR", "SGN", "JPN"]
    assert (regions["totalRows"], regions["returnCode"], regions["returnMessage"]) == (3, "0", "success")
    zones = await caller.content("getZoneList", regionCode="SGN")
    assert [zone["zoneCode"] for zone in zones["zoneList"]] == ["SGN-1", "SGN-2"]


@pytest.mark.parametrize(("site", "regions"), [("gov", ["KR", "KRS"]), ("fin", ["FKR"])])
async def test_other_sites(site: str, regions: list[str]) -> None:
    async with Simulator(site=site, servers=8) as simulator, Caller(simulator) as caller:
        answered = await caller.content("getRegionList")
        assert [region["regionCode"] for region in answered["regionList"]] == regions
        assert (await caller.servers(regionCode=regions[-1]))[0]["regionCode"] == regions[-1]


async def test_pages_join_to_the_whole(caller: Caller) -> None:
    whole = numbers(await caller.servers())
    assert whole == [str(142_300_000 + n) for n in range(1, 129)]
    joined = [n for page in (1, 2, 3) for n in numbers(await caller.servers(pageNo=page, pageSize=50))]
    assert joined == whole
    assert await caller.servers(pageNo=4, pageSize=50) == []


async def test_page_nought_is_the_first(caller: Caller) -> None:
    assert await caller.servers(pageNo=0, pageSize=7) == await caller.servers(pageNo=1, pageSize=7)
    assert await caller.servers(pageNo=1, pageSize=7) != await caller.servers(pageNo=2, pageSize=7)


@pytest.mark.parametrize(
    "asked",
    [
        {"pageNo": 1},
        {"pageNo": 1, "pageSize": 0},
        {"pageNo": 1, "pageSize": 1001},
        {"pageNo": -1, "pageSize": 5},
        {"pageNo": "one", "pageSize": 5},
        {"sortedBy": "age", "pageSize": 5},
        {"sortedBy": "serverName", "sortingOrder": "UP", "pageSize": 5},
        {"regionCode": "MARS", "pageSize": 5},
    ],
)
@pytest.mark.parametrize("action", [LIST])
async def test_pages_that_are_not_served(caller: Caller, action: str, asked: dict[str, object]) -> None:
    assert service_code(await caller.get(action, **asked)) == (400, BAD_PARAMETER)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"serverInstanceNoList__1": "142300012", "serverInstanceNoList__2": "142300003"}, [3, 12]),
        ({"serverInstanceNoList__1": "39999999"}, []),
        ({"serverName": "WEB-0001"}, [1 + 9, 12]),
        ({"ip": "10.0.0.13"}, [12]),
        ({"ip": "198.18.0.12"}, [12]),
        ({"ip": "172.16.0.10"}, [9]),
        ({"ip": "10.0.0.1"}, []),
        ({"serverName": "결제-0003"}, [31, 35, 84]),
        ({"serverName": "결제-0003", "hypervisorTypeCodeList__1": "KVM"}, [35]),
        ({"serverName": "결제-0003", "serverInstanceStatusCode": "NSTOP"}, []),
        ({"serverName": "web-000", "serverInstanceStatusCode": "NSTOP"}, [10]),
        ({"serverName": "web-0001", "sortedBy": "serverName", "sortingOrder": "desc"}, [12, 10]),
    ],
)
async def test_filters(caller: Caller, asked: dict[str, object], expected: list[int]) -> None:
    answered = await caller.get(LIST, pageNo=1, pageSize=1000, **asked)
    rows = answered.json()[f"{LIST}Response"]
    assert numbers(rows["serverInstanceList"]) == [str(142_300_000 + n) for n in expected]
    assert rows["totalRows"] == len(expected)
    # The same in a form, since the official clients post.
    posted = await caller.post(LIST, pageNo=1, pageSize=1000, **asked)
    assert numbers(posted.json()[f"{LIST}Response"]["serverInstanceList"]) == numbers(rows["serverInstanceList"])


async def test_filters_that_split_the_whole(caller: Caller) -> None:
    everyone = await caller.servers()
    for name in ("XEN", "KVM"):
        some = await caller.servers(hypervisorTypeCodeList__1=name)
        assert some == [row for row in everyone if (row.get("hypervisorType") or {}).get("code") == name]
        assert some
    both = await caller.servers(hypervisorTypeCodeList__1="XEN", hypervisorTypeCodeList__2="KVM")
    assert 0 < len(both) < len(everyone)
    placed = sum([len(await caller.servers(vpcNo=vpc)) for vpc in ("10375", "10376")])
    assert placed == len([row for row in everyone if row["vpcNo"]])


async def test_filtered_pages(caller: Caller) -> None:
    web = numbers(await caller.servers(serverName="web"))
    pages = [numbers(await caller.servers(serverName="web", pageNo=n, pageSize=3)) for n in (1, 2)]
    assert pages == [web[:3], web[3:6]]


async def test_detail_gives_the_listed_record_or_none(caller: Caller) -> None:
    listed = {row["serverInstanceNo"]: row for row in await caller.servers()}
    assert await caller.server("142300012") == listed["142300012"]
    for number, region in (("142300129", "KR"), ("142300012", "SGN"), ("x", "KR")):
        detail = "getServerInstanceDetail"
        content = await caller.content(detail, serverInstanceNo=number, regionCode=region)
        assert (content["serverInstanceList"], content["totalRows"]) == ([], 0)
    assert service_code(await caller.get("getServerInstanceDetail")) == (400, BAD_PARAMETER)


async def test_interfaces_carry_the_private_addresses(caller: Caller) -> None:
    action = "getNetworkInterfaceList"
    whole = await caller.content(action, regionCode="KR", pageNo=1, pageSize=1000)
    rows = whole["networkInterfaceList"]
    assert whole["totalRows"] == len(rows) == 141
    assert len({row["networkInterfaceNo"] for row in rows}) == len(rows)
    assert [row["ip"] for row in rows if row["instanceNo"] == "142300012"] == ["10.0.0.13"]
    assert [(row["ip"], row["isDefault"], row["deviceName"]) for row in rows if row["instanceNo"] == "142300018"] == [
        ("10.0.0.19", True, "eth0"),
        ("172.16.0.19", False, "eth1"),
    ]
    listed = {n for row in await caller.servers() for n in row["networkInterfaceNoList"]}
    assert listed == {row["networkInterfaceNo"] for row in rows}
    pages = [(await caller.content(action, pageNo=n, pageSize=30))["networkInterfaceList"] for n in range(1, 7)]
    assert [row for page in pages for row in page] == rows
    one = await caller.content(action, ip="172.16.0.19", pageNo=1, pageSize=10)
    assert [row["instanceNo"] for row in one["networkInterfaceList"]] == ["142300018"]


async def test_records_have_the_documented_fields_and_the_odd_ones(caller: Caller) -> None:
    record = await caller.server("142300012")
    assert record["platformType"] == {"code": "WND64", "codeName": "Windows 64 Bit"}
    assert record["hypervisorType"]["code"] == "XEN"
    assert "hypervisorType" not in await caller.server("142300017")
    assert (await caller.server("142300019"))["hypervisorType"] is None
    busy = await caller.server("142300044")
    assert (busy["serverInstanceStatus"]["code"], busy["serverInstanceOperation"]["code"]) == ("RUN", "SHTDN")


async def test_xml_is_the_default_and_well_formed_for_every_name(caller: Caller) -> None:
    as_json = await caller.servers(pageSize=1000)
    answered = await caller.get_xml(LIST, pageNo=1, pageSize=1000)
    assert answered.headers["content-type"].startswith("text/xml")
    root = fromstring(answered.content)
    assert root.tag == f"{LIST}Response"
    assert (root.findtext("returnCode"), root.findtext("totalRows")) == ("0", "128")
    servers = root.findall("serverInstanceList/serverInstance")
    assert [server.findtext("serverInstanceNo") for server in servers] == numbers(as_json)
    assert servers[11].findtext("platformType/code") == "WND64"
    assert servers[65].findtext("serverName") == "[prod]web-01"
    # XML cannot hold an escape character at all.
    assert servers[87].findtext("serverName") == "web\ufffd[31m-00088\ufffd[0m"


async def test_errors_come_in_the_format_asked_for(caller: Caller) -> None:
    assert gateway_code(await caller.get("getNothing")) == (404, "300")
    as_xml = await caller.get_xml("getNothing")
    assert fromstring(as_xml.content).findtext("errorCode") == "300"
    refused = await caller.get_xml(LIST, pageNo=1)
    root = fromstring(refused.content)
    assert root.tag == "responseError"
    assert "<strong>" in (root.findtext("returnMessage") or "")


async def test_every_answer_tells_its_time_and_ids(caller: Caller, clock: Clock) -> None:
    first, second = await caller.get("getRegionList"), await caller.get("getRegionList")
    assert first.headers["date"] == "Wed, 18 Nov 2026 11:06:40 GMT" == second.headers["date"]
    for name in ("x-ncp-apigw-request-id", "x-ncp-trace-id"):
        assert first.headers[name] != second.headers[name]


async def test_warm_pages_are_served_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Simulator(servers=250) as simulator, Caller(simulator) as caller:
        cold = [await caller.servers(pageNo=page, pageSize=100) for page in (1, 2, 3)]
    async with Simulator(servers=250) as simulator, Caller(simulator) as caller:
        for page in (1, 2, 3):
            simulator.state().encoded_page(SERVER_LIST, "KR", page, 100, Format.JSON)
        simulator.state().encoded_page(INTERFACE_LIST, "KR", 3, 100, Format.JSON)

        def encoded_again(*_: object) -> bytes:
            raise AssertionError("a page was encoded again")

        monkeypatch.setattr("ncpconsole.simulator.account_state.encode_rows", encoded_again)
        assert [await caller.servers(pageNo=page, pageSize=100) for page in (1, 2, 3)] == cold
        await caller.content("getNetworkInterfaceList", pageNo=3, pageSize=100)


async def test_ten_thousand_servers_in_pages_of_a_thousand() -> None:
    async with Simulator(servers=10_000) as simulator, Caller(simulator) as caller:
        found = [n for page in range(1, 12) for n in numbers(await caller.servers(pageNo=page))]
        assert len(found) == len(set(found)) == 10_000
