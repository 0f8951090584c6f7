"""List answers: the documented record field by field, and every way in which a record may differ from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.ncp import decode
from ncpconsole.ncp.decode import UNREADABLE_NAME, decode_activities, decode_list, raw_records, tolerant
from ncpconsole.ncp.errors import UnreadableAnswer
from ncpconsole.ncp.models import NO_CODE, Activity, Code, NetworkInterface, Region, Server

DOCUMENTED = (Path(__file__).parent / "data" / "interrupt-response.json").read_bytes()
WRAPPER, NAME = "getServerInstanceListResponse", "serverInstanceList"


def body(*records: object, **around: object) -> bytes:
    inner = {"totalRows": len(records), NAME: list(records), "returnCode": "0", **around}
    return json.dumps({WRAPPER: inner}).encode()


def servers(*records: object, **around: object) -> list[Server]:
    return decode_list(body(*records, **around), WRAPPER, NAME, Server).records


def test_the_documented_record_decodes_field_by_field() -> None:
    listing = decode_list(DOCUMENTED, "interruptServerInstanceResponse", NAME, Server)
    assert (listing.total, listing.return_code, listing.return_message) == (1, "0", "success")
    assert listing.records == [
        Server(
            server_instance_no="*****3161",
            server_name="test-***",
            server_description="",
            cpu_count=2,
            memory_size=8 * 1024**3,
            platform_type=Code("WND64", "Windows 64 Bit"),
            public_ip="211.188.***.***",
            server_instance_status=Code("RUN", "Server RUN status"),
            server_instance_operation=Code("SETUP", "Currently in SETUP status"),
            server_instance_status_name="setting up",
            create_date="2025-06-19T15:45:23+0900",
            uptime="2025-06-19T16:13:43+0900",
            server_image_product_code="SW.VSVR.OS.WND64.WND.SVR2016EN.B100",
            server_image_no="16187006",
            server_spec_code="s2-g2-s100",
            zone_code="KR-1",
            region_code="KR",
            vpc_no="***75",
            subnet_no="****36",
            hypervisor_type=Code("XEN", "XEN"),
            is_protect_server_termination=False,
        )
    ]


def test_the_fast_and_the_tolerant_way_read_the_documented_record_alike() -> None:
    documented = json.loads(DOCUMENTED)["interruptServerInstanceResponse"][NAME][0]
    # One record that is no object sends the whole page the tolerant way.
    fast, tolerant = servers(documented), servers(documented, None)
    assert fast[0] == tolerant[0]


@pytest.mark.parametrize(
    ("record", "read"),
    [
        ({"serverInstanceNo": 30000012, "serverName": 7}, Server("30000012", "7")),
        ({"serverInstanceNo": 30000012.0}, Server("30000012")),
        ({"serverInstanceNo": "1", "cpuCount": "4", "memorySize": "8"}, Server("1", cpu_count=4, memory_size=8)),
        ({"serverInstanceNo": "1", "cpuCount": None, "memorySize": "much"}, Server("1")),
        ({"serverInstanceNo": "1", "cpuCount": -1, "memorySize": True}, Server("1")),
        ({"serverInstanceNo": "1", "publicIp": None, "serverName": None}, Server("1")),
        ({"serverInstanceNo": "1", "serverName": ["a"], "vpcNo": {"a": 1}}, Server("1")),
        ({"serverInstanceNo": "1", "hypervisorType": None}, Server("1", hypervisor_type=NO_CODE)),
        ({"serverInstanceNo": "1", "hypervisorType": "XEN"}, Server("1", hypervisor_type=Code("XEN"))),
        ({"serverInstanceNo": "1", "hypervisorType": {"code": 5}}, Server("1", hypervisor_type=Code("5"))),
        (
            {"serverInstanceNo": "1", "hypervisorType": {"code": "NEW", "codeName": None}},
            Server("1", hypervisor_type=Code("NEW")),
        ),
        (
            {"serverInstanceNo": "1", "isProtectServerTermination": "true"},
            Server("1", is_protect_server_termination=True),
        ),
        ({"serverInstanceNo": "1", "isProtectServerTermination": "false", "cpuCount": "x"}, Server("1")),
        ({"serverInstanceNo": "1", "somethingNew": {"deep": [1, 2]}}, Server("1")),
        ({"serverInstanceNo": "1"}, Server("1")),
    ],
)
def test_what_differs_becomes_a_tolerant_value(record: dict[str, Any], read: Server) -> None:
    assert servers(record) == [read]
    # A neighbour that is as documented is not touched by it.
    assert servers({"serverInstanceNo": "9", "serverName": "웹"}, record) == [Server("9", "웹"), read]


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"serverName": "lost"}, "lost"),
        ({"serverInstanceNo": None, "serverName": "lost"}, "lost"),
        ({"serverInstanceNo": "", "serverName": "lost"}, "lost"),
        ({"serverInstanceNo": ["1"], "serverName": "lost"}, "lost"),
        ({}, ""),
        (None, UNREADABLE_NAME),
        ("web-01", UNREADABLE_NAME),
        ([], UNREADABLE_NAME),
    ],
)
def test_a_record_without_a_number_stays_visible(record: object, name: str) -> None:
    assert servers({"serverInstanceNo": "9"}, record) == [Server("9"), Server("", name)]


def test_an_odd_record_costs_its_neighbours_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [{"serverInstanceNo": str(n), "hypervisorType": {"code": "XEN"}} for n in range(5)]
    read_field_by_field: list[object] = []

    def noted(kind: type[Server], value: object) -> Server:
        read_field_by_field.append(value)
        return tolerant(kind, value)

    monkeypatch.setattr(decode, "tolerant", noted)
    odd = {"serverInstanceNo": "7", "hypervisorType": None, "cpuCount": "4"}
    found = servers(*plain, odd, *plain)
    assert read_field_by_field == [odd]
    assert found[5] == Server("7", cpu_count=4)
    assert found[:5] == found[6:] == [Server(str(n), hypervisor_type=Code("XEN")) for n in range(5)]


@pytest.mark.parametrize(
    ("around", "total"),
    [({"totalRows": "128"}, 128), ({"totalRows": None}, None), ({"totalRows": -1}, None), ({"totalRows": 3.0}, 3)],
)
def test_the_total_is_read_when_it_can_be(around: dict[str, Any], total: int | None) -> None:
    assert decode_list(body({"serverInstanceNo": "1"}, **around), WRAPPER, NAME, Server).total == total


@pytest.mark.parametrize(("code", "read"), [(0, "0"), ("0", "0"), (25013, "25013"), ("800", "800"), (None, "0")])
def test_the_return_code_is_read_as_text(code: object, read: str) -> None:
    assert decode_list(body(returnCode=code), WRAPPER, NAME, Server).return_code == read


@pytest.mark.parametrize("code", [0.0, -0.0, " 0", "0.0", "00", "<b>0</b>", "０", False, [0], {"code": "0"}])
def test_a_code_that_only_reads_like_zero_is_none(code: object) -> None:
    answer = json.dumps({WRAPPER: {NAME: [], "returnCode": code}}).encode()
    assert decode_list(answer, WRAPPER, NAME, Server).return_code != "0"


@pytest.mark.parametrize("listed", [None, ""])
def test_no_list_where_there_are_no_rows_is_an_empty_list(listed: object) -> None:
    assert servers(**{NAME: listed, "totalRows": 0}) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"  \n",
        b"<html><body>Log in</body></html>",
        b"not json",
        b"[]",
        b"null",
        body()[:-1],
        json.dumps({WRAPPER: None}).encode(),
        json.dumps({WRAPPER: {"totalRows": 1}}).encode(),
        json.dumps({WRAPPER: {NAME: None, "totalRows": 5}}).encode(),
        json.dumps({WRAPPER: {NAME: "x", "totalRows": 0}}).encode(),
        json.dumps({"getZoneListResponse": {"zoneList": []}}).encode(),
        b"{" * 100_000,
    ],
)
def test_what_is_no_list_is_said_in_a_sentence(answer: bytes) -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        decode_list(answer, WRAPPER, NAME, Server)
    assert str(caught.value).endswith(".")


def test_xml_reads_like_json() -> None:
    xml = (
        "<?xml version='1.0' encoding='UTF-8'?><getServerInstanceListResponse><totalRows>2</totalRows>"
        "<serverInstanceList><serverInstance><serverInstanceNo>30000012</serverInstanceNo><serverName>웹</serverName>"
        "<cpuCount>2</cpuCount><hypervisorType><code>XEN</code><codeName>XEN</codeName></hypervisorType>"
        "<isProtectServerTermination>true</isProtectServerTermination></serverInstance>"
        "<serverInstance><serverInstanceNo>30000013</serverInstanceNo></serverInstance></serverInstanceList>"
        "<returnCode>0</returnCode></getServerInstanceListResponse>"
    )
    listing = decode_list(xml.encode(), WRAPPER, NAME, Server)
    first = Server(
        "30000012", "웹", cpu_count=2, hypervisor_type=Code("XEN", "XEN"), is_protect_server_termination=True
    )
    assert (listing.records, listing.total) == ([first, Server("30000013")], 2)


def test_one_broken_name_does_not_hide_the_list() -> None:
    answer = body({"serverInstanceNo": "1", "serverName": "웹"}).replace(b"\\uc6f9", b"\\ud800")
    assert decode_list(answer, WRAPPER, NAME, Server).records == [Server("1", "\ufffd")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["serverInstanceNo", "cpuCount", "hypervisorType", "code"]), inner)
        ),
    )
)
def test_no_record_raises_and_none_is_lost(record: object) -> None:
    assert len(servers(record, {"serverInstanceNo": "9"})) == 2


def test_the_other_records() -> None:
    one = {"networkInterfaceNo": 25, "ip": "10.0.0.6", "isDefault": True, "instanceNo": 3161}
    interfaces = json.dumps({"r": {"networkInterfaceList": [one]}}).encode()
    read = decode_list(interfaces, "r", "networkInterfaceList", NetworkInterface).records
    assert read == [NetworkInterface("25", "10.0.0.6", "", True, "3161")]
    listed = [{"regionCode": "KR", "regionName": "한국"}, {"regionName": "x"}]
    regions = json.dumps({"r": {"regionList": listed}}).encode()
    assert decode_list(regions, "r", "regionList", Region).records == [Region("KR", "한국"), Region("", "x")]


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        (["10.0.9.8", "10.0.9.9"], ("10.0.9.8", "10.0.9.9")),
        ([], ()),
        (None, ()),
        ("10.0.9.8", ("10.0.9.8",)),
        ([7, {"ip": "10.0.9.8"}], ("7", '{"ip":"10.0.9.8"}')),
    ],
)
def test_lists_of_texts_lose_nothing(listed: object, read: tuple[str, ...]) -> None:
    record = {"networkInterfaceNo": "25", "macAddress": "fa:16:3e:00:00:01", "secondaryIpList": listed}
    answer = json.dumps({"r": {"networkInterfaceList": [record]}}).encode()
    (interface,) = decode_list(answer, "r", "networkInterfaceList", NetworkInterface).records
    assert (interface.mac_address, interface.secondary_ip_list) == ("fa:16:3e:00:00:01", read)


@pytest.mark.parametrize(("said", "read"), [(True, True), (False, False), ("true", True), (None, False)])
def test_whether_an_interface_logs_its_traffic(said: object, read: bool) -> None:
    answer = json.dumps({"r": {"networkInterfaceList": [{"networkInterfaceNo": "25", "enableFlowLog": said}]}}).encode()
    (interface,) = decode_list(answer, "r", "networkInterfaceList", NetworkInterface).records
    assert interface.enable_flow_log is read


def test_raw_records_keep_every_field() -> None:
    record = {"serverInstanceNo": 1, "somethingNew": {"deep": [None, 1.5]}}
    assert raw_records(body(record, None), WRAPPER, NAME) == [record]
    assert raw_records(b'{"x":1}', WRAPPER, NAME) == []


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        (b'{"items":[],"hasMore":false}', ([], False)),
        (
            b'{"items":[{"historyId":"h","eventTime":1700000000000,"actionDisplayName":"x"}],"hasMore":true}',
            ([Activity("h", 1_700_000_000_000, action_display_name="x")], True),
        ),
        (
            b'{"items":[{"historyId":7,"eventTime":"1700000000000","sourceIp":null},null],"hasMore":"true"}',
            ([Activity("7", 1_700_000_000_000), Activity()], True),
        ),
    ],
)
def test_activities(answer: bytes, read: tuple[list[Activity], bool]) -> None:
    assert decode_activities(answer) == read


@pytest.mark.parametrize("answer", [b"", b"{}", b"<html/>", b'{"items":null}', b"[" * 100_000])
def test_what_holds_no_activities_is_said(answer: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        decode_activities(answer)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('["host maintenance", ""]', ("host maintenance", "")),
        ("[]", ()),
        ("null", ()),
        ('"moved"', ("moved",)),
        ('[{"event": "moved"}, 3]', ('{"event":"moved"}', "3")),
    ],
)
def test_events_are_kept_as_texts_whatever_they_are(sent: str, read: tuple[str, ...]) -> None:
    body = (
        '{"getServerInstanceListResponse": {"totalRows": 1, "returnCode": "0", "serverInstanceList": '
        f'[{{"serverInstanceNo": "1", "serverName": "web-1", "eventList": {sent}}}]}}}}'
    ).encode()
    (record,) = decode_list(body, "getServerInstanceListResponse", "serverInstanceList", Server).records
    assert (record.server_name, record.event_list) == ("web-1", read)
