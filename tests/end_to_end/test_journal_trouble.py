"""When the record cannot be written, or the clock is wrong, the command sends nothing and says why."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.fakes import locked_by_another_process
from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NUMBER, NAME = "142300012", "web-00012"
AGREED = ("--despite", "recent", "--despite", "operation")
NOT_SENT, KEY_REFUSED = 5, 4


@dataclass(frozen=True)
class Desk:
    """A gateway, and the state directory of a console that has been used before."""

    gateway: Simulation
    journal: Path

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ) | self.gateway.environment | {"NCPCONSOLE_STATE_DIR": str(self.journal.parent)}

    def run(self, *words: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CONSOLE, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            preexec_fn=limit,
        )

    def interrupt(self, *more: str, limit: Callable[[], None] | None = None) -> tuple[int, dict[str, Any]]:
        ran = self.run("interrupt", NUMBER, "--confirm", NAME, "--json", *more, limit=limit)
        answer: dict[str, Any] = json.loads(ran.stdout)
        return ran.returncode, answer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with simulation("--servers", "64") as gateway:
        opened = Desk(gateway, tmp_path / "state" / "journal.db")
        assert opened.run("history").returncode == 0
        yield opened


def no_room() -> None:
    """Files may not grow: what a full disk or a used-up quota does to a write."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_full_disk(desk: Desk) -> None:
    code, answer = desk.interrupt(limit=no_room)
    assert (code, answer["outcome"]) == (NOT_SENT, "not_sent")
    assert "check the disk and its space" in answer["message"]
    assert "No interrupt is sent while the journal cannot be written" in answer["message"]
    assert desk.gateway.interrupts == 0


def test_a_journal_locked_by_another_process(desk: Desk) -> None:
    with locked_by_another_process(desk.journal):
        code, answer = desk.interrupt()
    assert (code, answer["outcome"]) == (NOT_SENT, "not_sent")
    assert "is locked by another process" in answer["message"]
    assert desk.gateway.interrupts == 0
    assert desk.interrupt()[0] == 0
    assert desk.gateway.interrupts == 1


def test_a_journal_that_gets_locked_while_the_dialog_is_open(desk: Desk) -> None:
    """Confirmed in good faith, and still nothing leaves; Send again is a new confirmation."""
    with Terminal(environment=desk.environment) as terminal:
        terminal.shows("64 servers")
        terminal.find(NUMBER)
        terminal.confirm(NAME)
        with locked_by_another_process(desk.journal):
            terminal.press("enter")
            terminal.shows("NOT SENT", "locked by another process")
        assert desk.gateway.interrupts == 0


def test_on_a_file_system_without_shared_maps_the_console_shows_its_list_and_sends_nothing(desk: Desk) -> None:
    confined = ("-m", "tests.core.forbidden_calls", "no shared maps", sys.executable, CONSOLE)
    with Terminal(*confined, program=sys.executable, environment=desk.environment) as terminal:
        terminal.shows("64 servers", "local disk")
        terminal.find(NUMBER)
        terminal.press("!")
        terminal.shows("NOT POSSIBLE", "Nothing was sent", "No interrupt is sent while the journal cannot")
        assert "Type the name" not in terminal.text
        terminal.press("esc")
        terminal.hides("NOT POSSIBLE")
        terminal.press("h")
        terminal.shows("No interrupt", "cannot be relied on to lock and map")
    assert desk.gateway.interrupts == 0


def test_a_read_only_journal(desk: Desk) -> None:
    """By a trigger, which holds for every user; permissions are the journal's own tests."""
    with closing(sqlite3.connect(desk.journal)) as database:
        database.execute("CREATE TRIGGER sealed BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'sealed'); END")
        database.commit()
    code, answer = desk.interrupt()
    assert (code, answer["outcome"]) == (NOT_SENT, "not_sent")
    assert "cannot be used: sealed" in answer["message"]
    assert desk.gateway.interrupts == 0


def test_a_clock_set_back_by_eleven_minutes(tmp_path: Path) -> None:
    with simulation("--servers", "64", "--fault", "clock-skew=11") as gateway:
        desk = Desk(gateway, tmp_path / "state" / "journal.db")
        code, answer = desk.interrupt()
        assert (code, answer["outcome"]) == (KEY_REFUSED, "not_sent")
        assert "clock" in answer["message"]
        assert gateway.interrupts == 0


def test_within_the_cooldown_the_earlier_interrupt_is_said_and_the_number_is_asked_for(desk: Desk) -> None:
    assert desk.interrupt()[0] == 0
    code, answer = desk.interrupt()
    assert (code, answer["outcome"]) == (3, "refused")
    cautions = ("An earlier interrupt of this server", "within 30 minutes", "Earlier interrupt: ", "UTC", ": accepted.")
    for expected in (f"Type the server number exactly ({NUMBER}).", *cautions):
        assert expected in answer["message"], answer["message"]
    assert desk.gateway.interrupts == 1
    by_number = desk.run("interrupt", NUMBER, "--confirm", NUMBER, *AGREED, "--dry-run")
    assert by_number.returncode == 0
    for expected in cautions:
        assert expected in by_number.stderr, by_number.stderr
    assert "serverInstanceNo=142300012" in by_number.stdout


# Looked at afterwards: the chain, and a head that was noted.

ALTERED = {
    "an edited row": (
        "UPDATE events SET body = replace(body, 'web-00012', 'web-00013') WHERE sequence = 1",
        "event 1 was changed",
    ),
    "a deleted row": ("DELETE FROM events WHERE sequence = 2", "event 2 is missing"),
    "a swapped pair": (
        "UPDATE events SET sequence = CASE sequence WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE sequence END WHERE sequence < 3",
        "was changed",
    ),
}


def alter(journal: Path, *statements: str) -> None:
    """As somebody would who has the file and knows SQLite."""
    with closing(sqlite3.connect(journal)) as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("DROP TRIGGER events_are_not_removed")
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_found(desk: Desk, what: str) -> None:
    statement, said = ALTERED[what]
    desk.interrupt()
    assert desk.run("history", "--verify").returncode == 0
    if what == "a swapped pair":
        alter(
            desk.journal,
            "UPDATE events SET sequence = -1 WHERE sequence = 1",
            "UPDATE events SET sequence = 1 WHERE sequence = 2",
            "UPDATE events SET sequence = 2 WHERE sequence = -1",
        )
    else:
        alter(desk.journal, statement)
    checked = desk.run("history", "--verify")
    assert checked.returncode == 1
    assert said in checked.stderr


def test_a_tail_cut_off_is_found_by_the_head_printed_earlier(desk: Desk) -> None:
    desk.interrupt()
    earlier = desk.run("history", "--verify").stdout.partition("Head: ")[2].split()[0]
    desk.run("interrupt", NUMBER, "--confirm", NUMBER, *AGREED)
    head = desk.run("history", "--verify").stdout.partition("Head: ")[2].split()[0]
    for known in (earlier, head):
        assert desk.run("history", "--verify", "--expect-head", known).returncode == 0
    with closing(sqlite3.connect(desk.journal)) as database:
        last = database.execute("SELECT id FROM intents ORDER BY sequence DESC").fetchone()[0]
    alter(desk.journal, f"DELETE FROM events WHERE intent = '{last}'", f"DELETE FROM intents WHERE id = '{last}'")
    assert desk.run("history", "--verify").returncode == 0
    assert desk.run("history", "--verify", "--expect-head", earlier).returncode == 0
    checked = desk.run("history", "--verify", "--expect-head", head)
    assert checked.returncode == 1
    assert "the end was cut off" in checked.stderr
