"""`show` and `interrupt` take a number, or an address or a name that names one server whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.safe_text import is_altered
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow  # all of its tests start programs


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


@pytest.fixture(scope="module")
def fleet(gateway: Simulation) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(gateway.console("servers", "--all", "--json").stdout)
    return listed


def test_an_exact_name_or_address_shows_its_server(gateway: Simulation, fleet: list[dict[str, Any]]) -> None:
    with_public = next(one for one in fleet if one["publicIp"] and one["privateIps"])
    for which in (with_public["publicIp"], with_public["privateIps"][0]):
        shown = json.loads(gateway.console("show", which, "--json").stdout)
        assert shown["serverInstanceNo"] == with_public["serverInstanceNo"]
    plain = gateway.plain_server()
    shown = json.loads(gateway.console("show", plain["serverName"], "--json").stdout)
    assert shown["serverInstanceNo"] == plain["serverInstanceNo"]


def test_a_part_of_a_name_or_address_is_no_server(gateway: Simulation, fleet: list[dict[str, Any]]) -> None:
    plain = gateway.plain_server()
    addresses = {ip for one in fleet for ip in (*one["privateIps"], *one["secondaryIps"], one["publicIp"])}
    part = next(ip[:-1] for ip in addresses if ip and ip[:-1] not in addresses)
    for which in (plain["serverName"][:-1], plain["serverName"].upper(), part):
        done = gateway.console("show", which, "--json")
        assert done.returncode == 1
        assert "There is no server with this address or name" in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize("command", ["show", "interrupt"])
def test_the_nearest_names_are_offered(gateway: Simulation, fleet: list[dict[str, Any]], command: str) -> None:
    plain = gateway.plain_server()["serverName"]
    names = {one["serverName"] for one in fleet if not is_altered(one["serverName"])}
    holding = sorted(name for name in names if name.casefold().startswith("web"))
    told = gateway.console(command, "WEB").stderr
    assert f"It must be whole; near are: {', '.join(holding[:5])}." in told
    mistyped = plain.replace("web", "wbe")
    assert plain in gateway.console(command, mistyped).stderr.split("near are: ")[1]
    assert "near are" not in gateway.console(command, "쿼리" * 300).stderr


def test_a_name_of_several_servers_is_refused_with_their_numbers(
    gateway: Simulation, fleet: list[dict[str, Any]]
) -> None:
    names = [one["serverName"] for one in fleet]
    name = next(name for name in names if names.count(name) > 1)
    numbers = [one["serverInstanceNo"] for one in fleet if one["serverName"] == name]
    shown = gateway.console("show", name)
    assert shown.returncode == 3
    assert all(number in shown.stderr for number in numbers)
    sent = gateway.console("interrupt", name, "--confirm", name, "--json")
    assert sent.returncode == 3
    told = json.loads(sent.stdout)
    assert (told["outcome"], told["serverInstanceNo"], told["reasonCodes"]) == ("refused", "", ["several-servers"])
    assert gateway.interrupts == 0


def test_an_interrupt_by_address_goes_to_its_server_and_is_confirmed_by_name(gateway: Simulation) -> None:
    plain = gateway.plain_server()
    address, number, name = plain["privateIps"][0], plain["serverInstanceNo"], plain["serverName"]
    before = gateway.interrupts
    refused = gateway.console("interrupt", address, "--confirm", address, "--json")
    assert (refused.returncode, gateway.interrupts) == (3, before)
    sent = gateway.console("interrupt", address, "--confirm", name, "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["serverInstanceNo"] == number
    assert gateway.interrupts == before + 1


def test_a_list_that_is_not_whole_names_no_server() -> None:
    name, number = "web-00012", "142300012"
    with simulation("--servers", "64", "--fault", "interfaces:error-500") as gateway:
        assert gateway.console("show", name).returncode == 4
        assert gateway.console("interrupt", name, "--confirm", name, "--dry-run").returncode == 5
        assert gateway.console("interrupt", number, "--confirm", name, "--dry-run").returncode == 0
