"""What a dry run shows is the request that is sent, but for the three headers that sign it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from ncpconsole.ncp.signing import ACCESS_KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ncpconsole.simulator.recorder import ReceivedRequest
    from tests.simulator.threaded import ThreadedSimulator

NUMBER, NAME = "142300001", "web-00001"
SIGNING_HEADERS = {TIMESTAMP_HEADER, ACCESS_KEY_HEADER, SIGNATURE_HEADER}


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


@pytest.fixture(params=["POST", "GET"])
def environment(request: pytest.FixtureRequest, gateway: ThreadedSimulator, tmp_path: Path) -> dict[str, str]:
    """An operator whose profile sends by the method."""
    settings = tmp_path / "config.toml"
    settings.write_text(f'[profiles.prod]\ninterrupt_method = "{request.param}"\n', "utf-8")
    return {"NCPCONSOLE_CONFIG": str(settings), "NCLOUD_PROFILE": "prod", **gateway.environment}


def interrupt(environment: dict[str, str], *more: str) -> str:
    """Run the command to its good end; returns what it printed."""
    ran = CliRunner().invoke(root, ["interrupt", NUMBER, "--confirm", NAME, *more], env=environment)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def received(gateway: ThreadedSimulator) -> ReceivedRequest:
    """The one interrupt request that came."""
    (request,) = [one for one in gateway.simulator.requests if one.scope == "interrupt"]
    return request


def test_the_json_of_a_dry_run_is_the_request_that_is_sent(
    gateway: ThreadedSimulator, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    shown = json.loads(interrupt(environment, "--dry-run", "--json"))["requestDetails"]
    assert gateway.interrupts == []
    interrupt(environment)
    sent = received(gateway)
    assert shown["method"] == sent.method == request.node.callspec.params["environment"]
    assert shown["url"] == gateway.url + sent.target
    assert shown["body"] == sent.body.decode()
    unsigned = {name: value for name, value in sent.headers.items() if name not in SIGNING_HEADERS}
    assert len(sent.headers) == len(unsigned) + 3
    assert shown["headers"] == unsigned


def test_the_text_of_a_dry_run_is_the_request_that_is_sent(
    gateway: ThreadedSimulator, environment: dict[str, str]
) -> None:
    _, heading, *lines = [line.removeprefix("  ") for line in interrupt(environment, "--dry-run").splitlines()]
    in_json = json.loads(interrupt(environment, "--dry-run", "--json"))["request"]
    assert lines == in_json.splitlines()
    interrupt(environment)
    sent = received(gateway)
    first, *headers = lines
    if sent.body:
        *headers, blank, body = headers
        assert (blank, body) == ("", sent.body.decode())
    assert first == f"{sent.method} {gateway.url}{sent.target}"
    assert dict(line.split(": ", 1) for line in headers) == {
        name: value for name, value in sent.headers.items() if name not in SIGNING_HEADERS
    }
    assert urlsplit(first.split()[1]).query == ("" if sent.method == "POST" else sent.target.split("?")[1])
    assert heading == "This would be sent, and the three headers that sign it:"


def test_a_dry_run_shows_no_key(gateway: ThreadedSimulator, environment: dict[str, str]) -> None:
    shown = interrupt(environment, "--dry-run") + interrupt(environment, "--dry-run", "--json")
    assert gateway.access_key not in shown
    assert gateway.secret_key not in shown
    assert "x-ncp" not in shown.lower()
