"""Each fault does to the wire, to the answer and to the server what its description says."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from ncpconsole.simulator.fault_effects import gzip_bomb
from ncpconsole.simulator.responses import NOT_SUPPORTED
from ncpconsole.simulator.simulator import Simulator
from tests.simulator.caller import Caller, gateway_code, service_code
from tests.simulator.wire import INTERRUPT, READ, connection, everything, request_bytes

if TYPE_CHECKING:
    from tests.clock import Clock

LIST = "getServerInstanceList"
TARGETS = pytest.mark.parametrize("target", [READ, INTERRUPT], ids=["read", "interrupt"])


def accepted(simulator: Simulator) -> list[bool]:
    return [one.accepted for one in simulator.interrupts]


async def operation(simulator: Simulator, caller: Caller) -> str:
    """What the target of `INTERRUPT` is doing."""
    simulator.faults.clear()
    return str((await caller.server("142300012"))["serverInstanceOperation"]["code"])


# ---- no answer


@TARGETS
async def test_hang_answers_nothing_and_does_nothing(simulator: Simulator, caller: Caller, target: str) -> None:
    simulator.faults.set("hang")
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, target))
        await simulator.wait_until(lambda sim: sim.recorder.count() == 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
    assert accepted(simulator) == [False] * (target == INTERRUPT)
    assert await operation(simulator, caller) == "NULL"


async def test_interrupt_unknown_accepts_and_answers_nothing(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("interrupt-unknown")
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, INTERRUPT))
        assert (await simulator.interrupt_received(10)).accepted
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
    assert await operation(simulator, caller) == "SETUP"


@TARGETS
@pytest.mark.parametrize(
    ("fault", "resets", "carried_out"),
    [
        ("reset-after-request", True, False),
        ("close-after-request", False, False),
        ("answer-reset", True, True),
        ("answer-closed", False, True),
    ],
)
async def test_the_connection_ends_without_an_answer(
    simulator: Simulator, caller: Caller, target: str, fault: str, resets: bool, carried_out: bool
) -> None:
    simulator.faults.set(fault)
    if resets:
        with pytest.raises(ConnectionResetError):
            await everything(simulator, caller, target)
    else:
        assert await everything(simulator, caller, target) == b""
    assert accepted(simulator) == [carried_out] * (target == INTERRUPT)
    expected = "SETUP" if carried_out and target == INTERRUPT else "NULL"
    assert await operation(simulator, caller) == expected


# ---- half an answer


@TARGETS
async def test_truncated(simulator: Simulator, caller: Caller, target: str) -> None:
    simulator.faults.set("truncated")
    head, _, body = (await everything(simulator, caller, target)).partition(b"\r\n\r\n")
    claimed = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert len(body) == claimed // 2 > 0
    assert accepted(simulator) == [True] * (target == INTERRUPT)


async def test_stalled(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("stalled")
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, READ))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert await reader.read(10) == b'{"getRegio'
        await reader.read(1000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)


async def test_dripped_is_whole_in_the_end(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("dripped=0")
    body = (await everything(simulator, caller, READ)).partition(b"\r\n\r\n")[2]
    assert json.loads(body)["getRegionListResponse"]["totalRows"] == 3


@TARGETS
async def test_garbage(simulator: Simulator, caller: Caller, target: str) -> None:
    simulator.faults.set("garbage")
    assert not (await everything(simulator, caller, target)).startswith(b"HTTP")
    assert accepted(simulator) == [True] * (target == INTERRUPT)


async def test_partial_status(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("partial-status")
    assert await everything(simulator, caller, READ) == b"HTTP/1.1 20"


async def test_huge_headers(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("huge-headers")
    head, _, body = (await everything(simulator, caller, READ)).partition(b"\r\n\r\n")
    assert len(head) > 300_000
    assert json.loads(body)


async def test_endless_100(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("endless-100")
    async with connection(simulator) as (reader, writer):
        writer.write(request_bytes(caller, READ))
        for _ in range(100):
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"


# ---- another answer


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("error-400", 400, "100"),
        ("error-404", 404, "300"),
        ("error-413", 413, "430"),
        ("error-429", 429, "420"),
        ("error-500", 500, "900"),
        ("error-503", 503, "500"),
        ("error-504", 504, "510"),
        ("permission-denied", 401, "210"),
        ("authentication-failed", 401, "200"),
    ],
)
async def test_gateway_errors(simulator: Simulator, caller: Caller, fault: str, status: int, code: str) -> None:
    simulator.faults.set(fault)
    assert gateway_code(await caller.get("getRegionList")) == (status, code)
    assert gateway_code(await caller.interrupt("142300012")) == (status, code)
    assert accepted(simulator) == [False]
    simulator.faults.set(fault, "as-xml")
    assert fromstring((await caller.get("getRegionList")).content).findtext("errorCode") == code
    assert await operation(simulator, caller) == "NULL"


async def test_retry_after(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("once:error-429=7")
    assert (await caller.get("getRegionList")).headers["retry-after"] == "7"
    assert (await caller.get("getRegionList")).status_code == 200


async def test_service_error(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("service-error=800")
    assert service_code(await caller.interrupt("142300012")) == (500, "800")
    assert accepted(simulator) == [False]


async def test_html_error(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("html-error")
    answer = await caller.interrupt("142300012")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")
    assert accepted(simulator) == [False]


async def test_redirect(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("interrupt:redirect=http://elsewhere.invalid/x")
    answer = await caller.interrupt("142300012")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://elsewhere.invalid/x")
    assert accepted(simulator) == [False]


async def test_server_error_after(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("server-error-after")
    assert gateway_code(await caller.interrupt("142300012")) == (500, "900")
    assert accepted(simulator) == [True]
    assert await operation(simulator, caller) == "SETUP"


# ---- a body that is none


async def body(simulator: Simulator, caller: Caller, fault: str) -> bytes:
    simulator.faults.set(fault)
    raw = await everything_closed(simulator, caller)
    return raw.partition(b"\r\n\r\n")[2]


async def everything_closed(simulator: Simulator, caller: Caller) -> bytes:
    """All bytes of one whole answer; the connection would be kept, so its end is asked for."""
    request = request_bytes(caller, INTERRUPT).replace(b"host:", b"connection: close\r\nhost:")
    async with connection(simulator) as (reader, writer), asyncio.timeout(20):
        writer.write(request)
        return await reader.read()


async def test_empty_body(simulator: Simulator, caller: Caller) -> None:
    assert await body(simulator, caller, "empty-body") == b""
    assert accepted(simulator) == [True]


@pytest.mark.parametrize("fault", ["malformed-json", "bad-utf8"])
async def test_bodies_that_cannot_be_read(simulator: Simulator, caller: Caller, fault: str) -> None:
    answered = await body(simulator, caller, fault)
    assert answered.startswith(b'{"interruptServerInstanceResponse"')
    with pytest.raises(ValueError):  # noqa: PT011 - either of the two that json.loads raises
        json.loads(answered)
    assert accepted(simulator) == [True]


async def test_lone_surrogate(simulator: Simulator, caller: Caller) -> None:
    answered = json.loads(await body(simulator, caller, "lone-surrogate"))
    name = answered["interruptServerInstanceResponse"]["serverInstanceList"][0]["serverName"]
    assert name == "\ud83dweb-00012"


async def test_broken_gzip(simulator: Simulator, caller: Caller) -> None:
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(await body(simulator, caller, "broken-gzip"))


async def test_gzip_bomb(simulator: Simulator, caller: Caller) -> None:
    sent = await body(simulator, caller, "gzip-bomb")
    assert sent == gzip_bomb()
    assert len(sent) < 300_000


def test_the_bomb_is_valid_gzip_of_200_megabytes() -> None:
    assert gzip.decompress(gzip_bomb()).count(b" ") == 200 * 2**20


# ---- what the answer says


async def test_wrong_echo(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("wrong-echo")
    answered = (await caller.interrupt("142300012")).json()["interruptServerInstanceResponse"]
    assert answered["serverInstanceList"][0]["serverInstanceNo"] == "39999999"
    assert answered["returnCode"] == "0"


async def test_other_return_code(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("other-return-code=77")
    answer = await caller.interrupt("142300012")
    assert answer.status_code == 200
    assert answer.json()["interruptServerInstanceResponse"]["returnCode"] == "77"


@pytest.mark.parametrize("total", [0, 1, 99999])
async def test_wrong_total(simulator: Simulator, caller: Caller, total: int) -> None:
    simulator.faults.set(f"list:wrong-total={total}")
    content = await caller.content(LIST, pageNo=1, pageSize=1000)
    assert (content["totalRows"], len(content["serverInstanceList"])) == (total, 128)
    assert (await caller.content("getNetworkInterfaceList", pageNo=1, pageSize=5))["totalRows"] == 141


async def test_duplicate_pages(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("duplicate-pages")
    assert await caller.servers(pageNo=3, pageSize=10) == await caller.servers(pageNo=1, pageSize=10)


async def test_short_pages(simulator: Simulator, caller: Caller) -> None:
    whole = await caller.servers(pageNo=2, pageSize=10)
    simulator.faults.set("short-pages=3")
    assert await caller.servers(pageNo=2, pageSize=10) == whole[:7]
    assert await caller.servers(pageNo=2, pageSize=2) == []


async def test_overlapping_pages(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("overlapping-pages")
    first, second = [await caller.servers(pageNo=n, pageSize=10) for n in (1, 2)]
    assert len(first) == 10
    assert len(second) == 11
    assert second[0] == first[-1]


async def test_number_as_int(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("number-as-int")
    content = await caller.content(LIST, pageNo=1, pageSize=5)
    record: dict[str, Any] = content["serverInstanceList"][0]
    assert (content["returnCode"], record["serverInstanceNo"], record["vpcNo"]) == (0, 142300001, 10375)
    assert record["networkInterfaceNoList"] == [1142300001]
    assert record["serverName"] == "web-00001"


async def test_unknown_code(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("unknown-code")
    record = await caller.server("142300012")
    assert record["serverInstanceStatus"]["code"] == "LIMBO"
    assert record["hypervisorType"]["code"] == "HVX"


async def test_missing_field(simulator: Simulator, caller: Caller) -> None:
    whole = await caller.server("142300012")
    simulator.faults.set("missing-field", "missing-field=serverName")
    assert set(whole) - set(await caller.server("142300012")) == {"serverInstanceStatus"}
    simulator.faults.set("missing-field=serverName")
    assert set(whole) - set(await caller.server("142300012")) == {"serverName"}


async def test_as_xml(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("as-xml")
    answer = await caller.interrupt("142300012")
    assert answer.headers["content-type"].startswith("text/xml")
    assert fromstring(answer.content).findtext("returnCode") == "0"


# ---- time, chance, and what there is to see


@pytest.mark.parametrize("minutes", [11, -11])
async def test_clock_skew(simulator: Simulator, caller: Caller, clock: Clock, minutes: int) -> None:
    simulator.faults.set(f"clock-skew={minutes}")
    answer = await caller.get("getRegionList")
    assert gateway_code(answer) == (401, "200")
    assert answer.headers["date"] == f"Wed, 18 Nov 2026 {'11:17' if minutes > 0 else '10:55'}:40 GMT"
    # A caller whose clock agrees with the gateway's is let in.
    clock_there = clock.now + minutes * 60
    async with Caller(simulator, clock=lambda: clock_there) as agreeing:
        assert (await agreeing.get("getRegionList")).status_code == 200


async def test_slow_holds_back_its_own_answer_alone(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("once:slow=600")
    late = asyncio.create_task(caller.get("getRegionList"))
    await simulator.wait_until(lambda sim: sim.recorder.count() == 1)
    assert (await caller.get("getRegionList")).status_code == 200
    assert not late.done()
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late


async def test_flaky_fails_reads_alone(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("flaky=100")
    kinds = set()
    for _ in range(30):
        try:
            kinds.add(str((await caller.get("getRegionList")).status_code))
        except httpx.TransportError as error:
            kinds.add(type(error).__name__)
    assert kinds == {"500", "503", "ReadError", "RemoteProtocolError"}
    assert (await caller.interrupt("142300012")).status_code == 200


async def test_empty_account(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("empty-account")
    assert await caller.servers() == []
    assert (await caller.content("getNetworkInterfaceList", pageNo=1, pageSize=5))["totalRows"] == 0
    simulator.faults.clear()
    assert len(await caller.servers()) == 128


async def test_no_eligible(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.set("no-eligible")
    rows = await caller.servers()
    assert {(row["hypervisorType"]["code"], row["platformType"]["code"]) for row in rows} == {("XEN", "LNX64")}
    assert service_code(await caller.interrupt("142300012")) == (400, NOT_SUPPORTED)


async def test_faults_from_the_start() -> None:
    async with Simulator(faults=["list:error-503"]) as simulator, Caller(simulator) as caller:
        assert gateway_code(await caller.get(LIST)) == (503, "500")
        assert (await caller.get("getRegionList")).status_code == 200
    with pytest.raises(ValueError, match="no fault named 'x'"):
        Simulator(faults=["x"])
