"""Plan, confirm, claim, re-check, send, outcome. The only caller of the gateway's interrupt.

Nothing here repeats a request. Whatever happens between the claim and the answer, the journal ends with one
of the four outcomes, and with *unknown* where it cannot be known.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.activity_log import (
    LOG_SECONDS,
    LOG_SPAN,
    LogLook,
    by_others,
    entry_key,
    look_at_log,
    others_findings,
)
from ncpconsole.core.cautions import (
    MOST_NAMED,
    Caution,
    Finding,
    ServerContext,
    Surroundings,
    by_name,
    by_number,
    cautious_now,
    codes,
    context_of,
    foreign_gateway,
    identity,
    interrupted_meanwhile,
    lock_reasons,
    looked_for_elsewhere,
    not_looked_for,
    renamed,
    sentences,
    still_alive,
)
from ncpconsole.core.eligibility import verdict
from ncpconsole.core.errors import ConsoleError, GuardUnavailable, JournalUnavailable, Refused
from ncpconsole.core.plan import (
    TEAM,
    Confirmation,
    DryRun,
    Plan,
    Report,
    demands,
    differences,
    draft,
    objections,
    outdated,
)
from ncpconsole.core.records import new_id
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.vitals import LifeState
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.core.watch import watch
from ncpconsole.core.wording import safe_sentence
from ncpconsole.language import Sentence, said
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.metrics import Metric
from ncpconsole.ncp.results import FIND_OUT_FIRST, Outcome, SendProgress, SendResult

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from ncpconsole.core.eligibility import Rules, Verdict
    from ncpconsole.core.gateway import Gateway
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.policy import Policy
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.ncp.identity import CallerIdentity
    from ncpconsole.ncp.models import Server


class SendPhase(StrEnum):
    """How far a send has come, for the screen. From SENDING on there is no way back."""

    CLAIMING = "claiming"
    CHECKING = "checking"
    CONNECTING = "connecting"
    SENDING = "sending"
    DONE = "done"


RECHECK_SECONDS = 5.0
"""How long the look between the claim and the send may take; it is one try."""
LOG_SHARE = 0.25
"""Of what is left of the deadline, the most that the look at the activity log may take: it must not cost the send."""
IDENTITY_SECONDS = 2.0
"""How long a plan waits to be told whose key it is."""
WITNESS_SHARE = 0.5
"""Of what is left of the time for a plan, the most that log, identity and vital signs may take."""
NAMES_SECONDS, NAMES_LONGEST = 3.0, 10.0
"""What looking for other servers of a name may take in any case, as it can cost a caution, and what at most."""


def share_of(seconds: float) -> float:
    """Of the time for a plan, the most that one look for other servers of a name may take."""
    return max(seconds * WITNESS_SHARE, min(seconds, NAMES_SECONDS))


def _no_answer(seconds: float) -> Sentence:
    return Sentence("It gave no answer within {seconds:.2g} seconds.", seconds=seconds)


class _Deadline:
    """The end of one send: no wait of its parts may add up to more.

    Time goes by as the faster of two clocks has it: the monotonic one stands still while a machine sleeps,
    the wall clock can be set back.
    """

    def __init__(self, seconds: float, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._seconds, self._wall, self._monotonic = seconds, wall, monotonic
        self._began, self._began_monotonic = wall(), monotonic()

    @property
    def remaining(self) -> float:
        """Seconds that are left; none or less when it is over."""
        by_wall = (self._wall() - self._began).total_seconds()
        return self._seconds - max(by_wall, self._monotonic() - self._began_monotonic)

    def check(self) -> None:
        """Raise Refused when it is over."""
        if self.remaining <= 0:
            raise Refused(
                Sentence(
                    "More than {seconds:g} seconds went by since this was confirmed: look at the server and confirm "
                    "it again.",
                    seconds=self._seconds,
                )
            )


NOTHING_SENT = Sentence("Nothing was sent.")


class Interrupter:
    """Sends interrupts of one profile through one gateway, each at most once.

    ``vitals`` is the session's reader of vital signs, which are never waited for longer than three seconds.

    Made anew for every session: a plan of another profile, key or gateway is refused.
    """

    def __init__(
        self,
        gateway: Gateway,
        journal: Journal,
        rules: Rules,
        policy: Policy,
        *,
        profile: str,
        incident: str = "",
        vitals: VitalsReader | None = None,
        on_record: Callable[[Intent], None] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._journal = journal
        self._rules = rules
        self._policy = policy
        self._profile = profile
        self._incident = incident
        self._vitals = vitals or VitalsReader(gateway, clock=clock, monotonic=monotonic)
        self._on_record = on_record
        self._clock = clock
        self._monotonic = monotonic
        self._id = os.urandom(16).hex()
        self._used: dict[str, Intent] = {}
        self._abandoned: dict[str, Report] = {}

    async def plan(
        self, region_code: str, server_no: str, surroundings: Surroundings, *, seconds: float = math.inf
    ) -> Plan:
        """Read the server afresh and say what confirming its interrupt takes.

        ``surroundings`` are the lists of the account's regions (see `core.listing`), ``seconds`` is how long the caller
        waits, so that nothing it can do without uses that up. Raises Refused with every reason
        when the rules block it, NcpError when it cannot be read, JournalUnavailable when its history cannot.
        """
        until = self._monotonic() + seconds
        if self._journal.refused:
            raise self._journal.refused
        self._journal.ask_anchor()
        server = await self._gateway.server(region_code, server_no)
        if server is None:
            nowhere = Sentence(
                "There is no server {number} in region {region}.",
                number=safe_text(server_no),
                region=safe_text(region_code),
            )
            raise Refused(nowhere, codes=("no-such-server",))
        if server.server_instance_no != server_no:
            other = Sentence(
                "The API answered with server {other} when asked for {number}.",
                other=safe_text(server.server_instance_no),
                number=safe_text(server_no),
            )
            raise Refused(other, codes=("other-server",))
        at_most = max(0.0, (until - self._monotonic()) * WITNESS_SHARE)
        beside_names = min(NAMES_LONGEST, share_of(until - self._monotonic()))
        _, (names, unread), (addresses, unsure), log, acting_as, signs = await asyncio.gather(
            self._journal.catch_up(),
            self._other_names(region_code, server, surroundings, beside_names),
            self._addresses_now(region_code, server, surroundings, beside_names),
            self._look_at_log(server_no, min(LOG_SECONDS, at_most)),
            self._caller(min(IDENTITY_SECONDS, at_most)),
            self._vitals.read([server_no], metrics=tuple(Metric), fresh=True, seconds=at_most),
        )
        vitals = signs[server_no]
        if addresses is not None:
            surroundings = replace(surroundings, addresses=addresses)
        beside = (
            *unread,
            *unsure,
            *surroundings.warnings,
            *renamed(server, surroundings),
            *not_looked_for(server, surroundings),
            *still_alive(vitals),
            *foreign_gateway(self._gateway.foreign_host),
        )
        earlier = tuple(self._journal.intents(gateway=self._gateway.base_url, server_no=server_no))
        others = others_findings(by_others(log, earlier, self._gateway.clock_offset or 0.0), self._gateway_time())
        judged = self._judged(server, earlier, names)
        if not judged.eligible:
            raise Refused(*judged.reasons, codes=codes(judged.against))
        locked = lock_reasons(earlier)
        # A lock tells of the earlier interrupts itself; that they make the number due stays as it is.
        told = self._judged(server, (), names) if locked else judged
        return Plan(
            id=new_id(),
            maker=self._id,
            server=server,
            region_code=region_code,
            gateway=self._gateway.base_url,
            key_fingerprint=self._gateway.key_fingerprint,
            profile=self._profile,
            rule_set=self._rules.name,
            verdict=judged,
            warnings=(*others, *told.warnings, *beside),
            demands=demands(server, (*others, *judged.warnings, *beside), self._policy, self._profile),
            overruled=(
                *self._read_only(),
                *(Finding("journal", sentence) for sentence in self._journal.objections()),
                *((Finding(TEAM, trouble),) if (trouble := self._journal.team_trouble) else ()),
                *locked,
            ),
            earlier=earlier,
            names=names,
            looked_for=surroundings.looked_for,
            looked_for_elsewhere=looked_for_elsewhere(server, surroundings),
            addresses=addresses,
            log=log,
            acting_as=acting_as,
            vitals=vitals,
            read_at=self._clock(),
            read_at_monotonic=self._monotonic(),
        )

    def objections(self, plan: Plan, confirmation: Confirmation) -> tuple[str, ...]:
        """Every reason why this confirmation is not enough; pure and cheap, for every keystroke."""
        return sentences(objections(plan, confirmation))

    def dry_run(self, plan: Plan, confirmation: Confirmation) -> DryRun:
        """What `execute` would send, and why it would refuse. Sends, claims and records nothing."""
        reasons = self._reasons_against(plan, confirmation)
        try:
            request = self._gateway.describe_interrupt(plan.region_code, plan.server_no)
        except NcpError as error:
            return DryRun(None, (*reasons, Finding("no-request", error.sentence)))
        return DryRun(request, reasons)

    async def execute(
        self, plan: Plan, confirmation: Confirmation, on_stage: Callable[[SendPhase], None] | None = None
    ) -> Report:
        """Claim, look once more, send once, record. Raises for nothing that the network or the disk does.

        The policy's ``send_deadline`` spans all of it: what is not on its way by then is not sent.
        Cancelling before the first byte leaves *not sent* in the journal, after it *unknown*; CancelledError
        is raised on.
        """
        deadline = _Deadline(self._policy.send_deadline, self._clock, self._monotonic)
        tell = on_stage or _tell_nobody
        if refused := self._reasons_against(plan, confirmation):
            return Report(SendResult.not_sent(Sentence.joined(*(one.sentence for one in refused))), against=refused)
        tell(SendPhase.CLAIMING)
        try:
            intent = self._journal.claim(
                draft(plan, confirmation, incident=self._incident, method=self._policy.interrupt_method)
            )
        except Refused as locked:
            return Report(SendResult.not_sent(said(locked)), against=(Finding("locked", said(locked)),))
        except GuardUnavailable as error:
            return Report(SendResult.not_sent(said(error)), against=(Finding("guard", said(error)),))
        except JournalUnavailable as error:
            return Report(SendResult.not_sent(Sentence.joined(said(error), NOTHING_SENT)))
        self._used[plan.id] = intent
        progress = SendProgress()
        try:
            tell(SendPhase.CHECKING)
            objection, log = await self._still_stands(plan, intent, deadline)
            if objection is not None:
                result = objection
            else:
                tell(SendPhase.CONNECTING)
                result = await self._send(plan, intent, deadline, progress, tell)
        except BaseException as error:
            self._abandoned[plan.id] = self._record_abandoned(intent, progress, error)
            raise
        report = replace(self._recorded(intent, result), log_problem=log.problem)
        tell(SendPhase.DONE)
        return report

    def abandoned(self, plan: Plan) -> Report:
        """What became of a cancelled `execute` of this plan, also where the journal could not take it."""
        if plan.id in self._abandoned:
            return self._abandoned[plan.id]
        if plan.id in self._used:
            # It broke off while the outcome was recorded; the journal ends with unknown at the next start.
            return Report(
                SendResult.unknown(Sentence("The console broke off while it recorded the outcome.")),
                self._used[plan.id],
            )
        return Report(SendResult.not_sent(Sentence("It was called off before anything was sent.")))

    def watch(self, intent: Intent) -> AsyncGenerator[Observation, None]:
        """The changes of the server's record after an interrupt, as they are seen and journalled.

        See `core.watch.watch` for what is told and when it ends.
        """
        if intent.draft.gateway != self._gateway.base_url:
            raise Refused(
                Sentence("This interrupt went through another gateway: open its profile to watch the server.")
            )
        return watch(
            self._gateway,
            self._journal,
            intent,
            every=self._policy.watch_every,
            lasting=self._policy.watch_for,
            clock=self._clock,
            vitals=self._vitals,
        )

    # What speaks against it.

    def _reasons_against(self, plan: Plan, confirmation: Confirmation) -> tuple[Finding, ...]:
        return (*self._read_only(), *self._outdated(plan)) or objections(plan, confirmation)

    def _read_only(self) -> tuple[Finding, ...]:
        if not self._policy.read_only:
            return ()
        because = self._policy.read_only_because
        sentence = Sentence("This console is read-only: nothing is sent.")
        if because:
            sentence = Sentence("This console is read-only ({because}): nothing is sent.", because=because)
        return (Finding("read-only", sentence),)

    def _outdated(self, plan: Plan) -> tuple[Finding, ...]:
        return outdated(
            plan,
            gateway=self._gateway.base_url,
            key_fingerprint=self._gateway.key_fingerprint,
            profile=self._profile,
            maker=self._id,
            is_used=plan.id in self._used,
            age=max((self._clock() - plan.read_at).total_seconds(), self._monotonic() - plan.read_at_monotonic),
        )

    async def _other_names(
        self, region_code: str, server: Server, surroundings: Surroundings, seconds: float
    ) -> tuple[ServerContext, tuple[Finding, ...]]:
        """Which other servers bear this server's name or one like it, and a caution when that could not be looked up.

        The region is asked once more, beside what its list said, for so many seconds.
        """
        bearers = surroundings.same_names(server)
        doubts: list[str] = []
        if server.server_name.strip():
            try:
                async with asyncio.timeout(seconds):
                    # The API's name filter may match more than equal names.
                    found = await self._gateway.servers(
                        region_code, server_name=server.server_name, on_incomplete=doubts.append
                    )
                bearers |= Surroundings(tuple(found)).same_names(server)
            except NcpError as error:
                doubts.append(error.sentence)
            except TimeoutError:
                doubts.append(_no_answer(seconds))
        same = sorted(bearers - {identity(server)})
        alike = surroundings.alike(server)
        names = ServerContext(
            same_name_count=len(same),
            confusable_count=len(alike),
            same_names=tuple(by_number(*one) for one in same[:MOST_NAMED]),
            confusable_names=tuple(map(by_name, alike[:MOST_NAMED])),
        )
        return names, tuple(
            Finding(
                Caution.LIST_INCOMPLETE,
                Sentence(
                    "Whether another server has this name could not be looked up: {why}", why=safe_sentence(doubt)
                ),
            )
            for doubt in doubts
        )

    async def _addresses_now(
        self, region_code: str, server: Server, surroundings: Surroundings, seconds: float
    ) -> tuple[tuple[str, ...] | None, tuple[Finding, ...]]:
        """The server's private addresses, where it was looked for by one of them, and a caution when that fails.

        The listed ones may be minutes old, and an address moves from a failed server to the one that stands in for it.
        They are not read where nothing depends on them.
        """
        if not set(surroundings.looked_for) & set(surroundings.addresses):
            return None, ()
        number = server.server_instance_no
        try:
            async with asyncio.timeout(seconds):
                found = await self._gateway.network_interfaces(region_code, server_no=number)
        except NcpError as error:
            doubt = error.sentence
        except TimeoutError:
            doubt = _no_answer(seconds)
        else:
            return tuple(ip for one in found for ip in (one.ip, *one.secondary_ip_list)), ()
        sentence = Sentence(
            "Whether this server still has the address that was looked for could not be read: {why}",
            why=safe_sentence(doubt),
        )
        return None, (Finding(Caution.LIST_INCOMPLETE, sentence),)

    def _judged(self, server: Server, earlier: Sequence[Intent], names: ServerContext) -> Verdict:
        context = context_of(
            server.server_instance_no,
            earlier,
            now=cautious_now(self._clock(), self._gateway.clock_offset),
            cooldown=self._policy.cooldown,
            names=names,
        )
        return verdict(server, self._rules, context)

    def _gateway_time(self) -> datetime:
        return self._clock() + timedelta(seconds=self._gateway.clock_offset or 0.0)

    async def _look_at_log(self, server_no: str, seconds: float) -> LogLook:
        """What the activity log has about the server, at least for as long as the cooldown lasts."""
        span = max(LOG_SPAN, timedelta(seconds=self._policy.cooldown))
        return await look_at_log(self._gateway, server_no, self._gateway_time(), span=span, seconds=seconds)

    async def _caller(self, seconds: float) -> CallerIdentity | None:
        """Whose key this is; None where nobody tells in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._gateway.caller_identity()
        except (NcpError, TimeoutError):
            return None

    # The look between the claim and the send.

    async def _still_stands(self, plan: Plan, intent: Intent, deadline: _Deadline) -> tuple[SendResult | None, LogLook]:
        """What becomes of a send that must not go on, None when all is as the operator saw it; and the activity log."""
        seconds = min(RECHECK_SECONDS, deadline.remaining)
        log_seconds = min(LOG_SECONDS, max(0.0, deadline.remaining * LOG_SHARE))
        looking = asyncio.create_task(self._look_at_log(plan.server_no, log_seconds))
        listening = asyncio.create_task(self._alive_by_now(plan, log_seconds))
        log = LogLook()
        try:
            deadline.check()
            async with asyncio.timeout(seconds):
                now = await self._gateway.server(plan.region_code, plan.server_no, retry=False)
            log = await looking
            changes = self._changes(plan, intent, now)
            others = () if changes else self._done_by_others(plan, log)
            alive = () if changes or others else await listening
        except NcpError as error:
            unread = Sentence(
                "The server could not be read again, so nothing was sent: {why}", why=safe_sentence(error.sentence)
            )
            return SendResult.not_sent(unread), log
        except TimeoutError:
            late = Sentence(
                "The server could not be read again, so nothing was sent: no answer came within {seconds:.2g} seconds.",
                seconds=seconds,
            )
            return SendResult.not_sent(late), log
        except (Refused, JournalUnavailable) as error:
            return SendResult.not_sent(Sentence.joined(said(error), NOTHING_SENT)), log
        finally:
            looking.cancel()
            listening.cancel()
        if changes:
            why = Sentence.joined(Sentence("The server changed, so nothing was sent."), *changes)
        elif others:
            acted = Sentence("Somebody else acted on the server, so nothing was sent.")
            why = Sentence.joined(acted, *others, Sentence("Look at the server again."))
        elif alive:
            changed = Sentence("The server changed, so nothing was sent.")
            return SendResult.not_sent(Sentence.joined(changed, *alive, Sentence("Look at the server again."))), log
        else:
            return None, log
        return SendResult.not_sent(why, others_may_be_behind=True), log

    async def _alive_by_now(self, plan: Plan, seconds: float) -> tuple[str, ...]:
        """That the guest sends its metrics, where it did not when the operator looked, up to minutes ago."""
        if plan.vitals.state is LifeState.ALIVE:
            return ()
        signs = await self._vitals.read([plan.server_no], seconds=seconds)
        return tuple(finding.sentence for finding in still_alive(signs[plan.server_no]))

    def _done_by_others(self, plan: Plan, log: LogLook) -> tuple[str, ...]:
        """What somebody else did by the activity log, and the operator was not shown, in sentences."""
        known = {entry_key(one) for one in plan.log.entries}
        own = self._journal.intents(gateway=plan.gateway, server_no=plan.server_no)
        found = by_others(log, own, self._gateway.clock_offset or 0.0)
        new = [one for one in found if entry_key(one) not in known]
        return tuple(finding.sentence for finding in others_findings(new, self._gateway_time()))

    def _changes(self, plan: Plan, intent: Intent, now: Server | None) -> tuple[str, ...]:
        found = differences(plan.server, now)
        if found or now is None:
            return found
        # Another window may have interrupted the same server while this dialog was open.
        known = {one.id for one in plan.earlier}
        here = self._journal.intents(gateway=plan.gateway, server_no=plan.server_no)
        history = [one for one in here if one.id != intent.id]
        if meanwhile := interrupted_meanwhile(one for one in history if one.id not in known):
            return meanwhile
        judged = self._judged(now, history, plan.names)
        seen = {finding.sentence for finding in plan.warnings}
        return tuple(
            finding.sentence for finding in (*judged.against, *judged.warnings) if finding.sentence not in seen
        )

    # The one send.

    async def _send(
        self, plan: Plan, intent: Intent, deadline: _Deadline, progress: SendProgress, tell: Callable[[SendPhase], None]
    ) -> SendResult:
        def before_first_byte() -> None:
            deadline.check()
            self._journal.mark_sending(intent.id)
            tell(SendPhase.SENDING)
            deadline.check()  # the disk may have been slow, and the sender knows one clock alone

        result = await self._gateway.interrupt(
            plan.region_code,
            plan.server_no,
            before_first_byte=before_first_byte,
            deadline=max(0.0, deadline.remaining),
            progress=progress,
        )
        if progress.may_have_been_sent or result.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN):
            return result
        unseen = Sentence("An answer came to a request that was never seen leaving: {message}", message=result.message)
        return replace(result, outcome=Outcome.UNKNOWN, message=Sentence.joined(unseen, Sentence(FIND_OUT_FIRST)))

    def _recorded(self, intent: Intent, result: SendResult) -> Report:
        try:
            finished = self._journal.finish(intent.id, result)
        except ConsoleError as error:
            unrecorded = Sentence(
                "This outcome could not be written to the journal: {why} Note it down. The server stays locked until "
                "the journal can be written or, after a restart, until it is resolved.",
                why=said(error),
            )
            result = replace(result, message=Sentence.joined(result.message, unrecorded))
            return Report(result, intent, unrecorded=unrecorded)
        if self._on_record is not None:
            self._on_record(finished)
        if undelivered := self._journal.undelivered(intent.id):
            result = replace(result, message=Sentence.joined(result.message, undelivered))
        return Report(result, finished)

    def _record_abandoned(self, intent: Intent, progress: SendProgress, error: BaseException) -> Report:
        """The honest outcome when the send was cancelled or broke off in this program itself."""
        if progress.may_have_been_sent:
            result = SendResult.unknown(Sentence("The console broke off while the request was under way."))
        else:
            result = SendResult.not_sent(
                Sentence("The console broke off before the request was sent: nothing was sent.")
            )
        report = self._recorded(intent, result)
        if report.unrecorded:
            error.add_note(f"Interrupt {intent.id}: {report.result.message}")
        return report


def _tell_nobody(_: SendPhase) -> None:
    return
