"""The one proxy that counts for an address; what is set for others, or cannot be read, costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.client import Client
from ncpconsole.ncp.errors import NotReached, ProxyUnusable
from ncpconsole.ncp.interrupt import interrupt
from ncpconsole.ncp.proxies import proxy_for
from ncpconsole.ncp.results import Outcome
from tests.ncp.raw_gateway import TARGET, RawGateway, answering, http, success, tunnelling

if TYPE_CHECKING:
    from ncpconsole.ncp.signing import Credentials
    from tests.ncp.conftest import Authority

GATEWAY = "https://gateway.invalid"
REGIONS = http(200, b'{"getRegionListResponse":{"returnCode":"0","totalRows":0,"regionList":[]}}')
UNUSED = {
    "an IPv6 range in NO_PROXY": {"NO_PROXY": "fd00::/8,10.0.0.0/8,[::1],::1"},
    "a bracket in NO_PROXY": {"NO_PROXY": "[::1"},
    "SOCKS for all others": {"ALL_PROXY": "socks5://127.0.0.1:1"},
    "a malformed one for http": {"HTTP_PROXY": "http://u:p@[::1"},
    "another scheme for all others": {"ALL_PROXY": "ftp://127.0.0.1:1"},
}


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("unused", UNUSED.values(), ids=UNUSED)
async def test_an_entry_that_does_not_apply_costs_nothing(
    unused: dict[str, str], credentials: Credentials, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads and the interrupt go through the proxy that is set for https."""
    for name, value in unused.items():
        monkeypatch.setenv(name, value)
    async with (
        RawGateway(answering(REGIONS), tls=authority.server) as reading,
        RawGateway(answering(http(200, success(TARGET))), tls=authority.server) as sending,
        RawGateway(tunnelling(reading.port)) as to_reading,
        RawGateway(tunnelling(sending.port)) as to_sending,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{to_reading.port}")
        client = Client(GATEWAY, credentials, ssl_context=authority.client, attempts=1)
        assert await client.regions() == []
        await client.aclose()
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{to_sending.port}")
        result = await interrupt(
            GATEWAY,
            credentials,
            "KR",
            TARGET,
            before_first_byte=lambda: None,
            deadline=20,
            ssl_context=authority.client,
        )
    assert result.outcome is Outcome.ACCEPTED
    assert [len(proxy.requests) for proxy in (to_reading, to_sending)] == [1, 1]


@pytest.mark.parametrize(
    ("variable", "address", "words"),
    [
        ("HTTPS_PROXY", "http://u:secret-word@[::1", "malformed"),
        ("https_proxy", "http://u:secret-word@127.0.0.1:x", "malformed"),
        ("ALL_PROXY", "http://u:secret-word@:3128", "malformed"),
        ("ALL_PROXY", "http://u:secret-word@[fe80::1%eth0]:99999", "malformed"),
        ("ALL_PROXY", "http://u:secret-word@℀.example:1", "malformed"),
        ("ALL_PROXY", "socks5://u:secret-word@127.0.0.1:1", "SOCKS"),
        ("HTTPS_PROXY", "ftp://u:secret-word@127.0.0.1:1", "unknown scheme"),
        ("HTTPS_PROXY", "://u:secret-word@127.0.0.1", "malformed"),
    ],
)
async def test_a_refusal_names_its_variable_and_not_its_password(
    variable: str, address: str, words: str, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(ProxyUnusable, match=words) as refused:
        proxy_for(GATEWAY)
    client = Client(GATEWAY, credentials)
    with pytest.raises(NotReached, match=words) as read:
        await client.regions()
    result = await interrupt(GATEWAY, credentials, "KR", TARGET, before_first_byte=lambda: None, deadline=20)
    assert result.outcome is Outcome.NOT_SENT
    for said in (str(refused.value), str(read.value), result.message):
        assert variable in said
        assert "secret-word" not in said
    assert "secret-word" not in repr(refused.value.__cause__)


@pytest.mark.parametrize(
    ("gateway", "no_proxy", "is_used"),
    [
        (GATEWAY, "", True),
        (GATEWAY, "*", False),
        (GATEWAY, "gateway.invalid", False),
        (GATEWAY, ".invalid", False),
        (GATEWAY, "gateway.invalid:443", False),
        (GATEWAY, "way.invalid", True),
        (GATEWAY, "fd00::/8, invalid ", False),
        ("https://10.1.2.3", "10.0.0.0/8", False),
        ("https://10.1.2.3", "10.2.0.0/16", True),
        ("https://[fd00::7]", "fd00::/8", False),
        ("https://[fd00::7]", "[fd00::7]", False),
        ("https://localhost:1", "", False),
        ("https://127.0.0.7", "", False),
        ("https://[::1]", "", False),
    ],
)
def test_what_is_excepted_is_reached_directly(
    gateway: str, no_proxy: str, is_used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://someone:secret-word@proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    found = proxy_for(gateway)
    assert (found is not None) is is_used
    assert found is None or (found.host, found.variable) == ("proxy.invalid", "HTTPS_PROXY")
    assert "secret-word" not in repr(found)


def test_the_variable_for_the_scheme_comes_before_the_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://all.invalid")
    found = proxy_for(GATEWAY)
    assert found is not None
    assert (found.host, found.variable) == ("all.invalid", "ALL_PROXY")
    monkeypatch.setenv("https_proxy", "https://own.invalid")
    found = proxy_for(GATEWAY)
    assert found is not None
    assert (found.host, found.variable) == ("own.invalid", "https_proxy")
