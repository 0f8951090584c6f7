"""``ncpconsole watch``: one line for each change, until the server is back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE

NUMBER, NAME = "142300012", "web-00012"
PATIENCE = 120

pytestmark = pytest.mark.slow  # most of its tests start programs


def run(gateway: Simulation, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CONSOLE, *words],
        env=dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_every_change_is_a_line_of_json_until_it_is_back(tmp_path: Path) -> None:
    with simulation("--servers", "64") as gateway:
        assert run(gateway, tmp_path, "interrupt", NUMBER, "--confirm", NAME).returncode == 0
        watched = run(gateway, tmp_path, "watch", NUMBER, "--jsonl")
        (record,) = json.loads(run(gateway, tmp_path, "history", "--json").stdout)
        again = run(gateway, tmp_path, "watch", NAME)
    assert (watched.returncode, watched.stderr) == (0, "")
    assert [json.loads(line) for line in watched.stdout.splitlines()] == record["observations"]
    # What was seen already is told without another look.
    assert again.returncode == 0
    assert again.stdout.endswith("back: it runs, with a new start time\n")


@pytest.mark.parametrize("which", [NUMBER, "nobody", "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_where_nothing_was_sent_there_is_nothing_to_watch(which: str, tmp_path: Path) -> None:
    with simulation("--servers", "64") as gateway:
        ran = run(gateway, tmp_path, "watch", which)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"ncpconsole: No interrupt is recorded here that may have reached {which}.\n"


def test_a_signal_ends_the_watch(tmp_path: Path) -> None:
    with simulation("--servers", "64", "--fault", "interrupt:interrupt-unknown") as gateway:
        environment = dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path)}
        interrupt = [CONSOLE, "interrupt", NUMBER, "--confirm", NAME, "--timeout", "3"]
        assert subprocess.run(interrupt, env=environment, check=False, timeout=PATIENCE).returncode == 6
        before = gateway.requests
        with subprocess.Popen(
            [CONSOLE, "watch", NUMBER], env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            gateway.await_request(after=before)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert err.endswith("ncpconsole: ended by SIGTERM.\n")


def test_a_signal_during_the_watch_of_an_interrupt_leaves_its_outcome_and_says_how_to_go_on(tmp_path: Path) -> None:
    with simulation("--servers", "64", "--fault", "interrupt:interrupt-unknown") as gateway:
        environment = dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path)}
        words = [CONSOLE, "interrupt", NUMBER, "--confirm", NAME, "--json", "--timeout", "3", "--watch"]
        with subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told = ""
            while not told.endswith("\n}\n"):
                told += process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
    result = json.loads(told)
    assert (process.returncode, result["outcome"]) == (6, "unknown")
    assert err.endswith(
        f"The watch ended before {NAME}, number {NUMBER}, was seen back. "
        f"To go on: ncpconsole watch {result['journalId']}\n"
    )
