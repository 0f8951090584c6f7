"""``--output``: the same records as a table, JSON, JSON Lines, or cells for a spreadsheet that act on nobody."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.cli.options import asks_for_json
from ncpconsole.cli.output import cell_text
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow  # most of its tests start programs


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


def test_each_form_tells_the_same_servers(gateway: Simulation) -> None:
    words = ("servers", "--all", "--filter", "no:14230001")
    plain = json.loads(gateway.console(*words, "--json").stdout)
    assert len(plain) == 10
    assert json.loads(gateway.console(*words, "--output", "json").stdout) == plain
    lines = gateway.console(*words, "--output", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == plain
    cells = list(csv.DictReader(io.StringIO(gateway.console(*words, "--output", "csv").stdout)))
    assert [list(row) for row in cells] == [list(one) for one in plain]
    assert [row["serverInstanceNo"] for row in cells] == [one["serverInstanceNo"] for one in plain]
    assert [row["privateIps"] for row in cells] == ["; ".join(one["privateIps"]) for one in plain]
    table = gateway.console(*words, "--output", "table")
    assert table.stdout == gateway.console(*words).stdout


def test_the_history_takes_it_too(gateway: Simulation) -> None:
    server = gateway.plain_server()
    number, name = server["serverInstanceNo"], server["serverName"]
    sent = gateway.console("interrupt", number, "--confirm", name, "--incident", "=X")
    assert sent.returncode == 0, sent.stderr
    (row,) = csv.DictReader(io.StringIO(gateway.console("history", "--output", "csv").stdout))
    assert (row["serverName"], row["outcome"], row["incident"]) == (server["serverName"], "accepted", "'=X")
    assert gateway.console("history", "--output", "markdown").stdout.startswith("# Interrupts during")
    assert json.loads(gateway.console("history", "--output", "jsonl").stdout)["serverName"] == server["serverName"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("servers", "--json", "--output", "csv"), 2),
        (("history", "--markdown", "--output", "csv"), 2),
        (("servers", "--output", "yaml"), 2),
        (("history", "--notes", "--output", "csv"), 2),
    ],
)
def test_what_contradicts_itself_is_refused(gateway: Simulation, words: tuple[str, ...], code: int) -> None:
    assert gateway.console(*words).returncode == code


def test_an_error_is_json_where_json_was_asked_for(gateway: Simulation) -> None:
    done = gateway.console("servers", "--output", "json", "--filter", "nonsense:1")
    assert "nonsense" in json.loads(done.stdout)["error"]["message"]
    done = gateway.console("servers", "--output", "json", "--nonsense")
    assert "No such option" in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["servers", "--json"], True),
        (["servers", "--output", "json"], True),
        (["servers", "--output=json"], True),
        (["servers", "--output", "csv"], False),
        ([], False),
    ],
)
def test_what_asks_for_json(words: list[str], asked: bool) -> None:
    assert asks_for_json(words) is asked


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        ("web-1", "web-1"),
        ("=cmd()", "'=cmd()"),
        ("@x", "'@x"),
        ("a\x1b[31m", "a\\x1b[31m"),
        (["10.0.0.1", "10.0.0.2"], "10.0.0.1; 10.0.0.2"),
        (["=1"], "'=1"),
        ([], ""),
        ([{"a": 1}], '[{"a": 1}]'),
    ],
)
def test_a_cell_is_safe(value: Any, cell: str) -> None:
    assert cell_text(value) == cell
