"""From the plan to the recorded outcome: what is sent, what is not, and what the journal says then."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ncpconsole.core.cautions import Finding, Surroundings
from ncpconsole.core.errors import JournalUnavailable, Refused
from ncpconsole.core.interrupter import SendPhase
from ncpconsole.core.listing import AccountSnapshot, RegionSnapshot
from ncpconsole.core.plan import Confirmation, DryRun, Plan, Report
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import ResolvedAs, State
from ncpconsole.ncp.errors import InvalidRequest, NotReached
from ncpconsole.ncp.models import Code, NetworkInterface, Server
from ncpconsole.ncp.results import Outcome, RequestPreview, SendProgress, SendResult
from tests.core.fakes import (
    ACCEPTED,
    BOB,
    NOT_SENT,
    NOTHING_AROUND,
    REJECTED,
    START,
    UNKNOWN,
    Clock,
    Desk,
    FakeGateway,
    Wire,
    a_draft,
    a_server,
)

NewDesk = Callable[..., Desk]
NAME = Confirmation("web-1")
NUMBER = Confirmation("300")


async def sent(desk: Desk, confirmation: Confirmation = NAME) -> Report:
    """Plan and execute the interrupt of server 300."""
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    return await desk.interrupter.execute(plan, confirmation)


def rows(desk: Desk) -> list[tuple[State, Outcome | None]]:
    """State and outcome of every intent on disk, newest first."""
    return [(intent.state, intent.outcome) for intent in desk.journal.intents()]


# The plan.


async def test_a_plan_shows_the_record_as_read_now(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.server == a_server()
    assert (plan.server_no, plan.region_code, plan.profile) == ("300", "KR", "prod")
    assert (plan.demands.what, plan.demands.text, plan.cautions) == ("name", "web-1", ())
    assert rows(desk) == []


BLOCKED: dict[str, dict[str, Any]] = {
    "linux": {"platform_type": Code("LNX64")},
    "kvm": {"hypervisor_type": Code("KVM")},
    "stopped": {"server_instance_status": Code("NSTOP")},
    "unknown hypervisor": {"hypervisor_type": Code("")},
}


@pytest.mark.parametrize("changes", BLOCKED.values(), ids=BLOCKED)
async def test_a_blocked_server_is_refused_with_every_reason(desk: Desk, changes: dict[str, Any]) -> None:
    desk.gateway.fleet["300"] = a_server(**changes)
    with pytest.raises(Refused) as refused:
        await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert refused.value.reasons
    assert rows(desk) == []


async def test_an_unknown_number_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="no server 999 in region KR"):
        await desk.interrupter.plan("KR", "999", NOTHING_AROUND)


async def test_an_answer_about_another_server_is_refused(desk: Desk) -> None:
    desk.gateway.fleet["300"] = a_server("301")
    with pytest.raises(Refused, match="answered with server 301 when asked for 300"):
        await desk.interrupter.plan("KR", "300", NOTHING_AROUND)


async def test_a_plan_needs_a_read(desk: Desk) -> None:
    desk.gateway.broken = NotReached("The gateway was not reached.")
    with pytest.raises(NotReached):
        await desk.interrupter.plan("KR", "300", NOTHING_AROUND)


CAUTIOUS: dict[str, tuple[dict[str, Any], str]] = {
    "busy": ({"server_instance_operation": Code("SHTDN")}, "An operation is in progress"),
    "altered name": ({"server_name": "web\u202e-1"}, "name cannot be shown"),
    "no name": ({"server_name": ""}, "no name"),
}


@pytest.mark.parametrize(("changes", "caution"), CAUTIOUS.values(), ids=CAUTIOUS)
async def test_a_caution_demands_the_number(desk: Desk, changes: dict[str, Any], caution: str) -> None:
    desk.gateway.fleet["300"] = server = a_server(**changes)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, plan.demands.text) == ("number", "300")
    assert caution in " ".join(plan.verdict.cautions)
    assert desk.interrupter.objections(plan, Confirmation(server.server_name))
    assert desk.interrupter.objections(plan, NUMBER) == ()


async def test_the_same_name_in_the_region_demands_the_number(desk: Desk) -> None:
    desk.gateway.fleet["301"] = a_server("301")
    desk.gateway.fleet["302"] = a_server("302", "web-10")  # the API's filter finds it; it is another name
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, plan.same_name_count) == ("number", 1)


def elsewhere(*servers: Server, failure: str = "") -> Surroundings:
    """What surrounds server 300 when its region and another one were listed."""
    here = RegionSnapshot("KR", (a_server(),), read_at=START)
    there = RegionSnapshot("SGN", servers, failure=failure, read_at=START)
    return AccountSnapshot((here, there)).surroundings(a_server())


@pytest.mark.parametrize(
    ("number", "name"), [("900", "web-1"), ("900", "Web-1"), ("900", "ｗｅｂ-1"), ("300", "web-1")]
)
async def test_the_same_name_elsewhere_demands_the_number(desk: Desk, number: str, name: str) -> None:
    around = elsewhere(a_server(number, name, region_code="SGN"))
    plan = await desk.interrupter.plan("KR", "300", around)
    assert (plan.demands.what, plan.same_name_count + plan.confusable_count) == ("number", 1)


async def test_a_server_is_not_its_own_namesake(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", elsewhere())
    assert (plan.demands.what, plan.same_name_count) == ("name", 0)


async def test_a_name_that_looks_the_same_demands_the_number(desk: Desk) -> None:
    names = ("web-l", "WEB-I", "sql-1")
    around = elsewhere(*(a_server(f"90{at}", name, region_code="SGN") for at, name in enumerate(names)))
    plan = await desk.interrupter.plan("KR", "300", around)
    assert (plan.demands.what, plan.same_name_count, plan.confusable_count) == ("number", 0, 2)


async def test_a_list_that_may_lack_servers_demands_the_number(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", elsewhere(failure="It was\x1b[2J denied."))
    assert plan.cautions == (
        "The servers of SGN could not all be listed, so another one may have this name or one that looks "
        "like it: It was\\x1b[2J denied.",
    )
    assert plan.demands.what == "number"


async def test_namesakes_that_cannot_be_looked_up_demand_the_number_and_block_nothing(desk: Desk) -> None:
    desk.gateway.broken_listing = NotReached("The list \x1b[2J was not read.")
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.cautions == (
        "Whether another server has this name could not be looked up: The list \\x1b[2J was not read.",
    )
    report = await desk.interrupter.execute(plan, NUMBER)
    assert report.result.outcome is Outcome.ACCEPTED


async def test_namesakes_that_may_have_been_missed_demand_the_number(desk: Desk) -> None:
    desk.gateway.short_listing = "NCP announced 2 and gave 1."
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.demands.what == "number"
    assert plan.cautions == (
        "Whether another server has this name could not be looked up: NCP announced 2 and gave 1.",
    )


# The confirmation.

HANGUL = "결제-1"
DECOMPOSED = "\u1100\u1167\u11af\u110c\u1166-1"

TYPED = [
    ("web-1", "web-1", True),
    ("web-1", " web-1\n", True),
    ("web-1", "Web-1", False),
    ("web-1", "web-", False),
    ("web-1", "web-11", False),
    ("web-1", "", False),
    ("web-1", "web 1", False),
    ("web-1", "300", True),
    ("web-1", "ｗeb-1", False),
    ("web-1", "wеb-1", False),
    ("web  1", "web  1", None),
    (HANGUL, DECOMPOSED, True),
    (DECOMPOSED, HANGUL, True),
]


@pytest.mark.parametrize(("name", "typed", "enough"), TYPED)
async def test_the_name_is_typed_exactly(desk: Desk, name: str, typed: str, enough: bool | None) -> None:
    desk.gateway.fleet["300"] = a_server(name=name)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    if enough is None:  # spaces that cannot be told apart on screen: the number instead
        assert plan.demands.what == "number"
        return
    assert (desk.interrupter.objections(plan, Confirmation(typed)) == ()) is enough
    report = await desk.interrupter.execute(plan, Confirmation(typed))
    assert (len(desk.gateway.wire), bool(report.refused)) == (int(enough), not enough)


async def test_a_protected_profile_demands_its_own_name_too(new_desk: NewDesk) -> None:
    desk = new_desk(policy=Policy(protected=True))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    for profile_typed, enough in (("", False), ("PROD", False), ("prod", True)):
        found = desk.interrupter.objections(plan, Confirmation("web-1", profile_typed))
        assert (found == ()) is enough
    refused = await desk.interrupter.execute(plan, NAME)
    assert "protected" in refused.refused[0]
    assert desk.gateway.wire == []


async def test_a_reason_can_be_demanded(new_desk: NewDesk) -> None:
    desk = new_desk(policy=Policy(require_reason=True))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert desk.interrupter.objections(plan, Confirmation("web-1", reason=" \t"))
    report = await desk.interrupter.execute(plan, Confirmation("web-1", reason=" hangs since 03:00 "))
    assert report.intent is not None
    assert report.intent.draft.reason == "hangs since 03:00"


async def test_a_reason_has_a_limit(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert desk.interrupter.objections(plan, Confirmation("web-1", reason="x" * 2001))
    assert desk.interrupter.objections(plan, Confirmation("web-1", reason="x" * 2000)) == ()


# What is refused before anything is claimed.


async def test_read_only_plans_and_explains_but_never_sends(new_desk: NewDesk) -> None:
    desk = new_desk(policy=Policy(read_only=True, read_only_because="--read-only"))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert desk.interrupter.objections(plan, NAME) == ("This console is read-only (--read-only): nothing is sent.",)
    report = await desk.interrupter.execute(plan, NAME)
    assert report.refused == ("This console is read-only (--read-only): nothing is sent.",)
    assert (desk.gateway.wire, rows(desk)) == ([], [])


async def test_a_plan_is_good_for_one_send_ever(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    await desk.interrupter.execute(plan, NAME)
    again = await desk.interrupter.execute(plan, NAME)
    assert "used already" in again.refused[0]
    assert (len(desk.gateway.wire), len(rows(desk))) == (1, 1)


async def test_two_sends_of_one_plan_at_once_are_one(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    reports = await asyncio.gather(*(desk.interrupter.execute(plan, NAME) for _ in range(5)))
    assert sorted(report.result.outcome for report in reports) == ["accepted", *["not_sent"] * 4]
    assert len(desk.gateway.wire) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"gateway": FakeGateway(base_url="https://other.test")},
        {"gateway": FakeGateway(key_fingerprint="key-other")},
        {"profile": "test"},
    ],
    ids=["gateway", "key", "profile"],
)
async def test_a_plan_of_another_account_is_refused(new_desk: NewDesk, changes: dict[str, Any]) -> None:
    plan = await new_desk().interrupter.plan("KR", "300", NOTHING_AROUND)
    other = new_desk(**changes)
    report = await other.interrupter.execute(plan, NAME)
    assert "was confirmed for profile prod" in report.refused[0]
    assert (other.gateway.wire, rows(other)) == ([], [])


async def test_a_plan_of_a_session_that_was_reopened_is_refused(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    report = await desk.new_interrupter().execute(plan, NAME)
    assert "opened again" in report.refused[0]
    assert (desk.gateway.wire, rows(desk)) == ([], [])


async def test_a_dry_run_says_what_would_be_sent_and_leaves_nothing(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    request = RequestPreview("POST", "https://gateway.test/interrupt", (), "KR 300")
    assert desk.interrupter.dry_run(plan, NAME) == DryRun(request)
    assert desk.interrupter.dry_run(plan, Confirmation("wrong")).against
    assert (desk.gateway.wire, rows(desk)) == ([], [])


async def test_a_request_that_cannot_be_made_is_an_objection_of_the_dry_run(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.indescribable = InvalidRequest("No request can name it.")
    assert desk.interrupter.dry_run(plan, NAME) == DryRun(None, (Finding("no-request", "No request can name it."),))


# The look between the claim and the send.

DRIFT: dict[str, dict[str, Any]] = {
    "renamed": {"server_name": "web-2"},
    "stopped": {"server_instance_status": Code("NSTOP")},
    "busy": {"server_instance_operation": Code("SHTDN")},
    "restarted": {"uptime": "2026-03-01T21:00:00+0900"},
    "moved": {"zone_code": "KR-2"},
    "other address": {"public_ip": "192.0.2.99"},
    "rebuilt": {"create_date": "2026-03-01T21:00:00+0900"},
    "hypervisor": {"hypervisor_type": Code("KVM")},
    "other number": {"server_instance_no": "301"},
    "status name alone": {"server_instance_status_name": "shutting down"},
    "protection": {"is_protect_server_termination": True},
    "event": {"event_list": ("host maintenance",)},
}


@pytest.mark.parametrize("changes", [*DRIFT.values(), None], ids=[*DRIFT, "gone"])
async def test_a_server_that_changed_is_not_interrupted(desk: Desk, changes: dict[str, Any] | None) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    if changes is None:
        del desk.gateway.fleet["300"]
    else:
        desk.gateway.fleet["300"] = a_server(**changes) if "server_instance_no" not in changes else a_server("301")
    report = await desk.interrupter.execute(plan, NAME)
    assert report.result.outcome is Outcome.NOT_SENT
    assert report.result.message.startswith("The server changed, so nothing was sent. The ")
    assert (desk.gateway.wire, rows(desk)) == ([], [(State.DONE, Outcome.NOT_SENT)])
    assert desk.journal.intents()[0].others_may_be_behind


async def test_an_event_that_the_platform_reports_is_a_caution(desk: Desk) -> None:
    events = ("host main\x1b[2Jtenance", "b", "c", "d")
    desk.gateway.fleet["300"] = a_server(event_list=events)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.cautions == ("NCP reports an event of this server: host main\\x1b[2Jtenance; b; c and 1 more.",)
    assert (plan.demands.what, [one.code for one in plan.warnings]) == ("number", ["event"])


async def test_a_foreign_gateway_is_a_caution(new_desk: NewDesk) -> None:
    desk = new_desk(gateway=FakeGateway(foreign_host="mirror.example:8443"))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert plan.cautions == (
        "Foreign gateway: mirror.example:8443 is none of NAVER Cloud's sites. It gets a signed interrupt.",
    )
    assert (plan.demands.what, [one.code for one in plan.warnings]) == ("number", ["foreign-gateway"])


@pytest.mark.parametrize(
    ("looked_for", "missed"),
    [
        ((), ()),
        (("10.0.0.67",), ()),
        (("192.0.2.10", "web-1", "300"), ()),
        (("10.0.0.6",), ("10.0.0.6",)),
        (("10.0.0.6", "web-10"), ("10.0.0.6", "web-10")),
    ],
)
async def test_what_was_looked_for_and_this_server_does_not_have_is_a_caution(
    desk: Desk, looked_for: tuple[str, ...], missed: tuple[str, ...]
) -> None:
    desk.gateway.interfaces = [NetworkInterface(instance_no="300", ip="10.0.0.67")]
    around = Surroundings(addresses=("10.0.0.67",), looked_for=looked_for)
    plan = await desk.interrupter.plan("KR", "300", around)
    assert [one.code for one in plan.warnings] == ["not-looked-for"] * len(missed)
    for caution, term in zip(plan.cautions, missed, strict=True):
        assert caution == (
            f"You looked for {term}, which this server does not have: it is web-1, number 300, 10.0.0.67, 192.0.2.10."
        )
    assert plan.demands.what == ("number" if missed else "name")


@pytest.mark.parametrize("term", ["Café-1", "CAFÉ-1", unicodedata.normalize("NFD", "Café-1"), "cafe\u0301-1"])
async def test_a_name_that_was_looked_for_is_its_own_in_every_spelling_of_it(desk: Desk, term: str) -> None:
    desk.gateway.fleet["300"] = a_server(name="Café-1")
    plan = await desk.interrupter.plan("KR", "300", Surroundings(looked_for=(term,)))
    assert (plan.looked_for, plan.looked_for_elsewhere, plan.cautions) == ((term,), (), ())


async def test_a_caution_is_agreed_to_by_its_code(desk: Desk) -> None:
    desk.gateway.fleet["300"] = a_server(event_list=("maintenance",), server_instance_operation=Code("SHTDN"))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)

    def against(*codes: str) -> tuple[str, ...]:
        return desk.interrupter.objections(plan, Confirmation("300", despite=frozenset(codes)))

    assert against() == tuple(
        f"There is a caution. To interrupt in spite of it, add --despite {code}." for code in ("operation", "event")
    )
    assert len(against("operation", "recent")) == 1
    assert against("operation", "event") == ()
    assert desk.interrupter.objections(plan, Confirmation("300")) == ()
    wrong = desk.interrupter.objections(plan, Confirmation("web-1", despite=frozenset(("operation", "event"))))
    assert wrong == ("Type the server number exactly (300).",)


@pytest.mark.parametrize(
    ("moved", "offset"),
    [(31 * 60, -31 * 60.0), (-3600, None), (-3600, 3600.0), (5 * 365 * 86400, -5 * 365 * 86400.0)],
    ids=["ahead", "back", "back, and known", "years ahead"],
)
async def test_a_clock_that_jumps_does_not_end_the_cooldown(desk: Desk, moved: float, offset: float | None) -> None:
    await sent(desk)
    desk.clock.move(moved)
    desk.gateway.clock_offset = offset
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, [one.code for one in plan.warnings]) == ("number", ["recent"])


async def test_a_record_of_a_clock_without_its_time_counts_as_recent(new_desk: NewDesk) -> None:
    lost = new_desk(clock=Clock(datetime(1970, 1, 1, 0, 5, tzinfo=UTC)))
    await sent(lost)
    plan = await new_desk().interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, [one.code for one in plan.warnings]) == ("number", ["recent"])


async def test_a_cooldown_ends_by_both_clocks(desk: Desk) -> None:
    await sent(desk)
    desk.clock.move(31 * 60)
    desk.gateway.clock_offset = 0.4
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).demands.what == "name"


async def test_a_localized_name_of_a_code_is_no_change(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    localized: dict[str, Any] = {"server_instance_status": Code("RUN", "운영중"), "hypervisor_type": Code("XEN", "젠")}
    desk.gateway.fleet["300"] = a_server(**localized)
    assert (await desk.interrupter.execute(plan, NAME)).result.outcome is Outcome.ACCEPTED


async def test_an_operation_that_ended_meanwhile_is_a_change(desk: Desk) -> None:
    desk.gateway.fleet["300"] = a_server(server_instance_operation=Code("SETUP"))
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.fleet["300"] = a_server()
    report = await desk.interrupter.execute(plan, NUMBER)
    assert "The operation was “setting up” and is now none." in report.result.message
    assert desk.gateway.wire == []


async def test_a_second_look_that_fails_sends_nothing(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    desk.gateway.broken = NotReached("The gateway was not reached.")
    report = await desk.interrupter.execute(plan, NAME)
    assert report.result.outcome is Outcome.NOT_SENT
    assert "could not be read again, so nothing was sent: The gateway was not reached." in report.result.message
    assert rows(desk) == [(State.DONE, Outcome.NOT_SENT)]


async def test_an_interrupt_from_another_window_while_the_dialog_was_open_is_a_change(new_desk: NewDesk) -> None:
    desk, other = new_desk(), new_desk(origin=BOB)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (await sent(other)).result.outcome is Outcome.ACCEPTED
    report = await desk.interrupter.execute(plan, NAME)
    assert re.search(r"It was interrupted at .*:00:00 \S+ by bob@bastion-2", report.result.message)
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])


async def test_one_that_was_not_sent_from_another_window_is_no_change(new_desk: NewDesk) -> None:
    desk, other = new_desk(), new_desk()
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    other.gateway.answer = NOT_SENT
    await sent(other)
    assert (await desk.interrupter.execute(plan, NAME)).result.outcome is Outcome.ACCEPTED


# The send.


@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED, UNKNOWN], ids=lambda answer: answer.outcome.value)
async def test_the_outcome_is_reported_and_recorded(desk: Desk, answer: SendResult) -> None:
    desk.gateway.answer = answer
    report = await sent(desk)
    assert report.result == answer
    assert report.intent is not None
    assert report.intent == desk.journal.intent(report.intent.id)
    assert (report.intent.outcome, report.intent.message) == (answer.outcome, answer.message)
    assert (report.refused, report.unrecorded, len(desk.gateway.wire)) == ((), "", 1)


async def test_sending_is_on_disk_when_the_request_is_on_the_wire(desk: Desk, new_desk: NewDesk) -> None:
    witness = new_desk()
    seen: list[tuple[State, Outcome | None]] = []
    desk.gateway.on_wire = lambda _: seen.extend(rows(witness))
    await sent(desk)
    assert seen == [(State.SENDING, None)]
    assert desk.gateway.wire == [Wire(desk.gateway.base_url, desk.gateway.key_fingerprint, "KR", "300")]


async def test_the_stages_are_told_in_order(desk: Desk) -> None:
    stages: list[SendPhase] = []
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    await desk.interrupter.execute(plan, NAME, stages.append)
    assert stages == list(SendPhase)


async def test_what_was_confirmed_is_what_is_recorded(desk: Desk) -> None:
    report = await sent(desk, Confirmation(" web-1 ", reason="hangs"))
    assert report.intent is not None
    draft = report.intent.draft
    assert (draft.typed, draft.reason, draft.incident, draft.rule_set) == ("web-1", "hangs", "INC-7", "xen-windows")
    assert (draft.method, draft.path) == ("POST", "/vserver/v2/interruptServerInstance")
    assert msgspec.convert(draft.snapshot, Server) == a_server()


async def test_an_answer_without_a_barrier_is_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers_at_once(*_: object, **__: object) -> SendResult:
        return ACCEPTED

    monkeypatch.setattr(desk.gateway, "interrupt", answers_at_once)
    report = await sent(desk)
    assert report.result.outcome is Outcome.UNKNOWN
    assert rows(desk) == [(State.DONE, Outcome.UNKNOWN)]


async def test_a_sender_that_would_send_twice_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = []

    async def sends_twice(
        _region: str, _number: str, *, before_first_byte: Callable[[], None], deadline: float, progress: SendProgress
    ) -> SendResult:
        for _ in range(2):
            before_first_byte()
            progress.may_have_been_sent = True
            wire.append(1)
        return ACCEPTED

    monkeypatch.setattr(desk.gateway, "interrupt", sends_twice)
    with pytest.raises(Refused):
        await sent(desk)
    assert wire == [1]
    assert rows(desk) == [(State.DONE, Outcome.UNKNOWN)]


@pytest.mark.parametrize("failure", [ValueError("a bug"), KeyboardInterrupt()], ids=["bug", "ctrl-c"])
@pytest.mark.parametrize("left", [False, True], ids=["before the first byte", "after it"])
async def test_a_broken_send_leaves_an_honest_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: BaseException, *, left: bool
) -> None:
    async def breaks(
        _region: str, _number: str, *, before_first_byte: Callable[[], None], deadline: float, progress: SendProgress
    ) -> SendResult:
        if left:
            before_first_byte()
            progress.may_have_been_sent = True
        raise failure

    monkeypatch.setattr(desk.gateway, "interrupt", breaks)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    task = desk.interrupter.execute(plan, NAME)
    with pytest.raises(type(failure)):
        await task
    assert rows(desk) == [(State.DONE, Outcome.UNKNOWN if left else Outcome.NOT_SENT)]


@pytest.mark.parametrize("stage", [stage for stage in SendPhase if stage is not SendPhase.DONE])
async def test_a_screen_that_fails_leaves_an_honest_row(desk: Desk, stage: SendPhase) -> None:
    def fails(reached: SendPhase) -> None:
        if reached is stage:
            raise RuntimeError("the screen is gone")

    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    if stage is SendPhase.SENDING:  # the barrier keeps the request in, and the sender says so
        assert (await desk.interrupter.execute(plan, NAME, fails)).result.outcome is Outcome.NOT_SENT
    else:
        with pytest.raises(RuntimeError):
            await desk.interrupter.execute(plan, NAME, fails)
    assert desk.gateway.wire == []
    assert rows(desk) == ([] if stage is SendPhase.CLAIMING else [(State.DONE, Outcome.NOT_SENT)])


# Cancelling.


async def cancelled_at(desk: Desk, moment: asyncio.Event) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    task = asyncio.create_task(desk.interrupter.execute(plan, NAME))
    await moment.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.interrupter.abandoned(plan).intent == desk.journal.intents()[0]


async def test_called_off_before_the_claim_is_not_sent(desk: Desk) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    task = asyncio.create_task(desk.interrupter.execute(plan, NAME))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    report = desk.interrupter.abandoned(plan)
    assert (report.result.outcome, report.intent, rows(desk)) == (Outcome.NOT_SENT, None, [])


async def test_cancelled_while_connecting_is_not_sent(desk: Desk) -> None:
    moment = asyncio.Event()

    async def connecting() -> None:
        moment.set()
        await asyncio.Event().wait()

    desk.gateway.connecting = connecting
    await cancelled_at(desk, moment)
    assert (desk.gateway.wire, rows(desk)) == ([], [(State.DONE, Outcome.NOT_SENT)])
    desk.gateway.connecting = None
    assert (await sent(desk)).result.outcome is Outcome.ACCEPTED


async def test_cancelled_while_waiting_is_unknown_and_locks(desk: Desk) -> None:
    moment = asyncio.Event()

    async def waiting() -> SendResult:
        moment.set()
        await asyncio.Event().wait()
        raise AssertionError

    desk.gateway.answer = waiting
    await cancelled_at(desk, moment)
    assert rows(desk) == [(State.DONE, Outcome.UNKNOWN)]
    report = await sent(desk, NUMBER)
    assert "unknown outcome" in report.refused[0]
    assert len(desk.gateway.wire) == 1


async def test_cancelled_while_checking_is_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = asyncio.Event()
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)

    async def stalls(*_: object, **__: object) -> None:
        moment.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(desk.gateway, "server", stalls)
    task = asyncio.create_task(desk.interrupter.execute(plan, NAME))
    await moment.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (desk.gateway.wire, rows(desk)) == ([], [(State.DONE, Outcome.NOT_SENT)])


# A journal that fails.


def failing(*_: object, **__: object) -> Any:
    raise JournalUnavailable("The disk that holds the journal is full: free some space.")


async def test_no_claim_no_send(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    monkeypatch.setattr(desk.journal, "claim", failing)
    report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, report.intent, report.refused) == (Outcome.NOT_SENT, None, ())
    assert "disk that holds the journal is full" in report.result.message
    assert desk.gateway.wire == []


async def test_no_committed_sending_no_send(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.journal, "mark_sending", failing)
    report = await sent(desk)
    assert report.result.outcome is Outcome.NOT_SENT
    assert report.result.message == "Nothing was sent. The disk that holds the journal is full: free some space."
    assert (desk.gateway.wire, rows(desk)) == ([], [(State.DONE, Outcome.NOT_SENT)])


async def test_a_history_that_cannot_be_read_sends_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    with monkeypatch.context() as broken:
        broken.setattr(desk.journal, "intents", failing)
        report = await desk.interrupter.execute(plan, NAME)
    assert (report.result.outcome, desk.gateway.wire) == (Outcome.NOT_SENT, [])
    assert rows(desk) == [(State.DONE, Outcome.NOT_SENT)]


@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED, UNKNOWN], ids=lambda answer: answer.outcome.value)
async def test_an_outcome_that_cannot_be_recorded_is_still_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: SendResult
) -> None:
    desk.gateway.answer = answer
    monkeypatch.setattr(desk.journal, "finish", failing)
    report = await sent(desk)
    assert report.result.outcome is answer.outcome
    assert report.result.message.startswith(answer.message)
    assert "could not be written to the journal" in report.unrecorded
    assert "stays locked" in report.result.message
    assert rows(desk) == [(State.SENDING, None)]
    assert (await sent(desk, NUMBER)).refused
    assert len(desk.gateway.wire) == 1


async def test_a_cancelled_send_that_cannot_be_recorded_says_so_in_the_error(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.journal, "finish", failing)
    desk.gateway.answer = asyncio.CancelledError()
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await desk.interrupter.execute(plan, NAME)
    assert "could not be written to the journal" in cancelled.value.__notes__[0]
    report = desk.interrupter.abandoned(plan)
    assert (report.result.outcome, bool(report.unrecorded)) == (Outcome.UNKNOWN, True)


# Earlier interrupts.


async def test_within_the_cooldown_the_number_is_demanded_with_the_earlier_one_in_view(
    desk: Desk, clock: Clock
) -> None:
    first = await sent(desk)
    clock.move(30 * 60 - 1)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, plan.earlier) == ("number", (first.intent,))
    assert (await desk.interrupter.execute(plan, NUMBER)).result.outcome is Outcome.ACCEPTED
    clock.move(30 * 60)
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).demands.what == "name"


@pytest.mark.parametrize("seconds", [-1, -3600, -365 * 86400])
async def test_a_clock_set_back_still_counts_as_recent(desk: Desk, clock: Clock, seconds: float) -> None:
    await sent(desk)
    clock.move(seconds)
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).demands.what == "number"
    clock.move(30 * 60)
    await sent(desk, NUMBER)
    assert desk.journal.verify().fault is None


@pytest.mark.parametrize("answer", [REJECTED, NOT_SENT], ids=lambda answer: answer.outcome.value)
async def test_what_never_reached_the_server_is_no_caution(desk: Desk, answer: SendResult) -> None:
    desk.gateway.answer = answer
    await sent(desk)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, len(plan.earlier)) == ("name", 1)


async def test_an_unresolved_outcome_is_told_in_the_plan_and_refused(desk: Desk) -> None:
    desk.gateway.answer = UNKNOWN
    first = await sent(desk)
    assert first.intent is not None
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert f"resolve {first.intent.id} --as" in plan.why_not[0]
    assert (await desk.interrupter.execute(plan, NUMBER)).refused
    desk.journal.resolve(first.intent.id, ResolvedAs.ACCEPTED, "blue screen seen")
    assert (await desk.interrupter.plan("KR", "300", NOTHING_AROUND)).why_not == ()


async def test_a_server_locked_by_another_console_is_refused_with_the_holder(new_desk: NewDesk) -> None:
    desk, other = new_desk(), new_desk(origin=BOB)
    plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    other.journal.claim(a_draft())
    report = await desk.interrupter.execute(plan, NAME)
    assert "by bob@bastion-2 (pts/9) is under way" in report.refused[0]
    assert (report.intent, desk.gateway.wire) == (None, [])


async def test_the_same_number_of_another_site_is_another_server(new_desk: NewDesk) -> None:
    await sent(new_desk(gateway=FakeGateway(base_url="https://ncloud.apigw.ntruss.com")))
    elsewhere = new_desk(gateway=FakeGateway(base_url="https://ncloud.apigw.gov-ntruss.com"))
    plan = await elsewhere.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, plan.earlier) == ("name", ())
    any_site = new_desk(gateway=FakeGateway(base_url="https://tunnel.test"))
    plan = await any_site.interrupter.plan("KR", "300", NOTHING_AROUND)
    assert (plan.demands.what, len(plan.earlier)) == ("number", 1)


async def test_a_forged_plan_still_sends_once(desk: Desk) -> None:
    plan: Plan = await desk.interrupter.plan("KR", "300", NOTHING_AROUND)
    await desk.interrupter.execute(plan, NAME)
    again = await desk.interrupter.execute(replace(plan, id="another"), NAME)
    assert again.result.outcome is Outcome.NOT_SENT
    assert len(desk.gateway.wire) == 1
