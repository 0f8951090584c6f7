"""``ncpconsole watch``: by name, number or record; until the server is back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow  # most of its tests start programs


@pytest.fixture
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


def test_it_watches_until_the_server_is_back(gateway: Simulation) -> None:
    server = gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    nothing = gateway.console("watch", number)
    assert nothing.returncode == 1
    assert f"No interrupt is recorded here that may have reached {number}." in nothing.stderr
    sent = gateway.console("interrupt", number, "--confirm", name)
    assert sent.returncode == 0, sent.stderr
    watched = gateway.console("watch", name)
    assert watched.returncode == 0, watched.stderr
    assert watched.stdout.splitlines()[-1].endswith("back: it runs, with a new start time")
    (record,) = json.loads(gateway.console("history", "--json").stdout)
    again = gateway.console("watch", record["id"], "--jsonl")
    assert again.returncode == 0
    assert json.loads(again.stdout)["after"] == "back"
