"""What the journal refuses is said in Korean to who reads Korean, and with the same exit code."""

from __future__ import annotations

import gettext
import os
import re
import sqlite3
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.core.journal.journal import Journal
from tests.cli.operator import Operator
from tests.core.fakes import ALICE
from tests.tui.test_journal_refusals_in_language import (
    NOBODYS_PORT,
    altered,
    foreign,
    garbage,
    linked,
    newer,
    open_to_all,
    sealed,
    used,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.simulator.threaded import ThreadedSimulator

SEND = ("interrupt", "142300001", "--confirm", "web-00001")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


DAMAGE: dict[str, Callable[[Path], AbstractContextManager[None] | None]] = {
    "The journal {path} was written by a newer ncpconsole (schema {version}; this one knows {known}): "
    "update ncpconsole.": newer,
    "{path} is a database of another program: move it away, and a new journal is begun.": foreign,
    "The file {path} is not a journal: move it away, and a new journal is begun.": garbage,
    "The journal {path} is a symbolic link: put the file itself there.": linked,
    "Other users can write to the journal {path}, so it proves nothing: run 'chmod 600 {path}' and check its "
    "content.": open_to_all,
    "The journal {path} was altered ({what}): run 'ncpconsole history --verify', keep the file as evidence, and find "
    "out what was sent.": altered,
    "The journal {path} cannot be used: {detail}.": sealed,
    "The journal {path} is locked by another process: end that process or wait for it.": locked,
}
TEAM = "The team's journal cannot be used: {why}"


@pytest.fixture
def operator(gateway: ThreadedSimulator, tmp_path: Path) -> Operator:
    """Somebody who reads Korean and whose journal is no new one."""
    with Journal.open(tmp_path / "state" / "journal.db", ALICE) as journal:
        used(journal)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NC", "XDG"))}
    mine = {
        "HOME": str(tmp_path),
        "NCPCONSOLE_STATE_DIR": str(tmp_path / "state"),
        "NCPCONSOLE_LANG": "ko",
        **gateway.environment,
    }
    return Operator(kept | mine)


def pieces(message: str) -> list[str]:
    """What stands between the places of a message in Korean."""
    with files("ncpconsole").joinpath("locale/ko/LC_MESSAGES/ncpconsole.mo").open("rb") as file:
        korean = gettext.GNUTranslations(file).gettext(message)
    assert korean != message
    return re.split(r"\{[^}]*\}", korean)


def english(said: str) -> list[str]:
    """Three words of English side by side, but for commands and paths."""
    return re.findall(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(r"'[^']*'|/\S+|--.*?REASON", "", said))


@pytest.mark.parametrize("message", DAMAGE)
def test_it_says_why_nothing_is_sent(
    operator: Operator, gateway: ThreadedSimulator, tmp_path: Path, message: str
) -> None:
    damage = DAMAGE[message](tmp_path / "state" / "journal.db")
    with damage if damage is not None else nullcontext():
        ran = operator.run(*SEND)
    assert ran.code in {ExitCode.REFUSED, ExitCode.NOT_SENT}
    assert all(piece in ran.err for piece in pieces(message)), ran.err
    assert not english(ran.err)
    assert not gateway.interrupts


def test_a_team_that_is_not_reached(operator: Operator, gateway: ThreadedSimulator) -> None:
    ran = operator.run(*SEND, NCPCONSOLE_TEAM_URL=NOBODYS_PORT)
    assert ran.code == ExitCode.REFUSED
    for message in (TEAM, "it refuses the connection."):
        assert all(piece in ran.err for piece in pieces(message)), ran.err
    assert not english(ran.err)
    assert not gateway.interrupts
