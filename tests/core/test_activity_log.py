"""What others did to a server, by the platform's activity log: whatever console, machine or script they used."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.activity_log import LogLook, by_others, deed
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Intent, State
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.models import Activity
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ALICE, NOTHING_AROUND, START, Desk, a_draft

if TYPE_CHECKING:
    from collections.abc import Callable

MINA = CallerIdentity("mina", "team-alias", "Sub")
NAME, NUMBER = Confirmation("web-1"), Confirmation("300")
INTERRUPT, STOP, REBOOT = "Interrupt Server Instance", "Stop Server Instances", "Reboot Server Instances"


def entry(action: str = INTERRUPT, ago: float = 74, number: str = "300", **more: str) -> Activity:
    """A line of the log, so many seconds before the tests' beginning."""
    values = {"action_result_type": "SUCCESS", "action_sub_account_no": "70412", "source_ip": "198.51.100.23"}
    return Activity(
        history_id=f"{action} {ago}",
        event_time=int((START - timedelta(seconds=ago)).timestamp() * 1000),
        resource_id=number,
        action_display_name=action,
        **{**values, **more},
    )


def own(ago: float, outcome: Outcome = Outcome.ACCEPTED, took: float = 1) -> Intent:
    """An interrupt of this journal, sent so many seconds before the tests' beginning."""
    sent = START - timedelta(seconds=ago)
    finished = sent + timedelta(seconds=took)
    return Intent("1", sent, a_draft(), ALICE, State.DONE, outcome=outcome, sent=sent, finished=finished)


SAID = {
    "interrupt": (INTERRUPT, "Someone interrupted this server 74 s ago, by the activity log"),
    "stop": (STOP, "Someone stopped this server 74 s ago, by the activity log"),
    "restart": (REBOOT, "Someone restarted this server 74 s ago, by the activity log"),
    "the end of a stop": (f"{STOP} (Complete)", "Someone stopped this server 74 s ago"),
}


@pytest.mark.parametrize(("action", "said"), SAID.values(), ids=SAID)
async def test_what_somebody_else_did_demands_the_number(desk: Desk, action: str, said: str) -> None:
    desk.gateway.log = [entry(action)]
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    (caution,) = plan.warnings
    assert caution.code == "by-others"
    assert said in caution.sentence
    assert "sub account 70412 from 198.51.100.23" in caution.sentence
    assert (plan.demands.what, plan.demands.text) == ("number", "300")
    by_chance = replace(NUMBER, despite=frozenset({"recent"}))
    assert (await desk.interrupter.execute(plan, by_chance)).against[0].code == "not-agreed"
    agreed = replace(NUMBER, despite=frozenset({"by-others"}))
    assert (await desk.interrupter.execute(plan, agreed)).result.outcome is Outcome.ACCEPTED


NOT_SAID = {
    "longer ago": entry(ago=31 * 60),
    "another server": entry(number="301"),
    "refused by NCP": entry(action_result_type="FAIL"),
    "another action": entry("Set Protect Server Termination"),
    "a start": entry("Start Server Instances"),
}


@pytest.mark.parametrize("line", NOT_SAID.values(), ids=NOT_SAID)
async def test_other_lines_are_no_caution(desk: Desk, line: Activity) -> None:
    desk.gateway.log = [line]
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).warnings == ()


