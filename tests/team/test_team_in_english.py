"""Whatever language each operator reads: both journals of a team hold the same English, and are whole."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.export import record_fields
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.team import open_team_journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import ResolvedAs, Subject
from ncpconsole.core.resolution import look
from ncpconsole.language import shown
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ALICE, BOB, NOTHING_AROUND, Clock, FakeGateway, a_draft, a_server
from tests.core.test_record_in_english import ANSWERS
from tests.marked import CLOSES, OPENS, marked_language, outside_marks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.postgres import Server

NUMBERS = {"300": "web-1", "301": "web-2", "302": "web-3", "303": "web-4", "304": "web-5", "305": "web-6"}
DRAWN = re.compile(
    "[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{64}|team-[0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|20\d\d-\d\d-\d\d[T ][0-9:.]+(Z|[+][0-9:]+)?|[0-9]{2}:[0-9]{2}:[0-9]{2}"
)
"""Ids, hashes and keys, and times, of which the database has its own."""


class Consoles:
    """Two machines of a team, the second with an operator of its own, and a gateway before six servers."""

    def __init__(self, place: Path, postgres: Server) -> None:
        self.postgres, self.database = postgres, postgres.new_database()
        self.clock = Clock()
        self.gateway = FakeGateway(fleet={number: a_server(number, name) for number, name in NUMBERS.items()})
        self.paths = (place / "one" / "journal.db", place / "two" / "journal.db")
        url = postgres.url(self.database)
        self.one = open_team_journal(self.paths[0], url, ALICE, clock=self.clock)
        self.two = open_team_journal(self.paths[1], url, BOB, clock=self.clock)
        self.messages: list[str] = []

    async def sends(self, number: str, without_team: str = "", *, too_late: bool = False) -> None:
        """Interrupt a server from the first machine, as an operator would; ``too_late``: the colleague is quicker."""
        interrupter = Interrupter(
            self.gateway, self.one, rules_named("xen-windows"), Policy(watch_for=0), profile="prod", clock=self.clock
        )
        plan = await interrupter.plan("KR", number, NOTHING_AROUND)
        typed = Confirmation(number if without_team else plan.demands.text, without_team=without_team)
        if too_late:
            self.two.claim(a_draft(number))
        report = await interrupter.execute(plan, typed)
        self.messages.append(shown(report.result.message))
        if report.result.outcome is Outcome.ACCEPTED and report.intent is not None:
            self.gateway.fleet[number] = a_server(number, NUMBERS[number], uptime="2026-03-01T21:05:00+0900")
            assert [one async for one in interrupter.watch(report.intent)]

    def let_in(self, *, may_connect: bool) -> None:
        """Let consoles connect to the database; or end every connection, and let none be made."""
        with self.postgres.admin() as connection:
            connection.execute(f"ALTER DATABASE {self.database} ALLOW_CONNECTIONS {may_connect}".encode())
            if not may_connect:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", (self.database,)
                )

    async def work(self) -> None:
        """One interrupt of each outcome, those that the team's journal keeps in, a finding and a note."""
        for number, answer in {"300": "accepted", "301": "rejected", "302": "failed"}.items():
            self.gateway.answer = ANSWERS[answer]()
            await self.sends(number)
        self.two.read_team()
        (lost,) = self.two.unresolved()
        seen = await look(self.gateway, lost, self.clock)
        self.two.resolve(lost.id, ResolvedAs.ACCEPTED, "a blue screen", replace(seen, despite="302"))
        self.two.add_note("the service answers", Subject(server_no="300"))
        await self.sends("303", too_late=True)

        async def loses_the_database() -> None:
            self.let_in(may_connect=False)

        self.gateway.connecting = loses_the_database
        await self.sends("304")
        self.gateway.connecting = None
        await self.sends("305", without_team="the database is being moved")
        self.let_in(may_connect=True)
        await self.one.catch_up()

    def end(self) -> list[tuple[str, ...]]:
        """What both journals and what is handed on hold in the end, but for what is drawn by lot."""
        self.one.recover()
        assert self.one.verify().fault is None
        assert self.one.verify_team().fault is None
        handed_on = [(json.dumps(record_fields(one, self.one.notes())),) for one in self.one.intents()]
        self.one.close()
        self.two.close()
        rows: list[tuple[Any, ...]] = []
        for path in self.paths:
            with closing(sqlite3.connect(path)) as own:
                rows += own.execute("SELECT intent, kind, body FROM events ORDER BY sequence").fetchall()
                rows += own.execute("SELECT document FROM intents ORDER BY sequence").fetchall()
        with self.postgres.admin(self.database) as team:
            rows += team.execute("SELECT intent, kind, body FROM ncpconsole.events ORDER BY sequence").fetchall()
        masked = [tuple(DRAWN.sub("DRAWN", part) for part in row) for row in (*handed_on, *rows)]
        return [*sorted(masked[: len(handed_on)]), *masked[len(handed_on) :]]  # by the ids, which are drawn


async def told_by(place: Path, postgres: Server) -> tuple[list[str], list[tuple[str, ...]]]:
    consoles = Consoles(place, postgres)
    await consoles.work()
    return consoles.messages, consoles.end()


async def test_both_journals_are_the_same_in_every_language(tmp_path: Path, postgres: Server) -> None:
    plain, record = await told_by(tmp_path / "plain", postgres)
    with marked_language():
        messages, marked = await told_by(tmp_path / "marked", postgres)
    assert marked == record
    assert OPENS not in json.dumps(marked, ensure_ascii=False)
    assert not [one for one in messages if re.search("[A-Za-z]{2}", outside_marks(one).replace("HTTP", ""))]
    assert [DRAWN.sub("", one.replace(OPENS, "").replace(CLOSES, "")) for one in messages] == [
        DRAWN.sub("", one) for one in plain
    ]
    for words in ("did not take the claim", "the connection failed or was lost", "the database is being moved"):
        assert any(words in part for row in record for part in row)
    kinds = [row[1] for row in record if len(row) > 1]
    assert {"claimed", "sending", "finished", "observed", "resolved", "noted"} == set(kinds)
