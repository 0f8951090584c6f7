"""A list read again: what did not change is the same object, and what did is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ncp.test_client import SERVERS, Opened, form, listing, routed

if TYPE_CHECKING:
    from ncpconsole.ncp.signing import Credentials
    from tests.ncp.raw_gateway import Received


async def test_what_did_not_change_is_the_same_object(credentials: Credentials) -> None:
    padding = "x" * 400  # as many bytes as are decoded on a thread, and the second page is decoded at once
    fleet = [{"serverInstanceNo": str(number), "serverDescription": padding} for number in range(1002)]

    def page(received: Received) -> bytes:
        start = (int(form(received)["pageNo"]) - 1) * 1000
        return listing(*SERVERS, fleet[start : start + 1000], len(fleet))

    async with Opened(routed(page), credentials) as (client, _):
        first = await client.servers("KR")
        fleet[3] = {**fleet[3], "serverName": "renamed"}
        second = await client.servers("KR")
        elsewhere = await client.servers("JPN")
    changed = [number for number, (one, other) in enumerate(zip(first, second, strict=True)) if one is not other]
    assert changed == [3]
    assert second[3].server_name == "renamed"
    assert elsewhere == second
    assert elsewhere[0] is not second[0]


async def test_a_narrowed_list_leaves_known_what_it_left_out(credentials: Credentials) -> None:
    fleet = [{"serverInstanceNo": str(number)} for number in range(3)]

    def page(received: Received) -> bytes:
        return listing(*SERVERS, fleet[:1] if "serverName" in form(received) else fleet)

    async with Opened(routed(page), credentials) as (client, _):
        first = await client.servers("KR")
        assert len(await client.servers("KR", server_name="web")) == 1
        second = await client.servers("KR")
    assert all(one is other for one, other in zip(first, second, strict=True))
