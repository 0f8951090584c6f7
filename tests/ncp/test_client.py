"""The client against real sockets: forms, pages, patience, limits, and sentences for everything else."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from ncpconsole.ncp import errors
from ncpconsole.ncp import reads as reader
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.models import Activity, NetworkInterface, Region, Server
from ncpconsole.ncp.results import Outcome
from ncpconsole.ncp.signing import fingerprint, sign
from tests.ncp.raw_gateway import (
    ACCESS_KEY,
    SECRET_KEY,
    TARGET,
    Behaviour,
    RawGateway,
    Received,
    answering,
    descriptors,
    forever,
    http,
    reset,
    success,
    tunnelling,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ncpconsole.ncp.signing import Credentials
    from tests.ncp.conftest import Authority

OPERATION = b'{"error":{"errorCode":"420","message":"Rate"}}'


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back off for milliseconds instead of seconds."""
    monkeypatch.setattr(reader, "WAIT_INITIAL", 0.001)
    monkeypatch.setattr(reader, "WAIT_MAX", 0.002)
    monkeypatch.setattr(reader, "JITTER", 0.0)


def listing(action: str, name: str, records: list[Any], total: int | None = None, code: object = "0") -> bytes:
    inner = {
        "totalRows": len(records) if total is None else total,
        name: records,
        "returnCode": code,
        "returnMessage": "m",
    }
    return http(200, json.dumps({f"{action}Response": inner}).encode())


SERVERS = ("getServerInstanceList", "serverInstanceList")
DETAIL = ("getServerInstanceDetail", "serverInstanceList")
ONE = listing(*DETAIL, [{"serverInstanceNo": TARGET, "serverName": "웹", "new": {"x": 1}}])


def routed(route: Callable[[Received], bytes]) -> Behaviour:
    """Answers every request by what it asks."""

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(route(await gateway.read_request(reader)))
            await writer.drain()

    return behave


class Opened:
    """A client and its gateway, both closed at the end."""

    def __init__(self, behave: Behaviour, credentials: Credentials, **options: Any) -> None:
        self.gateway = RawGateway(behave)
        self.options = options
        self.credentials = credentials

    async def __aenter__(self) -> tuple[Client, RawGateway]:
        await self.gateway.__aenter__()
        self.client = Client(self.gateway.url, self.credentials, **self.options)
        return self.client, self.gateway

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.gateway.__aexit__()


def form(received: Received) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(received.body.decode("ascii"), keep_blank_values=True).items()}


async def test_a_read_is_a_signed_form(credentials: Credentials) -> None:
    async with Opened(answering(listing(*SERVERS, [])), credentials) as (client, gateway):
        assert await client.servers("KR", server_name="웹 서버+1") == []
    (received,) = gateway.requests
    assert (received.method, received.target) == ("POST", "/vserver/v2/getServerInstanceList")
    assert form(received) == {
        "regionCode": "KR",
        "serverName": "웹 서버+1",
        "pageNo": "1",
        "pageSize": "1000",
        "responseFormatType": "json",
    }
    headers = received.headers
    timestamp = headers["x-ncp-apigw-timestamp"]
    assert abs(int(timestamp) / 1000 - time.time()) < 60
    assert headers["x-ncp-iam-access-key"] == ACCESS_KEY
    assert headers["x-ncp-apigw-signature-v2"] == sign("POST", received.target, timestamp, ACCESS_KEY, SECRET_KEY)
    assert headers["accept-encoding"] == "identity"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["user-agent"].startswith("ncpconsole/")


async def test_regions(credentials: Credentials) -> None:
    records = [{"regionCode": "KR", "regionName": "한국"}, {"regionName": "no code"}, {"regionCode": "JPN"}]
    async with Opened(answering(listing("getRegionList", "regionList", records)), credentials) as (client, _):
        assert await client.regions() == [Region("KR", "한국"), Region("JPN")]


async def test_all_pages_of_servers_in_order(credentials: Credentials) -> None:
    fleet = [{"serverInstanceNo": str(number)} for number in range(2345)]

    def page(received: Received) -> bytes:
        start = (int(form(received)["pageNo"]) - 1) * 1000
        return listing(*SERVERS, fleet[start : start + 1000], len(fleet))

    told: list[tuple[int, int]] = []
    async with Opened(routed(page), credentials) as (client, gateway):
        read = await client.servers("KR", progress=lambda done, of: told.append((done, of)))
    assert [server.server_instance_no for server in read] == [str(number) for number in range(2345)]
    assert sorted(form(one)["pageNo"] for one in gateway.requests) == ["1", "2", "3"]
    assert told[-1] == (2345, 2345)


