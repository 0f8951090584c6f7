"""A command agrees to a caution by its code: trying the name and then the number passes none unseen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from ncpconsole.cli import root
from ncpconsole.core.cautions import Caution
from tests.simulator.threaded import ThreadedSimulator, running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=64) as running:
        yield running


@pytest.fixture
def environment(gateway: ThreadedSimulator, tmp_path: Path) -> dict[str, str]:
    return {**gateway.environment, "NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}


def interrupt(environment: dict[str, str], number: str, typed: str, *more: str) -> tuple[int, dict[str, object]]:
    words = ["interrupt", number, "--confirm", typed, "--json", *more]
    ran: Result = CliRunner().invoke(root, words, env=environment)
    answer: dict[str, object] = json.loads(ran.stdout)
    return ran.exit_code, answer


def test_a_loop_over_name_and_number_passes_no_caution(gateway: ThreadedSimulator, environment: dict[str, str]) -> None:
    number = gateway.fleet.number("KR", 12)
    state = gateway.simulator.state()
    state.change(number, name="web-00012", hypervisor="XEN", platform="WND64", status="RUN", operation="NULL")
    assert interrupt(environment, number, "web-00012")[0] == 0
    for typed in ("web-00012", number):
        code, answer = interrupt(environment, number, typed)
        assert (code, answer["outcome"]) == (3, "refused"), answer
        assert "recent" in answer["cautionCodes"]  # type: ignore[operator]  # a list
    assert answer["reasonCodes"] == ["not-agreed"] * len(answer["reasonCodes"])  # type: ignore[arg-type]  # a list
    assert "--despite recent" in str(answer["message"])
    assert len(gateway.interrupts) == 1


def test_a_caution_is_agreed_to_by_its_code_and_by_each_of_them(
    gateway: ThreadedSimulator, environment: dict[str, str]
) -> None:
    number, other = gateway.fleet.number("KR", 12), gateway.fleet.number("KR", 13)
    state = gateway.simulator.state()
    state.change(number, name="twin-1", hypervisor="XEN", platform="WND64", status="RUN", operation="SHTDN")
    state.change(other, name="TWIN-1")
    code, answer = interrupt(environment, number, number, "--despite", "operation")
    assert (code, sorted(answer["cautionCodes"])) == (3, ["operation", "same-name"])  # type: ignore[call-overload]  # a list
    assert "--despite same-name" in str(answer["message"])
    assert "--despite operation" not in str(answer["message"])
    code, answer = interrupt(environment, number, "twin-1", "--despite", "operation", "--despite", "same-name")
    assert (code, answer["reasonCodes"]) == (3, ["not-confirmed"])
    code, answer = interrupt(environment, number, number, "--despite", "operation", "--despite", "same-name")
    # It left this console, and NCP refuses a server that is busy.
    assert (code, answer["outcome"], answer["reasonCodes"]) == (4, "rejected", [])
    assert len(gateway.interrupts) == 1


def test_a_code_that_does_not_exist_is_a_mistake(environment: dict[str, str]) -> None:
    ran = CliRunner().invoke(root, ["interrupt", "1", "--confirm", "x", "--despite", "everything"], env=environment)
    assert ran.exit_code == 2
    assert all(code in ran.stderr for code in Caution)


def test_a_blocked_server_tells_its_reasons_by_code(gateway: ThreadedSimulator, environment: dict[str, str]) -> None:
    number = gateway.fleet.number("KR", 12)
    gateway.simulator.state().change(number, hypervisor="KVM", platform="WND64", status="NSTOP", operation="NULL")
    code, answer = interrupt(environment, number, number)
    assert (code, answer["reasonCodes"]) == (3, ["hypervisor", "not-running"])
    shown = CliRunner().invoke(root, ["show", number, "--json"], env=environment)
    assert json.loads(shown.stdout)["reasonCodes"] == ["hypervisor", "not-running"]


def test_list_command_and_plan_give_one_set_of_codes(gateway: ThreadedSimulator, environment: dict[str, str]) -> None:
    state, fleet = gateway.simulator.state(), gateway.fleet
    number, elsewhere = fleet.number("KR", 12), fleet.number("SGN", 1)
    state.change(number, name="결제-1", hypervisor="XEN", platform="WND64", status="RUN", operation="SHTDN")
    state.change(elsewhere, name="결제-1")
    shown = CliRunner().invoke(root, ["--region", "all", "show", number, "--json"], env=environment)
    listed = CliRunner().invoke(root, ["--region", "all", "servers", "--all", "--json"], env=environment)
    (row,) = [row for row in json.loads(listed.stdout) if row["serverInstanceNo"] == number]
    planned = CliRunner().invoke(
        root, ["--region", "all", "interrupt", number, "--confirm", number, "--dry-run", "--json"], env=environment
    )
    codes = ["operation", "same-name"]
    assert json.loads(shown.stdout)["cautionCodes"] == codes
    assert row["cautionCodes"] == codes
    assert json.loads(planned.stdout)["cautionCodes"] == codes


def test_a_refusal_names_every_option_that_is_demanded_in_one_round(
    gateway: ThreadedSimulator, environment: dict[str, str], tmp_path: Path
) -> None:
    number = gateway.fleet.number("KR", 12)
    gateway.simulator.state().change(number, hypervisor="XEN", platform="WND64", status="RUN", operation="SHTDN")
    settings = tmp_path / "config.toml"
    settings.write_text("[profiles.prod]\nprotected = true\nrequire_reason = true\n", "utf-8")
    environment |= {"NCPCONSOLE_CONFIG": str(settings), "NCLOUD_PROFILE": "prod"}
    demanded = "--confirm NUMBER --despite operation --confirm-profile NAME --reason TEXT"
    code, answer = interrupt(environment, number, "web-00012")
    assert (code, answer["outcome"]) == (3, "refused")
    assert str(answer["message"]).count(f"It is confirmed with {demanded}.") == 1
    rehearsed = CliRunner().invoke(root, ["interrupt", number, "--dry-run"], env=environment)
    assert rehearsed.exit_code == 0, rehearsed.output
    assert f"It is confirmed with {demanded}.\n" in rehearsed.stderr
    named = ("--despite", "operation", "--confirm-profile", "prod", "--reason", "CALL-5")
    complete = CliRunner().invoke(
        root, ["interrupt", number, "--confirm", number, *named, "--dry-run"], env=environment
    )
    assert complete.exit_code == 0, complete.output
    assert "It is confirmed with" not in complete.output


def test_without_a_caution_the_refusal_asks_for_the_name(
    gateway: ThreadedSimulator, environment: dict[str, str]
) -> None:
    code, answer = interrupt(environment, gateway.fleet.number("KR", 12), "another")
    assert (code, answer["cautionCodes"]) == (3, [])
    assert "It is confirmed with --confirm NAME." in str(answer["message"])
