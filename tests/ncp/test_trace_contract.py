"""What the sender relies on in the transport, pinned: event names, order, and that raising sends no byte."""

from __future__ import annotations

import asyncio
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ncpconsole.ncp.interrupt import FIRST_BYTE, NO_TIMEOUT, ONE_CONNECTION, TESTED_TRANSPORT
from ncpconsole.ncp.transport import new_client
from tests.ncp.raw_gateway import RawGateway, answering, http, tunnelling

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpcore

    from tests.ncp.conftest import Authority

PLAIN = [
    "connection.connect_tcp.started",
    "connection.connect_tcp.complete",
    "http11.send_request_headers.started",
    "http11.send_request_headers.complete",
    "http11.send_request_body.started",
    "http11.send_request_body.complete",
    "http11.receive_response_headers.started",
    "http11.receive_response_headers.complete",
]


class Recorder:
    """A trace callback that keeps what it is told and may raise."""

    def __init__(self, stop: Callable[[str, Any], bool] = lambda event, request: False) -> None:
        self.events: list[tuple[str, bytes]] = []
        self.stop = stop

    @property
    def names(self) -> list[str]:
        return [name for name, _method in self.events]

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        request = info.get("request")
        self.events.append((event, request.method if request is not None else b""))
        if request is not None and self.stop(event, request):
            raise RuntimeError("stop here")


async def send(url: str, recorder: Recorder, authority: Authority) -> httpx.Response:
    client = new_client(url, timeout=NO_TIMEOUT, limits=ONE_CONNECTION, ssl_context=authority.client)
    request = httpx.Request("POST", f"{url}/p", content=b"a=1", extensions={"trace": recorder.trace})
    async with client:
        return await client.send(request)


def test_the_transport_is_the_pinned_one() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    pinned = [one for one in pyproject["project"]["dependencies"] if one.startswith("httpcore")]
    assert pinned == [f"httpcore=={version('httpcore')}"]
    assert version("httpcore") == TESTED_TRANSPORT


async def test_the_events_of_a_plain_request(authority: Authority) -> None:
    recorder = Recorder()
    async with RawGateway(answering(http(200, b"{}"))) as gateway:
        await send(gateway.url, recorder, authority)
    assert recorder.names[: len(PLAIN)] == PLAIN
    assert FIRST_BYTE in PLAIN


async def test_over_tls_the_handshake_comes_first(authority: Authority) -> None:
    recorder = Recorder()
    async with RawGateway(answering(http(200, b"{}")), tls=authority.server) as gateway:
        await send(gateway.url, recorder, authority)
    assert recorder.names.index("connection.start_tls.complete") < recorder.names.index(FIRST_BYTE)


async def test_through_a_proxy_the_same_event_is_fired_for_connect_too(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    async with (
        RawGateway(answering(http(200, b"{}")), tls=authority.server) as gateway,
        RawGateway(tunnelling(gateway.port)) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        await send("https://gateway.invalid", recorder, authority)
    assert [method for name, method in recorder.events if name == FIRST_BYTE] == [b"CONNECT", b"POST"]
    assert "proxy.start_tls.complete" in recorder.names


@pytest.mark.parametrize("over_tls", [False, True])
async def test_raising_in_the_callback_sends_no_byte(over_tls: bool, authority: Authority) -> None:
    received: list[bytes] = []
    closed = asyncio.Event()

    async def listen(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                received.append(data)
        finally:
            closed.set()

    recorder = Recorder(stop=lambda event, request: event == FIRST_BYTE)
    async with RawGateway(listen, tls=authority.server if over_tls else None) as gateway:
        with pytest.raises(RuntimeError, match="stop here"):
            await send(gateway.url, recorder, authority)
        async with asyncio.timeout(20):
            await closed.wait()
    assert gateway.connections == 1
    assert received == []


async def test_the_callback_is_awaited_before_the_bytes_are_written(authority: Authority) -> None:
    arrived_before_release: list[bool] = []
    async with RawGateway(answering(http(200, b"{}"))) as gateway:

        class Slow(Recorder):
            async def trace(self, event: str, info: dict[str, Any]) -> None:
                if event == FIRST_BYTE:
                    await gateway.connected.wait()
                    for _ in range(50):
                        await asyncio.sleep(0)
                    arrived_before_release.append(gateway.arrived.is_set())
                await super().trace(event, info)

        await send(gateway.url, Slow(), authority)
    assert arrived_before_release == [False]
    assert len(gateway.requests) == 1


async def test_the_request_in_the_event_carries_the_headers_that_will_be_sent(authority: Authority) -> None:
    seen: list[httpcore.Request] = []

    def keep(event: str, request: httpcore.Request) -> bool:
        if event == FIRST_BYTE:
            seen.append(request)
        return False

    async with RawGateway(answering(http(200, b"{}"))) as gateway:
        await send(gateway.url, Recorder(keep), authority)
    sent = {name.decode().lower(): value.decode() for name, value in seen[0].headers}
    assert sent == gateway.requests[0].headers


async def test_a_body_dripped_slowly_never_times_out_by_itself() -> None:
    """Why there is an outer deadline: the client's own time-out starts anew with every byte."""
    pieces = 35

    async def drip(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % pieces)
        for _ in range(pieces):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with RawGateway(drip) as gateway, httpx.AsyncClient(timeout=1.5, trust_env=False) as client:
        response = await client.post(gateway.url)
    assert len(response.content) == pieces


async def test_a_kept_connection_that_was_closed_fails_after_the_request_was_sent() -> None:
    """Why the sender uses a fresh connection: on a kept one, the request may be lost on its way."""

    async def once(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        writer.write(http(200, b"{}"))
        await gateway.read_request(reader)
        writer.close()

    async with RawGateway(once) as gateway, httpx.AsyncClient(trust_env=False) as client:
        await client.post(gateway.url)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post(gateway.url)
    assert (gateway.connections, len(gateway.requests)) == (1, 2)
