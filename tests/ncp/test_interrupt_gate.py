"""The gate opens once, for the signed request, in time, and after the barrier alone."""

from __future__ import annotations

from typing import Any

import httpcore
import pytest

from ncpconsole.ncp.interrupt import FIRST_BYTE, Gate, SendPrevented
from ncpconsole.ncp.results import SendProgress
from tests.clock import Clock

SIGNED = httpcore.Request("POST", "https://h/p", headers={"X-NCP-APIGW-Signature-v2": "s"})
UNSIGNED = httpcore.Request("POST", "https://h/p", headers={"Accept": "*/*"})
CONNECT = httpcore.Request("CONNECT", "https://h/", headers={"Host": "h"})


class Setup:
    """A gate with ten seconds, and what it did."""

    def __init__(self) -> None:
        self.clock = Clock(0)
        self.progress = SendProgress()
        self.calls: list[bool] = []
        self.during: Any = None
        self.unasked = b""
        self.gate = Gate(self.barrier, self.progress, said_unasked=self.said_unasked, now=self.clock, ends_at=10)

    async def said_unasked(self) -> bytes:
        return self.unasked

    def barrier(self) -> None:
        self.calls.append(self.progress.may_have_been_sent)
        if self.during is not None:
            self.during()

    async def event(self, name: str = FIRST_BYTE, request: httpcore.Request | None = SIGNED) -> None:
        await self.gate.trace(name, {} if request is None else {"request": request})


async def test_it_opens_on_the_requests_first_byte_after_the_barrier() -> None:
    setup = Setup()
    await setup.event()
    assert setup.calls == [False]
    assert setup.progress.may_have_been_sent
    assert (setup.gate.withheld, setup.gate.bypassed) == (None, False)


async def test_connecting_and_connect_do_not_open_it() -> None:
    setup = Setup()
    await setup.event("connection.connect_tcp.started", None)
    await setup.event("connection.connect_tcp.complete", None)
    await setup.event(FIRST_BYTE, CONNECT)
    await setup.event("http11.receive_response_headers.started", CONNECT)
    await setup.event("proxy.start_tls.started", None)
    assert setup.calls == []
    assert not setup.progress.may_have_been_sent
    assert not setup.gate.bypassed


async def test_it_opens_once() -> None:
    setup = Setup()
    await setup.event()
    with pytest.raises(SendPrevented):
        await setup.event()
    assert len(setup.calls) == 1
    assert setup.progress.may_have_been_sent


async def test_another_request_stays_in() -> None:
    setup = Setup()
    with pytest.raises(SendPrevented):
        await setup.event(request=UNSIGNED)
    assert setup.calls == []
    assert not setup.progress.may_have_been_sent


async def test_a_barrier_that_raises_keeps_it_shut_for_good() -> None:
    setup = Setup()

    def refuse() -> None:
        raise OSError("The disk is full.")

    setup.during = refuse
    with pytest.raises(SendPrevented, match="The disk is full") as caught:
        await setup.event()
    assert isinstance(caught.value.__cause__, OSError)
    assert setup.gate.withheld is caught.value
    assert not setup.progress.may_have_been_sent


async def test_a_barrier_that_raises_without_words_is_named() -> None:
    setup = Setup()

    def refuse() -> None:
        raise KeyError

    setup.during = refuse
    with pytest.raises(SendPrevented, match="KeyError"):
        await setup.event()


async def test_too_late_before_the_barrier() -> None:
    setup = Setup()
    setup.clock.now = 10
    with pytest.raises(SendPrevented, match="time"):
        await setup.event()
    assert setup.calls == []


async def test_too_late_after_the_barrier() -> None:
    setup = Setup()

    def stall() -> None:
        setup.clock.now = 10.5

    setup.during = stall
    with pytest.raises(SendPrevented, match="time"):
        await setup.event()
    assert setup.calls == [False]
    assert not setup.progress.may_have_been_sent


@pytest.mark.parametrize("name", ["http2.send_request_headers.started", "http11.send_request_body.started"])
async def test_a_way_of_sending_it_does_not_know_is_noticed(name: str) -> None:
    setup = Setup()
    await setup.event(name)
    assert setup.gate.bypassed
    assert setup.calls == []


async def test_steps_after_the_first_byte_are_no_bypass() -> None:
    setup = Setup()
    await setup.event()
    await setup.event("http11.send_request_body.started")
    await setup.event("http11.receive_response_headers.started")
    assert not setup.gate.bypassed


async def test_an_answer_that_came_before_the_request_keeps_it_in() -> None:
    setup = Setup()
    setup.unasked = b"H"
    with pytest.raises(SendPrevented, match="before the request"):
        await setup.event()
    assert setup.calls == []
    assert not setup.progress.may_have_been_sent


async def test_an_answer_that_came_while_the_barrier_ran_keeps_it_in() -> None:
    setup = Setup()

    def answer() -> None:
        setup.unasked = b"H"

    setup.during = answer
    with pytest.raises(SendPrevented, match="before the request"):
        await setup.event()
    assert setup.calls == [False]
    assert not setup.progress.may_have_been_sent