async def test_network_interfaces_of_all_pages(credentials: Credentials) -> None:
    fleet = [{"networkInterfaceNo": str(n), "ip": f"10.0.0.{n % 250}", "instanceNo": str(n)} for n in range(1500)]

    def page(received: Received) -> bytes:
        start = (int(form(received)["pageNo"]) - 1) * 1000
        return listing("getNetworkInterfaceList", "networkInterfaceList", fleet[start : start + 1000], len(fleet))

    async with Opened(routed(page), credentials) as (client, gateway):
        read = await client.network_interfaces("KR")
    assert len(read) == 1500
    assert read[7] == NetworkInterface("7", "10.0.0.7", "", False, "7")
    assert {form(one)["regionCode"] for one in gateway.requests} == {"KR"}


async def test_one_server(credentials: Credentials) -> None:
    async with Opened(answering(ONE), credentials) as (client, gateway):
        assert await client.server("KR", TARGET) == Server(TARGET, "웹")
        assert await client.raw_server("KR", TARGET) == {
            "serverInstanceNo": TARGET,
            "serverName": "웹",
            "new": {"x": 1},
        }
    asked = {"regionCode": "KR", "serverInstanceNo": TARGET, "responseFormatType": "json"}
    assert [form(one) for one in gateway.requests] == [asked, asked]


async def test_an_unknown_number_is_none(credentials: Credentials) -> None:
    async with Opened(answering(listing(*DETAIL, [])), credentials) as (client, _):
        assert await client.server("KR", TARGET) is None
        assert await client.raw_server("KR", TARGET) is None


async def test_another_server_than_the_one_asked_for_is_refused(credentials: Credentials) -> None:
    other = listing(*DETAIL, [{"serverInstanceNo": "30000099"}, {"serverName": "no number"}])
    async with Opened(answering(other), credentials) as (client, _):
        with pytest.raises(errors.UnreadableAnswer, match=TARGET):
            await client.server("KR", TARGET)
        with pytest.raises(errors.UnreadableAnswer, match=TARGET):
            await client.raw_server("KR", TARGET)


async def test_activities_are_asked_for_at_their_own_gateway(credentials: Credentials) -> None:
    pages = [
        http(200, b'{"items":[{"historyId":"a","eventTime":5}],"hasMore":true}'),
        http(200, b'{"items":[{"historyId":"b"}],"hasMore":false}'),
    ]
    async with (
        RawGateway(answering(*pages)) as tracer,
        Opened(answering(ONE), credentials, activity_url=tracer.url) as (client, gateway),
    ):
        read = await client.activities(1000, 2000)
    assert read == [Activity("a", 5), Activity("b")]
    assert gateway.requests == []
    assert [json.loads(one.body) for one in tracer.requests] == [
        {"fromEventTime": 1000, "toEventTime": 2000, "page": page, "size": 100} for page in (0, 1)
    ]
    first = tracer.requests[0]
    assert (first.method, first.target) == ("POST", "/api/v1/activities")
    assert first.headers["content-type"] == "application/json"
    timestamp = first.headers["x-ncp-apigw-timestamp"]
    assert first.headers["x-ncp-apigw-signature-v2"] == sign("POST", first.target, timestamp, ACCESS_KEY, SECRET_KEY)


async def test_an_activity_that_moved_to_the_next_page_is_listed_once(credentials: Credentials) -> None:
    pages = [
        http(200, b'{"items":[{"historyId":"a"},{"historyId":"b"},{}],"hasMore":true}'),
        http(200, b'{"items":[{"historyId":"b"},{"historyId":"c"},{}],"hasMore":false}'),
    ]
    async with (
        RawGateway(answering(*pages)) as tracer,
        Opened(answering(ONE), credentials, activity_url=tracer.url) as (client, _),
    ):
        read = await client.activities(0, 1)
    assert [line.history_id for line in read] == ["a", "b", "", "c", ""]


async def test_a_tracer_that_repeats_a_page_is_refused_at_once(credentials: Credentials) -> None:
    page = http(200, b'{"items":[{"historyId":"a"}],"hasMore":true}')
    async with (
        RawGateway(answering(page)) as tracer,
        Opened(answering(ONE), credentials, activity_url=tracer.url) as (client, _),
    ):
        with pytest.raises(errors.UnreadableAnswer, match="same lines again"):
            await client.activities(0, 1)
    assert len(tracer.requests) == 2


