"""The exit code of an interrupt is that of its outcome, whoever reads the words and whatever signal comes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NUMBER, NAME = "142300012", "web-00012"


def interrupt_of(number: str, name: str) -> tuple[str, ...]:
    return ("interrupt", number, "--confirm", name, "--json")


INTERRUPT = interrupt_of(NUMBER, NAME)
OUTCOMES = {
    "": ("accepted", 0),
    "interrupt:permission-denied": ("rejected", 4),
    "interrupt:answer-reset": ("unknown", 6),
}
PATIENCE = 60


def environment(gateway: Simulation, state: Path) -> dict[str, str]:
    return dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(state)}


def interrupting(gateway: Simulation, state: Path) -> subprocess.Popen[str]:
    """The interrupt, under way."""
    return subprocess.Popen(
        [CONSOLE, *INTERRUPT],
        env=environment(gateway, state),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shell(
    gateway: Simulation, state: Path, line: str, words: tuple[str, ...] = INTERRUPT
) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell, where CONSOLE is the program and INTERRUPT the ``words``."""
    line = line.replace("CONSOLE", shlex.quote(CONSOLE)).replace("INTERRUPT", shlex.join(words))
    return subprocess.run(
        ["bash", "-c", line],
        env=environment(gateway, state),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@dataclass(frozen=True)
class Gateway:
    """A gateway, the outcome of an interrupt there, and its exit code. Each test takes a server that is ``fresh``."""

    running: Simulation
    outcome: str
    code: int
    fresh: Iterator[dict[str, Any]]


@pytest.fixture(scope="module", params=OUTCOMES, ids=lambda fault: OUTCOMES[fault][0])
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    faults = ("--fault", request.param) if request.param else ()
    with simulation("--servers", "400", *faults) as running:
        yield Gateway(running, *OUTCOMES[request.param], running.plain_servers())


@pytest.fixture(scope="module")
def silent() -> Iterator[Gateway]:
    """A gateway that carries interrupts out and never answers."""
    with simulation("--servers", "400", "--fault", "interrupt:interrupt-unknown") as running:
        yield Gateway(running, "unknown", 6, running.plain_servers())


@pytest.mark.parametrize(
    "line",
    [
        "CONSOLE INTERRUPT | true; exit ${PIPESTATUS[0]}",
        "CONSOLE INTERRUPT 2> >(true); exit $?",
        "CONSOLE INTERRUPT > /dev/full",
        "CONSOLE INTERRUPT 2> /dev/full",
        "CONSOLE INTERRUPT > /dev/full 2>&1",
        "CONSOLE INTERRUPT < /dev/null > /dev/full",
        "CONSOLE INTERRUPT <&-",
    ],
)
def test_the_code_survives_whatever_becomes_of_the_words(gateway: Gateway, line: str, tmp_path: Path) -> None:
    server = next(gateway.fresh)
    number, name = server["serverInstanceNo"], server["serverName"]
    # The readers end at once, before anything is printed: the command takes longer.
    ran = shell(gateway.running, tmp_path, line, interrupt_of(number, name))
    assert gateway.running.interrupts_of(number) == 1
    assert ran.returncode == gateway.code, ran.stderr
    if "1" not in line and "> /dev/full" not in line and "|" not in line:
        assert json.loads(ran.stdout)["outcome"] == gateway.outcome
    if line == "CONSOLE INTERRUPT > /dev/full" and gateway.outcome != "accepted":
        assert name in ran.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_an_error_before_anything_is_sent(closed: str, tmp_path: Path) -> None:
    with simulation("--servers", "64") as running:
        before = running.requests
        ran = shell(running, tmp_path, f"CONSOLE INTERRUPT {closed}")
        assert running.requests == before
    assert ran.returncode == 2
    said = {">&-": ("", "output"), "2>&-": ("error", "")}.get(closed, ("", ""))
    for text, which in zip((ran.stdout, ran.stderr), said, strict=True):
        assert (f"Standard {which} is closed, so nothing was done." in text) == bool(which)
    assert "Traceback" not in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_signals_while_the_answer_comes_leave_an_unknown_outcome_that_is_told(
    number: signal.Signals, count: int, silent: Gateway, tmp_path: Path
) -> None:
    server = next(silent.fresh)
    of = server["serverInstanceNo"]
    process = subprocess.Popen(
        [CONSOLE, *interrupt_of(of, server["serverName"])],
        env=environment(silent.running, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        silent.running.await_interrupt(of)
        for _ in range(count):
            process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert silent.running.interrupts_of(of) == 1
    assert process.returncode == 6, err
    assert json.loads(out)["outcome"] == "unknown"
    assert "ncpconsole resolve" in err


def test_a_signal_that_is_ignored_from_outside_stays_ignored(tmp_path: Path) -> None:
    """As nohup does it, so that a terminal that closes ends nothing."""
    with simulation("--servers", "64", "--fault", "interrupt:slow=1") as running:
        process = subprocess.Popen(
            ["bash", "-c", f"trap '' HUP; exec {shlex.join([CONSOLE, *INTERRUPT])}"],
            env=environment(running, tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            running.await_interrupt()
            process.send_signal(signal.SIGHUP)
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, json.loads(out)["outcome"]) == (0, "accepted"), err


def test_signals_that_never_end_replace_no_outcome(tmp_path: Path) -> None:
    """Ctrl-C held from the moment of sending until the process is gone."""
    with (
        simulation("--servers", "64", "--fault", "interrupt:slow=0.2") as running,
        interrupting(running, tmp_path) as process,
    ):
        running.await_interrupt()
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    answer = json.loads(out)
    assert (answer["outcome"], process.returncode) in {("accepted", 0), ("unknown", 6)}, err


def test_a_signal_before_the_send_is_told_as_json_too(tmp_path: Path) -> None:
    with simulation("--servers", "64", "--fault", "detail:slow=30") as running:
        before = running.requests
        with interrupting(running, tmp_path) as process:
            running.await_request(after=before)
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE)
        assert running.interrupts == 0
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(out)["error"]["message"] == "ended by SIGTERM."
    assert err.strip() == "ncpconsole: ended by SIGTERM."


def test_accepted_but_not_recorded_is_not_done(tmp_path: Path) -> None:
    """The journal can be written until SENDING is in it, and not after."""
    import sqlite3

    with (
        simulation("--servers", "64", "--fault", "interrupt:slow=3") as running,
        interrupting(running, tmp_path) as process,
    ):
        running.await_interrupt()
        with sqlite3.connect(tmp_path / "journal.db", timeout=30) as database:
            database.execute("ALTER TABLE intents RENAME TO taken_away")
        database.close()
        out, err = process.communicate(timeout=PATIENCE)
    answer = json.loads(out)
    assert (answer["outcome"], answer["recorded"], process.returncode) == ("accepted", False, 6), err
    assert "could not be written to the journal" in answer["message"]
    assert "ends with 6" in err


@pytest.mark.parametrize("redirection", ["", "2> /dev/full", "> /dev/full 2>&1", "2> >(true)"])
def test_a_bug_after_the_byte_left_and_nobody_to_tell(redirection: str, tmp_path: Path) -> None:
    with simulation("--servers", "64") as running:
        program = f"{shlex.join([sys.executable, '-m', 'tests.end_to_end.breaking', 'recording'])} INTERRUPT"
        ran = shell(running, tmp_path, f"{program} {redirection}")
        assert running.interrupts == 1
    assert ran.returncode == 6, ran.stderr


def test_what_was_resolved_is_no_failure_because_nobody_reads_it(tmp_path: Path) -> None:
    with simulation("--servers", "64", "--fault", "interrupt:answer-reset") as running:
        assert shell(running, tmp_path, "CONSOLE INTERRUPT").returncode == 6
        (record,) = json.loads(shell(running, tmp_path, "CONSOLE history --json").stdout)
        ran = shell(running, tmp_path, f"CONSOLE resolve {record['id']} --as accepted --note seen > /dev/full")
        assert (ran.returncode, ran.stderr) == (0, "")
        (record,) = json.loads(shell(running, tmp_path, "CONSOLE history --json").stdout)
    assert record["resolution"]["as"] == "accepted"


@pytest.mark.parametrize("words", [("paths",), ("profiles", "--json"), ("completion", "bash")])
def test_a_plain_command_that_cannot_print_says_so_and_fails(words: tuple[str, ...], tmp_path: Path) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"{shlex.join([CONSOLE, *words])} > /dev/full"],
        env=dict(os.environ) | {"NCPCONSOLE_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ran.returncode == 1
    assert ran.stderr == "ncpconsole: Standard output cannot be written: No space left on device.\n"
