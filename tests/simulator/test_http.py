"""Connections: kept, pipelined, many at once, and hostile ones."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ncpconsole.simulator.simulator import Simulator
from tests.simulator.caller import Caller
from tests.simulator.threaded import running_simulator
from tests.simulator.wire import READ, connection, request_bytes


async def read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head, await reader.readexactly(length)


async def test_a_connection_is_kept(simulator: Simulator, caller: Caller) -> None:
    for _ in range(3):
        await caller.get("getRegionList")
    assert {request.connection for request in simulator.requests} == {1}
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, READ))
        await read_answer(reader)
    assert simulator.requests[-1].connection == 2


async def test_pipelined_requests_are_answered_in_order(simulator: Simulator, caller: Caller) -> None:
    zones = "/vserver/v2/getZoneList?responseFormatType=json"
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, READ) + request_bytes(caller, zones) + request_bytes(caller, READ))
        bodies = [(await read_answer(reader))[1] for _ in range(3)]
    assert [body.partition(b":")[0] for body in bodies] == [
        b'{"getRegionListResponse"',
        b'{"getZoneListResponse"',
        b'{"getRegionListResponse"',
    ]


async def test_an_answer_held_back_holds_back_no_other() -> None:
    async with Simulator(latency_ms=600_000) as simulator, Caller(simulator) as caller:
        held_back = [asyncio.create_task(caller.get("getRegionList")) for _ in range(40)]
        await simulator.wait_until(lambda sim: sim.recorder.count("regions") == 40)
        assert not any(task.done() for task in held_back)
        for task in held_back:
            task.cancel()
        await asyncio.gather(*held_back, return_exceptions=True)


async def test_latency_is_waited_for_and_then_over() -> None:
    async with Simulator(latency_ms=20) as simulator, Caller(simulator) as caller:
        asked = asyncio.create_task(caller.get("getRegionList"))
        await simulator.wait_until(lambda sim: sim.recorder.count() == 1)
        assert not asked.done()
        assert (await asked).status_code == 200


async def test_what_is_no_http(simulator: Simulator) -> None:
    async with connection(simulator) as (reader, writer), asyncio.timeout(10):
        writer.write(b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_body_too_large(simulator: Simulator, caller: Caller) -> None:
    answer = await caller.client.post("/vserver/v2/getRegionList", content=b"x" * (2**20 + 1))
    assert answer.status_code == 413


async def test_expect_100_continue(simulator: Simulator) -> None:
    async with connection(simulator) as (reader, writer), asyncio.timeout(10):
        head = "POST /vserver/v2/getRegionList HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue"
        writer.write(f"{head}\r\n\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 \r\n\r\n"
        writer.write(b"a=b")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401 ")


async def test_stopping_ends_hanging_connections(caller: Caller) -> None:
    async with Simulator(faults=["hang"]) as simulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(request_bytes(caller, READ))
        await simulator.wait_until(lambda sim: sim.recorder.count() == 1)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", simulator.port)


async def test_a_port_that_is_taken(simulator: Simulator) -> None:
    with pytest.raises(OSError, match="address already in use"):
        async with Simulator(port=simulator.port):
            pass


async def test_a_chosen_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with Simulator(port=port) as simulator:
        assert simulator.url == f"http://127.0.0.1:{port}"


def test_in_a_thread_it_stops_when_it_is_left() -> None:
    with (
        running_simulator(servers=3) as simulator,
        socket.create_connection(("127.0.0.1", simulator.simulator.port)) as caller,
    ):
        caller.sendall(b"GET /simulator/counts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", simulator.simulator.port))


def test_a_mistake_in_its_options_leaves_no_thread_behind() -> None:
    import threading

    before = threading.active_count()
    with pytest.raises(ValueError, match="no fault"), running_simulator(faults=["x"]):
        pass
    assert threading.active_count() == before
