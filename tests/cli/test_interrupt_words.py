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


@pytest.mark.parametrize(("number", "name"), [("142300005", "api-00005"), ("142300010", "web-00010")])
def test_a_blocked_server_is_named(gateway: Simulation, number: str, name: str) -> None:
    ran = interrupt(gateway, number, "x", "--json")
    assert (ran.exit_code, answer_of(ran)["serverName"]) == (3, name)
    assert f"{name} ({number})" in ran.stderr


def test_a_number_that_nobody_has_has_no_name(gateway: Simulation) -> None:
    ran = interrupt(gateway, "39999999", "x", "--json")
    assert (ran.exit_code, answer_of(ran)["serverName"]) == (3, "")


@pytest.mark.parametrize(("number", "typed"), [("142300012", "another"), ("142300010", "x"), ("39999999", "x")])
def test_a_refusal_says_that_nothing_was_sent(gateway: Simulation, number: str, typed: str) -> None:
    ran = interrupt(gateway, number, typed)
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert ran.stderr.startswith("refused, nothing was sent: ")
    assert ran.stderr.count("sent") == 1


@pytest.mark.parametrize(("fault", "code"), [("detail:permission-denied", 4), ("detail:answer-reset", 5)])
def test_a_server_that_could_not_be_read_was_not_sent_to_which_is_said_once(fault: str, code: int) -> None:
    with simulation("--servers", "8", "--fault", fault) as gateway:
        ran = interrupt(gateway, "142300001", "web-00001")
    assert ran.exit_code == code
    assert ran.stderr.startswith("not sent: 142300001. The server could not be read. ")
    assert ran.stderr.count("sent") == 1


def test_a_rehearsal_ends_in_a_sentence_or_in_the_request(gateway: Simulation) -> None:
    as_json = answer_of(interrupt(gateway, "142300012", "web-00012", "--dry-run", "--json"))
    assert as_json["message"] == "Nothing was sent."
    assert "serverInstanceNo=142300012" in as_json["request"]
    in_words = interrupt(gateway, "142300012", "web-00012", "--dry-run")
    first, heading, *request = in_words.stdout.splitlines()
    assert first == "dry run: web-00012 (142300012). Nothing was sent."
    assert heading == "This would be sent, and the three headers that sign it:"
    assert [line.strip() for line in request] == as_json["request"].splitlines()


def test_after_an_accepted_interrupt_the_next_look_is_named(gateway: Simulation) -> None:
    ran = interrupt(gateway, "142300001", "web-00001")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("accepted: web-00001 (142300001). ")
    assert ran.stderr == "Look again with: ncpconsole show 142300001\n"
