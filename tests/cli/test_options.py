"""What the options take, and where they may stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ncpconsole.cli import COMMANDS, root
from ncpconsole.cli.options import SHARED
from tests.end_to_end.simulation import separate_simulation, simulation

COMMANDS_PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
TAKEN = re.findall(r"^\| `(--[a-z-]+)` \| (.+?) \|", COMMANDS_PAGE, re.MULTILINE)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "0", "601", "soon"])
def test_a_deadline_is_a_number_of_seconds(number: str) -> None:
    ran = CliRunner().invoke(root, ["servers", f"--timeout={number}"])
    assert ran.exit_code == 2
    assert "--timeout" in ran.stderr


@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_a_delay_is_a_number_of_milliseconds(number: str) -> None:
    # The list of faults ends the command where the number is taken, which would else serve for ever.
    ran = CliRunner().invoke(root, ["simulate", "--fault", "help", f"--latency={number}"])
    assert ran.exit_code == 2
    assert "--latency" in ran.stderr


@pytest.mark.parametrize(
    ("words", "environment", "source"),
    [
        (("servers",), {"NCLOUD_API_GW": "http://gateway.example"}, "NCLOUD_API_GW"),
        (("servers", "--api-url", "http://gateway.example"), {}, "--api-url"),
    ],
)
def test_a_refused_address_is_traced_to_who_named_it(
    words: tuple[str, ...], environment: dict[str, str], source: str
) -> None:
    ran = CliRunner().invoke(root, words, env=environment)
    assert ran.exit_code == 2
    assert "plain http is for this machine alone" in ran.stderr
    assert f"It was named by {source}." in ran.stderr


@pytest.mark.parametrize("head", ["abc", "", "g" * 64, "0" * 63, "0" * 65])
def test_a_mistyped_head_accuses_nobody(head: str) -> None:
    ran = CliRunner().invoke(root, ["history", "--verify", f"--expect-head={head}"])
    assert ran.exit_code == 2
    assert "A head is 64 digits" in ran.stderr
    assert "altered" not in ran.stderr


def test_a_head_may_be_pasted_with_space_and_in_capitals() -> None:
    ran = CliRunner().invoke(root, ["history", "--verify", f"--expect-head= {'A' * 64}\n"])
    assert ran.exit_code == 1
    assert "the expected head is not in the chain" in ran.stderr


def test_the_page_of_commands_says_which_command_takes_which_option() -> None:
    assert [option for option, _ in TAKEN] == [f"--{name.replace('_', '-')}" for name in SHARED]
    for option, said in TAKEN:
        takers = {
            name for name in COMMANDS if option in {opt for param in command_named(name).params for opt in param.opts}
        }
        assert takers | {"the console"} == set(said.split(", ")), option


def command_named(name: str) -> click.Command:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    return command


@pytest.mark.parametrize("option", list(SHARED))
def test_an_option_before_a_command_is_used_or_refused(option: str) -> None:
    """The commands that take no shared option, or one; what they need behind their name does not matter."""
    flag = f"--{option.replace('_', '-')}"
    value = () if SHARED[option].get("is_flag") else ("ko",) if option == "lang" else ("30",)
    for command in ("paths", "simulate", "completion"):
        if (command, option) == ("simulate", "rules"):
            continue  # the one that it takes
        ran = CliRunner().invoke(root, [flag, *value, command, "--help"])
        refused = f"{command} has no use for {flag}." in ran.stderr
        assert (ran.exit_code, refused) == ((0, False) if option in {"read_only", "lang"} else (2, True)), ran.output


@pytest.mark.parametrize("words", [("--rules", "2026-10", "simulate"), ("simulate", "--rules", "2026-10")])
def test_the_simulator_takes_rules_before_its_name_too(words: tuple[str, ...]) -> None:
    """The list of faults ends the command, which would else serve for ever."""
    assert CliRunner().invoke(root, [*words, "--fault", "help"]).exit_code == 0
    with separate_simulation("--rules", "2026-10", "--servers", "64") as gateway:
        running = CliRunner().invoke(root, ["servers", "--rules", "2026-10", "--json"], env=gateway.environment)
    assert {server["hypervisor"] for server in json.loads(running.stdout)} > {"KVM"}


def test_the_simulator_refuses_rules_that_are_none() -> None:
    assert CliRunner().invoke(root, ["simulate", "--rules", "nonsense"]).exit_code == 2


@pytest.mark.parametrize("option", ["--ascii", "--theme=nord"])
def test_what_is_for_the_screen_alone_is_refused_by_plain_commands(option: str) -> None:
    assert CliRunner().invoke(root, [option, "paths"]).exit_code == 2
    assert CliRunner().invoke(root, [option, "demo", "--help"]).exit_code == 0


def test_history_is_of_one_profile_where_one_is_named() -> None:
    with simulation("--servers", "64") as gateway:
        for profile, number, name in (("a", "142300012", "web-00012"), ("b", "142300001", "web-00001")):
            words = ["--profile", profile, "interrupt", number, "--confirm", name]
            assert CliRunner().invoke(root, words, env=gateway.environment).exit_code == 0
    for words, profiles in (
        (["history"], ["b", "a"]),
        (["--profile", "a", "history"], ["a"]),
        (["history", "--profile", "b"], ["b"]),
        (["--profile", "a", "history", "--profile", "b"], ["b"]),
        (["--profile", "c", "history"], []),
    ):
        ran = CliRunner().invoke(root, [*words, "--json"])
        assert [record["profile"] for record in json.loads(ran.stdout)] == profiles, words
