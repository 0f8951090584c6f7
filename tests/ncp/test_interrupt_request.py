"""What is sent: exactly what the preview says, signed, and nothing more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import pytest

from ncpconsole.ncp.errors import InvalidBaseUrl, InvalidRequest
from ncpconsole.ncp.interrupt import describe_request, interrupt
from ncpconsole.ncp.results import Outcome, SendProgress
from ncpconsole.ncp.signing import ACCESS_KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Credentials, sign
from tests.ncp.raw_gateway import ACCESS_KEY, SECRET_KEY, TARGET, RawGateway, answering, descriptors, http, success

if TYPE_CHECKING:
    import httpx

PATH = "/vserver/v2/interruptServerInstance"
SIGNING_HEADERS = {TIMESTAMP_HEADER, ACCESS_KEY_HEADER, SIGNATURE_HEADER}
QUERY = f"regionCode=KR&serverInstanceNo={TARGET}&responseFormatType=json"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_preview_is_what_is_sent(method: str, credentials: Credentials) -> None:
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        preview = describe_request(gateway.url, "KR", TARGET, method)
        assert gateway.connections == 0
        result = await interrupt(
            gateway.url, credentials, "KR", TARGET, method=method, before_first_byte=lambda: None, deadline=20
        )
    assert result.outcome is Outcome.ACCEPTED
    (received,) = gateway.requests
    unsigned = {name: value for name, value in received.headers.items() if name not in SIGNING_HEADERS}
    assert dict(preview.headers) == unsigned
    assert preview.method == received.method == method
    assert preview.url == gateway.url + received.target
    assert preview.body == received.body.decode()
    assert received.target == (PATH if method == "POST" else f"{PATH}?{QUERY}")
    assert received.body.decode() == (QUERY if method == "POST" else "")


async def test_another_transport_than_the_tested_one_sends_nothing(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpcore, "__version__", "1.0.10")
    barrier: list[str] = []
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await interrupt(
            gateway.url, credentials, "KR", TARGET, before_first_byte=lambda: barrier.append("passed"), deadline=20
        )
        with pytest.raises(InvalidRequest, match=r"httpcore 1\.0\.9 alone.* here is 1\.0\.10"):
            describe_request(gateway.url, "KR", TARGET)
        assert gateway.connections == 0
    assert result.outcome is Outcome.NOT_SENT
    assert "httpcore 1.0.9" in result.message
    assert "1.0.10" in result.message
    assert barrier == []


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_signature_covers_the_target_as_sent(method: str, credentials: Credentials) -> None:
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        await interrupt(
            gateway.url, credentials, "KR", TARGET, method=method, before_first_byte=lambda: None, deadline=20
        )
    (received,) = gateway.requests
    timestamp = received.headers["x-ncp-apigw-timestamp"]
    expected = sign(method, received.target, timestamp, ACCESS_KEY, SECRET_KEY)
    assert received.headers["x-ncp-apigw-signature-v2"] == expected


def test_the_preview_holds_no_key_and_no_signature() -> None:
    preview = describe_request("https://ncloud.apigw.ntruss.com/", "KR", TARGET)
    assert urlsplit(preview.url).netloc == "ncloud.apigw.ntruss.com"
    assert not [name for name, _ in preview.headers if name.startswith("x-ncp")]
    assert ("accept-encoding", "identity") in preview.headers
    assert ("connection", "close") in preview.headers


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("http://example.com", "KR", TARGET, "POST"), InvalidBaseUrl),
        (("https://example.com", "KR", "", "POST"), InvalidRequest),
        (("https://example.com", "", TARGET, "POST"), InvalidRequest),
        (("https://example.com", "KR", TARGET, "DELETE"), InvalidRequest),
    ],
)
def test_what_cannot_be_sent_is_not_described(arguments: tuple[str, str, str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        describe_request(*arguments)


async def test_the_barrier_runs_with_the_connection_up_and_nothing_sent(credentials: Credentials) -> None:
    seen: list[tuple[int, int]] = []
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        progress = SendProgress()

        def barrier() -> None:
            assert not progress.may_have_been_sent
            seen.append((gateway.connections, len(gateway.requests)))

        await interrupt(
            gateway.url, credentials, "KR", TARGET, before_first_byte=barrier, deadline=20, progress=progress
        )
    assert len(seen) == 1
    assert seen[0][1] == 0
    assert progress.may_have_been_sent


async def test_a_close_that_fails_does_not_lose_the_answer(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[httpx.AsyncClient] = []

    async def fail(one: httpx.AsyncClient) -> None:
        await one.aclose()
        closed.append(one)
        raise KeyError("closing went wrong")

    monkeypatch.setattr("ncpconsole.ncp.interrupt.closed_quietly", fail)
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await interrupt(gateway.url, credentials, "KR", TARGET, before_first_byte=lambda: None, deadline=20)
    assert result.outcome is Outcome.ACCEPTED
    assert len(closed) == 1


async def test_cancelled_sends_leave_no_descriptor(credentials: Credentials) -> None:
    async def stall(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        gateway.arrived.set()
        await reader.read()

    async with RawGateway(stall) as gateway:
        url = f"https://localhost:{gateway.port}"
        # The first send opens what stays open for the whole program.
        counts: list[int] = []
        for _ in range(4):
            gateway.arrived.clear()
            task = asyncio.create_task(
                interrupt(url, credentials, "KR", TARGET, before_first_byte=lambda: None, deadline=20)
            )
            # The first byte of the handshake has come: the cancellation strikes within it.
            await gateway.arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with asyncio.timeout(20):
                await gateway.idle.wait()
            counts.append(descriptors())
    assert counts[1:] == counts[:1] * 3
