"""What the interrupt command says of each end, in words and in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from tests.end_to_end.simulation import Simulation, simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


def interrupt(gateway: Simulation, number: str, typed: str, *more: str) -> Result:
    words = ("interrupt", number, "--confirm", typed, *more)
    return CliRunner().invoke(root, words, env=gateway.environment)


def answer_of(ran: Result) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.mark.parametrize(("number", "name"), [("30000005", "api-00005"), ("30000010", "web-00010")])
def test_a_blocked_server_is_named(gateway: Simulation, number: str, name: str) -> None:
    ran = interrupt(gateway, number, "x", "--json")
    assert (ran.exit_code, answer_of(ran)["serverName"]) == (3, name)
    assert f"{name} ({number})" in ran.stderr


def test_a_number_that_nobody_has_has_no_name(gateway: Simulation) -> None:
    ran = interrupt(gateway, "39999999", "x", "--json")
    assert (ran.exit_code, answer_of(ran)["serverName"]) == (3, "")


@pytest.mark.parametrize(("number", "typed"), [("30000012", "another"), ("30000010", "x"), ("39999999", "x")])
def test_a_refusal_says_that_nothing_was_sent(gateway: Simulation, number: str, typed: str) -> None:
    ran = interrupt(gateway, number, typed)
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert ran.stderr.startswith("refused, nothing was sent: ")
    assert ran.stderr.count("sent") == 1


@pytest.mark.parametrize("fault", ["detail:permission-denied", "detail:answer-reset"])
def test_a_server_that_could_not_be_read_was_not_sent_to_which_is_said_once(fault: str) -> None:
    with simulation("--servers", "8", "--fault", fault) as gateway:
        ran = interrupt(gateway, "30000001", "web-00001")
    assert ran.exit_code == 5
    assert ran.stderr.startswith("not sent: 30000001. The server could not be read. ")
    assert ran.stderr.count("sent") == 1
