"""What the README promises is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from ncpconsole.cli import COMMANDS
from ncpconsole.config.variables import variable_table
from ncpconsole.tui.commands import key_table_markdown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_key_table_is_the_registry_s() -> None:
    shown = README.split("<!-- keys: begin", 1)[1].split("\n", 1)[1].split("<!-- keys: end", 1)[0]
    assert shown.strip() == key_table_markdown().strip()


def test_the_table_of_variables_is_the_registry_s() -> None:
    shown = README.split("<!-- variables: begin", 1)[1].split("\n", 1)[1].split("<!-- variables: end", 1)[0]
    assert shown.strip() == variable_table()


def test_the_first_two_commands_are_the_demo_and_the_test_that_ci_runs() -> None:
    demo, test = re.findall(r"^```\n(.+)\n```", README, re.MULTILINE)[:2]
    assert demo == "python3 bootstrap.py demo"
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_command_and_picture_is_there() -> None:
    commands = README.split("## Commands", 1)[1]
    assert {name for name in COMMANDS if name not in commands} == set()
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_every_promise_names_tests_that_exist() -> None:
    table = README.split("<!-- promises: begin", 1)[1].split("<!-- promises: end", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", row)
        assert named, row
        for path, test in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE), f"{path}::{test}"
