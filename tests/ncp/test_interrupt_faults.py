"""The fault table holds: for each fault the true outcome, and never more than one request."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.interrupt import interrupt
from ncpconsole.ncp.results import Outcome, SendProgress
from tests.ncp.faults import ALL, Fault, endless_body, never_answer, says
from tests.ncp.raw_gateway import (
    ACCESS_KEY,
    SECRET_KEY,
    TARGET,
    Behaviour,
    RawGateway,
    answering,
    forever,
    http,
    success,
    tunnelling,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from ncpconsole.ncp.results import SendResult
    from ncpconsole.ncp.signing import Credentials
    from tests.ncp.conftest import Authority

SHORT = 0.3
"""Seconds for a send that cannot get anywhere."""
ENOUGH = 2.0
"""Seconds for a send that must reach the gateway first, also on a busy machine."""
LONG = 20.0


class Barrier:
    """Counts how often the sender announced the first byte."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self.error = error

    def __call__(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error


async def send(
    url: str,
    credentials: Credentials,
    barrier: Barrier,
    *,
    method: str = "POST",
    deadline: float = LONG,
    ssl_context: ssl.SSLContext | None = None,
    progress: SendProgress | None = None,
) -> SendResult:
    """One interrupt of the test's server; the guard catches a sender that forgets its deadline."""
    async with asyncio.timeout(deadline + 30):
        return await interrupt(
            url,
            credentials,
            "KR",
            TARGET,
            method=method,
            before_first_byte=barrier,
            deadline=deadline,
            ssl_context=ssl_context,
            progress=progress,
        )


def check_told(result: SendResult) -> None:
    """The operator gets one line that says something, and no key."""
    assert result.message
    assert "\n" not in result.message
    assert ACCESS_KEY not in repr(result)
    assert SECRET_KEY not in repr(result)


def needs_waiting(fault: Fault) -> bool:
    return fault.outcome is Outcome.UNKNOWN and any(
        word in fault.name for word in ("stalled", "dripped", "forever", "no answer", "nothing is read", "101")
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
async def test_fault_has_its_outcome(fault: Fault, credentials: Credentials) -> None:
    await asyncio.gather(*(check_fault(fault, method, credentials) for method in ("POST", "GET")))


async def check_fault(fault: Fault, method: str, credentials: Credentials) -> None:
    barrier, progress = Barrier(), SendProgress()
    async with RawGateway(fault.behave) as gateway:
        result = await send(
            gateway.url,
            credentials,
            barrier,
            method=method,
            deadline=ENOUGH if needs_waiting(fault) else LONG,
            progress=progress,
        )
    assert result.outcome is fault.outcome, result
    assert len(gateway.requests) == fault.requests
    assert gateway.connections == 1
    assert barrier.calls == 1
    assert progress.may_have_been_sent
    assert result.method == method
    if fault.status is not None:
        assert (result.http_status, result.return_code) == (fault.status, fault.code)
    check_told(result)


async def test_an_answer_without_an_end_is_read_for_1_mib_and_no_more(credentials: Credentials) -> None:
    async with RawGateway(endless_body) as gateway:
        result = await send(gateway.url, credentials, Barrier())
    assert result.outcome is Outcome.UNKNOWN
    assert "larger than 1 MiB" in result.message


def test_the_table_covers_every_outcome_but_not_sent() -> None:
    assert {fault.outcome for fault in ALL} == set(Outcome) - {Outcome.NOT_SENT}
    assert len({fault.name for fault in ALL}) == len(ALL)


# Faults before a request can leave: nothing was sent, and the barrier was never asked.


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port that refuses connections: it is taken, so that nobody else listens there meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue of connections is full, so that the kernel drops every further SYN."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


async def check_not_sent(
    url: str,
    credentials: Credentials,
    *,
    deadline: float = LONG,
    ssl_context: ssl.SSLContext | None = None,
    says: str = "",
) -> None:
    barrier, progress = Barrier(), SendProgress()
    result = await send(url, credentials, barrier, deadline=deadline, ssl_context=ssl_context, progress=progress)
    assert result.outcome is Outcome.NOT_SENT, result
    assert barrier.calls == 0
    assert not progress.may_have_been_sent
    assert says in result.message, result.message
    check_told(result)


async def test_refused_is_not_sent(credentials: Credentials, refusing_port: int) -> None:
    await check_not_sent(f"http://127.0.0.1:{refusing_port}", credentials, says="was refused")


async def test_a_name_that_does_not_resolve_is_not_sent(credentials: Credentials) -> None:
    await check_not_sent("https://gateway.invalid", credentials, says="cannot be resolved")


async def test_a_syn_black_hole_is_not_sent(credentials: Credentials) -> None:
    with black_hole() as port:
        await check_not_sent(
            f"http://127.0.0.1:{port}", credentials, deadline=SHORT, says="No connection could be made"
        )


async def test_a_tls_stall_is_not_sent(credentials: Credentials) -> None:
    async def stall(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forever()

    async with RawGateway(stall) as gateway:
        url = f"https://localhost:{gateway.port}"
        await check_not_sent(url, credentials, deadline=ENOUGH, says="No connection could be made")
    assert gateway.connections == 1


async def test_an_untrusted_certificate_is_not_sent(credentials: Credentials, authority: Authority) -> None:
    async with RawGateway(answering(http(200, success(TARGET))), tls=authority.server) as gateway:
        await check_not_sent(gateway.url, credentials, says="certificate")
    assert gateway.requests == []


async def test_a_certificate_for_another_host_is_not_sent(credentials: Credentials, authority: Authority) -> None:
    script = answering(http(200, success(TARGET)))
    async with RawGateway(script, tls=authority.server, host="127.0.0.2") as gateway:
        url = f"https://127.0.0.2:{gateway.port}"
        await check_not_sent(url, credentials, ssl_context=authority.client, says="certificate")
    assert gateway.requests == []


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail.example ESMTP\r\n", b"\x00" * 64, b""],
    ids=["http", "smtp", "zeros", "nothing"],
)
async def test_a_plain_server_on_a_tls_address_is_not_sent(greeting: bytes, credentials: Credentials) -> None:
    async def plain(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        writer.close()
        await writer.wait_closed()

    async with RawGateway(plain) as gateway:
        await check_not_sent(f"https://localhost:{gateway.port}", credentials)
    assert gateway.requests == []


async def test_a_tls_server_on_a_plain_address_is_unknown(credentials: Credentials, authority: Authority) -> None:
    barrier = Barrier()
    async with RawGateway(answering(http(200, success(TARGET))), tls=authority.server) as gateway:
        result = await send(f"http://localhost:{gateway.port}", credentials, barrier, deadline=5)
    assert result.outcome is Outcome.UNKNOWN
    assert gateway.requests == []
    assert barrier.calls == 1


# Proxies: CONNECT is not the request. The gateway's name resolves nowhere, so what arrives came by the proxy.


def proxy_says(answer: bytes) -> Behaviour:
    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return behave


PROXY_FAULTS = {
    "refuses with 403": (proxy_says(http(403, b"no")), "proxy"),
    "wants a password": (proxy_says(http(407, b"", "Proxy-Authenticate: Basic")), "proxy"),
    "cannot reach the gateway": (proxy_says(http(502, b"")), "proxy"),
    "redirects": (proxy_says(http(302, b"", "Location: http://127.0.0.1:1/")), "proxy"),
    "closes on CONNECT": (proxy_says(b""), "closed the connection"),
    "speaks garbage": (proxy_says(b"\x00\xff\r\n\r\n"), "did not speak HTTP"),
    "answers half a status line": (proxy_says(b"HTTP/1.1 2"), ""),
    "closes the tunnel": (proxy_says(b"HTTP/1.1 200 OK\r\n\r\n"), ""),
    "speaks garbage in the tunnel": (proxy_says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 99), ""),
    "hangs on CONNECT": (never_answer, "No connection could be made"),
    "hangs in the tunnel": (says(b"HTTP/1.1 200 OK\r\n\r\n", then="stall"), "No connection could be made"),
}


@pytest.mark.parametrize("name", PROXY_FAULTS)
async def test_a_proxy_that_fails_is_not_sent(
    name: str, credentials: Credentials, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    behave, words = PROXY_FAULTS[name]
    async with RawGateway(behave) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{proxy.port}")
        await check_not_sent(
            "https://gateway.invalid",
            credentials,
            deadline=ENOUGH if "hangs" in name else LONG,
            ssl_context=authority.client,
            says=words,
        )
    assert [received.method for received in proxy.requests] == ["CONNECT"]
    assert not any(name.startswith("x-ncp") for name in proxy.requests[0].headers)


async def test_a_proxy_that_is_not_there_is_not_sent(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch, refusing_port: int
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{refusing_port}")
    await check_not_sent("https://gateway.invalid", credentials, says="proxy")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("socks5://127.0.0.1:1", "SOCKS"),
        ("ftp://127.0.0.1:1", "scheme"),
        ("http://user:pass-word@127.0.0.1:x", "malformed"),
    ],
)
async def test_a_proxy_setting_that_cannot_be_used_is_not_sent(
    address: str, words: str, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    await check_not_sent("https://gateway.invalid", credentials, says=words)


@pytest.mark.parametrize(
    ("behave", "outcome"),
    [
        (answering(http(200, success(TARGET))), Outcome.ACCEPTED),
        (answering(http(401, b'{"error":{"errorCode":"210"}}')), Outcome.REJECTED),
        (says(), Outcome.UNKNOWN),
    ],
    ids=["accepted", "rejected", "answer lost"],
)
async def test_through_a_proxy_the_request_is_told_from_connect(
    behave: Behaviour, outcome: Outcome, credentials: Credentials, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier()
    async with RawGateway(behave, tls=authority.server) as gateway, RawGateway(tunnelling(gateway.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        result = await send("https://gateway.invalid", credentials, barrier, ssl_context=authority.client)
    assert result.outcome is outcome
    assert barrier.calls == 1
    assert len(gateway.requests) == 1
    assert [received.method for received in proxy.requests] == ["CONNECT"]


async def test_loopback_is_never_reached_through_a_proxy(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch, refusing_port: int
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{refusing_port}")
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await send(gateway.url, credentials, Barrier())
    assert result.outcome is Outcome.ACCEPTED


# The barrier, the deadline, and whoever cancels.


@pytest.mark.parametrize("over_tls", [False, True])
async def test_a_barrier_that_raises_sends_nothing(
    over_tls: bool, credentials: Credentials, authority: Authority
) -> None:
    barrier, progress = Barrier(OSError("The journal's disk is full.")), SendProgress()
    async with RawGateway(answering(http(200, success(TARGET))), tls=authority.server if over_tls else None) as gateway:
        result = await send(gateway.url, credentials, barrier, ssl_context=authority.client, progress=progress)
    assert result.outcome is Outcome.NOT_SENT
    assert "The journal's disk is full" in result.message
    assert (barrier.calls, gateway.connections, len(gateway.requests)) == (1, 1, 0)
    assert not progress.may_have_been_sent


async def test_a_barrier_that_returns_too_late_sends_nothing(credentials: Credentials) -> None:
    barrier = Barrier()

    def slow() -> None:
        barrier()
        time.sleep(ENOUGH + 0.1)

    progress = SendProgress()
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await interrupt(
            gateway.url, credentials, "KR", TARGET, before_first_byte=slow, deadline=ENOUGH, progress=progress
        )
    assert result.outcome is Outcome.NOT_SENT
    assert barrier.calls == 1
    assert gateway.requests == []
    assert not progress.may_have_been_sent


@pytest.mark.parametrize("deadline", [0, -1])
async def test_no_time_at_all_sends_nothing(deadline: float, credentials: Credentials) -> None:
    barrier = Barrier()
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await send(gateway.url, credentials, barrier, deadline=deadline)
    assert result.outcome is Outcome.NOT_SENT
    assert (barrier.calls, len(gateway.requests)) == (0, 0)


@pytest.mark.parametrize(("deadline", "words"), [(1, " within 1 second"), (0.5, " within 0.5 seconds")])
async def test_the_time_that_was_waited_is_told(deadline: float, words: str, credentials: Credentials) -> None:
    async def stall(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forever()

    async with RawGateway(stall) as gateway:
        result = await send(f"https://localhost:{gateway.port}", credentials, Barrier(), deadline=deadline)
    assert result.outcome is Outcome.NOT_SENT
    assert re.search(rf"{re.escape(words)}(?!s)", result.message), result.message


async def test_cancelled_while_connecting_is_not_sent(credentials: Credentials) -> None:
    barrier, progress = Barrier(), SendProgress()

    async def stall(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forever()

    async with RawGateway(stall) as gateway:
        url = f"https://localhost:{gateway.port}"
        task = asyncio.create_task(send(url, credentials, barrier, progress=progress))
        await gateway.connected.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert barrier.calls == 0
    assert not progress.may_have_been_sent


async def test_cancelled_while_waiting_is_unknown(credentials: Credentials) -> None:
    barrier, progress = Barrier(), SendProgress()
    async with RawGateway(never_answer) as gateway:
        task = asyncio.create_task(send(gateway.url, credentials, barrier, progress=progress))
        await gateway.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert barrier.calls == 1
    assert len(gateway.requests) == 1
    assert progress.may_have_been_sent


@pytest.mark.parametrize(("deadline", "told"), [(0.2987, "0.3 seconds"), (1.0, "1 second"), (0.04, "0.04 seconds")])
async def test_the_wait_is_told_in_round_numbers(credentials: Credentials, deadline: float, told: str) -> None:
    async with RawGateway(never_answer) as gateway:
        result = await send(gateway.url, credentials, Barrier(), deadline=deadline)
    assert f"within {told}" in result.message


async def test_cancelled_in_the_barrier_is_not_sent(credentials: Credentials) -> None:
    progress = SendProgress()

    def barrier() -> None:
        raise asyncio.CancelledError

    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        with pytest.raises(asyncio.CancelledError):
            await interrupt(
                gateway.url, credentials, "KR", TARGET, before_first_byte=barrier, deadline=LONG, progress=progress
            )
    assert gateway.requests == []
    assert not progress.may_have_been_sent


async def test_no_send_waits_for_the_connection_of_another(credentials: Credentials) -> None:
    """A pool cannot run dry: twelve sends are answered only once all twelve have arrived."""
    everyone = asyncio.Barrier(12)

    async def together(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        await everyone.wait()
        writer.write(http(200, success(TARGET)))
        await writer.drain()

    async with RawGateway(together) as gateway:
        results = await asyncio.gather(*(send(gateway.url, credentials, Barrier()) for _ in range(12)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert (gateway.connections, len(gateway.requests)) == (12, 12)


async def test_a_second_send_never_reuses_a_connection(credentials: Credentials) -> None:
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        for _ in range(3):
            assert (await send(gateway.url, credentials, Barrier())).outcome is Outcome.ACCEPTED
    assert (gateway.connections, len(gateway.requests)) == (3, 3)


async def test_a_redirect_is_not_followed(credentials: Credentials) -> None:
    async with RawGateway(answering(http(200, success(TARGET)))) as elsewhere:
        location = f"Location: {elsewhere.url}/vserver/v2/interruptServerInstance"
        async with RawGateway(answering(http(307, b"", location))) as gateway:
            result = await send(gateway.url, credentials, Barrier())
    assert result.outcome is Outcome.UNKNOWN
    assert (len(gateway.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize(
    ("url", "region", "number", "method"),
    [
        ("http://gateway.invalid", "KR", TARGET, "POST"),
        ("https://user@gateway.invalid", "KR", TARGET, "POST"),
        ("{}", "", TARGET, "POST"),
        ("{}", "KR&x=1", TARGET, "POST"),
        ("{}", "KR", "", "POST"),
        ("{}", "KR", "1,2", "GET"),
        ("{}", "KR", "웹", "POST"),
        ("{}", "KR", TARGET, "PUT"),
    ],
)
async def test_a_request_that_names_no_server_is_not_sent(
    url: str, region: str, number: str, method: str, credentials: Credentials
) -> None:
    barrier = Barrier()
    async with RawGateway(answering(http(200, success(TARGET)))) as gateway:
        result = await interrupt(
            url.format(gateway.url),
            credentials,
            region,
            number,
            method=method,
            before_first_byte=barrier,
            deadline=LONG,
        )
    assert result.outcome is Outcome.NOT_SENT
    assert (barrier.calls, gateway.connections) == (0, 0)


async def test_an_answer_that_cannot_be_judged_is_unknown(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> SendResult:
        raise AssertionError("unknown status keyword '[' in marked section")

    monkeypatch.setattr("ncpconsole.ncp.interrupt.classify", fail)
    async with RawGateway(answering(http(200, success(TARGET), "x-ncp-apigw-request-id: r-1"))) as gateway:
        result = await send(gateway.url, credentials, Barrier())
    assert result.outcome is Outcome.UNKNOWN
    assert (result.http_status, result.request_ids) == (200, ("r-1",))
    assert "AssertionError" in result.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, f'{{"error":{{"errorCode":"200","message":"Unknown key {ACCESS_KEY}."}}}}'),
        (400, f'{{"responseError":{{"returnCode":"{ACCESS_KEY}","returnMessage":"No {ACCESS_KEY}"}}}}'),
        (200, success(TARGET, message=f"done by {ACCESS_KEY}").decode()),
    ],
)
async def test_an_answer_that_repeats_the_key_does_not_show_it(
    status: int, body: str, credentials: Credentials
) -> None:
    async with RawGateway(answering(http(status, body.encode()))) as gateway:
        result = await send(gateway.url, credentials, Barrier())
    assert ACCESS_KEY not in repr(result)
    assert "[access key]" in repr(result)


@pytest.mark.parametrize("over_tls", [False, True])
async def test_an_answer_that_stands_there_before_the_request_is_none(
    over_tls: bool, credentials: Credentials, authority: Authority
) -> None:
    """Whoever wrote it had not read the request, so it proves nothing of it; and the request stays here."""

    async def too_early(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, success(TARGET)))
        await gateway.read_request(reader)

    barrier, progress = Barrier(), SendProgress()
    async with RawGateway(too_early, tls=authority.server if over_tls else None) as gateway:
        result = await send(gateway.url, credentials, barrier, ssl_context=authority.client, progress=progress)
    assert result.outcome is Outcome.NOT_SENT
    assert "before the request" in result.message
    assert (gateway.requests, barrier.calls, progress.may_have_been_sent) == ([], 0, False)


async def test_an_answer_that_comes_while_sending_is_written_is_none(credentials: Credentials) -> None:
    """The record is being written, the connection stands, and the other side speaks unasked."""
    written, received = threading.Event(), bytearray()

    def speak_unasked() -> None:
        connection, _ = listener.accept()
        with connection:
            assert recording.wait(LONG)
            connection.sendall(http(200, success(TARGET)))
            written.set()
            with contextlib.suppress(ConnectionError):
                while more := connection.recv(4096):
                    received.extend(more)

    recording = threading.Event()

    def record() -> None:
        recording.set()
        assert written.wait(LONG)

    progress = SendProgress()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaking = asyncio.create_task(asyncio.to_thread(speak_unasked))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        result = await interrupt(
            url, credentials, "KR", TARGET, before_first_byte=record, deadline=LONG, progress=progress
        )
        await speaking
    assert (result.outcome, progress.may_have_been_sent, bytes(received)) == (Outcome.NOT_SENT, False, b"")
    assert "before the request" in result.message
