"""A gateway that takes requests and never answers: a command says what it waits for, and ends when it was told to."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pexpect
import pytest

from ncpconsole.cli.interrupt import interrupt_once
from ncpconsole.cli.wiring import ReadDeadline
from ncpconsole.core.errors import Refused
from ncpconsole.core.plan import Confirmation
from tests.cli.operator import Operator
from tests.end_to_end.test_hostile_text import keys_of

if TYPE_CHECKING:
    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

WAITS = "Still waiting for an answer from"


@pytest.fixture
def operator(secret_service: SecretService, gateway: ThreadedSimulator) -> Operator:
    """Somebody whose key stands in the environment."""
    return Operator(secret_service.environment | keys_of(gateway))


@pytest.mark.parametrize(
    ("fault", "command"),
    [("regions:hang", "regions"), ("list:hang", "servers"), ("detail:hang", "interrupt"), ("interrupt:hang", "send")],
)
def test_a_terminal_is_told_whose_answer_is_long_in_coming(
    operator: Operator, gateway: ThreadedSimulator, fault: str, command: str
) -> None:
    server = next(one for one in operator.run("servers", "--json").json if not one["cautions"])
    number, name = server["serverInstanceNo"], server["serverName"]
    gateway.faults.set(fault)
    words = {
        "regions": ["servers", "--region", "all"],
        "servers": ["servers"],
        "interrupt": ["interrupt", number],
        "send": ["interrupt", number, "--confirm", name],
    }[command]
    console = pexpect.spawn(
        sys.executable,
        ["-m", "ncpconsole", *words],
        env=operator.environment | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=40,
        dimensions=(24, 200),
    )
    console.expect_exact(f"{WAITS} {gateway.url}.")
    console.sendintr()
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == (6 if command == "send" else 130)
    assert WAITS not in console.before


def test_a_script_is_told_nothing_and_ends_when_it_was_told_to(operator: Operator, gateway: ThreadedSimulator) -> None:
    (server, *_) = operator.run("servers", "--json").json
    gateway.faults.set("list:hang", "detail:hang")
    ran = operator.run("interrupt", server["serverInstanceNo"], "--confirm", "x", "--timeout", "2", "--json")
    assert ran.code == 5
    assert ran.json["outcome"] == "not_sent"
    assert "was not there within 2 seconds (--timeout)" in ran.json["message"]
    assert WAITS not in ran.err
    assert gateway.interrupts == []


def test_the_time_to_read_begins_with_the_first_read_and_is_one_for_all(
    operator: Operator, gateway: ThreadedSimulator
) -> None:
    gateway.faults.set("regions:hang")
    ran = operator.run("interrupt", "142300001", "--region", "all", "--timeout", "2", "--json")
    assert ran.code == 5
    assert ran.json["outcome"] == "not_sent"
    assert "was not there within 2 seconds (--timeout)" in ran.json["message"]


def test_a_list_that_hangs_keeps_nobody_from_an_interrupt_by_number(
    operator: Operator, gateway: ThreadedSimulator
) -> None:
    """The list is read for who has the same name: what it does not tell is a caution."""
    server = next(one for one in operator.run("servers", "--json").json if not one["cautions"])
    gateway.faults.set("list:hang")
    words = ("interrupt", server["serverInstanceNo"], "--confirm", server["serverInstanceNo"], "--timeout", "12")
    held = operator.run(*words, "--json")
    assert (held.code, held.json["outcome"]) == (3, "refused")
    assert "list-incomplete" in held.json["cautionCodes"]
    despite = [word for code in held.json["cautionCodes"] for word in ("--despite", code)]
    sent = operator.run(*words, *despite, "--json")
    assert (sent.code, sent.json["outcome"], len(gateway.interrupts)) == (0, "accepted", 1)


@pytest.mark.parametrize("seconds", [0.0, 40.0])
async def test_a_plan_is_told_how_long_the_command_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """So that what it can do without, as vital signs, does not use up the time for the server itself."""
    told: list[float] = []

    async def found(*_: object) -> Any:
        server = SimpleNamespace(server_name="web-1", server_instance_no="300")
        return SimpleNamespace(region_code="KR", server=server, surroundings=None)

    async def plan(*_: object, seconds: float) -> None:
        told.append(seconds)
        raise Refused("No.")

    monkeypatch.setattr("ncpconsole.cli.interrupt.find_server", found)
    session = cast("Any", SimpleNamespace(interrupter=SimpleNamespace(plan=plan)))
    deadline = ReadDeadline()
    if seconds:
        deadline.begin(seconds)
    result = await interrupt_once(session, "300", Confirmation(""), dry_run=True, warn=told.append, deadline=deadline)  # type: ignore[arg-type]
    assert result.outcome == "refused"
    (waited,) = told
    assert 0 < waited <= seconds if seconds else waited == float("inf")
