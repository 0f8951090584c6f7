"""The record of interrupts as the guard of the commands: gone, not local, not known yet."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import State
from ncpconsole.ncp.results import Outcome, SendResult
from tests.cli.operator import PATIENCE, Operator, Ran
from tests.core.fakes import ALICE, a_draft
from tests.end_to_end.simulation import Simulation, simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.config.secret_service import SecretService

pytestmark = pytest.mark.slow

NUMBER, NAME = "142300012", "web-00012"
REFUSED, NOT_SENT, UNKNOWN = 3, 5, 6


@pytest.fixture
def silent() -> Iterator[Simulation]:
    """A gateway whose first answer to an interrupt is lost."""
    with simulation("--servers", "128", "--fault", "once:interrupt:server-error-after") as gateway:
        yield gateway


def interrupt(operator: Operator, gateway: Simulation, *more: str, **variables: str) -> Ran:
    words = ("interrupt", NUMBER, "--confirm", NAME, "--json", *more)
    return operator.run(*words, **gateway.environment | variables)


# The second place: the keyring.


def removed(state: Path) -> dict[str, str]:
    shutil.rmtree(state)
    return {}


def elsewhere(state: Path) -> dict[str, str]:
    return {"NCPCONSOLE_STATE_DIR": str(state.parent / "elsewhere")}


@pytest.mark.parametrize("lose", [removed, elsewhere])
def test_a_record_that_is_gone_is_refused_until_somebody_says_why(
    operator: Operator, silent: Simulation, lose: Callable[[Path], dict[str, str]]
) -> None:
    assert interrupt(operator, silent).code == UNKNOWN
    variables = lose(Path(operator.environment["XDG_STATE_HOME"]) / "ncpconsole")
    again = interrupt(operator, silent, **variables)
    assert again.code == REFUSED
    assert "A part of the record of interrupts is gone" in again.json["message"]
    assert "the record of 3 events, last kept in " in again.json["message"]

    examined = operator.run("doctor", "--json", **silent.environment | variables)
    assert examined.code == 1
    assert next(one["status"] for one in examined.json if one["check"] == "record") == "failure"
    assert operator.run("history", "--verify", **variables).code == 1

    assert operator.run("history", "--accept-loss", " ", **variables).code == 1
    accepted = operator.run("history", "--accept-loss", "the disk was replaced", **variables)
    assert (accepted.code, accepted.out[:33]) == (0, "Recorded that this was accepted: ")
    verified = operator.run("history", "--verify", **variables)
    assert verified.code == 0
    assert "accepted that a part of the record is gone: the disk was replaced" in verified.err
    assert operator.run("history", "--accept-loss", "again", **variables).code == 1
    assert silent.interrupts == 1
    # The gateway still says no to it; that it was asked at all is what was accepted. What the record forgot, the
    # activity log remembers.
    forgotten = interrupt(operator, silent, "--confirm", NUMBER, **variables)
    assert "by-others" in forgotten.json["cautionCodes"]
    # Whether its operation is still in progress is a matter of time.
    agreed = [word for code in forgotten.json["cautionCodes"] for word in ("--despite", code)]
    interrupt(operator, silent, "--confirm", NUMBER, *agreed, **variables)
    assert silent.interrupts == 2


def test_a_keyring_that_is_locked_is_not_asked_and_holds_nothing_up(
    operator: Operator, secret_service: SecretService
) -> None:
    with simulation("--servers", "128") as gateway:
        secret_service.lock()
        secret_service.prompt_nobody()
        began = time.monotonic()
        assert interrupt(operator, gateway).code == 0
        assert time.monotonic() - began < PATIENCE / 2
        assert secret_service.items() == []


def test_the_keyring_gets_one_item_that_names_nothing(operator: Operator, secret_service: SecretService) -> None:
    with simulation("--servers", "128") as gateway:
        assert interrupt(operator, gateway).code == 0
    (item,) = secret_service.items()
    said = json.dumps(item)
    for word in ("journal", NUMBER, NAME, "web", "127.0.0.1"):
        assert word not in said


# A file system that cannot lock or map.


def confined(what: str, environment: dict[str, str], *words: str) -> Ran:
    """Run the program where the kernel refuses these calls."""
    command = [sys.executable, "-m", "tests.core.forbidden_calls", what, sys.executable, "-m", "ncpconsole", *words]
    ran = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.parametrize("what", ["no locks of POSIX", "no shared maps"])
def test_on_a_file_system_without_locks_one_can_look_and_nothing_is_sent(what: str) -> None:
    with simulation("--servers", "128") as gateway:
        assert interrupt(Operator(dict(os.environ)), gateway).code == 0
        for words in (("servers", "--json"), ("show", NUMBER, "--json"), ("history", "--json")):
            ran = confined(what, gateway.environment, *words)
            assert ran.code == 0, ran.err
            assert ran.json
            assert "put the journal on a local disk, by setting NCPCONSOLE_STATE_DIR" in ran.err
        assert NUMBER in confined(what, gateway.environment, "history").out

        for number, name in ((NUMBER, NAME), ("142300001", "web-00001")):
            ran = confined(what, gateway.environment, "interrupt", number, "--confirm", name, "--json")
            assert (ran.code, ran.json["outcome"]) == (NOT_SENT, "not_sent")
            assert "cannot be relied on to lock and map files" in ran.json["message"]
        assert gateway.interrupts == 1

        examined = confined(what, gateway.environment, "doctor", "--json")
        assert examined.code == 1
        (found,) = [one for one in examined.json if one["check"] == "record"]
        assert found["status"] == "failure"
        assert "local disk" in found["message"]


@pytest.mark.parametrize(("language", "words"), [("en", "on a local disk, by setting"), ("ko", "로컬 디스크에 두어")])
def test_the_doctor_says_in_the_operators_language_that_no_journal_can_begin_there(
    language: str, words: str, tmp_path: Path
) -> None:
    new = {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state"), "NCPCONSOLE_LANG": language}
    with simulation("--servers", "1") as gateway:
        ran = confined("no shared maps", gateway.environment | new, "doctor")
    (said,) = [line for line in ran.out.splitlines() if str(tmp_path / "state" / "journal.db") in line]
    assert words in said


def test_the_doctor_takes_a_claim_and_gives_it_back() -> None:
    with simulation("--servers", "128") as gateway:
        operator = Operator(dict(os.environ))
        assert interrupt(operator, gateway).code == 0
        before = operator.run("history", "--verify").out
        examined = operator.run("doctor", "--json", **gateway.environment)
        lines = {one["check"]: one for one in examined.json}
        assert lines["record"]["message"] == "3 events, whole; an interrupt can be recorded."
        assert lines["anchor"]["status"] == "warning"
        assert "A journal that is removed or cut off would not be noticed" in lines["anchor"]["message"]
        assert operator.run("history", "--verify").out == before


def test_the_systems_log_is_told_where_the_settings_say_so(
    private_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = private_environment / "config" / "ncpconsole" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[journal]\nsyslog = true\n")
    settings.chmod(0o600)
    address = str(tmp_path / "log")
    monkeypatch.setattr("ncpconsole.core.journal.anchor.SYSTEM_LOGS", (address,))
    with simulation("--servers", "128") as gateway, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:

        def run(*words: str) -> str:
            return CliRunner().invoke(root, words, env=gateway.environment).stdout

        lines = {one["check"]: one for one in json.loads(run("doctor", "--json"))}
        assert "syslog" not in lines  # there is no journal yet, and so nothing to tell
        log.bind(address)
        log.settimeout(PATIENCE)
        assert json.loads(run("interrupt", NUMBER, "--confirm", NAME, "--json"))["outcome"] == "accepted"
        told = [log.recv(4096).decode() for _ in range(3)]
        head = json.loads(run("history", "--verify", "--json"))["head"]
        assert told[-1].endswith(f": 3 events, head {head}")
        log.close()
        lines = {one["check"]: one for one in json.loads(run("doctor", "--json"))}
        assert lines["syslog"]["status"] == "failure"


# Not received.


def left_unknown(gateway: Simulation, ago: timedelta, started: str = "") -> str:
    """An interrupt of the past whose answer was lost, as this operator's journal remembers it.

    ``started`` is the server's last start when it was confirmed; by default that of now.
    """
    operator = Operator(dict(os.environ))
    shown = operator.run("show", NUMBER, "--json", **gateway.environment).json
    path = Path(os.environ["XDG_STATE_HOME"]) / "ncpconsole" / "journal.db"
    with Journal.open(path, ALICE, lambda: datetime.now(UTC) - ago) as journal:
        draft = a_draft(
            NUMBER,
            gateway=gateway.url,
            profile="default",
            region_code=shown["regionCode"],
            snapshot={"uptime": started or shown["uptime"]},
        )
        intent = journal.claim(draft)
        journal.mark_sending(intent.id)
        done = journal.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))
    assert done.state is State.DONE
    return intent.id


def resolve(gateway: Simulation, intent_id: str, *more: str) -> Ran:
    words = ("resolve", intent_id, "--as", "not-received", "--note", "list shows nothing", *more)
    return Operator(dict(os.environ)).run(*words, **gateway.environment)


def test_not_received_is_refused_while_the_request_may_still_be_executed(silent: Simulation) -> None:
    """And so no second interrupt leaves while the first may."""
    operator = Operator(dict(os.environ))
    first = interrupt(operator, silent)
    assert first.code == UNKNOWN
    ran = resolve(silent, first.json["journalId"])
    assert ran.code == REFUSED
    assert "may be executed until then: 'not received' can be recorded in 5:" in ran.err
    assert interrupt(operator, silent).code == REFUSED
    assert silent.interrupts == 1


def test_it_can_be_waited_for(silent: Simulation) -> None:
    intent_id = left_unknown(silent, timedelta(minutes=5, seconds=27))
    ran = resolve(silent, intent_id, "--wait")
    assert "Waiting 0:0" in ran.err
    assert ran.code == 0, ran.err
    (record,) = Operator(dict(os.environ)).run("history", "--json").json
    assert record["resolution"]["as"] == "not-received"


def test_the_cooldown_holds_whatever_was_found(silent: Simulation) -> None:
    intent_id = left_unknown(silent, timedelta(minutes=6))
    assert resolve(silent, intent_id).code == 0
    operator = Operator(dict(os.environ))
    by_name = interrupt(operator, silent)
    assert by_name.code == REFUSED
    assert "may have been received" in by_name.json["message"]
    assert silent.interrupts == 0


def test_a_new_start_wants_the_number() -> None:
    with simulation("--servers", "128") as gateway:
        intent_id = left_unknown(gateway, timedelta(minutes=6), started="2026-01-01T00:00:00+0900")
        ran = resolve(gateway, intent_id)
        assert ran.code == REFUSED
        assert "The server started again at " in ran.err
        assert resolve(gateway, intent_id, "--confirm", NAME).code == REFUSED
        assert resolve(gateway, intent_id, "--confirm", NUMBER).code == 0
        assert Operator(dict(os.environ)).run("history", "--verify").code == 0


# What the history says.


def test_settings_that_cannot_be_read_are_told_and_nothing_is_recorded_beside_them(tmp_path: Path) -> None:
    """They may name a team's journal: what is settled in another one would free the server there for nobody."""
    (tmp_path / "config.toml").write_text("[journal\n", encoding="utf-8")
    settings = {"NCPCONSOLE_CONFIG": str(tmp_path / "config.toml"), "NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}
    shown = CliRunner().invoke(root, ["history"], env=settings)
    assert shown.exit_code == 0
    assert "The settings cannot be read, so this is this account's own record." in shown.stderr
    assert "config.toml, line 1" in shown.stderr
    for words in (
        ("resolve", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--as", "accepted", "--note", "seen"),
        ("note", "--incident", "INC-1", "seen"),
        ("history", "--accept-loss", "the disk broke"),
    ):
        refused = CliRunner().invoke(root, words, env=settings)
        assert refused.exit_code == 1, words
        assert "config.toml, line 1" in refused.output
        assert "own record" not in refused.output


def test_a_history_that_finds_nothing_says_of_what(tmp_path: Path) -> None:
    environment = {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}

    def said(*words: str) -> str:
        ran = CliRunner().invoke(root, ["history", *words], env=environment)
        assert (ran.exit_code, ran.stdout) == (0, "")
        return ran.stderr

    assert said() == "No interrupt is recorded here.\n"
    assert said("--incident", "NOPE") == "No interrupt of this incident is recorded here.\n"
    assert said("--incident", "NOPE", "--notes") == "No note of this incident is recorded here.\n"
    assert said("--server", NUMBER) == "No recorded interrupt matches.\n"


def test_an_interrupt_that_is_under_way_has_no_empty_line(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "state" / "journal.db", ALICE) as journal:
        journal.claim(a_draft())
        ran = CliRunner().invoke(root, ["history"], env={"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")})
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    assert "under way: " in lines[0]
    assert all(line.strip() for line in lines)
