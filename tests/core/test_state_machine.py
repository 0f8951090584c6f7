"""Operators, consoles, faults and crashes in any order; whatever happens, the promises hold.

Consoles are real but for their gateway, which is in memory and holds every request against the journal on
disk at the moment it would be on the wire. ``TESTS_EXAMPLES`` is the number of stories (default 20).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter as Counts
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.errors import JournalUnavailable, NotResolvable, Refused
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Origin, ResolvedAs, State
from ncpconsole.core.resolution import Evidence, seconds_left
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Code
from ncpconsole.ncp.results import Outcome, SendResult
from tests.core.fakes import ACCEPTED, NOT_SENT, NOTHING_AROUND, REJECTED, UNKNOWN, Clock, FakeGateway, Wire, a_server

if TYPE_CHECKING:
    from datetime import datetime

    from ncpconsole.core.plan import Plan, Report
    from ncpconsole.core.records import Intent
    from ncpconsole.ncp.models import Server

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("TESTS_EXAMPLES", "20"))
COOLDOWN = 30 * 60
NUMBERS = ("300", "301", "302")
NAMES = {"300": "web-1", "301": "web-2", "302": "web-2"}  # two servers bear one name

# Two keys of one account, and another account whose servers have the same numbers and names.
PROFILES = {
    "prod": ("https://one.test", "key-a"),
    "prod-too": ("https://ONE.test:443/", "key-b"),
    "other": ("https://two.test", "key-c"),
}
ANSWERS = {"accepted": ACCEPTED, "rejected": REJECTED, "unknown": UNKNOWN}
FAULTS = ("no connection", "hang connecting", "hang waiting", "bug before", "bug after")
CHANGES: dict[str, dict[str, Any]] = {
    "renamed": {"server_name": "web-9"},
    "stopped": {"server_instance_status": Code("NSTOP")},
    "busy": {"server_instance_operation": Code("RESTA")},
    "restarted": {"uptime": "2026-03-02T00:00:00+0900"},
    "odd name": {"server_name": "web\u202e1"},
}


class Hung(FakeGateway):
    """A gateway that does what the script says, with a request that can be left hanging."""

    script: str = "accepted"

    def __init__(self, base_url: str, key: str, fleet: dict[str, Server], clock: Clock) -> None:
        super().__init__(base_url=base_url, key_fingerprint=key, fleet=fleet)
        self.let_go: asyncio.Future[SendResult] | None = None
        self.last_read: tuple[Server | None, datetime] = (None, clock())
        self.clock = clock
        self.connecting = self._connect
        self.answer = self._answer

    async def server(self, region_code: str, server_no: str, *, retry: bool = True) -> Server | None:
        found = await super().server(region_code, server_no)
        self.last_read = (found, self.clock())
        return found

    async def _connect(self) -> None:
        if self.script == "hang connecting":
            await self._hang()
        if self.script == "bug before":
            raise ValueError(self.script)

    async def _answer(self) -> SendResult:
        if self.script == "hang waiting":
            return await self._hang()
        if self.script == "bug after":
            raise ValueError(self.script)
        return ANSWERS.get(self.script, ACCEPTED)

    async def _hang(self) -> SendResult:
        self.let_go = asyncio.get_running_loop().create_future()
        return await self.let_go

    async def interrupt(self, *arguments: object, **named: object) -> SendResult:
        if self.script == "no connection":
            return NOT_SENT
        return await super().interrupt(*arguments, **named)  # type: ignore[arg-type] # handed on as they came


@dataclass
class Window:
    """One console process: a journal, a session, what is on its screen."""

    journal: Journal
    profile: str = "prod"
    read_only: bool = False
    interrupter: Interrupter = field(init=False)
    gateway: Hung = field(init=False)
    selected: str | None = None
    plan: Plan | None = None
    typed: str = ""
    sending: asyncio.Task[Report] | None = None
    sending_as: tuple[Plan, str] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, so that the operator can act."""
        return self.sending is None