async def test_activities_without_an_end_are_refused_not_cut(credentials: Credentials) -> None:
    endless = [http(200, b'{"items":[{"historyId":"%d"}],"hasMore":true}' % number) for number in range(101)]
    async with (
        RawGateway(answering(*endless)) as tracer,
        Opened(answering(ONE), credentials, activity_url=tracer.url) as (client, _),
    ):
        with pytest.raises(errors.UnreadableAnswer):
            await client.activities(0, 1)
    assert len(tracer.requests) == 100


async def test_a_gateway_without_a_tracer_says_so_without_asking(credentials: Credentials) -> None:
    async with Opened(answering(ONE), credentials) as (client, gateway):
        with pytest.raises(errors.NotAvailable):
            await client.activities(0, 1)
    assert gateway.connections == 0


# Patience.


@pytest.mark.parametrize(
    "first",
    [
        http(429, OPERATION),
        http(503, b'{"error":{"errorCode":"500"}}'),
        http(504, b'{"error":{"errorCode":"510"}}'),
        http(503, b"<html>down</html>"),
        http(400, b'{"responseError":{"returnCode":"1000","returnMessage":"Try again later"}}'),
        http(200, b'{"x', length=500),
    ],
    ids=["429", "503", "504", "503 HTML", "service 1000", "truncated"],
)
async def test_what_may_pass_is_read_again(first: bytes, credentials: Credentials) -> None:
    sent: list[bytes] = []

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        sent.append(first if len(gateway.requests) == 1 else ONE)
        writer.write(sent[-1])
        writer.close()
        await writer.wait_closed()

    async with Opened(behave, credentials) as (client, gateway):
        assert await client.server("KR", TARGET) == Server(TARGET, "웹")
    assert len(gateway.requests) == 2


async def test_a_lost_connection_is_read_again(credentials: Credentials) -> None:
    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        if len(gateway.requests) < 3:
            reset(writer)
        else:
            writer.write(ONE)
            await forever()

    async with Opened(behave, credentials) as (client, gateway):
        assert await client.server("KR", TARGET) is not None
    assert len(gateway.requests) == 3


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(400, b'{"error":{"errorCode":"100"}}'), errors.ApiError),
        (http(401, b'{"error":{"errorCode":"200"}}'), errors.AuthenticationFailed),
        (http(401, b'{"error":{"errorCode":"210"}}'), errors.PermissionDenied),
        (http(404, b'{"error":{"errorCode":"300"}}'), errors.NotFound),
        (http(500, b'{"error":{"errorCode":"900"}}'), errors.GatewayFailure),
        (http(502, b""), errors.GatewayFailure),
        (http(403, b"<html>"), errors.UnreadableAnswer),
        (http(200, b""), errors.UnreadableAnswer),
        (http(200, b"<html>Log in</html>"), errors.UnreadableAnswer),
        (http(200, b'{"x":'), errors.UnreadableAnswer),
        (http(200, gzip.compress(b"{}", mtime=0), "Content-Encoding: gzip"), errors.UnreadableAnswer),
        (listing(*DETAIL, [], code="25013"), errors.ApiError),
        (http(307, b"", "Location: http://127.0.0.1:1/"), errors.UnreadableAnswer),
    ],
)
async def test_what_will_not_pass_is_told_at_once(
    answer: bytes, kind: type[errors.NcpError], credentials: Credentials
) -> None:
    async with Opened(answering(answer), credentials) as (client, gateway):
        with pytest.raises(kind) as caught:
            await client.server("KR", TARGET)
    assert len(gateway.requests) == 1
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


async def test_patience_has_an_end(credentials: Credentials) -> None:
    async with Opened(answering(http(429, OPERATION)), credentials, attempts=3) as (client, gateway):
        with pytest.raises(errors.Throttled) as caught:
            await client.regions()
    assert len(gateway.requests) == 3
    assert caught.value.code == "420"


