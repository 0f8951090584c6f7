"""The gateway as it is documented and as others read it: forms, filters, codes and words.

The facts are from NCP's API pages, the official clients and published answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ncpconsole.simulator import accounts
from ncpconsole.simulator.simulator import Simulator
from tests.clock import Clock
from tests.simulator.caller import Caller, gateway_code, service_code

LIST, DETAIL, NICS = "getServerInstanceList", "getServerInstanceDetail", "getNetworkInterfaceList"
INTERRUPT = "interruptServerInstance"
DOCUMENTED = (Path(__file__).parent.parent / "data" / "interrupt-response.json").read_text("utf-8")


def cut_by_the_go_sdk(body: bytes) -> Any:
    """What the official Go client decodes: from one before the second brace to before the last."""
    text = body.decode()
    second = text.index("{", text.index("{") + 1)
    return json.loads(text[second - 1 : -1])


async def test_the_go_sdk_can_read_every_answer_of_the_service(caller: Caller) -> None:
    number = (await caller.servers())[0]["serverInstanceNo"]
    for action, asked in (
        ("getRegionList", {}),
        ("getZoneList", {}),
        (LIST, {}),
        (LIST, {"serverName": "web"}),
        (DETAIL, {"serverInstanceNo": number}),
        (NICS, {}),
        (INTERRUPT, {"serverInstanceNo": number}),
    ):
        answer = await caller.get(action, **asked)
        assert cut_by_the_go_sdk(answer.content) == answer.json()[f"{action}Response"]
    refused = await caller.get(INTERRUPT)
    assert cut_by_the_go_sdk(refused.content) == refused.json()["responseError"]


async def test_errors_of_the_gateway_are_compact(simulator: Simulator) -> None:
    async with Caller(simulator, "NOBODY", "nothing") as stranger:
        refused = await stranger.get("getRegionList")
    assert refused.content.startswith(b'{"error":{"errorCode":"200","message":"Authentication Failed"')


@pytest.mark.parametrize(("action", "list_name"), [(LIST, "serverInstanceList"), (NICS, "networkInterfaceList")])
async def test_a_list_that_is_not_paged_gives_all_rows(caller: Caller, action: str, list_name: str) -> None:
    whole = await caller.content(action)
    assert len(whole[list_name]) == whole["totalRows"] > 100
    paged = await caller.content(action, pageNo=1, pageSize=1000)
    assert whole[list_name] == paged[list_name]
    some = await caller.content(action, pageSize=7)
    assert some[list_name] == whole[list_name][:7]
    first = await caller.content(action, pageNo=0, pageSize=7)
    assert first[list_name] == whole[list_name][:7]
    filtered = await caller.content(action, ip="10.0.0.13")
    assert len(filtered[list_name]) == filtered["totalRows"] == 1


async def rows(caller: Caller, action: str, **asked: object) -> list[dict[str, Any]]:
    content = await caller.content(action, **asked)
    found: list[dict[str, Any]] = content["serverInstanceList" if action == LIST else "networkInterfaceList"]
    return found


async def test_every_documented_filter_of_servers(caller: Caller) -> None:
    everyone = await rows(caller, LIST)

    def those(true: Any) -> list[dict[str, Any]]:
        kept = [row for row in everyone if true(row)]
        assert len(kept) > 0
        return kept

    vpc = everyone[0]["vpcNo"]
    assert await rows(caller, LIST, vpcNo=vpc) == those(lambda row: row["vpcNo"] == vpc)
    for status in ("INIT", "CREAT", "RUN", "NSTOP"):
        assert await rows(caller, LIST, serverInstanceStatusCode=status) == those(
            lambda row, status=status: row["serverInstanceStatus"]["code"] == status
        )
    assert await rows(caller, LIST, baseBlockStorageDiskTypeCode="NET") == everyone
    assert await rows(caller, LIST, baseBlockStorageDiskTypeCode="LOCAL") == []
    assert await rows(caller, LIST, baseBlockStorageDiskDetailTypeCode="SSD") == everyone
    assert await rows(caller, LIST, placementGroupNoList__1="1") == []
    assert await rows(caller, LIST, hypervisorTypeCodeList__1="KVM") == those(
        lambda row: (row.get("hypervisorType") or {}).get("code") == "KVM"
    )
    numbers = [everyone[5]["serverInstanceNo"], everyone[2]["serverInstanceNo"]]
    assert await rows(caller, LIST, serverInstanceNoList__1=numbers[0], serverInstanceNoList__2=numbers[1]) == those(
        lambda row: row["serverInstanceNo"] in numbers
    )


async def test_every_documented_filter_of_interfaces(caller: Caller) -> None:
    everyone = await rows(caller, NICS)
    servers = {row["serverInstanceNo"]: row for row in await rows(caller, LIST)}

    async def gives(true: Any, **asked: object) -> None:
        kept = [row for row in everyone if true(row)]
        assert 0 < len(kept) < len(everyone)
        assert await rows(caller, NICS, **asked) == kept

    nic = next(row for row in everyone if row["deviceName"] == "eth1")
    await gives(lambda row: row["instanceNo"] == nic["instanceNo"], instanceNo=nic["instanceNo"])
    await gives(lambda row: row["deviceName"] == "eth1", deviceName="eth1")
    await gives(lambda row: row["isDefault"], isDefault="true")
    await gives(lambda row: not row["isDefault"], isDefault="false")
    await gives(lambda row: "web-" in servers[row["instanceNo"]]["serverName"], serverName="web-")
    await gives(
        lambda row: servers[row["instanceNo"]]["subnetNo"] == nic["subnetNo"], subnetName=f"subnet-{nic['subnetNo']}"
    )
    name = nic["networkInterfaceName"]
    await gives(lambda row: row["networkInterfaceName"] == name, networkInterfaceName=name)
    await gives(lambda row: row["ip"] == nic["ip"], ip=nic["ip"])
    await gives(
        lambda row: row["networkInterfaceNo"] == nic["networkInterfaceNo"],
        networkInterfaceNoList__1=nic["networkInterfaceNo"],
    )
    second = next(row for row in everyone if row["secondaryIpList"])
    address = second["secondaryIpList"][0]
    await gives(lambda row: address in row["secondaryIpList"], secondaryIpList__1=address)
    assert await rows(caller, NICS, networkInterfaceStatusCode="USED") == everyone
    assert await rows(caller, NICS, networkInterfaceStatusCode="NOTUSED") == []


async def test_an_interface_tells_its_other_addresses_its_hardware_and_its_log(caller: Caller) -> None:
    everyone = await rows(caller, NICS)
    addresses = [row["ip"] for row in everyone] + [ip for row in everyone for ip in row["secondaryIpList"]]
    assert len(addresses) == len(set(addresses))
    macs = [row["macAddress"] for row in everyone]
    assert len(macs) == len(set(macs))
    assert all(len(mac.split(":")) == 6 for mac in macs)
    assert {row["enableFlowLog"] for row in everyone} == {True, False}


@pytest.mark.parametrize("rules", ["", "xen-windows", "2026-10"])
async def test_the_rules_for_an_interrupt_are_the_founding_ones_unless_the_newer_are_asked_for(rules: str) -> None:
    async with Simulator(rules=rules) if rules else Simulator() as simulator, Caller(simulator) as caller:
        taken = set()
        for row in await caller.servers():
            if (await caller.interrupt(row["serverInstanceNo"])).status_code == 200:
                system = "LNX" if ".LNX64." in row["serverImageProductCode"] else "WND"
                taken.add((row["hypervisorType"]["code"], system))
    newer = {("KVM", "WND"), ("KVM", "LNX")} if rules == "2026-10" else set()
    assert taken == {("XEN", "WND")} | newer


def test_rules_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="xen-windows, 2026-10"):
        Simulator(rules="2027")


async def test_codes_of_its_own_cannot_be_mistaken_for_real_ones(caller: Caller) -> None:
    codes = set()
    stopped = next(r for r in await caller.servers() if r["serverInstanceStatus"]["code"] == "NSTOP")
    for asked in ({}, {"serverInstanceNo": "1"}, {"serverInstanceNo": stopped["serverInstanceNo"]}):
        codes.add(service_code(await caller.get(INTERRUPT, **asked))[1])
    assert len(codes) == 3
    assert all(code.startswith("999000") for code in codes)
    busy = next(row for row in await caller.servers() if row["serverInstanceOperation"]["code"] == "SHTDN")
    assert service_code(await caller.interrupt(busy["serverInstanceNo"])) == (400, "25013")


@pytest.mark.parametrize("missing", ["x-ncp-apigw-timestamp", "x-ncp-iam-access-key", "x-ncp-apigw-signature-v2"])
async def test_a_missing_header_is_told_as_published(caller: Caller, missing: str) -> None:
    target = "/vserver/v2/getRegionList?responseFormatType=json"
    headers = caller.headers("GET", target)
    del headers[missing]
    refused = await caller.client.get(target, headers=headers)
    assert gateway_code(refused) == (401, "200")
    assert refused.json()["error"]["details"] == "Authentication information are missing."


async def test_whatever_is_wrong_is_told_in_one_way(simulator: Simulator, clock: Clock) -> None:
    late = Clock()
    late.now = clock.now - 600
    for key, secret, time in (
        ("NOBODY", "nothing", clock),
        (simulator.access_key, "wrong", clock),
        (simulator.access_key, simulator.secret_key, late),
    ):
        async with Caller(simulator, key, secret, clock=time) as stranger:
            refused = await stranger.get("getRegionList")
        assert refused.json()["error"]["details"] == "Invalid authentication information."


async def test_fields_stand_in_the_documented_order(caller: Caller) -> None:
    documented = list(json.loads(DOCUMENTED)[f"{INTERRUPT}Response"]["serverInstanceList"][0])
    for row in await caller.servers():
        assert list(row) == [name for name in documented if name in row]
    accepted = (await caller.interrupt((await caller.servers())[0]["serverInstanceNo"])).json()
    assert list(accepted[f"{INTERRUPT}Response"]) == list(json.loads(DOCUMENTED)[f"{INTERRUPT}Response"])


async def test_names_of_codes_are_half_korean_and_half_english(caller: Caller) -> None:
    everyone = await caller.servers()
    row = everyone[0]
    assert row["serverInstanceStatus"]["codeName"] == "서버 RUN 상태"
    assert row["baseBlockStorageDiskType"]["codeName"] == "네트웍 스토리지"
    assert row["platformType"]["codeName"] == "Windows 64 Bit"
    assert {row["serverInstanceType"]["codeName"] for row in everyone} == {"Standard", "High CPU"}


async def test_products_of_the_two_hypervisors(caller: Caller) -> None:
    for row in await caller.servers():
        generation = row["serverProductCode"].rpartition(".")[2]
        image = row["serverImageProductCode"].rpartition(".")[2]
        kind = "c" if row["serverInstanceType"]["code"] == "HICPU" else "s"
        assert row["serverProductCode"].startswith(f"SVR.VSVR.{row['serverInstanceType']['code']}.C")
        if (row.get("hypervisorType") or {}).get("code") == "KVM":
            assert (generation, image) == ("G003", "G003")
            assert row["serverSpecCode"] == f"{kind}{row['cpuCount']}-g3"
            assert row["serverImageProductCode"] in {
                "SW.VSVR.OS.WND64.WND.SVR2022EN.G003",
                "SW.VSVR.OS.LNX64.UBNTU.SVR22.G003",
            }
        else:
            assert (generation, image) in {("G002", "B100"), ("G002", "B050")}
            assert row["serverSpecCode"].startswith(f"{kind}{row['cpuCount']}-g2-")


async def test_a_server_that_was_just_asked_for_has_no_network_yet(caller: Caller) -> None:
    new = [row for row in await caller.servers() if row["serverInstanceStatus"]["code"] == "INIT"]
    assert new
    nics = {row["instanceNo"] for row in await rows(caller, NICS)}
    for row in new:
        assert (row["vpcNo"], row["subnetNo"], row["networkInterfaceNoList"], row["publicIp"]) == ("", "", [], "")
        assert row["serverInstanceNo"] not in nics
        assert (await caller.interrupt(row["serverInstanceNo"])).status_code == 400


def test_the_command_and_the_demo_number_servers_as_ncp_does_now(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ncpconsole", "simulate"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulate:
        assert simulate.stdout is not None
        exported = [simulate.stdout.readline() for _ in range(4)]
        pairs = dict(shlex.split(line)[1].split("=", 1) for line in exported)
        listed = subprocess.run(
            [sys.executable, "-m", "ncpconsole", "servers", "--all", "--json"],
            env=os.environ | pairs | {"NCPCONSOLE_STATE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        simulate.terminate()
    numbers = [row["serverInstanceNo"] for row in json.loads(listed.stdout)]
    assert len(numbers) == 128
    assert all(re.fullmatch("1[0-9]{8}", number) for number in numbers)


async def test_some_server_has_an_event(caller: Caller) -> None:
    told = [row["eventList"] for row in await caller.servers() if row["eventList"]]
    assert told
    assert all(isinstance(text, str) and text for texts in told for text in texts)


# The activity tracer.


async def activities(caller: Caller, **asked: object) -> list[dict[str, Any]]:
    answer = await caller.activities(json.dumps(asked).encode())
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_thirty_days_are_told_where_no_beginning_is_named(caller: Caller, clock: Clock) -> None:
    items = await activities(caller, size=1000)
    oldest = min(item["eventTime"] for item in items)
    assert clock.now - 30 * 86400 <= oldest / 1000 < clock.now - 29 * 86400


async def test_one_resource_by_its_name(caller: Caller) -> None:
    number = (await caller.servers())[0]["serverInstanceNo"]
    await caller.interrupt(number)
    [item] = [item for item in await activities(caller, size=1000) if "Interrupt" in item["actionDisplayName"]]
    assert item["actionDisplayName"] == "Interrupt Server Instance"
    assert item["nrn"].startswith("nrn:PUB:VPCServer:KR:")
    assert item["nrn"].endswith(f":Server/{number}")
    assert item["actionIdNo"]
    only = await activities(caller, size=1000, nrn=item["nrn"])
    assert item in only
    assert {one["resourceId"] for one in only} == {number}


async def test_every_activity_has_a_number_and_data_in_one_of_two_forms(caller: Caller) -> None:
    items = await activities(caller, size=1000)
    assert len({item["actionIdNo"] for item in items}) == len(items)
    assert {type(item["productData"]) for item in items} == {dict, list}


@pytest.mark.parametrize(("site", "letters"), [("public", "PUB"), ("gov", "GOV"), ("fin", "FIN")])
async def test_every_site_has_a_tracer(site: str, letters: str) -> None:
    async with Simulator(site=site) as simulator, Caller(simulator) as caller:
        number = (await caller.servers(regionCode=simulator.region))[0]["serverInstanceNo"]
        await caller.get(INTERRUPT, serverInstanceNo=number, regionCode=simulator.region)
        items = await activities(caller, size=1000)
    assert items[0]["nrn"].startswith(f"nrn:{letters}:VPCServer:{simulator.region}:")


# Who is let in, and what is counted.


def raw(simulator: Simulator, host: str, target: str, headers: dict[str, str], method: str) -> int:
    url = urlsplit(simulator.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port or 0, timeout=20)
    connection.request(method, target, headers={"Host": host, **headers})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1", ""])
async def test_another_name_than_this_machines_is_not_answered(caller: Caller, simulator: Simulator, host: str) -> None:

    target = f"/vserver/v2/{INTERRUPT}?serverInstanceNo={(await caller.servers())[0]['serverInstanceNo']}"
    signed = caller.headers("GET", target)
    assert await asyncio.to_thread(raw, simulator, host, target, signed, "GET") == 421
    assert await asyncio.to_thread(raw, simulator, host, "/simulator/counts", {}, "GET") == 421
    assert simulator.counts()["interrupts"] == 0
    for name in ("127.0.0.1", "localhost", "LOCALHOST:80", "[::1]:1"):
        assert await asyncio.to_thread(raw, simulator, name, "/simulator/counts", {}, "GET") == 200


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
async def test_only_what_is_signed_counts_as_an_interrupt(simulator: Simulator, clock: Clock, method: str) -> None:
    target = f"/vserver/v2/{INTERRUPT}?serverInstanceNo=1"
    async with Caller(simulator, clock=clock) as caller:
        await caller.client.request(method, target)
        headers = caller.headers("PATCH", target)
        await caller.client.request(method, target, headers=headers)
        stranger = Caller(simulator, accounts.ACCESS_KEY, "wrong", clock=clock)
        await caller.client.request(method, target, headers=stranger.headers(method, target))
    await stranger.client.aclose()
    assert simulator.counts()["interrupts"] == 0
    assert simulator.counts()["by_server"] == {}


@pytest.mark.parametrize("fault", ["hang", "error-503", "answer-reset", "clock-skew=11"])
async def test_a_signed_one_counts_whatever_becomes_of_it(fault: str) -> None:
    async with Simulator(faults=[f"interrupt:{fault}"]) as simulator, Caller(simulator) as caller:
        caller.client.timeout = 1
        with contextlib.suppress(Exception):
            await caller.interrupt("1")
        assert simulator.counts()["interrupts"] == 1
