"""Whatever language the operator reads: the record holds the same English, byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.export import record_fields
from ncpconsole.core.journal.anchor import Mark, text_of
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation, Report
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import ResolvedAs, Subject
from ncpconsole.core.resolution import look
from ncpconsole.language import Sentence, shown
from ncpconsole.ncp.errors import GatewayFailure
from ncpconsole.ncp.interrupt import Gate, SendPrevented
from ncpconsole.ncp.models import Activity, Code
from ncpconsole.ncp.network_errors import explain
from ncpconsole.ncp.outcome import classify, not_sent, unknown
from ncpconsole.ncp.responses import Response, api_error
from ncpconsole.ncp.results import SendProgress, SendResult
from tests.core.fakes import BOB, NOTHING_AROUND, START, Clock, Desk, a_draft, a_server
from tests.core.test_journal_anchor import MemoryAnchor
from tests.marked import OPENS, marked_language, outside_marks

NAME = Confirmation("web-1")
DRAWN = re.compile("[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{64}")
"""Ids, and the hashes that cover them."""
HEADERS = {"x-ncp-apigw-request-id": "req-1", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
NOW = 1_767_225_600.0
WRONG_CLOCK = NOW + 600


def answered(status: int, body: str, now: float = NOW) -> SendResult:
    return classify(Response(status, HEADERS, body.encode()), "300", "POST", now=now, access_key="AK")


def a_result(code: str, message: str = "success", number: str = "300") -> str:
    listed = f'"serverInstanceList":[{{"serverInstanceNo":"{number}"}}]'
    inner = f'"requestId":"body","returnCode":"{code}","returnMessage":"{message}","totalRows":1,{listed}'
    return f'{{"interruptServerInstanceResponse":{{{inner}}}}}'


def an_error(code: str, message: str = "In operation.") -> str:
    return f'{{"responseError":{{"returnCode":"{code}","returnMessage":"{message}"}}}}'


ANSWERS: dict[str, Callable[[], SendResult]] = {
    "accepted": lambda: answered(200, a_result("0")),
    "rejected": lambda: answered(400, an_error("25017")),
    "rejected without a word": lambda: answered(403, '{"error":{"errorCode":"210"}}'),
    "rejected for the clock": lambda: answered(401, '{"error":{"errorCode":"200","message":"no"}}', WRONG_CLOCK),
    "of another server": lambda: answered(200, a_result("0", number="AK")),
    "of no server": lambda: answered(200, '{"interruptServerInstanceResponse":{"returnCode":"0","totalRows":0}}'),
    "undecided": lambda: answered(200, a_result("1000")),
    "passed on": lambda: answered(400, an_error("900")),
    "no form": lambda: answered(200, "<html>"),
    "failed": lambda: answered(502, ""),
    "gave up": lambda: answered(408, ""),
    "redirect": lambda: answered(302, ""),
    "no code": lambda: answered(200, '{"interruptServerInstanceResponse":{}}'),
    "odd code": lambda: answered(200, a_result("00")),
    "both": lambda: answered(200, '{"error":{"errorCode":"200"},"returnCode":"0"}'),
    "no answer": lambda: unknown("x", "POST", 200, HEADERS, more=explain(TimeoutError(), "https://a.example")),
    "not reached": lambda: not_sent(explain(ConnectionRefusedError(), "https://a.example"), "POST"),
}


def in_order(desk: Desk) -> list[tuple[Any, ...]]:
    """Every event of the journal, what follows from it and what is handed on, but for what is drawn by lot."""
    with contextlib.closing(sqlite3.connect(desk.path)) as database:
        found = database.execute("SELECT time, intent, kind, body FROM events ORDER BY sequence").fetchall()
        documents = database.execute("SELECT document FROM intents ORDER BY sequence").fetchall()
    exported = [(json.dumps(record_fields(one, desk.journal.notes())),) for one in desk.journal.intents()]
    rows = (*found, *documents, *exported)
    return [tuple(DRAWN.sub("DRAWN", part).replace(str(desk.path.parent), "HERE") for part in row) for row in rows]


async def sent(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    return await desk.interrupter.execute(plan, NAME)


async def unread_again(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.broken = api_error(Response(503, HEADERS, an_error("500").encode()), NOW)
    return await desk.interrupter.execute(plan, NAME)


async def changed(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.fleet["300"] = a_server(server_instance_status=Code("NSTOP"), server_instance_status_name="stopped")
    return await desk.interrupter.execute(plan, NAME)


async def much_changed(desk: Desk) -> Report:
    desk.gateway.fleet["300"] = a_server(event_list=("maintenance",))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.fleet["300"] = a_server(
        zone_code="KR-2",
        public_ip="",
        uptime="2026-03-01T21:00:00+0900",
        server_instance_operation=Code("SETUP"),
        hypervisor_type=Code("KVM"),
        is_protect_server_termination=True,
        event_list=("maintenance", "disk"),
    )
    return await desk.interrupter.execute(plan, Confirmation("300"))


async def found_gone(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    del desk.gateway.fleet["300"]
    return await desk.interrupter.execute(plan, NAME)


async def interrupted_meanwhile(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    with Journal.open(desk.path, replace(BOB, ssh_client="192.0.2.9", login_uid=0), desk.clock) as other:
        intent = other.claim(a_draft())
        other.mark_sending(intent.id)
        other.finish(intent.id, ANSWERS["accepted"]())
    return await desk.interrupter.execute(plan, NAME)


async def broken_journal(desk: Desk) -> Report:
    """The journal does not take SENDING, and takes the outcome again."""

    async def sealed() -> None:
        desk.journal._database._connection.execute(
            "CREATE TRIGGER sealed BEFORE INSERT ON events WHEN NEW.kind = 'sending' "
            "BEGIN SELECT RAISE(ABORT, 'sealed'); END"
        )

    desk.gateway.connecting = sealed
    return await sent(desk)


async def others_acted(desk: Desk) -> Report:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    when = int(START.timestamp() * 1000) - 1000
    desk.gateway.log = [Activity(resource_id="300", event_time=when, action_display_name="Interrupt Server Instance")]
    return await desk.interrupter.execute(plan, NAME)


async def too_late(desk: Desk) -> Report:
    async def connecting() -> None:
        desk.clock.move(600)

    desk.gateway.connecting = connecting
    return await sent(desk)


async def broken_off(desk: Desk) -> Report:
    moment = asyncio.Event()

    async def waiting() -> SendResult:
        moment.set()
        await asyncio.Event().wait()
        raise AssertionError

    desk.gateway.answer = waiting
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    task = asyncio.create_task(desk.interrupter.execute(plan, NAME))
    await moment.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return desk.interrupter.abandoned(plan)


async def watched_and_resolved(desk: Desk) -> Report:
    """An unknown outcome whose server cannot be read, and is then resolved with what was seen."""
    desk.gateway.answer = ANSWERS["failed"]()
    desk.gateway.broken_metrics = api_error(Response(503, HEADERS, an_error("500").encode()), NOW)
    report = await sent(desk)
    assert report.intent is not None
    desk.gateway.broken = api_error(Response(503, HEADERS, an_error("500").encode()), NOW)
    observed = [one async for one in desk.interrupter.watch(report.intent)]
    assert any(one.field == "record" for one in observed)
    desk.gateway.broken = None
    desk.gateway.log = GatewayFailure(api_error(Response(503, HEADERS, b""), NOW).sentence)
    seen = await look(desk.gateway, report.intent, desk.clock)
    desk.journal.resolve(report.intent.id, ResolvedAs.ACCEPTED, "blue screen", seen)
    return report


async def seen_back(desk: Desk) -> Report:
    """The guest falls silent, the server starts anew, the guest sends again, and somebody notes it."""
    desk.gateway.answer = ANSWERS["accepted"]()
    report = await sent(desk)
    assert report.intent is not None
    desk.gateway.beat(desk.clock.now, 1)
    desk.clock.move(600)
    desk.gateway.fleet["300"] = a_server(server_instance_operation=Code("SETUP"))
    seen = [one async for one in desk.interrupter.watch(report.intent)]
    desk.gateway.fleet["300"] = a_server(uptime="2026-03-01T21:05:00+0900")
    desk.clock.move(60)
    desk.gateway.beat(desk.clock.now, 0.5)
    seen += [one async for one in desk.interrupter.watch(report.intent)]
    assert {one.field for one in seen} == {"operation", "uptime", "server", "silentSince", "signOfLife"}
    desk.journal.add_note("the service answers", Subject(server_no="300", record=report.intent.id))
    return report


async def resolved_against_evidence(desk: Desk) -> Report:
    desk.gateway.answer = ANSWERS["gave up"]()
    report = await sent(desk)
    assert report.intent is not None
    desk.clock.move(600)
    when = int(START.timestamp() * 1000) + 60_000
    desk.gateway.log = [Activity(resource_id="300", event_time=when, action_display_name="Interrupt Server Instance")]
    desk.gateway.fleet["300"] = a_server(uptime="2026-03-01T21:05:00+0900")
    seen = await look(desk.gateway, report.intent, desk.clock)
    assert len(seen.contradictions) == 2
    desk.journal.resolve(report.intent.id, ResolvedAs.NOT_RECEIVED, "it was a restart", replace(seen, despite="300"))
    return report


async def left_behind(desk: Desk) -> Report:
    """A console that died with one interrupt before its first byte, and one behind it."""
    desk.gateway.answer = ANSWERS["accepted"]()
    report = await sent(desk)
    dead = Journal.open(desk.path, BOB, desk.clock)
    for number in ("301", "302"):
        intent = dead.claim(a_draft(number))
    dead.mark_sending(intent.id)
    dead.close()
    assert len(desk.journal.recover()) == 2
    return report


async def lost_and_taken_over(desk: Desk) -> Report:
    """The record was longer once, which is accepted, and another journal is taken over."""
    desk.gateway.answer = ANSWERS["accepted"]()
    report = await sent(desk)
    anchor = MemoryAnchor(Sentence("the OS keyring"), text_of([Mark("0" * 16, "/old", 9, "0" * 64)]))
    with Journal.open(desk.path.with_name("other") / "journal.db", BOB, desk.clock) as other:
        other.finish(other.claim(a_draft("301")).id, ANSWERS["not reached"]())
    with Journal.open(desk.path, BOB, desk.clock, anchor=anchor) as journal:
        with pytest.raises(JournalUnavailable):
            journal.claim(a_draft("302"))
        journal.accept_loss("the disk was replaced")
        journal.take_over(desk.path.with_name("other") / "journal.db")
    return report


COURSES: dict[str, Callable[[Desk], Awaitable[Report]]] = {
    each.__name__: each
    for each in (
        unread_again,
        changed,
        much_changed,
        found_gone,
        interrupted_meanwhile,
        broken_journal,
        others_acted,
        too_late,
        broken_off,
        watched_and_resolved,
        seen_back,
        resolved_against_evidence,
        left_behind,
        lost_and_taken_over,
    )
}


def answering(name: str) -> Callable[[Desk], Awaitable[Report]]:
    async def course(desk: Desk) -> Report:
        desk.gateway.answer = ANSWERS[name]()
        return await sent(desk)

    return course


COURSES |= {name: answering(name) for name in ANSWERS}


async def gone(path: Path, course: Callable[[Desk], Awaitable[Report]]) -> tuple[Report, list[tuple[Any, ...]]]:
    """The report of one course of things on a journal of its own, and what is in that journal then."""
    desk = Desk(path / "journal.db", policy=Policy(watch_for=0), clock=Clock(), monotonic=lambda: 0.0)
    try:
        report = await course(desk)
        assert desk.journal.verify().fault is None
        return report, in_order(desk)
    finally:
        desk.journal.close()


@pytest.mark.parametrize("name", COURSES)
async def test_the_record_is_the_same_in_every_language(name: str, tmp_path: Path) -> None:
    plain, record = await gone(tmp_path / "plain", COURSES[name])
    with marked_language():
        report, marked = await gone(tmp_path / "marked", COURSES[name])
        said, without_facts = shown(report.result.message), report.result.said
    assert marked == record
    files = [file for file in (tmp_path / "marked").rglob("*") if file.is_file()]
    assert files
    assert OPENS.encode() not in b"".join(file.read_bytes() for file in files)
    assert str(report.result.message) == shown(report.result.message)
    assert str(report.result.message).replace("/marked/", "/plain/") == str(plain.result.message)
    assert said.startswith(OPENS)
    assert not re.search("[A-Za-z]{2}", outside_marks(said).replace("HTTP", "")), said
    assert without_facts in said
    assert not report.result.facts or "req-1" not in without_facts


@pytest.mark.parametrize("name", COURSES)
async def test_what_comes_out_of_the_journal_again_is_english(name: str, tmp_path: Path) -> None:
    with marked_language():
        report, _ = await gone(tmp_path, COURSES[name])
        desk = Desk(tmp_path / "journal.db")
        told = [shown(intent.message) for intent in desk.journal.intents(server_no="300")]
        desk.journal.close()
        assert str(report.result.message) in told
        assert OPENS not in "".join(told)


@pytest.mark.parametrize("why", ["", "[Errno 28] No space left on device", "The disk is full."])
async def test_what_keeps_a_request_in_is_a_sentence(why: str) -> None:
    def fails() -> None:
        raise JournalUnavailable(why) if why else JournalUnavailable

    async def nothing() -> bytes:
        return b""

    gate = Gate(fails, SendProgress(), said_unasked=nothing, now=lambda: 0.0, ends_at=1.0)
    request = type("Request", (), {"method": b"POST", "headers": [(b"x-ncp-apigw-signature-v2", b"")]})
    with pytest.raises(SendPrevented) as caught:
        await gate.trace("http11.send_request_headers.started", {"request": request})
    assert str(caught.value) == {"": "The journal failed with JournalUnavailable."}.get(why, f"{why.rstrip('.')}.")
