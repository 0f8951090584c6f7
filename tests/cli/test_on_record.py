"""A command of the user's gets each recorded outcome, and can neither delay nor change it."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli.session import OnRecord
from ncpconsole.core.journal.journal import Journal
from tests.cli.operator import Operator
from tests.core.fakes import ALICE, a_draft

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.records import Intent
    from tests.simulator.threaded import ThreadedSimulator

SEND = ("interrupt", "142300001", "--confirm", "web-00001", "--json")
TELL = """
import json, os, sys
text = sys.stdin.read()
with open(sys.argv[1], "w") as pipe:
    pipe.write(json.dumps({"record": json.loads(text), "environment": dict(os.environ)}))
sys.exit(int(sys.argv[2]))
"""
PATIENCE = 60.0
HANGUL = re.compile("[가-힣]")

pytestmark = pytest.mark.slow  # most of its tests start programs


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that lets the command wait until somebody reads what it has to say."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def an_operator(gateway: ThreadedSimulator, home: Path, command: list[str]) -> Operator:
    config = home / "config.toml"
    config.write_text(f'[profiles.prod]\napi_url = "{gateway.url}"\non_record = {json.dumps(command)}\n', "utf-8")
    config.chmod(0o600)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NC", "XDG"))}
    return Operator(
        kept
        | {
            "HOME": str(home),
            "NCPCONSOLE_CONFIG": str(config),
            "NCPCONSOLE_STATE_DIR": str(home / "state"),
            "NCLOUD_PROFILE": "prod",
            "NCLOUD_ACCESS_KEY": gateway.access_key,
            "NCLOUD_SECRET_KEY": gateway.secret_key,
        }
    )


def in_log(log: Path, what: str) -> bool:
    """Wait until the log has it."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if log.exists() and what in log.read_text("utf-8"):
            return True
        time.sleep(0.02)
    return False


def test_it_gets_the_record_and_no_secret_and_holds_nobody_up(
    gateway: ThreadedSimulator, tmp_path: Path, pipe: Path
) -> None:
    operator = an_operator(gateway, tmp_path, [sys.executable, "-c", TELL, str(pipe), "3"])
    ran = operator.run(*SEND)
    # The interrupt has ended, while the command still waits for a reader of its pipe.
    assert (ran.code, ran.json["outcome"]) == (0, "accepted")
    told = json.loads(pipe.read_text("utf-8"))
    record = told["record"]
    assert (record["id"], record["outcome"], record["serverInstanceNo"]) == (
        ran.json["journalId"],
        "accepted",
        "142300001",
    )
    assert gateway.secret_key not in json.dumps(told)
    assert in_log(tmp_path / "state" / "debug.log", "it ended with 3")
    assert len(gateway.interrupts) == 1


def test_a_console_in_korean_hands_the_record_on_in_english(
    gateway: ThreadedSimulator, tmp_path: Path, pipe: Path
) -> None:
    operator = an_operator(gateway, tmp_path, [sys.executable, "-c", TELL, str(pipe), "0"])
    ran = operator.run("interrupt", "142300001", "--confirm", "web-00001", NCPCONSOLE_LANG="ko")
    assert ran.code == 0
    assert HANGUL.search(ran.err + ran.out)
    record = json.loads(pipe.read_text("utf-8"))["record"]
    assert record["message"].startswith("NCP accepted the interrupt.")
    assert HANGUL.search(json.dumps(record.pop("snapshot"), ensure_ascii=False))  # NCP's own words, as they came
    assert not HANGUL.search(json.dumps(record, ensure_ascii=False))
    log = tmp_path / "state" / "debug.log"
    assert not log.exists() or not HANGUL.search(log.read_text("utf-8"))


def test_a_command_that_is_not_there_costs_a_line_in_the_log(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    ran = an_operator(gateway, tmp_path, ["/nowhere/tell"]).run(*SEND)
    assert (ran.code, len(gateway.interrupts)) == (0, 1)
    assert in_log(tmp_path / "state" / "debug.log", "'/nowhere/tell' failed: No such file or directory")


@pytest.fixture
def intent(tmp_path: Path) -> Intent:
    with Journal.open(tmp_path / "state" / "journal.db", ALICE) as journal:
        return journal.claim(a_draft())


def test_a_command_that_takes_too_long_is_ended_with_its_children(intent: Intent, tmp_path: Path, pipe: Path) -> None:
    child = f"echo $$ > {pipe}; read forever < {pipe}"
    OnRecord(("/bin/sh", "-c", f"/bin/sh -c '{child}'; true"), tmp_path / "log", seconds=3.0)(intent)
    process = int(pipe.read_text("ascii"))
    assert in_log(tmp_path / "log", "took longer than 3 seconds")
    give_up = time.monotonic() + PATIENCE
    while is_there(process) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not is_there(process)


def is_there(process: int) -> bool:
    """Whether the process runs; one that has ended and that nobody waited for does not."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("command", [(), ("a\0b",)])
def test_what_cannot_be_started_raises_nothing(
    intent: Intent, command: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    OnRecord(command, None)(intent)
    assert all(one.levelname == "WARNING" for one in caplog.records)