async def test_a_longer_cooldown_looks_further_back(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(policy=Policy(cooldown=90 * 60))
    desk.gateway.log = [entry(ago=60 * 60)]
    (caution,) = (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).warnings
    assert caution.code == "by-others"


async def test_an_interrupt_of_this_journal_is_not_somebody_elses(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (await desk.interrupter.execute(plan, NAME)).result.outcome is Outcome.ACCEPTED
    desk.clock.move(74)
    desk.gateway.log = [entry(ago=-2)]
    again = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert [caution.code for caution in again.warnings] == ["recent"]
    desk.gateway.log.append(entry(ago=-20))
    both = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert [caution.code for caution in both.warnings] == ["by-others", "recent"]


OWN = {
    "ours": ([entry()], [own(73)], 0),
    "ours, and one more": ([entry(), entry(ago=80)], [own(73)], 1),
    "ours is another one": ([entry(ago=600)], [own(73)], 1),
    "ours was rejected": ([entry()], [own(73, Outcome.REJECTED)], 1),
    "ours was not sent": ([entry()], [replace(own(73, Outcome.NOT_SENT), sent=None)], 1),
    "ours may have been received": ([entry()], [own(100, Outcome.UNKNOWN, took=30)], 0),
    "beginning and end of ours": ([entry(), entry(f"{INTERRUPT} (Complete)", ago=10)], [own(73)], 0),
    "the end of ours alone": ([entry(f"{INTERRUPT} (Complete)", ago=10)], [own(73)], 0),
    "beginning and end of somebody's": ([entry(), entry(f"{INTERRUPT} (Complete)", ago=10)], [], 1),
    "a stop is not ours": ([entry(STOP)], [own(73)], 1),
}


@pytest.mark.parametrize(("lines", "ours", "others"), OWN.values(), ids=OWN)
def test_each_of_our_interrupts_stands_for_one_line(lines: list[Activity], ours: list[Intent], others: int) -> None:
    assert len(by_others(LogLook(tuple(lines)), ours)) == others


def test_times_are_compared_by_the_gateways_clock() -> None:
    lines = LogLook((entry(ago=74 - 600),))
    assert by_others(lines, [own(74)], clock_offset=600) == ()
    assert len(by_others(lines, [own(74)])) == 1


def test_no_time_of_a_line_is_too_much() -> None:
    odd = Activity(resource_id="300", action_display_name=INTERRUPT, event_time=2**62)
    assert by_others(LogLook((odd,)), [own(73)]) == (odd,)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("interruptServerInstance", "interrupt"), (INTERRUPT, "interrupt"), ("Create Server Instance (Complete)", "")],
)
def test_a_deed_is_told_by_the_words_of_its_name(name: str, meant: str) -> None:
    assert deed(Activity(action_display_name=name)) == meant


async def test_what_happens_while_it_is_confirmed_keeps_it_in(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.clock.move(30)
    desk.gateway.log = [entry(ago=-10)]
    report = await desk.interrupter.execute(plan, NAME)
    assert report.result.outcome is Outcome.NOT_SENT
    assert "Someone interrupted this server 20 s ago, by the activity log" in report.result.message
    assert desk.gateway.wire == []
    anew = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert anew.demands.what == "number"


async def test_what_was_shown_is_not_told_again_before_the_send(desk: Desk) -> None:
    desk.gateway.log = [entry()]
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.clock.move(5)
    assert (await desk.interrupter.execute(plan, NUMBER)).result.outcome is Outcome.ACCEPTED


async def test_a_log_that_fails_is_said_and_stops_nothing(desk: Desk) -> None:
    desk.gateway.log = NotReached("The connection was refused.")
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.log.problem, plan.warnings, plan.demands.what) == ("The connection was refused.", (), "name")
    report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, report.log_problem) == (Outcome.ACCEPTED, "The connection was refused.")


async def test_a_log_that_does_not_answer_holds_nothing_up_for_long(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ncpconsole.core.interrupter.LOG_SECONDS", 0.05)
    desk.gateway.log = None
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.log.problem.startswith("It gave no answer within")
    report = await desk.interrupter.execute(plan, NAME)
    assert report.result.outcome is Outcome.ACCEPTED
    assert report.log_problem.startswith("It gave no answer within")


async def test_the_second_look_takes_a_quarter_of_a_short_deadline(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(policy=Policy(send_deadline=4))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.log = None
    report = await desk.interrupter.execute(plan, NAME)
    assert report.result.outcome is Outcome.ACCEPTED
    waited = re.fullmatch(r"It gave no answer within ([0-9.]+) seconds\.", report.log_problem)
    assert waited is not None
    assert float(waited[1]) <= 1


# Whose key it is.


async def test_whose_key_it_is_goes_on_record(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.acting_as is None
    desk.gateway.caller = MINA
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.acting_as == MINA
    await desk.interrupter.execute(plan, NAME)
    (intent,) = desk.journal.intents(server_no="300")
    assert intent.draft.acting_as == MINA
