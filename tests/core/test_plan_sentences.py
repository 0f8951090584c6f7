"""What an operator reads in the middle of the night: whole sentences, each fact once, with the way out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.cautions import ServerContext, cautions_about, sentences
from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.plan import Confirmation, differences
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Origin, ResolvedAs, died_while_sending
from ncpconsole.core.wording import clock_and_zone
from ncpconsole.ncp.models import Code
from ncpconsole.ncp.results import FIND_OUT_FIRST, Outcome, SendResult
from tests.core.fakes import ACCEPTED, NOTHING_AROUND, START, UNKNOWN, Clock, Desk, FakeGateway, a_server
from tests.core.records import NOON, server

if TYPE_CHECKING:
    from tests.core.test_interrupter import NewDesk

NOTHING = Confirmation("")


def assert_sentences(text: str) -> None:
    """Each sentence begins with a capital or a digit and the text ends with a stop."""
    assert text.endswith((".", ".)")), text
    for begin in re.findall(r"[.!?] (\S)", text):
        assert begin.isupper() or begin.isdigit() or begin == "(", text


async def test_every_objection_is_a_sentence_of_its_own(new_desk: NewDesk) -> None:
    desk: Desk = new_desk(policy=Policy(protected=True, require_reason=True))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    found = desk.interrupter.objections(plan, replace(NOTHING, reason=" " * 2001))
    assert found == (
        "Type the server name exactly (web-1).",
        "This profile is protected: type its name too (prod).",
        "This profile demands a reason or ticket.",
        "The reason is longer than 2000 characters: shorten it.",
    )
    assert_sentences(" ".join(found))


async def leave_unknown(desk: Desk) -> str:
    """Send one interrupt whose answer does not come; its id in the journal."""
    desk.gateway.answer = UNKNOWN
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    report = await desk.interrupter.execute(plan, Confirmation(plan.demands.text))
    desk.gateway.answer = ACCEPTED
    assert report.intent is not None
    return report.intent.id


async def test_a_lock_is_said_once_and_with_the_whole_command(desk: Desk) -> None:
    intent_id = await leave_unknown(desk)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (len(plan.why_not), plan.cautions) == (1, ())
    assert f"'ncpconsole resolve {intent_id} --as accepted|not-received --note TEXT'" in plan.why_not[0]
    assert_sentences(plan.why_not[0])
    for typed in ("", "300"):
        assert desk.interrupter.objections(plan, Confirmation(typed)) == plan.why_not
        assert (await desk.interrupter.execute(plan, Confirmation(typed))).refused == plan.why_not
    assert len(desk.gateway.wire) == 1


async def test_a_lock_takes_nothing_from_what_must_be_typed(desk: Desk, clock: Clock) -> None:
    intent_id = await leave_unknown(desk)
    locked = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (locked.demands.what, len(locked.verdict.cautions)) == ("number", 1)
    desk.journal.resolve(intent_id, ResolvedAs.ACCEPTED, "blue screen seen")
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, plan.why_not) == ("number", ())
    assert "An earlier interrupt of this server, sent at " in plan.cautions[0]
    assert "was accepted" in plan.cautions[0]
    clock.move(30 * 60)
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).demands.what == "name"


async def test_other_cautions_stand_beside_a_lock(new_desk: NewDesk) -> None:
    desk = new_desk(gateway=FakeGateway(fleet={"300": a_server(), "301": a_server("301")}))
    await leave_unknown(desk)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.cautions == ("Another server has the same name: number 301, region KR.",)


async def test_the_command_of_a_lock_is_whole_whatever_the_names_are(new_desk: NewDesk) -> None:
    long = "x" * 250
    gateway = FakeGateway(fleet={"300": a_server(name=long)})
    desk = new_desk(gateway=gateway, origin=Origin(user=long, host=long, terminal=long, version="0"))
    intent_id = await leave_unknown(desk)
    said = (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).why_not[0]
    assert len(said) <= 400, "a dialog cuts a longer one off"
    assert f"resolve {intent_id} --as accepted|not-received --note TEXT'." in said


async def test_a_list_says_of_a_locked_server_what_and_when_and_the_way_out_once(desk: Desk) -> None:
    await leave_unknown(desk)

    def listed(minutes: float) -> tuple[str, ...]:
        now = START + timedelta(minutes=minutes)
        intents = desk.journal.intents()
        rules = RULE_SETS["xen-windows"]
        built = Inventory.build([a_server()], [], rules, now=now, cooldown=1800, intents=intents)
        assert built.rows[0].verdict.state == "caution"
        return built.rows[0].verdict.cautions

    at = clock_and_zone(START, START)
    assert listed(1) == (
        f"An earlier interrupt of this server, sent at {at}, has an unknown outcome: "
        "the server is locked until that is resolved in the history.",
    )
    assert listed(31) == (
        "An earlier interrupt of this server has an unknown outcome: "
        "the server is locked until that is resolved in the history.",
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "1 minute"), (1800, "30 minutes"), (90, "1.5 minutes"), (30, "0.5 minutes")]
)
def test_a_cooldown_is_counted_in_good_english(seconds: float, words: str) -> None:
    about = ServerContext(now=NOON, cooldown=seconds, recent=NOON)
    [said] = sentences(cautions_about(server(), about))
    assert f"another one within {words} of it can destroy" in said
    assert_sentences(said)


async def test_every_unknown_outcome_of_this_program_says_what_to_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers_at_once(*_: object, **__: object) -> SendResult:
        return ACCEPTED

    monkeypatch.setattr(desk.gateway, "interrupt", answers_at_once)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    unseen = (await desk.interrupter.execute(plan, Confirmation("web-1"))).result
    abandoned = SendResult.unknown("The console broke off.")
    for result in (unseen, abandoned, died_while_sending()):
        assert result.outcome is Outcome.UNKNOWN
        assert result.message.endswith(f". {FIND_OUT_FIRST}")
        assert_sentences(result.message)


def test_what_a_server_had_not_is_named_and_not_left_blank() -> None:
    assert differences(a_server(), a_server(server_instance_operation=Code("SHTDN"), public_ip="")) == (
        "The public IP was “192.0.2.10” and is now none.",
        "The operation was none and is now “shutting down”.",
    )


async def test_a_confirmation_that_no_longer_holds_says_what_to_do(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    name = Confirmation("web-1")
    elsewhere = await desk.new_interrupter().execute(plan, name)
    assert (await desk.interrupter.execute(plan, name)).result.outcome is Outcome.ACCEPTED
    for report in (elsewhere, await desk.interrupter.execute(plan, name)):
        [said] = report.refused
        assert said.endswith(" Begin again with the server, which is then read and confirmed anew.")
        assert_sentences(said)
    assert len(desk.gateway.wire) == 1
