"""The official Python SDK works against the simulator as it does against the gateway."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.threaded import ThreadedSimulator, running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def simulator() -> Iterator[ThreadedSimulator]:
    """300 servers, in a thread."""
    with running_simulator(servers=300) as running:
        yield running


@pytest.fixture
def sdk(simulator: ThreadedSimulator) -> Iterator[Any]:
    """The SDK's API object for the simulator's manager."""
    with warnings.catch_warnings():
        # Its source has escape sequences that Python warns of while compiling.
        warnings.simplefilter("ignore")
        import ncloud_vserver
        from ncloud_vserver.api.v2_api import V2Api
    configuration = ncloud_vserver.Configuration()
    configuration.host = f"{simulator.url}/vserver/v2"
    configuration.access_key = simulator.access_key
    configuration.secret_key = simulator.secret_key
    client = ncloud_vserver.ApiClient(configuration)
    yield V2Api(client)
    client.rest_client.pool_manager.clear()


def interrupt(sdk: Any, number: str) -> Any:
    """The SDK has no method for it: the generic call, as it is used for such operations."""
    return sdk.api_client.call_api(
        "/interruptServerInstance",
        "POST",
        query_params=[("responseFormatType", "json")],
        header_params={"Content-Type": "application/x-www-form-urlencoded"},
        body={"regionCode": "KR", "serverInstanceNo": number},
        response_type="object",
        auth_settings=["x-ncp-iam"],
    )


def test_it_lists_regions(sdk: Any) -> None:
    from ncloud_vserver.model import GetRegionListRequest

    answered = sdk.get_region_list(GetRegionListRequest())
    assert [region.region_code for region in answered.region_list] == ["KR", "SGN", "JPN"]
    assert answered.return_code == "0"


def test_it_pages_through_servers(sdk: Any) -> None:
    from ncloud_vserver.model import GetServerInstanceListRequest

    found = []
    for page in range(1, 5):
        request = GetServerInstanceListRequest(region_code="KR", page_no=page, page_size=100)
        answered = sdk.get_server_instance_list(request)
        assert answered.total_rows == 300
        found += [server.server_instance_no for server in answered.server_instance_list]
    assert found == [str(142_300_000 + n) for n in range(1, 301)]


def test_it_filters_by_number_and_by_a_korean_name(sdk: Any) -> None:
    from ncloud_vserver.model import GetServerInstanceListRequest

    request = GetServerInstanceListRequest(
        region_code="KR",
        page_no=1,
        page_size=10,
        server_name="결제-00031",
        server_instance_no_list=["142300031", "142300012"],
    )
    answered = sdk.get_server_instance_list(request)
    assert [server.server_instance_no for server in answered.server_instance_list] == ["142300031"]
    assert answered.server_instance_list[0].platform_type.code == "WND64"


def test_it_reads_one_server_and_knows_no_other(sdk: Any) -> None:
    from ncloud_vserver.model import GetServerInstanceDetailRequest

    listed = sdk.get_server_instance_detail(GetServerInstanceDetailRequest(server_instance_no="142300012"))
    (server,) = listed.server_instance_list
    assert (server.server_instance_no, server.server_name, server.zone_code) == ("142300012", "web-00012", "KR-1")
    assert (server.platform_type.code, server.server_instance_status.code) == ("WND64", "RUN")
    nobody = sdk.get_server_instance_detail(GetServerInstanceDetailRequest(server_instance_no="142309999"))
    assert (nobody.server_instance_list, nobody.return_code) == ([], "0")


def test_it_lists_network_interfaces_with_their_addresses(sdk: Any) -> None:
    from ncloud_vserver.model import GetNetworkInterfaceListRequest

    request = GetNetworkInterfaceListRequest(region_code="KR", page_no=1, page_size=50)
    answered = sdk.get_network_interface_list(request)
    assert answered.total_rows > 300
    assert len(answered.network_interface_list) == 50
    of_one = [one for one in answered.network_interface_list if one.instance_no == "142300012"]
    assert [(one.ip, one.device_name, one.is_default) for one in of_one] == [("10.0.0.13", "eth0", True)]


def test_it_interrupts_one(sdk: Any, simulator: ThreadedSimulator) -> None:
    content, status, _ = interrupt(sdk, "142300012")
    assert (status, content["returnCode"]) == (200, "0")
    assert content["serverInstanceList"][0]["serverInstanceNo"] == "142300012"
    received = simulator.interrupt_received(10)
    assert (received.server_no, received.accepted, received.method) == ("142300012", True, "POST")
    assert simulator.counts()["by_server"] == {"142300012": 1}


def test_a_wrong_secret_is_refused(sdk: Any, simulator: ThreadedSimulator) -> None:
    from ncloud_vserver.rest import ApiException

    sdk.api_client.configuration.secret_key = simulator.secret_key[:-1] + "x"
    with pytest.raises(ApiException) as refused:
        interrupt(sdk, "142300012")
    assert refused.value.status == 401
    assert simulator.interrupts == []