async def test_retry_after_is_honoured_up_to_a_cap(credentials: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("stamina._core._smart_sleep", sleep)
    answers = [http(429, OPERATION, "Retry-After: 7"), http(503, b"", "Retry-After: 86400"), ONE]
    async with Opened(answering(*answers), credentials) as (client, _):
        assert await client.server("KR", TARGET) is not None
    assert slept == [7.0, reader.RETRY_AFTER_MAX]


async def test_an_untrusted_certificate_is_told_at_once(credentials: Credentials, authority: Authority) -> None:
    # Only what stands before the handshake can count the attempts.
    async with (
        RawGateway(answering(ONE), tls=authority.server) as gateway,
        RawGateway(tunnelling(gateway.port, connect=False)) as counter,
    ):
        client = Client(f"https://localhost:{counter.port}", credentials)
        with pytest.raises(errors.NotReached, match="certificate"):
            await client.regions()
        await client.aclose()
    assert counter.connections == 1


async def test_tls_with_a_trusted_certificate(credentials: Credentials, authority: Authority) -> None:
    async with RawGateway(answering(ONE), tls=authority.server) as gateway:
        client = Client(gateway.url, credentials, ssl_context=authority.client)
        assert await client.server("KR", TARGET) is not None
        await client.aclose()


@pytest.mark.parametrize("stalls", ["before the answer", "within the answer", "drips"])
async def test_no_read_waits_without_end(stalls: str, credentials: Credentials) -> None:
    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        if stalls != "before the answer":
            writer.write(http(200, b"{", length=10_000))
        while stalls == "drips":
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)
        await forever()

    async with Opened(behave, credentials, read_timeout=5, total_timeout=0.3, attempts=1) as (client, _):
        async with asyncio.timeout(30):
            with pytest.raises(errors.NotReached, match="did not answer in time"):
                await client.regions()


