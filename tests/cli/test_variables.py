"""Every variable that the program reads is in the registry, and one that only looks like it is told."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import ncpconsole
from ncpconsole.cli import root
from ncpconsole.config.variables import SECRETS, VARIABLES, unknown_variables
from tests.cli.operator import Operator
from tests.end_to_end.terminal import Terminal

SOURCE = Path(ncpconsole.__file__).parent
NAMED = re.compile(r"""["'](NCLOUD_[A-Z_]+|NCPCONSOLE_[A-Z_]+|SSL_CERT_[A-Z]+|PYTHON_KEYRING[A-Z_]*)["']""")


def test_every_variable_that_the_program_names_is_in_the_registry() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "variables.py"]
    named = {name for text in texts for name in NAMED.findall(text)} - {"NCLOUD_", "NCPCONSOLE_", "PYTHON_KEYRING"}
    assert named
    assert named <= {variable.name for variable in VARIABLES}
    assert {
        variable.name for variable in VARIABLES if "KEY" in variable.name and "KEYRING" not in variable.name
    } == set(SECRETS)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("NCPCONSOLE_READONLY", "NCPCONSOLE_READ_ONLY"),
        ("NCPCONSOLE_READ_ONYL", "NCPCONSOLE_READ_ONLY"),
        ("ncpconsole_read_only", "NCPCONSOLE_READ_ONLY"),
        ("NCPCONSOLE_CONFIGS", "NCPCONSOLE_CONFIG"),
        ("NCPCONSOLE_STATEDIR", "NCPCONSOLE_STATE_DIR"),
        ("NCP_CONSOLE_READ_ONLY", "NCPCONSOLE_READ_ONLY"),
        ("NCPCONSOLE-READ-ONLY", "NCPCONSOLE_READ_ONLY"),
        ("NCPCONSOLE.READ.ONLY", "NCPCONSOLE_READ_ONLY"),
        ("NcpConsole__READ_ONLY", "NCPCONSOLE_READ_ONLY"),
    ],
)
def test_a_misspelt_promise_is_told_with_what_is_meant(name: str, nearest: str) -> None:
    assert list(unknown_variables({name: "1"})) == [f"Nothing reads the variable {name}. Is {nearest} meant?"]


def test_what_is_read_and_what_is_not_ours_is_no_news() -> None:
    environment = {variable.name: "1" for variable in VARIABLES} | {"_NCPCONSOLE_COMPLETE": "bash_source", "HOME": "/"}
    assert list(unknown_variables(environment)) == []


@pytest.mark.parametrize("words", [("paths",), ("profiles",), ("history",), ("servers",), ("doctor", "--region", "KR")])
def test_every_command_tells_of_it_at_its_start(words: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(root, words, env={"NCPCONSOLE_READONLY": "1", "NCLOUD_API_GW": "https://127.0.0.1:9"})
    assert ran.stderr.startswith("Nothing reads the variable NCPCONSOLE_READONLY. Is NCPCONSOLE_READ_ONLY meant?\n")


@pytest.mark.parametrize(("value", "is_told"), [("klingon", True), ("C", True), ("", False), ("ko_KR.UTF-8", False)])
def test_a_variable_that_names_no_language_is_told(value: str, is_told: bool) -> None:
    ran = CliRunner().invoke(root, ("paths",), env={"NCPCONSOLE_LANG": value})
    sentence = "NCPCONSOLE_LANG must be en or ko; what it says is not used.\n"
    assert ran.stderr == (sentence if is_told else "")
    assert ran.exit_code == 0


def test_the_console_tells_of_it_before_the_list() -> None:
    with Terminal("demo", environment={"NCPCONSOLE_READONLY": "1"}) as terminal:
        terminal.shows("! Nothing reads the variable NCPCONSOLE_READONLY", "w tells all")


def test_the_doctor_fails_for_it() -> None:
    ran = Operator(dict(os.environ)).run(
        "doctor", "--json", "--api-url", "https://127.0.0.1:9", NCPCONSOLE_READONLY="1"
    )
    failed = [line for line in ran.json if (line["check"], line["status"]) == ("environment", "failure")]
    assert [line["message"] for line in failed] == [
        "Nothing reads the variable NCPCONSOLE_READONLY. Is NCPCONSOLE_READ_ONLY meant?"
    ]


def test_help_lists_them_all() -> None:
    shown = CliRunner().invoke(root, ["--help"]).stdout
    assert all(variable.name in shown and variable.meaning.split()[0] in shown for variable in VARIABLES)
