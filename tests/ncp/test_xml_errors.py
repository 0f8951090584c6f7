"""Errors in XML, under every root that NCP's pages and logs show, over a socket: what the client makes of them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.client import Client
from ncpconsole.ncp.errors import ApiError
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOTS = {"error": "100", "Error": "100", "responseError": "25013"}
"""The root, and the code that stands in it."""


@asynccontextmanager
async def opened(fault: str) -> AsyncIterator[tuple[Client, Simulator]]:
    async with Simulator(servers=4, faults=[fault]) as simulator:
        client = Client(simulator.url, Credentials(simulator.access_key, Secret(simulator.secret_key)))
        try:
            yield client, simulator
        finally:
            await client.aclose()


async def interrupted(client: Client, simulator: Simulator) -> SendResult:
    number = simulator.fleet.number(simulator.region, 1)
    return await client.interrupt(simulator.region, number, before_first_byte=lambda: None, deadline=20)


@pytest.mark.parametrize(("root", "code"), ROOTS.items())
async def test_an_interrupt_that_is_refused_in_xml_is_rejected_with_its_code(root: str, code: str) -> None:
    async with opened(f"interrupt:xml-error={root}") as (client, simulator):
        result = await interrupted(client, simulator)
    assert (result.outcome, result.http_status, result.return_code) == (Outcome.REJECTED, 400, code)
    assert result.request_ids
    assert len(simulator.interrupts) == 1
    assert not simulator.interrupts[0].accepted


async def test_xml_under_a_root_that_is_nobodys_proves_nothing() -> None:
    async with opened("interrupt:xml-error=Envelope") as (client, simulator):
        result = await interrupted(client, simulator)
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("root", "code"), ROOTS.items())
async def test_a_read_that_is_refused_in_xml_tells_its_code(root: str, code: str) -> None:
    async with opened(f"list:xml-error={root}") as (client, simulator):
        with pytest.raises(ApiError) as told:
            await client.servers(simulator.region)
    assert (told.value.http_status, told.value.code) == (400, code)
