"""The safety matrix through the plain command: what reached the gateway, and how the command ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from tests.end_to_end.cells import CELLS, UNKNOWN_NUMBER, Cell, is_of, typed_text
from tests.end_to_end.simulation import Simulation, simulation

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


def run(gateway: Simulation, *words: str) -> tuple[int, Any]:
    result = CliRunner().invoke(root, [*words, "--json"], env=gateway.environment)
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def servers(gateway: Simulation) -> list[dict[str, Any]]:
    code, listed = run(gateway, "servers", "--all")
    assert code == 0
    return list(listed)


@pytest.fixture(scope="module")
def interrupted() -> set[str]:
    """The servers that took an interrupt: for a while they are busy with it, and no example of any kind."""
    return set()


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell(cell: Cell, gateway: Simulation, servers: list[dict[str, Any]], interrupted: set[str]) -> None:
    if cell.kind == "unknown number":
        name, number = "web-00012", UNKNOWN_NUMBER
    else:
        left = [server for server in servers if server["serverInstanceNo"] not in interrupted]
        server = next(server for server in left if is_of(cell.kind, server))
        name, number = server["serverName"], server["serverInstanceNo"]
    before = gateway.counts()["by_server"].get(number, 0)
    mode = {"normal": (), "read-only": ("--read-only",), "dry-run": ("--dry-run",)}[cell.mode]
    agreed = ("--despite", "operation") if cell.kind == "busy" else ()

    code, answer = run(gateway, "interrupt", number, "--confirm", typed_text(cell.typed, name, number), *mode, *agreed)

    assert gateway.counts()["by_server"].get(number, 0) - before == cell.sent
    if answer["outcome"] == "accepted":
        interrupted.add(number)
    assert answer["outcome"] == cell.outcome, answer
    assert code == cell.exit_code
    assert answer["serverInstanceNo"] == number
    assert bool(answer["journalId"]) == bool(cell.sent)
    if cell.sent:
        _, records = run(gateway, "history")
        assert [(record["serverInstanceNo"], record["outcome"]) for record in records] == [(number, cell.outcome)]
