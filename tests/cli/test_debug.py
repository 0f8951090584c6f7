"""``--debug``: a line for each request in the log, with nothing in it that must not be kept."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ncpconsole.config.paths import console_paths
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from tests.end_to_end.simulation import Simulation

LINE = re.compile(
    r"DEBUG ncpconsole\.requests: (?P<method>GET|POST) 127\.0\.0\.1(?P<path>/\S+): (?P<came>HTTP \d+|no answer), "
    r"request id (?P<id>\S+), (?P<ms>\d+) ms, attempt (?P<attempt>\d)"
)


def logged() -> str:
    log = console_paths().log
    return log.read_text("utf-8") if log.exists() else ""


def secrets_of(gateway: Simulation) -> list[str]:
    return [
        gateway.environment["NCLOUD_ACCESS_KEY"],
        gateway.environment["NCLOUD_SECRET_KEY"],
        "signature",
        "regionCode",
    ]


def test_each_request_is_told_and_no_secret_is() -> None:
    with simulation("--servers", "64") as gateway:
        server = gateway.plain_server()
        assert logged() == ""
        number, name = server["serverInstanceNo"], server["serverName"]
        sent = gateway.console("--debug", "interrupt", number, "--confirm", name, "--json")
        assert sent.returncode == 0, sent.stderr
        said = json.loads(sent.stdout)
        lines = [match.groupdict() for match in LINE.finditer(logged())]
        (interrupt,) = [line for line in lines if line["path"].endswith("/interruptServerInstance")]
        assert (interrupt["method"], interrupt["came"], interrupt["attempt"]) == ("POST", "HTTP 200", "1")
        assert interrupt["id"] in said["requestIds"]
        assert {line["path"].rpartition("/")[2] for line in lines} >= {
            "getServerInstanceList",
            "getServerInstanceDetail",
        }
        assert not [secret for secret in secrets_of(gateway) if secret.casefold() in logged().casefold()]
        assert "DEBUG" not in sent.stdout + sent.stderr


def test_each_attempt_of_a_read_is_told_and_one_without_an_answer() -> None:
    with simulation("--servers", "8", "--fault", "2-times:list:error-503") as gateway:
        assert gateway.console("--debug", "servers").returncode == 0
        tries = [match for match in LINE.finditer(logged()) if match["path"].endswith("/getServerInstanceList")]
        assert [(one["came"], one["attempt"]) for one in tries] == [
            ("HTTP 503", "1"),
            ("HTTP 503", "2"),
            ("HTTP 200", "3"),
        ]
        assert gateway.console("--debug", "--api-url", "http://127.0.0.1:9", "servers").returncode == 5
    assert "no answer, request id none" in logged()
