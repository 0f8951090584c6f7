"""A usage error quotes nothing that was typed, and is JSON too where JSON was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ncpconsole.cli import COMMANDS, root
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from click.testing import Result

SECRET = "Zq7SecretOfNobody40LettersLongXyZ0123456"
WITH_JSON = ("servers", "show", "interrupt", "history", "profiles", "doctor", "paths")
PLACES = [
    (SECRET,),
    (SECRET, "--json"),
    (f"--{SECRET}",),
    (f"-{SECRET}",),
    (f"--profile={SECRET}", SECRET),
    ("--timeout", SECRET, "servers"),
    *((command, SECRET, SECRET, SECRET) for command in COMMANDS),
    *((command, f"--{SECRET}") for command in COMMANDS),
    *((command, f"-{SECRET}") for command in COMMANDS),
    *((command, f"--{SECRET}={SECRET}") for command in COMMANDS),
    ("login", "--stdin", SECRET),
    ("login", f"--stdin={SECRET}"),
    ("login", "--site", SECRET),
    ("completion", SECRET),
    ("config", "set", SECRET, SECRET),
    ("config", "set", "protected", SECRET),
    ("config", "set", "cooldown", SECRET),
    ("config", "unset", SECRET),
    ("resolve", "X", "--note", "n", "--as", SECRET),
    ("simulate", "--port", SECRET),
    ("simulate", "--latency", SECRET),
    ("demo", "--servers", SECRET),
    ("history", "--expect-head", SECRET),
    ("interrupt", "1", "--timeout", SECRET),
    ("interrupt", "1", "--timeout", f"it's {SECRET} is not \" is not {SECRET}"),
]


def run(*words: str) -> Result:
    return CliRunner().invoke(root, words)


@pytest.mark.parametrize("words", PLACES, ids=lambda words: " ".join(words).replace(SECRET, "SECRET"))
def test_nothing_that_was_typed_is_quoted(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert SECRET not in ran.output
    assert "Error: " in ran.stderr


def test_the_program_quotes_nothing_either() -> None:
    """click cuts and joins words itself before it reports them."""
    ran = subprocess.run(
        [sys.executable, "-m", "ncpconsole", "login", "ACCESS", SECRET],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert SECRET not in ran.stderr
    assert "There are more words than this command takes." in ran.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [(("servrs",), "Did you mean servers?"), (("servers", "--al"), "Did you mean --all"), (("nothing-near",), "")],
)
def test_a_slip_is_answered_with_what_is_near(words: tuple[str, ...], hint: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert (hint or "no such command.") in ran.stderr


def test_an_option_of_the_program_is_named_where_a_command_does_not_have_it() -> None:
    assert "No such option: --timeout." in run("servers", "--timeout", "5").stderr


@pytest.mark.parametrize("command", WITH_JSON)
@pytest.mark.parametrize("wrong", [("a", "b", "c"), ("--nonsense",), ("--profile",)])
def test_with_json_a_usage_error_is_an_object(command: str, wrong: tuple[str, ...]) -> None:
    ran = run(command, "--json", *wrong)
    assert ran.exit_code == 2
    error = json.loads(ran.stdout)["error"]
    assert (error["code"], error["requestId"]) == (None, None)
    assert error["message"] in ran.stderr


@pytest.mark.parametrize("command", ["team", "config"])
def test_a_command_that_takes_another_one_alone_shows_its_help_as_help(command: str) -> None:
    alone, helped = CliRunner().invoke(root, [command]), CliRunner().invoke(root, [command, "--help"])
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert alone.stderr.strip() == helped.stdout.strip()


def test_with_json_an_option_of_no_use_is_an_object() -> None:
    ran = run("--timeout", "5", "servers", "--json")
    assert json.loads(ran.stdout)["error"]["message"] == "servers has no use for --timeout."


def test_without_json_standard_output_stays_empty() -> None:
    assert run("servers", "a").stdout == ""


@pytest.mark.parametrize("words", [("completion",), ("resolve", "X"), ("resolve", "X", "--note", "n")])
def test_choices_are_listed_without_a_tab(words: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ncpconsole", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 2
    assert "\\x09" not in ran.stderr
    assert ("bash, zsh, fish" if words[0] == "completion" else "accepted, not-received") in ran.stderr


@pytest.mark.parametrize("fault", ["authentication-failed", "permission-denied", "list:permission-denied"])
@pytest.mark.parametrize("words", [("servers",), ("show", "142300001"), ("interrupt", "142300001", "--confirm", "x")])
def test_a_key_that_ncp_refuses_ends_every_command_with_4(fault: str, words: tuple[str, ...]) -> None:
    with simulation("--servers", "8", "--fault", fault) as gateway:
        ran = CliRunner().invoke(root, [*words, "--json"], env=gateway.environment)
        assert gateway.interrupts == 0
    if fault.startswith("list:") and words[0] != "servers":
        return  # the list is only looked at beside the server, and its absence is a caution
    assert ran.exit_code == 4
    if words[0] == "interrupt":
        assert json.loads(ran.stdout)["outcome"] == "not_sent"


def test_a_dry_run_needs_no_confirmation() -> None:
    with simulation("--servers", "64") as gateway:
        ran = CliRunner().invoke(root, ["interrupt", "142300012", "--dry-run", "--json"], env=gateway.environment)
        wrong = CliRunner().invoke(
            root, ["interrupt", "142300012", "--dry-run", "--confirm", "x"], env=gateway.environment
        )
        assert gateway.interrupts == 0
    assert (ran.exit_code, json.loads(ran.stdout)["outcome"]) == (0, "dry_run")
    assert wrong.exit_code == 3
