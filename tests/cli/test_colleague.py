"""Two operators whose journals know nothing of each other: the activity log tells the second of the first."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator.accounts import VIEWER_ACCESS_KEY, VIEWER_SECRET_KEY
from tests.cli.operator import Operator, Ran
from tests.simulator.threaded import ThreadedSimulator, running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NUMBER, NAME = "142300001", "web-00001"
BY_NAME = ("interrupt", NUMBER, "--confirm", NAME, "--json")
MINA = {"id": "mina", "loginAlias": "simulated-team", "userType": "Sub"}


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8, interrupt_seconds=0) as running:
        yield running


def somebody(gateway: ThreadedSimulator, home: Path, name: str, **more: str) -> Operator:
    """An operator with a journal of their own."""
    keys = {"NCLOUD_ACCESS_KEY": gateway.access_key, "NCLOUD_SECRET_KEY": gateway.secret_key}
    own = {"NCLOUD_API_GW": gateway.url, "NCPCONSOLE_STATE_DIR": str(home / name)}
    return Operator(dict(os.environ) | own | keys | more)


def outcome(ran: Ran) -> str:
    return str(ran.json["outcome"])


def test_a_second_operator_is_told_of_the_first(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    first, second = somebody(gateway, tmp_path, "first"), somebody(gateway, tmp_path, "second")
    assert outcome(first.run(*BY_NAME)) == "accepted"
    ran = second.run(*BY_NAME)
    assert (ran.code, outcome(ran), ran.json["cautionCodes"]) == (3, "refused", ["by-others"])
    assert re.search(r"Someone interrupted this server \d+ s ago, by the activity log", ran.json["message"])
    assert "sub account 70412 from 127.0.0.1" in ran.json["message"]
    assert len(gateway.interrupts) == 1
    by_number = ("interrupt", NUMBER, "--confirm", NUMBER, "--json")
    assert outcome(second.run(*by_number)) == "refused"
    assert outcome(second.run(*by_number, "--despite", "by-others")) == "accepted"
    assert len(gateway.interrupts) == 2


def test_ones_own_interrupt_is_not_somebody_elses(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    first = somebody(gateway, tmp_path, "first")
    assert outcome(first.run(*BY_NAME)) == "accepted"
    assert first.run(*BY_NAME).json["cautionCodes"] == ["recent"]


@pytest.mark.parametrize(("action", "done"), [("Stop Server Instances", "stopped"), ("Reboot Server", "restarted")])
def test_a_stop_or_restart_by_others_demands_the_number(
    gateway: ThreadedSimulator, tmp_path: Path, action: str, done: str
) -> None:
    gateway.simulator.colleague(NUMBER, action, seconds_ago=330)  # half a minute from the next
    ran = somebody(gateway, tmp_path, "first").run(*BY_NAME)
    assert (outcome(ran), ran.json["cautionCodes"]) == ("refused", ["by-others"])
    assert f"Someone {done} this server 5 min ago" in ran.json["message"]
    assert "sub account 70455 from 203.0.113.45" in ran.json["message"]


@pytest.mark.parametrize("fault", ["activities:error-500", "activities:permission-denied", "activities:hang"])
def test_a_log_that_fails_is_one_quiet_line(gateway: ThreadedSimulator, tmp_path: Path, fault: str) -> None:
    gateway.faults.set(fault)
    ran = somebody(gateway, tmp_path, "first").run(*BY_NAME)
    assert (ran.code, outcome(ran), ran.json["cautionCodes"]) == (0, "accepted", [])
    told = [line for line in ran.err.splitlines() if "activity log" in line]
    assert len(told) == 1
    assert told[0].startswith("The activity log was not read, so what others did would not show: ")


def test_whose_key_it_was_is_told_and_recorded(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    first = somebody(gateway, tmp_path, "first")
    assert first.run(*BY_NAME).json["actingAs"] == MINA
    assert [one["actingAs"] for one in first.run("history", "--json").json] == [MINA]
    assert "  as sub account mina of simulated-team" in first.run("history").out.splitlines()
    assert "- acting as: sub account mina of simulated-team" in first.run("history", "--markdown").out
    viewer = {"NCLOUD_ACCESS_KEY": VIEWER_ACCESS_KEY, "NCLOUD_SECRET_KEY": VIEWER_SECRET_KEY}
    other = somebody(gateway, tmp_path, "viewer", **viewer).run("interrupt", NUMBER, "--json", "--dry-run")
    assert other.json["actingAs"]["id"] == "viewer"


@pytest.mark.parametrize("fault", ["identity:error-500", "identity:hang", "identity:garbage"])
def test_an_identity_that_nobody_tells_holds_nothing_up(gateway: ThreadedSimulator, tmp_path: Path, fault: str) -> None:
    gateway.faults.set(fault)
    first = somebody(gateway, tmp_path, "first")
    ran = first.run(*BY_NAME)
    assert (ran.code, outcome(ran), ran.json["actingAs"]) == (0, "accepted", None)
    assert [one["actingAs"] for one in first.run("history", "--json").json] == [None]
