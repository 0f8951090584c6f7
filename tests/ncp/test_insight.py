"""Cloud Insight over a real socket: what is asked, how answers are matched, and what becomes of bad ones."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.ncp import errors
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.insight import LARGEST_ANSWER, MOST_POINTS, QUERY_PATH, SCHEMAS_PATH, matched
from ncpconsole.ncp.metrics import MOST_CONDITIONS, Condition, Interval, Metric
from ncpconsole.ncp.signing import sign
from ncpconsole.ncp.sites import SITES
from tests.ncp.raw_gateway import ACCESS_KEY, SECRET_KEY, Behaviour, RawGateway, answering, forever, http

if TYPE_CHECKING:
    from ncpconsole.ncp.signing import Credentials

CPU = Condition("142300012", Metric.CPU)
MEMORY = Condition("142300012", Metric.MEMORY)
OTHER = Condition("142300031", Metric.CPU)
SCHEMAS = b'[{"cw_key": "1", "prodName": "System/Object Storage"}, {"cw_key": "77", "prodName": "System/Server(VPC)"}]'


def row(condition: Condition, *points: Any, **changes: Any) -> dict[str, Any]:
    return {
        "aggregation": "AVG",
        "dimensions": {"instanceNo": condition.server_no},
        "dps": list(points),
        "interval": "Min1",
        "metric": condition.metric.value,
        "productName": "System/Server(VPC)",
        **changes,
    }


def body(*rows: Any) -> bytes:
    return json.dumps(list(rows)).encode()


async def asked(
    credentials: Credentials, behave: Behaviour, *conditions: Condition
) -> tuple[dict[Condition, list[Any]], RawGateway]:
    async with RawGateway(behave) as gateway:
        client = Client(gateway.url, credentials)
        try:
            found = await client.metric_points(conditions or (CPU,), 1000, 2000, Interval.MINUTE)
            return dict(found), gateway  # type: ignore[arg-type]  # lists, as they came
        finally:
            await client.aclose()


async def test_a_gateway_given_by_its_address_serves_it_itself_and_is_asked_for_the_key_of_servers_once(
    credentials: Credentials,
) -> None:
    behave = answering(http(200, SCHEMAS), http(200, body(row(CPU, [5, 1.5]))))
    async with RawGateway(behave) as gateway:
        client = Client(gateway.url, credentials)
        for _ in range(2):
            found = await client.metric_points([CPU, MEMORY], 1000, 2000, Interval.FIVE_MINUTES)
        await client.aclose()
    assert found == {CPU: [[5, 1.5]]}
    assert [(one.method, one.target) for one in gateway.requests] == [
        ("GET", SCHEMAS_PATH),
        ("POST", QUERY_PATH),
        ("POST", QUERY_PATH),
    ]
    assert json.loads(gateway.requests[1].body) == {
        "timeStart": 1000,
        "timeEnd": 2000,
        "metricInfoList": [
            {
                "prodKey": "77",
                "metric": metric,
                "interval": "Min5",
                "aggregation": "AVG",
                "dimensions": {"instanceNo": "142300012"},
            }
            for metric in ("avg_cpu_used_rto", "mem_usert")
        ],
    }
    for one in gateway.requests:
        signature = sign(one.method, one.target, one.headers["x-ncp-apigw-timestamp"], ACCESS_KEY, SECRET_KEY)
        assert one.headers["x-ncp-apigw-signature-v2"] == signature


def test_the_three_sites() -> None:
    assert {name: (site.insight_url, site.insight_key) for name, site in SITES.items()} == {
        "public": ("https://cw.apigw.ntruss.com", "460438474722512896"),
        "gov": ("https://cw.apigw.gov-ntruss.com", "567435234753253376"),
        "fin": ("https://cw.apigw.fin-ntruss.com", ""),
    }


def test_rows_are_matched_by_dimensions_and_metric_and_never_by_order() -> None:
    rows = [row(CPU, [1, 1]), row(MEMORY, [2, 2]), row(OTHER, [3, 3]), row(Condition("9", Metric.CPU), [4, 4])]
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        assert matched(body(*rows), [OTHER, CPU, MEMORY]) == {CPU: [[1, 1]], MEMORY: [[2, 2]], OTHER: [[3, 3]]}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (body(), {}),
        (body(row(CPU)), {CPU: []}),
        (body(row(CPU, dps=None)), {CPU: []}),
        (body(row(CPU, [1, 2], dimensions={"instanceNo": 142300012, "type": "svr"})), {CPU: [[1, 2]]}),
        (body("junk", None, 5, {}, row(CPU, [1, 2]), {"dps": []}), {CPU: [[1, 2]]}),
        (body(row(CPU, [1, 2]), row(CPU, [3, 4])), {CPU: [[1, 2], [3, 4]]}),
        (body(row(CPU, [1, "5.5"], "x", None, ["1"])), {CPU: [[1, "5.5"], "x", None, ["1"]]}),
        (body(row(CPU, [1, 2])).replace(b"2]", b'2], [3, 4], ["\xff", 1]'), None),
    ],
)
def test_odd_rows_cost_their_neighbours_nothing(answer: bytes, found: dict[Condition, Any] | None) -> None:
    got = matched(answer, [CPU, MEMORY])
    assert got == found if found is not None else len(got[CPU]) == 3


def test_not_a_number_is_read_and_left_to_the_rules() -> None:
    assert (
        len(matched(b'[{"metric":"mem_usert","dimensions":{"instanceNo":"142300012"},"dps":[[1,NaN]]}]', [MEMORY])) == 1
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"5",
        b'"no"',
        b"{}",
        b'{"data": []}',
        b"<html>login</html>",
        b"[" * 100_000,
        b'["a", 5, null]',
        b'[{"metric": "avg_cpu_used_rto", "dps": []}]',
        body(row(CPU, dps={"a": 1})),
        body(row(CPU, dimensions="142300012")),
        body(*[row(CPU)] * 5000),
        body(row(CPU, *[[1, 2]] * (MOST_POINTS + 1))),
    ],
)
def test_what_is_no_answer_is_said_and_is_never_no_agent(answer: bytes) -> None:
    with pytest.raises(errors.UnreadableAnswer):
        matched(answer, [CPU])


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (401, b'{"error":{"errorCode":"210","message":"Permission Denied"}}', errors.PermissionDenied, "VIEWER"),
        (403, b'{"error":{"errorCode":"403","message":"Forbidden"}}', errors.PermissionDenied, "VIEWER"),
        (403, b'{"status":403,"error":"Forbidden","message":"x","path":"/"}', errors.PermissionDenied, "VIEWER"),
        (403, b'{"code":"AccessDenied","message":"no"}', errors.PermissionDenied, "VIEWER"),
        (401, b'{"errorCode":"211","errorMessage":"no"}', errors.PermissionDenied, "VIEWER"),
        (401, b'{"error":{"errorCode":"200","message":"Authentication Failed"}}', errors.AuthenticationFailed, "key"),
        (404, b'{"error":{"errorCode":"300","message":"Not Found"}}', errors.NotAvailable, "no Cloud Insight"),
        (404, b"nothing here", errors.NotAvailable, "no Cloud Insight"),
        (403, b"<html>proxy</html>", errors.UnreadableAnswer, "proxy"),
        (400, b'{"code":"BAD","message":"bad metric"}', errors.ApiError, "bad metric"),
        (500, b"", errors.GatewayFailure, "failed"),
        (502, b"<html>bad gateway</html>", errors.GatewayFailure, "failed"),
        (200, b'{"error":{"errorCode":"900","message":"Unexpected"}}', errors.ApiError, "900"),
        (200, b'{"status":500,"message":"broken"}', errors.ApiError, "broken"),
        (200, b"<html>login</html>", errors.UnreadableAnswer, "proxy"),
        (307, b"", errors.UnreadableAnswer, "form"),
    ],
)
async def test_every_shape_of_an_error_is_one_of_ours(
    credentials: Credentials, status: int, answer: bytes, kind: type[errors.NcpError], words: str
) -> None:
    for behave in (answering(http(200, SCHEMAS), http(status, answer)), answering(http(status, answer))):
        with pytest.raises(errors.NcpError) as caught:
            await asked(credentials, behave)
        assert isinstance(caught.value, kind)
        assert words in caught.value.sentence
        assert ACCESS_KEY not in caught.value.sentence


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["142300012"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["dps", "metric", "dimensions", "instanceNo", "error", "code"]), inner)
    ),
    max_leaves=20,
)


@given(ANY_JSON)
def test_whatever_json_comes_is_points_of_what_was_asked_or_one_of_our_errors(document: Any) -> None:
    try:
        found = matched(json.dumps(document).encode(), [CPU, MEMORY])
    except errors.NcpError:
        return
    assert set(found) <= {CPU, MEMORY}
    assert all(isinstance(points, list) for points in found.values())


async def test_an_answer_of_100_mb_is_left_after_a_few(credentials: Credentials) -> None:
    sent = 0

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        if (await gateway.read_request(reader)).method == "GET":
            writer.write(http(200, SCHEMAS))
            await gateway.read_request(reader)
        writer.write(http(200, b"", length=100 * 2**20))
        for _ in range(1600):
            writer.write(b"[[1,2]," * 9362)
            await writer.drain()
            sent += 65_534

    with pytest.raises(errors.UnreadableAnswer, match="larger than 4 MiB"):
        await asked(credentials, behave)
    assert sent < 5 * LARGEST_ANSWER


@pytest.mark.parametrize("dripping", [False, True])
async def test_a_hanging_one_is_left_within_its_time(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch, *, dripping: bool
) -> None:
    monkeypatch.setattr("ncpconsole.ncp.insight.SECONDS", 0.3)

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gateway.read_request(reader)
        if dripping:
            writer.write(http(200, b"", length=1000))
            while not writer.transport.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        await forever()

    async with asyncio.timeout(15):  # 0.3 seconds, on a busy machine; the answer would take 20
        with pytest.raises(errors.NotReached):
            await asked(credentials, behave)


@pytest.mark.parametrize("number", [0, MOST_CONDITIONS + 1])
async def test_more_than_twenty_series_are_not_even_asked_for(credentials: Credentials, number: int) -> None:
    client = Client("https://ncloud.apigw.ntruss.com", credentials)
    with pytest.raises(errors.InvalidRequest):
        await client.metric_points([CPU] * number, 0, 1, Interval.MINUTE)
    await client.aclose()


async def test_a_gateway_without_a_schema_of_servers_has_no_vital_signs(credentials: Credentials) -> None:
    with pytest.raises(errors.NotAvailable, match="no schema"):
        await asked(credentials, answering(http(200, b'[{"cw_key": "1", "prodName": "System/Redis"}, 7]')))


async def test_reads_of_servers_go_on_while_it_hangs(credentials: Credentials) -> None:
    """Its connections are its own: as many as there may be at once hang, and a list still comes."""

    async def behave(gateway: RawGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            received = await gateway.read_request(reader)
            if "cw_fea" in received.target:
                await forever()
            writer.write(http(200, b'{"getRegionListResponse":{"regionList":[{"regionCode":"KR"}],"returnCode":"0"}}'))

    async with RawGateway(behave) as gateway:
        client = Client(gateway.url, credentials)
        hanging = [asyncio.create_task(client.metric_points([CPU], 0, 1)) for _ in range(8)]
        try:
            await gateway.arrived.wait()
            assert [region.region_code for region in await client.regions()] == ["KR"]
        finally:
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            await client.aclose()