class Story(RuleBasedStateMachine):
    """What operators do and what goes wrong, one rule each."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.place = Path(tempfile.mkdtemp())
        self.path = self.place / "journal.db"
        self.clock = Clock()
        self.fleets = {
            base: {number: a_server(number, name) for number, name in NAMES.items()} for base in ("one", "two")
        }
        self.witness = Journal.open(self.path, Origin("witness", "", "", ""), self.clock)
        self.windows: list[Window] = []
        self.requests: Counts[str] = Counts()
        self.acknowledged: dict[str, Outcome] = {}

    # The promises, held at the moment of every request.

    def on_wire(self, window: Window, wire: Wire) -> None:
        """A request is about to leave this window."""
        assert not window.read_only, "sent in read-only"
        assert window.sending_as is not None
        plan, typed = window.sending_as
        confirmed = (plan.gateway, plan.key_fingerprint, plan.server_no, plan.region_code)
        assert (wire.base_url, wire.key_fingerprint, wire.server_no, wire.region_code) == confirmed
        here = self.witness.intents(gateway=wire.base_url, server_no=wire.server_no)
        sending = [intent for intent in here if intent.state is State.SENDING]
        assert len(sending) == 1, "sent without exactly one committed SENDING"
        intent = sending[0]
        draft = intent.draft
        assert (draft.gateway, draft.key_fingerprint, draft.profile) == (
            plan.gateway,
            plan.key_fingerprint,
            window.profile,
        )
        self.requests[intent.id] += 1
        assert self.requests[intent.id] == 1, "sent twice"
        self._check_confirmed(window, plan, typed, [one for one in here if one.id != intent.id])

    def _check_confirmed(self, window: Window, plan: Plan, typed: str, others: list[Intent]) -> None:
        # The console knows the record as last read; a change while the connection is made comes too late.
        server, read_at = window.gateway.last_read
        assert server is not None, "sent to a server that was gone"
        assert not [one for one in others if one.is_unresolved or one.is_open], "sent to a locked server"
        recent = [one for one in others if one.may_have_reached and (read_at - one.time).total_seconds() < COOLDOWN]
        needs_number = bool(recent) or plan.same_name_count > 0 or server.server_name == "web\u202e1"
        busy = server.server_instance_operation.code != "NULL"
        assert server.server_instance_status.code == "RUN", "sent to a server that does not run"
        assert typed == (server.server_instance_no if needs_number or busy else server.server_name)

    @invariant()
    def the_chain_verifies(self) -> None:
        """At every moment, for any reader."""
        assert self.witness.verify().fault is None

    @invariant()
    def what_was_acknowledged_stays(self) -> None:
        """An outcome that an operator was told, and that was recorded, is never another one later."""
        outcomes = {intent.id: intent.outcome for intent in self.witness.intents()}
        assert {one: outcomes.get(one) for one in self.acknowledged} == self.acknowledged

    # What operators do.

    def open_session(self, window: Window) -> None:
        base, key = PROFILES[window.profile]
        fleet = self.fleets["two" if window.profile == "other" else "one"]
        script = window.gateway.script if hasattr(window, "gateway") else "accepted"
        window.gateway = Hung(base, key, fleet, self.clock)
        window.gateway.script = script
        window.gateway.on_wire = lambda wire: self.on_wire(window, wire)
        policy = Policy(read_only=window.read_only, cooldown=COOLDOWN)
        window.interrupter = Interrupter(
            window.gateway, window.journal, rules_named("xen-windows"), policy, profile=window.profile, clock=self.clock
        )

    @initialize()
    def first_window(self) -> None:
        self.new_window("prod")

    @precondition(lambda self: len(self.windows) < 3)
    @rule(profile=st.sampled_from(sorted(PROFILES)))
    def new_window(self, profile: str) -> None:
        """A console starts, maybe after a crash: it gives the orphans their outcomes first."""
        number = len(self.windows)
        journal = Journal.open(self.path, Origin(f"operator-{number}", "bastion", "", "0"), self.clock)
        living = {id_ for window in self.windows for id_ in self._under_way(window)}
        for orphan in journal.recover():
            assert orphan.id not in living, "took a living console's interrupt for an orphan"
            assert orphan.outcome is not None
            self.acknowledged[orphan.id] = orphan.outcome
        window = Window(journal, profile)
        self.open_session(window)
        self.windows.append(window)

    def _under_way(self, window: Window) -> list[str]:
        if window.sending is None or window.sending_as is None:
            return []
        plan = window.sending_as[0]
        here = self.witness.intents(gateway=plan.gateway, server_no=plan.server_no)
        return [intent.id for intent in here if intent.is_open]

    idle = st.runner().flatmap(lambda self: st.sampled_from([w for w in self.windows if w.idle] or [None]))
    busy = st.runner().flatmap(lambda self: st.sampled_from([w for w in self.windows if not w.idle] or [None]))
    any_window = st.runner().flatmap(lambda self: st.sampled_from(self.windows or [None]))

    @rule(window=idle)
    def list_servers(self, window: Window | None) -> None:
        if window is not None and window.gateway.broken is None:
            assert len(self.loop.run_until_complete(window.gateway.servers("KR"))) == len(window.gateway.fleet)

    @rule(window=idle, number=st.sampled_from(NUMBERS))
    def select(self, window: Window | None, number: str) -> None:
        if window is not None:
            window.selected = number

    @rule(window=idle)
    def plan(self, window: Window | None) -> None:
        """Open the dialog on the selected server, and type nothing yet."""
        if window is None or window.selected is None:
            return
        try:
            planning = window.interrupter.plan("KR", window.selected, NOTHING_AROUND)
            window.plan = self.loop.run_until_complete(planning)
        except (Refused, NotReached, JournalUnavailable):
            window.plan = None
        window.typed = ""

    @rule(window=idle, rightly=st.sampled_from([True, True, True, False]), text=st.sampled_from(["", "web-1", "300"]))
    def type_text(self, window: Window | None, text: str, *, rightly: bool) -> None:
        if window is not None and window.plan is not None:
            window.typed = window.plan.demands.text if rightly else text

    @rule(window=idle)
    def confirm_and_send(self, window: Window | None) -> None:
        """Press Send, whatever is typed; with whatever plan is there, also one of another session."""
        if window is None or window.plan is None:
            return
        window.sending_as = (window.plan, window.typed)
        executing = window.interrupter.execute(window.plan, Confirmation(window.typed))
        window.sending = self.loop.create_task(executing)
        self._let_run(window)

    @rule(window=idle, number=st.sampled_from(NUMBERS), script=st.sampled_from([*ANSWERS, *FAULTS]))
    def interrupt_rightly(self, window: Window | None, number: str, script: str) -> None:
        """The whole way without a mistake, so that stories get somewhere."""
        if window is not None:
            self._all_is_well(window, number, script)
            self.select(window, number)
            self.plan(window)
            self.type_text(window, "", rightly=True)
            self.confirm_and_send(window)

    def _all_is_well(self, window: Window, number: str, script: str) -> None:
        window.gateway.script = script
        window.gateway.broken = None
        window.gateway.fleet[number] = a_server(number, NAMES[number])

    @rule(first=idle, second=idle, number=st.sampled_from(NUMBERS), script=st.sampled_from([*ANSWERS, *FAULTS]))
    def two_dialogs_at_once(self, first: Window | None, second: Window | None, number: str, script: str) -> None:
        """Two operators look at one server, both confirm rightly, and both press Send."""
        if first is None or second is None or first is second:
            return
        for window in (first, second):
            self._all_is_well(window, number, script)
            self.select(window, number)
            self.plan(window)
            self.type_text(window, "", rightly=True)
        for window in (first, second):
            self.confirm_and_send(window)

    @rule(window=busy, outcome=st.sampled_from(sorted(ANSWERS)))
    def answer_comes(self, window: Window | None, outcome: str) -> None:
        if window is not None and window.gateway.let_go is not None:
            window.gateway.let_go.set_result(ANSWERS[outcome])
            self._let_run(window)

    @rule(window=busy)
    def cancel(self, window: Window | None) -> None:
        """The operator calls it off, or quits in the middle."""
        if window is not None and window.sending is not None:
            window.sending.cancel()
            self._let_run(window)

    @rule(window=idle, profile=st.sampled_from(sorted(PROFILES)))
    def switch_profile(self, window: Window | None, profile: str) -> None:
        """The plan of before is left lying about on purpose."""
        if window is not None:
            window.profile = profile
            self.open_session(window)

    @rule(window=idle, read_only=st.booleans())
    def switch_read_only(self, window: Window | None, *, read_only: bool) -> None:
        if window is not None:
            window.read_only = read_only
            self.open_session(window)

    @rule(window=idle, resolved_as=st.sampled_from(ResolvedAs))
    def resolve(self, window: Window | None, resolved_as: ResolvedAs) -> None:
        if window is None or not (unresolved := self.witness.unresolved()):
            return
        is_early = resolved_as is ResolvedAs.NOT_RECEIVED and seconds_left(unresolved[0], self.clock()) > 0
        try:
            seen = Evidence(self.clock())
            window.journal.resolve(unresolved[0].id, resolved_as, "looked at the screen", seen)
        except NotResolvable:
            assert is_early
        except JournalUnavailable:
            assert self.witness.unresolved() == unresolved
        else:
            assert not is_early
            assert len(self.witness.unresolved()) == len(unresolved) - 1

    # What goes wrong.

    @rule(window=any_window, script=st.sampled_from([*ANSWERS, *FAULTS]))
    def fault(self, window: Window | None, script: str) -> None:
        """What the gateway will do with the next request."""
        if window is not None:
            window.gateway.script = script

    @rule(window=any_window, broken=st.booleans())
    def reads_fail(self, window: Window | None, *, broken: bool) -> None:
        if window is not None:
            window.gateway.broken = NotReached("The gateway was not reached.") if broken else None

    @rule(window=any_window, broken=st.booleans())
    def journal_fails(self, window: Window | None, *, broken: bool) -> None:
        """SQLite itself refuses to write for this console."""
        if window is not None:
            window.journal._database._connection.execute(f"PRAGMA query_only = {'ON' if broken else 'OFF'}")

    @rule(
        account=st.sampled_from(["one", "two"]),
        number=st.sampled_from(NUMBERS),
        change=st.sampled_from([*sorted(CHANGES), "gone", "as it was"]),
    )
    def server_changes(self, account: str, number: str, change: str) -> None:
        """Also between the dialog and the send, and while a request hangs."""
        fleet = self.fleets[account]
        fleet[number] = a_server(number, NAMES[number])
        if change == "gone":
            del fleet[number]
        else:
            fleet[number] = msgspec.structs.replace(fleet[number], **CHANGES.get(change, {}))

    @rule(seconds=st.sampled_from([1, 60, COOLDOWN, -60, -7200]))
    def time_passes_or_the_clock_is_set_back(self, seconds: float) -> None:
        self.clock.move(seconds)

    @rule(window=any_window)
    def crash(self, window: Window | None) -> None:
        """The process is gone: its lock is free, its file is closed, and nothing of its own runs on."""
        if window is not None:
            self._die(window)
            self._somebody_is_there()

    def _die(self, window: Window) -> None:
        self.windows.remove(window)
        window.journal._locks.release()
        window.journal._database.close()
        if window.sending is not None:
            window.sending.cancel()
            self.loop.run_until_complete(asyncio.wait([window.sending]))
            assert window.sending.cancelled() or window.sending.exception()

    @rule(window=idle)
    def quit(self, window: Window | None) -> None:
        if window is not None:
            self.windows.remove(window)
            window.journal.close()
            self._somebody_is_there()

    def _somebody_is_there(self) -> None:
        """Without a window nothing would happen any more: somebody starts a console again."""
        if not self.windows:
            self.new_window("prod")

    # How a send goes on.

    def _let_run(self, window: Window) -> None:
        """Run until the send has ended or hangs where the script wants it."""
        assert window.sending is not None

        async def some_steps() -> None:
            for _ in range(30):
                await asyncio.sleep(0)

        self.loop.run_until_complete(some_steps())
        if window.sending.done():
            sending, window.sending, window.gateway.let_go = window.sending, None, None
            if sending.cancelled():
                return
            error = sending.exception()
            if error is not None:
                if not isinstance(error, ValueError):
                    raise error
                return
            report = sending.result()
            if report.refused:
                assert report.intent is None
            elif report.intent is not None and not report.unrecorded:
                assert report.intent.outcome is report.result.outcome
                self.acknowledged[report.intent.id] = report.result.outcome

    def teardown(self) -> None:
        """Everybody goes home or crashes; the next start accounts for everything."""
        for window in list(self.windows):
            self._die(window)
        last = Journal.open(self.path, Origin("last", "", "", ""), self.clock)
        last.recover()
        assert last.recover() == []
        assert last.verify().fault is None
        for intent in last.intents():
            assert intent.outcome in set(Outcome), "an interrupt without an outcome"
            sent = self.requests[intent.id]
            if intent.outcome is Outcome.NOT_SENT:
                assert sent == 0, "said not sent, and was sent"
            elif intent.outcome is not Outcome.UNKNOWN:
                assert sent == 1, "answered, and was not sent"
            event(f"outcome {intent.outcome.value}")
        assert not list(self.place.glob("owners/*.lock")), "owner locks were left behind"
        last.close()
        self.witness.close()
        self.loop.close()
        shutil.rmtree(self.place)


TestStory = Story.TestCase
TestStory.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
