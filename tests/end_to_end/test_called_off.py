"""Ctrl-C, or a journal that fails, while a command is at it: the command says what is known."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from ncpconsole.cli.wiring import Wiring
from ncpconsole.core.errors import JournalUnavailable
from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE

if TYPE_CHECKING:
    from pathlib import Path

NUMBER, NAME = "142300012", "web-00012"
NOT_SENT, UNKNOWN = 5, 6


def console(gateway: Simulation, state: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CONSOLE, *words],
        env=dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rename(state: Path, table: str, name: str) -> None:
    """Take a table away from a running console, so that it can neither read nor write its journal."""
    with closing(sqlite3.connect(state / "journal.db", timeout=30)) as database:
        database.execute(f"ALTER TABLE {table} RENAME TO {name}")
        database.commit()


def test_a_journal_that_fails_after_the_byte_left_makes_it_no_less_unknown(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with simulation("--servers", "64", "--fault", "interrupt:interrupt-unknown") as gateway:
        words = ("interrupt", NUMBER, "--confirm", NAME, "--json")
        with console(gateway, state, *words) as running:
            gateway.await_interrupt()
            rename(state, "intents", "taken_away")
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        rename(state, "taken_away", "intents")
        with console(gateway, state, "history", "--json") as reading:
            (record,) = json.loads(reading.communicate(timeout=60)[0])
    answer = json.loads(out)
    assert (running.returncode, answer["outcome"]) == (UNKNOWN, "unknown"), err
    assert answer["journalId"] == record["id"]
    assert "could not be written to the journal" in answer["message"]
    assert record["outcome"] == "unknown"


def test_a_journal_that_fails_before_the_plan_is_ready_means_not_sent(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with simulation("--servers", "64", "--fault", "detail:slow=5") as gateway:
        with console(gateway, state, "interrupt", NUMBER, "--confirm", NAME, "--json") as running:
            gateway.await_request(after=0)
            rename(state, "intents", "taken_away")
            out, err = running.communicate(timeout=60)
        assert gateway.interrupts == 0
    answer = json.loads(out)
    assert (running.returncode, answer["outcome"], answer["serverName"]) == (NOT_SENT, "not_sent", NAME), err


@pytest.mark.parametrize("trouble", [JournalUnavailable("The disk is gone."), KeyboardInterrupt()])
def test_trouble_after_the_answer_takes_nothing_back(trouble: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Giving the connections back may fail, or meet a late Ctrl-C."""

    async def fails(_: Wiring) -> None:
        raise trouble

    monkeypatch.setattr(Wiring, "aclose", fails)
    with simulation("--servers", "64") as gateway:
        words = ("interrupt", NUMBER, "--confirm", NAME, "--json")
        ran = CliRunner().invoke(root, words, env=gateway.environment)
        assert gateway.interrupts == 1
    answer = json.loads(ran.stdout)
    assert (ran.exit_code, answer["outcome"]) == (0, "accepted")
    assert answer["journalId"]
    assert ran.stderr.strip() == str(trouble)
