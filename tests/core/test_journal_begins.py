"""Two consoles that begin one journal at the same moment."""

from __future__ import annotations

import sqlite3
from threading import Thread
from typing import TYPE_CHECKING, Any

from ncpconsole.core.journal.journal import Journal
from tests.core.fakes import ALICE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Interrupted(sqlite3.Connection):
    """Before it looks for tables, it lets another console begin the journal, as far as that one can."""

    path: Path
    other: Thread

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        if "sqlite_schema" in sql and not hasattr(self, "other"):
            self.other = Thread(target=lambda: Journal.open(self.path, ALICE).close())
            self.other.start()
            self.other.join(timeout=1)  # it waits for this look to end, or has finished
        return super().execute(sql, *more)


def test_tables_that_appear_while_it_looks_are_no_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "journal.db"
    really = sqlite3.connect
    made: list[Interrupted] = []

    def connect(*words: Any, **options: Any) -> sqlite3.Connection:
        connection = really(*words, **options, factory=sqlite3.Connection if made else Interrupted)
        if isinstance(connection, Interrupted):
            connection.path = path
            made.append(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    with Journal.open(path, ALICE) as journal:
        made[0].other.join(timeout=20)
        assert not made[0].other.is_alive()
        assert journal.verify().fault is None
        assert journal.intents() == []
