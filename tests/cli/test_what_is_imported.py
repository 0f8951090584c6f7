"""What may be loaded before the program answers: the start is fast because this list is short."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ncpconsole

LATE = {"httpx", "httpcore", "h11", "keyring", "sqlite3", "msgspec", "truststore", "stamina", "tomlkit"}
LATE |= {"defusedxml", "filelock", "ulid", "psycopg"}

FIRST_FRAME_WITHOUT = {"core.records", "core.cautions", "core.plan", "core.session", "ncp.results"}
FIRST_FRAME_WITHOUT |= {"core.series", "core.vitals", "core.vitals_reader", "ncp.metrics", "ncp.insight"}
FIRST_FRAME_WITHOUT |= {"tui.account_controller", "tui.interrupt_flow", "tui.screens.confirm"}

DEMO_WITHOUT = {"cli.accounts", "config.profiles", "config.registry", "config.settings", "core.policy", "ncp.sites"}
"""What tells the user's own console what to show, and the demo nothing."""

MOST_LATE = 100
"""Imports within functions: each is there because the start, or the first frame, would wait for it."""

PROBE = """
import json, sys
before = set(sys.modules)
{code}
found = [name for name, module in sys.modules.items() if module is not None and name not in before]
print("\\n" + json.dumps(sorted(found)))
"""


def loaded_by(code: str) -> set[str]:
    """Top-level names and dotted names of the modules that ``code`` loads in a fresh interpreter."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", PROBE.format(code=code)], capture_output=True, text=True, check=True
    )
    return set(json.loads(ran.stdout.splitlines()[-1]))


EVERY_START = {"cli", "cli.options", "cli.process", "config", "config.language_choice", "config.variables", "language"}


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_version_and_help_load_click_and_this_package_alone(word: str) -> None:
    loaded = loaded_by(
        f"from ncpconsole.cli import root\nroot.main([{word!r}], prog_name='ncpconsole', standalone_mode=False)"
    )
    standard = set(sys.stdlib_module_names)
    ours = {name for name in loaded if name.split(".")[0] not in standard}
    assert {name for name in ours if not name.startswith("click")} == {
        "ncpconsole",
        *(f"ncpconsole.{name}" for name in EVERY_START),
        *(["ncpconsole.cli.exit_codes"] if word == "--help" else ()),
    }
    assert not loaded & {"asyncio", "ssl", "sqlite3", "importlib.metadata"}


def test_the_app_is_ready_for_its_first_frame_without_network_keyring_or_database() -> None:
    loaded = loaded_by("import ncpconsole.cli.console, ncpconsole.cli.accounts, ncpconsole.tui.app")
    assert not {name.split(".")[0] for name in loaded} & LATE
    assert not {name for name in loaded if name.startswith(("ncpconsole.simulator", "ncpconsole.ncp.client"))}
    # Each of them costs 2 to 5 ms, and nothing of them is seen in the first frame.
    assert not loaded & {f"ncpconsole.{name}" for name in FIRST_FRAME_WITHOUT}


def test_the_demo_is_ready_for_its_first_frame_without_the_settings() -> None:
    loaded = loaded_by("import ncpconsole.cli.demo, ncpconsole.tui.app")
    assert not loaded & {"tomllib", "csv", *(f"ncpconsole.{name}" for name in FIRST_FRAME_WITHOUT | DEMO_WITHOUT)}


def test_imports_within_functions_stay_few() -> None:
    late = {
        f"{path}:{node.lineno}"
        for path in Path(ncpconsole.__file__).parent.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert 0 < len(late) <= MOST_LATE


def test_the_probe_sees_what_is_loaded() -> None:
    assert "sqlite3" in loaded_by("import ncpconsole.core.journal.journal")


def test_an_account_is_opened_and_its_kept_list_read_without_what_sends_and_what_records() -> None:
    needed = "ncpconsole.cli.wiring as wiring, ncpconsole.config.kept_list, ncpconsole.core.listing"
    loaded = loaded_by(f"import {needed}; wiring._load(wiring.PARTS)")
    assert "ncpconsole.ncp.client" in loaded
    assert not {name.split(".")[0] for name in loaded} & {"httpx", "httpcore", "h11", "stamina", "truststore"}
    assert not {name.split(".")[0] for name in loaded} & {"defusedxml", "filelock", "ulid"}


def test_httpx_comes_without_its_own_command_line() -> None:
    loaded = loaded_by("import ncpconsole.ncp.reads, httpx; httpx.main")
    assert not {name.split(".")[0] for name in loaded} & {"click", "pygments"}
    assert "rich.progress" not in loaded


def test_without_a_team_nothing_of_the_team_s_is_loaded() -> None:
    parts = "(*wiring.PARTS, *wiring.REQUEST_PARTS, *wiring.LATER_PARTS)"
    loaded = loaded_by(f"import ncpconsole.cli.wiring as wiring; wiring._load({parts})")
    assert {"ncpconsole.core.journal.journal", "anyio._backends._asyncio", "filelock"} <= loaded
    assert not {name for name in loaded if name.startswith(("psycopg", "ncpconsole.core.journal.team"))}
    assert "ncpconsole.core.journal.presence" not in loaded


READS = """
import atexit, runpy, sys
read = []
sys.addaudithook(lambda event, facts: read.append(str(facts[0])) if event == "open" else None)
sys.argv = ["ncpconsole", *{words!r}]
atexit.register(lambda: print("\\n" + str(sum("locale/ko" in place.replace("\\\\", "/") for place in read))))
runpy.run_module("ncpconsole", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("words", "code", "is_read"),
    [
        (["paths"], "en", False),
        (["--help"], "en", False),
        (["servers", "too", "many"], "en", False),
        (["paths", "--json"], "ko", False),
        (["paths"], "ko", True),
        (["--lang", "ko", "paths"], "en", True),
    ],
)
def test_the_catalogue_is_read_for_korean_alone(words: list[str], code: str, is_read: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", READS.format(words=words)],
        env=os.environ | {"NCPCONSOLE_LANG": code},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (int(ran.stdout.splitlines()[-1]) > 0) is is_read
