"""The line that is copied works in a shell, and holds no secret."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.text.server import curl_line

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


@pytest.mark.parametrize("number", ["142300001", "1; rm -rf $HOME `x` '\"\n"])
async def test_the_line_reads_the_server(backend: Backend, number: str) -> None:
    line = curl_line(backend.simulator.url, backend.region, number)
    assert backend.simulator.secret_key not in line
    assert shutil.which("curl"), "this test needs curl"
    shell = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        line,
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "NCLOUD_ACCESS_KEY": backend.simulator.access_key,
            "NCLOUD_SECRET_KEY": backend.simulator.secret_key,
        },
    )
    printed, _ = await asyncio.wait_for(shell.communicate(), 30)
    answer = json.loads(printed)["getServerInstanceDetailResponse"]
    listed = [server["serverInstanceNo"] for server in answer["serverInstanceList"]]
    assert listed == ([number] if number.isdigit() else [])
