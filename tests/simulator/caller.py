"""Signed calls to a simulator, for tests that look at its answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from ncpconsole.simulator.accounts import expected_signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.simulator.simulator import Simulator

API = "/vserver/v2/"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Caller:
    """One key at one simulator; its calls ask for JSON unless told otherwise."""

    def __init__(
        self, simulator: Simulator, access_key: str = "", secret_key: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self.url = simulator.url
        self.access_key = access_key or simulator.access_key
        self.secret_key = secret_key or simulator.secret_key
        self.clock = clock
        self.client = httpx.AsyncClient(base_url=simulator.url, timeout=20, trust_env=False)

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    def headers(self, method: str, target: str) -> dict[str, str]:
        """The three headers of a signed request."""
        timestamp = str(int(self.clock() * 1000))
        signature = expected_signature(method, target, timestamp, self.access_key, self.secret_key)
        return {
            "x-ncp-apigw-timestamp": timestamp,
            "x-ncp-iam-access-key": self.access_key,
            "x-ncp-apigw-signature-v2": signature,
        }

    async def get(self, action: str, **parameters: object) -> httpx.Response:
        """A signed GET with everything in the query; ``__`` in a name stands for a dot."""
        return await self._get(action, _named(parameters) | {"responseFormatType": "json"})

    async def get_xml(self, action: str, **parameters: object) -> httpx.Response:
        """The same, without a word on the format."""
        return await self._get(action, _named(parameters))

    async def _get(self, action: str, asked: dict[str, str]) -> httpx.Response:
        target = f"{API}{action}" + (f"?{urlencode(asked)}" if asked else "")
        return await self.client.get(target, headers=self.headers("GET", target))

    async def post(self, action: str, **parameters: object) -> httpx.Response:
        """A signed POST with everything in the form."""
        target = f"{API}{action}"
        form = urlencode(_named(parameters) | {"responseFormatType": "json"})
        return await self.client.post(target, content=form, headers=self.headers("POST", target) | FORM)

    async def activities(self, body: bytes) -> httpx.Response:
        """A signed call of the activity tracer."""
        target = "/api/v1/activities"
        return await self.client.post(target, content=body, headers=self.headers("POST", target))

    async def insight(self, **query: object) -> httpx.Response:
        """A signed query of several metrics of Cloud Insight."""
        target = "/cw_fea/real/cw/api/data/query/multiple"
        return await self.client.post(target, json=query, headers=self.headers("POST", target))

    async def content(self, action: str, **parameters: object) -> dict[str, Any]:
        """What a successful GET says, without the root element."""
        answer = await self.get(action, **parameters)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()[f"{action}Response"]
        return content

    async def servers(self, **parameters: object) -> list[dict[str, Any]]:
        """The servers of one page, by default the first thousand."""
        rows: list[dict[str, Any]] = (
            await self.content("getServerInstanceList", **{"pageNo": 1, "pageSize": 1000, **parameters})
        )["serverInstanceList"]
        return rows

    async def server(self, number: str) -> dict[str, Any]:
        """One server's record."""
        content = await self.content("getServerInstanceDetail", serverInstanceNo=number)
        record: dict[str, Any] = content["serverInstanceList"][0]
        return record

    async def interrupt(self, number: str) -> httpx.Response:
        """One interrupt, as a form."""
        return await self.post("interruptServerInstance", regionCode="KR", serverInstanceNo=number)


def _named(parameters: dict[str, object]) -> dict[str, str]:
    return {name.replace("__", "."): str(value) for name, value in parameters.items()}


def gateway_code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a gateway's error."""
    return answer.status_code, answer.json()["error"]["errorCode"]


def service_code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a service's error."""
    return answer.status_code, answer.json()["responseError"]["returnCode"]
