"""Cloud Insight: what the agents inside the guests measure, asked for up to 20 series at a time.

A read of its own, over connections of its own: a Cloud Insight that hangs holds up neither a list nor an interrupt.
Sources: the API pages of Cloud Insight (query of several metrics, list of system schemas), and for the fields of the
answer the official SDK of the financial site.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    InvalidRequest,
    NcpError,
    NotAvailable,
    PermissionDenied,
    UnreadableAnswer,
)
from ncpconsole.ncp.metrics import MOST_CONDITIONS, Condition, Interval, Metric
from ncpconsole.ncp.reads import Reader
from ncpconsole.ncp.responses import GATEWAY_KEY_REFUSED, MIB, Fault, described, flat_fault, read_json, to_plain_text
from ncpconsole.ncp.signing import Credentials
from ncpconsole.ncp.sites import SITES, site_for

API_PATH = "/cw_fea/real/cw/api"
QUERY_PATH = f"{API_PATH}/data/query/multiple"
SCHEMAS_PATH = f"{API_PATH}/schema/system/list"
PRODUCT = "Server(VPC)"
"""How the name of the schema of servers ends; some pages put the group of products before it."""
POLICY = "NCP_CLOUD_INSIGHT_VIEWER"
"""What a sub account needs to read this."""
SECONDS = 3.0
"""How long one call may take, from its start to the last byte."""
LARGEST_ANSWER = 4 * MIB
DECODED_AT_ONCE = 64 * 1024
"""Bytes from which an answer is decoded on a thread, for the sake of keys."""
MOST_ROWS = 10 * MOST_CONDITIONS
MOST_POINTS = 3000
"""Points that one series may hold: twice the minutes of a day."""


class Insight:
    """Cloud Insight bound to a gateway and a key. A call that fails raises NcpError, and nothing else."""

    def __init__(self, base_url: str, credentials: Credentials, *, ssl_context: ssl.SSLContext | None = None) -> None:
        site = SITES.get(site_for(base_url))
        self._url = site.insight_url if site else base_url
        self._product_key = site.insight_key if site else ""
        self._asking = asyncio.Lock()
        self._reader = Reader(
            credentials,
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            total_timeout=SECONDS,
            attempts=2,
            ssl_context=ssl_context,
        )

    async def points(
        self, conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval
    ) -> dict[Condition, list[Any]]:
        """The points between two times in milliseconds since the epoch, by condition, in one call.

        A series without points is missing or empty, and a point is whatever stood there. Raises PermissionDenied,
        which names the policy that is missing, NotAvailable where the gateway has no Cloud Insight, and
        UnreadableAnswer when nothing in the answer is a series.
        """
        if not 1 <= len(conditions) <= MOST_CONDITIONS:
            raise InvalidRequest(
                Sentence(
                    "Cloud Insight takes 1 to {most} series a call, not {count}.",
                    most=MOST_CONDITIONS,
                    count=len(conditions),
                )
            )
        try:
            product_key = await self._server_key()
            document = {
                "timeStart": since_ms,
                "timeEnd": until_ms,
                "metricInfoList": [
                    {
                        "prodKey": product_key,
                        "metric": one.metric.value,
                        "interval": interval.value,
                        "aggregation": "AVG",
                        "dimensions": {"instanceNo": one.server_no},
                    }
                    for one in conditions
                ],
            }
            answer = await self._reader.post_json(self._url + QUERY_PATH, document, limit=LARGEST_ANSWER)
        except (ApiError, UnreadableAnswer) as error:
            raise _explained(error) from error
        if len(answer.body) < DECODED_AT_ONCE:
            return matched(answer.body, conditions)
        return await asyncio.to_thread(matched, answer.body, conditions)

    async def aclose(self) -> None:
        """Close the connections. A later call opens new ones."""
        await self._reader.aclose()

    async def _server_key(self) -> str:
        """The key of the schema of servers: known for two sites, else asked for once."""
        async with self._asking:
            if not self._product_key:
                answer = await self._reader.get_json(self._url + SCHEMAS_PATH, limit=LARGEST_ANSWER)
                self._product_key = _key_of_servers(answer.body)
            return self._product_key


def _key_of_servers(body: bytes) -> str:
    for schema in _rows(body):
        if isinstance(schema, dict) and to_plain_text(schema.get("prodName")).replace(" ", "").endswith(PRODUCT):
            key = to_plain_text(schema.get("cw_key"), 64)
            if key:
                return key
    raise NotAvailable(
        Sentence("Cloud Insight lists no schema of {product}, so vital signs are not available.", product=PRODUCT)
    )


def matched(body: bytes, conditions: Sequence[Condition]) -> dict[Condition, list[Any]]:
    """The points of an answer by the condition that its dimensions and metric name; the order says nothing.

    Rows that nobody asked for are left out. Raises UnreadableAnswer where there are rows and none is one, and where a
    series holds more points than a day of minutes has.
    """
    wanted: set[tuple[str, str]] = {(one.server_no, one.metric.value) for one in conditions}
    found: dict[Condition, list[Any]] = {}
    rows = _rows(body)
    readable = 0
    for row in rows:
        dimensions = row.get("dimensions") if isinstance(row, dict) else None
        if not isinstance(dimensions, dict):
            continue
        points = row.get("dps")
        named = to_plain_text(dimensions.get("instanceNo")), to_plain_text(row.get("metric"))
        if not all(named) or not isinstance(points, list | None):
            continue
        readable += 1
        if named in wanted:
            series = found.setdefault(Condition(named[0], Metric(named[1])), [])
            series += points or []
            if len(series) > MOST_POINTS:
                raise UnreadableAnswer(Sentence("Cloud Insight gives more points than there are minutes in a day."))
    if rows and not readable:
        raise UnreadableAnswer(Sentence("Cloud Insight's answer holds no series; look at a proxy in between."))
    return found


def _rows(body: bytes) -> list[Any]:
    document = read_json(body)
    if isinstance(document, dict) and (fault := flat_fault(document)):
        raise ApiError(
            Sentence("Cloud Insight refused the request ({facts}).", facts=described(200, fault)), code=fault.code
        )
    if not isinstance(document, list):
        if not body.strip():
            raise UnreadableAnswer(Sentence("Cloud Insight's answer is empty; look at a proxy in between."))
        raise UnreadableAnswer(
            Sentence("Cloud Insight's answer is not what NCP documents; look at a proxy in between.")
        )
    if len(document) > MOST_ROWS and not all(isinstance(one, dict) and "prodName" in one for one in document):
        raise UnreadableAnswer(Sentence("Cloud Insight's answer holds more series than were asked for."))
    return document


def _explained(error: NcpError) -> NcpError:
    """The same refusal in words that say what is missing; a wrong key or clock speaks for itself."""
    facts = described(error.http_status, Fault("", error.code, "") if error.code else None)
    is_refusal = isinstance(error, ApiError) and error.http_status in (401, 403)
    if is_refusal and not _is_wrong_key(error):
        said = Sentence(
            "Cloud Insight does not permit this to the key; it takes the policy {policy} ({facts}).",
            policy=POLICY,
            facts=facts,
        )
        return _as(PermissionDenied, said, error)
    if error.http_status == 404:
        return _as(NotAvailable, Sentence("This gateway has no Cloud Insight ({facts}).", facts=facts), error)
    return error


def _is_wrong_key(error: NcpError) -> bool:
    return isinstance(error, AuthenticationFailed) and (error.code == GATEWAY_KEY_REFUSED or bool(error.clock_lag))


def _as(kind: type[NcpError], sentence: str, error: NcpError) -> NcpError:
    return kind(
        sentence,
        http_status=error.http_status,
        code=error.code,
        ncp_message=error.ncp_message,
        request_ids=error.request_ids,
        trace_id=error.trace_id,
        clock_offset=error.clock_offset,
    )
