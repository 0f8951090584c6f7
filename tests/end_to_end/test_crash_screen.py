"""The program breaks: the terminal is given back, little is said, nothing is lost, nothing is given away."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.end_to_end.output import taken_apart
from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "ncpconsole stopped on an internal error"
GIVEN_BACK = {7: True, 25: True} | dict.fromkeys((1000, 1003, 1004, 1006, 1015, 1049, 2004), False)
MOST_LINES = 20


@pytest.fixture
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


@pytest.fixture
def silent_gateway() -> Iterator[Simulation]:
    """A gateway that carries an interrupt out and never answers."""
    with simulation("--servers", "64", "--fault", "interrupt-unknown") as running:
        yield running


class Broken(Terminal):
    """The program with a broken part, in a terminal whose state is printed after its end."""

    def __init__(self, gateway: Simulation, part: str, *words: str) -> None:
        program = f"{sys.executable} -m tests.end_to_end.breaking {part} {' '.join(words)}"
        super().__init__(
            "-c", f"{program}; echo ended with $?; stty -a", program="/bin/sh", environment=gateway.environment
        )
        self.gateway = gateway

    def __enter__(self) -> Self:
        return self

    def end(self) -> str:
        """What was printed from the report on, after everything about the terminal was checked."""
        assert self.ended() == 0
        output = taken_apart(bytes(self.raw))
        assert output.modes == GIVEN_BACK
        assert output.keyboards == 0
        _, _, after = output.drawn.partition(HEAD)
        settings = set(after.split())
        assert {"echo", "icanon", "isig", "icrnl", "opost"} <= settings
        assert "ended with 1" in after
        report = HEAD + after.partition("ended with")[0]
        self.assert_report(report)
        assert self.gateway.environment["NCLOUD_SECRET_KEY"] not in output.drawn
        return report

    @staticmethod
    def assert_report(report: str) -> None:
        """Short, without values, with the place of the log, which says the same."""
        lines = report.splitlines()
        assert len(lines) < MOST_LINES
        assert "PartBroken: a bug near '…'" in report
        assert "secret" not in report.replace(str(Path.home()), "")
        (log,) = re.findall(r"log: (\S+)", report)
        kept = Path(log)
        assert kept.stat().st_mode & 0o777 == 0o600
        assert "PartBroken: a bug near '…'" in kept.read_text("utf-8")
        assert "secret" not in kept.read_text("utf-8").replace(str(Path.home()), "")


@pytest.mark.parametrize(("part", "key"), [("key", "enter"), ("screen", "?"), ("keyboard", "j")])
def test_a_part_breaks_at_a_key(gateway: Simulation, part: str, key: str) -> None:
    with Broken(gateway, part) as terminal:
        terminal.shows("64 servers")
        terminal.press(key)
        terminal.end()
    assert gateway.console("history", "--verify").returncode == 0


@pytest.mark.parametrize("part", ["painting", "reading", "start"])
def test_a_part_breaks_by_itself(gateway: Simulation, part: str) -> None:
    with Broken(gateway, part) as terminal:
        terminal.end()
    assert gateway.console("history", "--verify").returncode == 0


def test_a_crash_while_the_answer_is_awaited_leaves_the_truth(silent_gateway: Simulation) -> None:
    server = silent_gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    with Broken(silent_gateway, "waiting") as terminal:
        terminal.shows("64 servers")
        send(terminal, name, number)
        terminal.end()
    (record,) = json.loads(silent_gateway.console("history", "--json").stdout)
    assert (record["serverInstanceNo"], record["outcome"]) == (number, "unknown")
    assert silent_gateway.console("history", "--verify").returncode == 0
    assert silent_gateway.interrupts == 1


def test_an_error_within_the_send_ends_the_dialog_and_not_the_program(gateway: Simulation) -> None:
    server = gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    with Terminal(
        "-m", "tests.end_to_end.breaking", "sending", program=sys.executable, environment=gateway.environment
    ) as terminal:
        terminal.shows("64 servers")
        send(terminal, name, number)
        terminal.shows("NOT SENT", "internal error", "PartBroken")
        terminal.press("esc")
        terminal.hides("NOT SENT")
        terminal.press("h")
        terminal.shows("History of", name, "not sent")
        terminal.press("esc")
        terminal.hides("History of")
        terminal.press("q")
        assert terminal.ended() == 0
    log = json.loads(gateway.console("paths", "--json").stdout)["log"]
    assert "PartBroken" in Path(log).read_text("utf-8")
    assert gateway.environment["NCLOUD_SECRET_KEY"] not in Path(log).read_text("utf-8")
    assert gateway.environment["NCLOUD_SECRET_KEY"].encode() not in terminal.raw
    assert gateway.interrupts == 0


def send(terminal: Terminal, name: str, number: str) -> None:
    """Filter for the server, confirm it, and press Send."""
    terminal.find(number)
    terminal.confirm(name)
    terminal.press("enter")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("listing", ("servers",)),
        ("listing", ("servers", "--json")),
        ("listing", ("show", "142300001")),
        ("journal", ("history",)),
        ("sending", ("interrupt", "NUMBER", "--confirm", "NAME")),
    ],
)
def test_a_command_breaks(gateway: Simulation, part: str, words: tuple[str, ...]) -> None:
    server = gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    said = [{"NUMBER": number, "NAME": name}.get(word, word) for word in words]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.breaking", part, *said],
        env=dict(os.environ) | gateway.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith(HEAD)
    Broken.assert_report(ran.stderr)
    assert gateway.environment["NCLOUD_SECRET_KEY"] not in ran.stderr
    assert gateway.console("history", "--verify").returncode == 0


def test_a_bug_after_the_byte_left_is_an_unknown_outcome(gateway: Simulation) -> None:
    server = gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    words = ("recording", "interrupt", number, "--confirm", name, "--json")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.breaking", *words],
        env=dict(os.environ) | gateway.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answer = json.loads(ran.stdout)
    (record,) = json.loads(gateway.console("history", "--json").stdout)
    assert (ran.returncode, answer["outcome"], answer["journalId"]) == (6, "unknown", record["id"]), ran.stderr
    assert ran.stderr.startswith(HEAD)
    assert gateway.environment["NCLOUD_SECRET_KEY"] not in ran.stderr
    assert record["outcome"] == "unknown"


def test_ctrl_c_ends_a_command_with_one_line() -> None:
    with simulation("--servers", "64", "--fault", "read:hang") as gateway:
        with Terminal("servers", environment=gateway.environment) as terminal:
            gateway.await_request(after=0)
            terminal.press("ctrl+c")
            assert terminal.ended() == 130
        assert terminal.text.split("\n")[:3] == ["^C", "ncpconsole: ended by Ctrl-C.", ""]
        before = gateway.requests
        with subprocess.Popen(
            [CONSOLE, "show", "142300001", "--json"],
            env=dict(os.environ) | gateway.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            gateway.await_request(after=before)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert json.loads(out)["error"]["message"] == "ended by Ctrl-C."
        assert err.split("\n") == ["", "ncpconsole: ended by Ctrl-C.", ""]


def test_ctrl_c_while_an_interrupt_is_under_way_says_what_is_known(silent_gateway: Simulation) -> None:
    server = silent_gateway.plain_server()
    name, number = server["serverName"], server["serverInstanceNo"]
    with subprocess.Popen(
        [CONSOLE, "interrupt", number, "--confirm", name, "--json"],
        env=dict(os.environ) | silent_gateway.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        silent_gateway.await_interrupt()
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 6
    assert json.loads(out)["outcome"] == "unknown"
    assert silent_gateway.console("history", "--verify").returncode == 0


@pytest.mark.parametrize("words", ["servers --all", "servers --all --json", "history --jsonl", "--help"])
def test_a_reader_that_has_enough_is_no_error(words: str) -> None:
    with simulation("--servers", "5000") as gateway:
        ran = subprocess.run(
            ["/bin/bash", "-c", f"{CONSOLE} {words} | head -c 20; echo; echo $PIPESTATUS"],
            env=dict(os.environ) | gateway.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert ran.stderr in {"", "No interrupt is recorded here.\n"}
    assert int(ran.stdout.splitlines()[-1]) in {0, 1}
