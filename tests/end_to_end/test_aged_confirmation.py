"""A console that stood still between Enter and the first byte does not send when it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.terminal import CONSOLE
from tests.simulator.threaded import ThreadedSimulator, running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOT_SENT = 5
LOOKS = 3  # to find the server, to plan, and once more between the claim and the send


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=64) as running:
        yield running


def details(gateway: ThreadedSimulator) -> int:
    return sum(request.scope == "detail" for request in gateway.simulator.requests)


def interrupting(gateway: ThreadedSimulator, state: Path, number: str) -> subprocess.Popen[str]:
    environment = {**gateway.environment, "NCPCONSOLE_STATE_DIR": str(state)}
    return subprocess.Popen(
        [CONSOLE, "interrupt", number, "--confirm", "lone-1", "--timeout", "3", "--json"],
        env=dict(os.environ) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def number(gateway: ThreadedSimulator) -> str:
    number = gateway.fleet.number("KR", 12)
    changes = {"hypervisor": "XEN", "platform": "WND64", "status": "RUN", "operation": "NULL"}
    gateway.simulator.state().change(number, name="lone-1", **changes)
    return number


def test_a_console_that_was_stopped_in_between_sends_nothing(
    gateway: ThreadedSimulator, number: str, tmp_path: Path
) -> None:
    gateway.faults.set("detail:slow=1")
    with interrupting(gateway, tmp_path / "state", number) as running:
        gateway.wait_until(lambda _: details(gateway) == LOOKS, within=30)
        running.send_signal(signal.SIGSTOP)
        time.sleep(4)  # this is what is tested: the time goes by while the console stands still
        running.send_signal(signal.SIGCONT)
        out, err = running.communicate(timeout=60)
    answer = json.loads(out)
    assert (running.returncode, answer["outcome"]) == (NOT_SENT, "not_sent"), err
    assert gateway.interrupts == []


def test_a_second_look_that_is_answered_late_sends_nothing(
    gateway: ThreadedSimulator, number: str, tmp_path: Path
) -> None:
    gateway.faults.set("detail:slow=1")
    with interrupting(gateway, tmp_path / "state", number) as running:
        gateway.wait_until(lambda _: details(gateway) == LOOKS - 1, within=30)
        gateway.faults.set("detail:slow=40")
        began = time.monotonic()
        out, err = running.communicate(timeout=60)
        lasted = time.monotonic() - began
    answer = json.loads(out)
    assert (running.returncode, answer["outcome"]) == (NOT_SENT, "not_sent"), err
    assert "could not be read again" in answer["message"]
    assert gateway.interrupts == []
    assert lasted < 30
