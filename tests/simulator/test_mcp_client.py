"""A client that others wrote in JavaScript works against the simulator as it does against the gateway.

It is the npm package ``ncloud-mcp-server``, which sends GET with all parameters in the query and speaks JSON-RPC on its
standard streams. Installed once, beside the virtual environment; where there is no Node.js, there is nothing to try.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.simulator.threaded import ThreadedSimulator, running_simulator

VERSION = "1.16.0"
HOME = Path(sys.prefix) / "other-clients" / f"ncloud-mcp-server-{VERSION}"
PROGRAM = HOME / "node_modules" / "ncloud-mcp-server" / "dist" / "index.js"
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NODE is None or NPM is None, reason="Node.js is not on this machine"),
]


@pytest.fixture(scope="session")
def program() -> Path:
    """The client's program, installed by whoever of several test processes comes first."""
    HOME.mkdir(parents=True, exist_ok=True)
    with FileLock(HOME / ".lock"):
        if not PROGRAM.is_file():
            words = [
                str(NPM),
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--silent",
                "--prefix",
                str(HOME),
            ]
            subprocess.run([*words, f"ncloud-mcp-server@{VERSION}"], check=True, timeout=300)
    return PROGRAM


class McpClient:
    """The client as a child process; `call` uses one of its tools."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._id = 0

    async def request(self, method: str, **params: Any) -> dict[str, Any]:
        self._id += 1
        await self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while line := await self._process.stdout.readline():
                message: dict[str, Any] = json.loads(line)
                if message.get("id") == self._id:
                    return message
        raise AssertionError("the client ended without an answer")

    async def start(self) -> None:
        about = {"name": "tests", "version": "1"}
        await self.request("initialize", protocolVersion="2024-11-05", capabilities={}, clientInfo=about)
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def call(self, tool: str, **arguments: Any) -> Any:
        """What the tool read, from its text; the text itself where the tool reports an error."""
        result = (await self.request("tools/call", name=tool, arguments=arguments))["result"]
        text = result["content"][0]["text"]
        return text if result.get("isError") else json.loads(text)

    async def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()


@pytest.fixture
async def gateway_and_client(program: Path) -> AsyncIterator[tuple[ThreadedSimulator, McpClient]]:
    """A gateway of 60 servers, and the client with its manager's key."""
    with running_simulator(servers=60) as gateway:
        environment = {
            "PATH": os.environ["PATH"],
            "NCLOUD_ACCESS_KEY": gateway.access_key,
            "NCLOUD_SECRET_KEY": gateway.secret_key,
            "NCLOUD_API_URL": gateway.url,
            "NCLOUD_REGION": "KR",
            "NCLOUD_LANG": "en",
        }
        process = await asyncio.create_subprocess_exec(
            str(NODE),
            str(program),
            env=environment,
            limit=1 << 24,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        client = McpClient(process)
        try:
            await client.start()
            yield gateway, client
        finally:
            process.kill()
            await process.wait()


async def test_it_lists_tells_and_interrupts(gateway_and_client: tuple[ThreadedSimulator, McpClient]) -> None:
    gateway, client = gateway_and_client
    listed = await client.call("ncloud_list_servers")
    assert listed["totalRows"] == len(listed["serverInstanceList"]) == 60, "an unpaged list is whole"
    number = listed["serverInstanceList"][1]["serverInstanceNo"]

    detail = await client.call("ncloud_get_server_detail", serverInstanceNo=number, includeRelated=False)
    assert [one["serverInstanceNo"] for one in detail["serverInstanceList"]] == [number]

    interfaces = await client.call("ncloud_list_network_interfaces")
    assert number in {one["instanceNo"] for one in interfaces["networkInterfaceList"]}

    done = await client.call("ncloud_interrupt_server", serverInstanceNo=number)
    assert (done["returnCode"], [one["serverInstanceNo"] for one in done["serverInstanceList"]]) == ("0", [number])
    assert [one.server_no for one in gateway.interrupts] == [number]


async def test_it_understands_a_refusal(gateway_and_client: tuple[ThreadedSimulator, McpClient]) -> None:
    _, client = gateway_and_client
    said = await client.call("ncloud_interrupt_server", serverInstanceNo="1")
    assert isinstance(said, str), "an error of the service is one to this client"
    assert "400" in said