async def test_an_answer_without_an_end_is_refused(credentials: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ANSWER", 200_000)

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with Opened(behave, credentials) as (client, gateway):
        with pytest.raises(errors.UnreadableAnswer, match="larger"):
            await client.regions()
    assert len(gateway.requests) == 1


async def test_connections_for_reads_are_kept(credentials: Credentials) -> None:
    async with Opened(answering(ONE), credentials) as (client, gateway):
        for _ in range(5):
            await client.server("KR", TARGET)
    assert (gateway.connections, len(gateway.requests)) == (1, 5)


async def test_a_closed_client_opens_again(credentials: Credentials) -> None:
    async with Opened(answering(ONE), credentials) as (client, gateway):
        await client.server("KR", TARGET)
        await client.aclose()
        await client.server("KR", TARGET)
    assert gateway.connections == 2


async def test_cancelled_reads_leave_no_descriptor(credentials: Credentials) -> None:
    async def stall(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        gateway.arrived.set()
        await reader.read()

    counts: list[int] = []
    async with RawGateway(stall) as gateway:
        client = Client(f"https://localhost:{gateway.port}", credentials)
        for _ in range(4):
            gateway.arrived.clear()
            task = asyncio.create_task(client.regions())
            # The first byte of the handshake has come: the cancellation strikes within it.
            await gateway.arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with asyncio.timeout(20):
                await gateway.idle.wait()
            counts.append(descriptors())
        await client.aclose()
    assert counts[1:] == counts[:1] * 3


# The clock, the key, and what is logged.


async def test_the_clock_is_told_when_it_is_off(credentials: Credentials) -> None:
    date = f"Date: {formatdate(time.time() + 7 * 60 + 5, usegmt=True)}"
    refusal = http(401, b'{"error":{"errorCode":"200","message":"Authentication Failed"}}', date)
    async with Opened(answering(refusal), credentials) as (client, _):
        assert client.clock_offset is None
        with pytest.raises(errors.AuthenticationFailed, match="Your clock is 7 minutes behind") as caught:
            await client.regions()
        assert caught.value.clock_offset is not None
        assert client.clock_offset == pytest.approx(7 * 60, abs=30)


async def test_the_offset_is_known_after_a_success_too(credentials: Credentials) -> None:
    date = f"Date: {formatdate(time.time() - 3600, usegmt=True)}"
    async with Opened(answering(http(200, b'{"getRegionListResponse":{"regionList":[]}}', date)), credentials) as (
        client,
        _,
    ):
        assert await client.regions() == []
        assert client.clock_offset == pytest.approx(-3600, abs=30)


async def test_no_log_of_any_level_holds_a_key_or_a_signature(
    credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "httpcore.proxy", "stamina", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    echo = json.dumps({"error": {"errorCode": "420", "message": f"key {ACCESS_KEY}"}}).encode()

    def route(received: Received) -> bytes:
        # A gateway that repeats what it was sent, in headers and body.
        repeated = [f"X-Echo-{name}: {value}" for name, value in received.headers.items() if name.startswith("x-ncp")]
        return http(429, echo, *repeated)

    async with Opened(routed(route), credentials, attempts=2) as (client, gateway):
        with pytest.raises(errors.Throttled) as caught:
            await client.regions()
        await client.interrupt("KR", TARGET, before_first_byte=lambda: None, deadline=20)
    secrets = {SECRET_KEY, ACCESS_KEY, *(one.headers["x-ncp-apigw-signature-v2"] for one in gateway.requests)}
    assert len(secrets) == 5
    logged = caplog.text + str(caught.value) + repr(caught.value) + caught.value.ncp_message + repr(client)
    assert not [secret for secret in secrets if secret in logged]
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]


async def test_the_client_names_its_key_by_fingerprint(credentials: Credentials) -> None:
    client = Client("https://ncloud.apigw.ntruss.com/vserver/v2", credentials)
    assert client.base_url == "https://ncloud.apigw.ntruss.com"
    assert client.key_fingerprint == fingerprint(ACCESS_KEY)
    await client.aclose()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_clients_interrupt_is_the_one_shot_sender(method: str, credentials: Credentials) -> None:
    calls: list[int] = []
    async with Opened(answering(ONE, http(200, success(TARGET))), credentials, interrupt_method=method) as (
        client,
        gateway,
    ):
        await client.server("KR", TARGET)
        result = await client.interrupt("KR", TARGET, before_first_byte=lambda: calls.append(1), deadline=20)
    assert result.outcome is Outcome.ACCEPTED
    assert calls == [1]
    assert [one.method for one in gateway.requests] == ["POST", method]
    # The read's connection was free, and was not used.
    assert gateway.connections == 2


@pytest.fixture
async def silent_gateway() -> AsyncIterator[RawGateway]:
    """A gateway that takes a request and says nothing."""

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        await forever()

    async with RawGateway(behave) as gateway:
        yield gateway


async def test_reads_that_wait_do_not_hold_up_an_interrupt(
    silent_gateway: RawGateway, credentials: Credentials
) -> None:
    client = Client(silent_gateway.url, credentials)
    reads = [asyncio.create_task(client.server("KR", str(number))) for number in range(20)]
    await silent_gateway.arrived.wait()
    result = await client.interrupt("KR", TARGET, before_first_byte=lambda: None, deadline=0.5)
    assert result.outcome is Outcome.UNKNOWN
    assert [one.target for one in silent_gateway.requests].count("/vserver/v2/interruptServerInstance") == 1
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await client.aclose()


async def test_whose_key_it_is_is_asked_for_at_sts_and_remembered(credentials: Credentials) -> None:
    told = http(200, b'{"id":"mina","loginAlias":"team-alias","userType":"Sub"}')
    async with (
        RawGateway(answering(told)) as sts,
        Opened(answering(ONE), credentials, identity_url=sts.url) as (client, gateway),
    ):
        assert client.caller is None
        assert await client.caller_identity() == CallerIdentity("mina", "team-alias", "Sub") == client.caller
        await client.caller_identity()
    assert gateway.requests == []
    (asked,) = sts.requests
    assert (asked.method, asked.target, asked.body) == ("GET", "/api/v1/caller-identity", b"")
    timestamp = asked.headers["x-ncp-apigw-timestamp"]
    assert asked.headers["x-ncp-apigw-signature-v2"] == sign("GET", asked.target, timestamp, ACCESS_KEY, SECRET_KEY)


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (b'{"id":7,"userType":null}', CallerIdentity("7")),
        (b'{"loginAlias":"' + b"x" * 5000 + b'"}', CallerIdentity("", "x" * 128)),
        (b"{}", None),
        (b"<html>", None),
        (b"[]", None),
    ],
)
async def test_an_identity_of_any_shape(credentials: Credentials, body: bytes, meant: CallerIdentity | None) -> None:
    async with (
        RawGateway(answering(http(200, body))) as sts,
        Opened(answering(ONE), credentials, identity_url=sts.url) as (client, _),
    ):
        if meant is None:
            with pytest.raises(errors.UnreadableAnswer, match="names nobody"):
                await client.caller_identity()
        else:
            assert await client.caller_identity() == meant


async def test_a_gateway_that_is_no_site_has_no_sts(credentials: Credentials) -> None:
    async with Opened(answering(ONE), credentials) as (client, _):
        with pytest.raises(errors.NotAvailable):
            await client.caller_identity()
