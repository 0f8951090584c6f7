"""With --json, standard output is JSON however a command ends, and standard error says it in one sentence."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.cli import root
from ncpconsole.cli.output import json_text
from tests.end_to_end.simulation import Simulation, simulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

NOWHERE = {"NCLOUD_API_GW": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


def run(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(root, words, env=environment)


def error_of(ran: Result) -> dict[str, Any]:
    """The error on standard output, after standard error was found to say the same in one line."""
    error: dict[str, Any] = json.loads(ran.stdout)["error"]
    assert ran.stderr.splitlines() == [f"ncpconsole: {error['message']}"]
    return error


@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (("servers",), {}, 7),
        (("show", "142300012"), {}, 7),
        (("servers", "--filter", "nonsense:1"), {}, 2),
        (("history",), {"NCPCONSOLE_STATE_DIR": "/proc/nowhere"}, 1),
        (("history", "--verify"), {"NCPCONSOLE_STATE_DIR": "/proc/nowhere"}, 1),
        (("profiles",), {"NCPCONSOLE_CONFIG": "/proc"}, 1),
        (("paths",), {"NCPCONSOLE_CONFIG": "~nobody-of-this-name/config.toml"}, 1),
        (("doctor",), {"NCPCONSOLE_CONFIG": "~nobody-of-this-name/config.toml"}, 1),
    ],
)
def test_an_error_is_an_object(words: tuple[str, ...], environment: dict[str, str], code: int) -> None:
    ran = run(environment, *words, "--json")
    assert ran.exit_code == code
    assert error_of(ran)["code"] is None


def test_an_unreachable_gateway_is_an_object(gateway: Simulation) -> None:
    ran = run(gateway.environment | NOWHERE, "servers", "--json")
    assert ran.exit_code == 5
    assert error_of(ran)["requestId"] is None


def test_what_ncp_answered_is_in_the_object() -> None:
    with simulation("--servers", "8", "--fault", "list:permission-denied") as gateway:
        ran = run(gateway.environment, "servers", "--json")
    error = error_of(ran)
    assert ran.exit_code == 4
    assert error["code"] == "210"
    assert error["requestId"] in error["message"]


def test_without_json_standard_output_stays_empty() -> None:
    assert run({}, "servers").stdout == ""


def test_verify_is_an_object_too(gateway: Simulation, tmp_path: Path) -> None:
    environment = gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}
    assert run(environment, "interrupt", "142300012", "--confirm", "web-00012").exit_code == 0
    whole = run(environment, "history", "--verify", "--json")
    document = json.loads(whole.stdout)
    assert (whole.exit_code, whole.stderr) == (0, "")
    assert document == {"whole": True, "events": 3, "head": document["head"]}
    assert len(document["head"]) == 64

    with closing(sqlite3.connect(tmp_path / "state" / "journal.db")) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("DELETE FROM events WHERE sequence = 2")
        database.commit()
    broken = run(environment, "history", "--verify", "--json")
    document = json.loads(broken.stdout)
    assert broken.exit_code == 1
    assert document["whole"] is False
    assert document["fault"].startswith("event 2 is missing")
    assert broken.stderr == f"ncpconsole: The journal was altered: {document['fault']}\n"


@pytest.mark.parametrize("beside", ["--markdown", "--jsonl", "--incident=x", "--server=1"])
def test_verify_stands_alone(beside: str) -> None:
    ran = run({}, "history", "--verify", beside)
    assert ran.exit_code == 2
    assert "--verify" in ran.stderr


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        ("interrupt:permission-denied", "rejected", 4),
        ("interrupt:answer-reset", "unknown", 6),
        ("detail:reset-after-request", "not_sent", 5),
        ("detail:error-404", "not_sent", 5),
        ("regions:error-404", "not_sent", 5),
    ],
)
def test_an_interrupt_that_was_not_accepted_is_said_in_words_too(fault: str, outcome: str, code: int) -> None:
    with simulation("--servers", "64", "--fault", fault) as gateway:
        region = ("--region", "all") if "regions" in fault else ()
        ran = run(gateway.environment, *region, "interrupt", "142300012", "--confirm", "web-00012", "--json")
    answer = json.loads(ran.stdout)
    assert (ran.exit_code, answer["outcome"]) == (code, outcome)
    assert answer["message"] in ran.stderr
    if outcome == "unknown":
        assert f"ncpconsole resolve {answer['journalId']}" in ran.stderr
    else:
        assert answer["requestId"] or "reset" in fault


def test_a_refused_interrupt_is_said_in_words_too(gateway: Simulation) -> None:
    ran = run(gateway.environment, "interrupt", "142300012", "--confirm", "another", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["outcome"]) == (3, "refused")
    assert json.loads(ran.stdout)["message"] in ran.stderr


def test_a_rehearsal_says_nothing_beside_its_json(gateway: Simulation) -> None:
    ran = run(gateway.environment, "interrupt", "142300002", "--confirm", "sql-00002", "--dry-run", "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["outcome"] == "dry_run"


TEXTS = st.text(st.characters(exclude_categories=()))  # halves of surrogate pairs among them
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_json_is_written_as_the_standard_library_writes_it(value: Any) -> None:
    written = json_text(value)
    assert json.loads(written) == value
    assert written.isascii()
    assert re.sub(FLOAT, "0", written) == re.sub(FLOAT, "0", json.dumps(value, ensure_ascii=True, indent=2))


FLOAT = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
"""Numbers may be spelt in two ways that mean the same: 1e16 and 1e+16."""
