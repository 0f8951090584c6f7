"""``ncpconsole interrupt``: one diagnostic interrupt to one server, confirmed by its name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.interrupt_result import CommandResult, result_fields, say_result
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.output import CommandFailed, outlasting_readers, warn
from ncpconsole.cli.process import SIGNALS
from ncpconsole.cli.runner import earlier_sentence, in_session, report_crash, user_log
from ncpconsole.cli.watch import NOT_BACK, Teller, watched
from ncpconsole.cli.wiring import ReadDeadline
from ncpconsole.core.cautions import Caution, Finding, codes, sentences
from ncpconsole.core.errors import ConsoleError, GuardUnavailable, JournalUnavailable, Refused
from ncpconsole.core.lookup import find_server
from ncpconsole.core.plan import Confirmation, DryRun, Plan, Report
from ncpconsole.core.session import Session
from ncpconsole.core.vitals import LifeState, picture
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import ApiError, AuthenticationFailed, NcpError, PermissionDenied
from ncpconsole.ncp.results import Outcome

WATCH_ENDED = msgid("The watch ended before {name}, number {number}, was seen back. To go on: ncpconsole watch {id}")
LOG_UNREAD = msgid("The activity log was not read, so what others did would not show: {why}")

UNCONFIRMED = frozenset({"not-confirmed", "profile-not-confirmed", "no-reason"})
"""Refusals after which every option that is demanded is named, so that one more round is enough."""

EARLIER_SHOWN = 3
"""Earlier interrupts beside a caution; 'ncpconsole show' tells all."""


@click.command(
    help=tr(
        "Send one diagnostic interrupt (NMI) to one server.\n\n"
        "SERVER is its number, or an exact IP address or name that no other server has. "
        "The guest stops with a blue screen. It is sent at most once; nothing repeats it. With --watch the exit code "
        "is still that of the interrupt; with --json the watch is told on standard error."
    )
)
@click.argument("which", metavar="SERVER")
@click.option(
    "--confirm",
    "typed",
    default="",
    metavar="NAME_OR_NO",
    help=tr("The server's exact name; its number where there is a caution."),
)
@click.option(
    "--despite",
    multiple=True,
    type=click.Choice([code.value for code in Caution]),
    metavar="CODE",
    help=tr("Agree to the caution of this code; once for each."),
)
@click.option("--confirm-profile", default="", metavar="NAME", help=tr("The profile's name, if it is protected."))
@click.option("--reason", default="", metavar="TEXT", help=tr("Why; or a ticket number."))
@click.option(
    "--without-team",
    default="",
    metavar="REASON",
    help=tr("Go past the team's journal while it cannot be reached, and say why; wants the server's number."),
)
@click.option("--dry-run", is_flag=True, help=tr("Everything but the send; print what would be sent."))
@click.option(
    "--watch", "is_watched", is_flag=True, help=tr("Then watch the server until it is back, or the time is over.")
)
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
@shared_options()
@click.pass_context
def interrupt_command(
    context: click.Context,
    /,
    which: str,
    typed: str,
    despite: tuple[str, ...],
    confirm_profile: str,
    reason: str,
    without_team: str,
    dry_run: bool,
    is_watched: bool,
    as_json: bool,
    options: Options,
) -> None:
    """Send one diagnostic interrupt to one server, and tell what became of it."""
    confirmation = Confirmation(typed, confirm_profile, reason, despite=frozenset(despite), without_team=without_team)
    results: list[CommandResult] = []
    told: list[CommandResult] = []
    deadline = ReadDeadline()

    async def once(session: Session) -> None:
        results.append(
            await interrupt_once(session, which, confirmation, dry_run=dry_run, warn=warn, deadline=deadline)
        )
        if is_watched and results[0].outcome in {"accepted", "unknown"}:
            SIGNALS.hold()
            with outlasting_readers():
                told.extend(results)
                say_result(results[0], as_json=as_json)
                await _watch(session, results[0], error=as_json)

    closing_failure: BaseException | None = None
    try:
        in_session(options, once, unrecordable=ExitCode.NOT_SENT, deadline=deadline)
    except CommandFailed as failure:
        if not results:
            raise _not_begun(which, failure) from failure
        closing_failure = failure
    except BaseException as error:
        if not results:
            raise
        closing_failure = error
    # From here on nothing takes back what became of the interrupt: no signal, no reader that is gone.
    SIGNALS.hold()
    (result,) = results
    with outlasting_readers():
        if not told:
            say_result(result, as_json=as_json)
        if isinstance(closing_failure, CommandFailed):
            warn(closing_failure.message)
        elif isinstance(closing_failure, Exception):
            report_crash(closing_failure, user_log())
    context.exit(result.exit_code)


async def _watch(session: Session, result: CommandResult, *, error: bool) -> None:
    """Tell what becomes of the server. Whatever breaks a watch off changes nothing about the interrupt."""
    try:
        intent = next(one for one in session.journal.intents() if one.id == result.journal_id)
        if not await watched(session, intent, Teller(intent, error=error)):
            warn(tr(NOT_BACK, name=result.server_name, number=result.server_no))
    except (ConsoleError, NcpError, StopIteration) as failure:
        warn(tr("The watch broke off: {why}", why=shown(failure)))
    except asyncio.CancelledError:
        warn(tr(WATCH_ENDED, name=result.server_name, number=result.server_no, id=result.journal_id))
        raise


def _not_begun(which: str, failure: CommandFailed) -> CommandFailed:
    """How the command ends where there was no session to send anything in."""
    code = failure.code
    if code == ExitCode.FAILURE or (code == ExitCode.REJECTED and not is_key_refused(failure.__cause__)):
        # What NCP rejected was a look at the account: of the interrupt it has not heard.
        code = ExitCode.NOT_SENT
    result = CommandResult("not_sent", number_in(which), failure.message, request_ids=failure.request_ids)
    return CommandFailed(failure.message, code, document=result_fields(result))


def is_key_refused(error: BaseException | None) -> bool:
    """Whether NCP refused the key itself (401, 403), so that nothing can be done with it."""
    return isinstance(error, AuthenticationFailed | PermissionDenied) or (
        isinstance(error, ApiError) and error.http_status in {401, 403}
    )


async def interrupt_once(
    session: Session,
    which: str,
    confirmation: Confirmation,
    *,
    dry_run: bool,
    warn: Callable[[str], None],
    deadline: ReadDeadline,
) -> CommandResult:
    """Plan, hold the confirmation against it, send once. Never raises for what the network or rules say.

    ``deadline`` ends what is read for the plan; the send has one of its own, as long.

    ``warn`` is called with every caution, and with the server's earlier interrupts, before anything is sent;
    where it raises, nothing is. A refusal says them too: they are why it is the number that must be typed.
    """
    plan = await _planned(session, which, deadline)
    if isinstance(plan, CommandResult):
        return plan
    given = confirmation
    if dry_run:
        confirmation = _rehearsed(plan, given)
    try:
        _say_before(session, plan, confirmation, warn)
    except (OSError, CommandFailed):
        message = tr("The cautions cannot be shown, so nothing was sent.")
        return CommandResult("not_sent", plan.server_no, message, plan.server.server_name)
    if dry_run:
        rehearsal = session.interrupter.dry_run(plan, confirmation)
        if not rehearsal.against and session.interrupter.objections(plan, given):
            with suppress(OSError, CommandFailed):
                warn(_options_wanted(plan))
        return _dry_run_result(plan, rehearsal)
    SIGNALS.hold()
    try:
        report = await session.interrupter.execute(plan, confirmation)
    except (asyncio.CancelledError, ConsoleError, NcpError):
        # Ctrl-C: the interrupter knows what became of it, also where the journal could not take it.
        report = session.interrupter.abandoned(plan)
    except Exception as error:
        report = session.interrupter.abandoned(plan)
        if report.result.outcome is Outcome.NOT_SENT:
            raise
        # A bug, after the byte may have left: what may have happened is worth more than how it broke.
        report_crash(error, user_log())
    if report.log_problem and not plan.log.problem:
        with suppress(OSError, CommandFailed):
            warn(tr(LOG_UNREAD, why=shown(report.log_problem)))
    return _reported(plan, report)


def _say_before(session: Session, plan: Plan, confirmation: Confirmation, warn: Callable[[str], None]) -> None:
    """What must be known before it is sent; a confirmation that is not enough is answered with the cautions anyway."""
    if plan.log.bug:
        logging.getLogger(__name__).error("The activity log could not be read.", exc_info=plan.log.bug)
    if plan.log.problem:
        warn(tr(LOG_UNREAD, why=shown(plan.log.problem)))
    if plan.vitals.state in (LifeState.SILENT, LifeState.UNAVAILABLE) and not session.vitals.off:
        warn(picture(plan.vitals, plan.vitals.read_at))
    if not session.interrupter.objections(plan, confirmation):
        for sentence in _cautions(plan):
            warn(shown(sentence))


def number_in(which: str) -> str:
    """The server number that was given; empty where it was an address or a name."""
    return which if which.isdecimal() else ""


async def _planned(session: Session, which: str, deadline: ReadDeadline) -> Plan | CommandResult:
    """The plan, or what the command ends with where there is none."""
    name, server_no = "", number_in(which)
    try:
        async with deadline():
            found = await find_server(session, which, deadline.remaining)
            name, server_no = found.server.server_name, found.server.server_instance_no
            return await session.interrupter.plan(
                found.region_code, server_no, found.surroundings, seconds=deadline.remaining
            )
    except Refused as refusal:
        return CommandResult("refused", server_no, shown(refusal), name, reason_codes=refusal.codes)
    except GuardUnavailable as error:
        return CommandResult("refused", server_no, shown(error), name, reason_codes=("guard",))
    except JournalUnavailable as error:
        return CommandResult("not_sent", server_no, shown(error), name)
    except ConsoleError as error:
        return CommandResult("refused", server_no, shown(error), name, reason_codes=("no-such-server",))
    except NcpError as error:
        unread = tr("The server could not be read.")
        return CommandResult(
            "not_sent",
            server_no,
            f"{unread} {shown(error)}",
            name,
            request_ids=error.request_ids,
            is_key_refused=is_key_refused(error),
        )


def _rehearsed(plan: Plan, given: Confirmation) -> Confirmation:
    """What a dry run takes as confirmed: what was given, and where nothing was, what is demanded."""
    return Confirmation(
        typed=given.typed or plan.demands.text,
        profile_typed=given.profile_typed or plan.demands.profile,
        reason=given.reason or "dry run",  # no message: a reason that is not kept
        despite=given.despite if given.typed else None,
        without_team=given.without_team,
    )


def _dry_run_result(plan: Plan, rehearsal: DryRun) -> CommandResult:
    name = plan.server.server_name
    if rehearsal.against:
        return _refused(plan, rehearsal.against)
    return CommandResult(
        "dry_run",
        plan.server_no,
        tr("Nothing was sent."),
        name,
        request=rehearsal.request,
        caution_codes=codes(plan.warnings),
        acting_as=plan.acting_as,
        vitals=plan.vitals,
    )


def _options_wanted(plan: Plan) -> str:
    """Every option that confirms this interrupt. What must be typed is not among it, to be looked up and not pasted."""
    by_number = plan.demands.what == "number" or plan.lacks_team
    wanted = ["--confirm NUMBER" if by_number else "--confirm NAME"]
    wanted += [f"--despite {code}" for code in codes(plan.warnings)]
    if plan.lacks_team:
        wanted.append("--without-team REASON")
    if plan.demands.profile:
        wanted.append("--confirm-profile NAME")
    if plan.demands.reason:
        wanted.append("--reason TEXT")
    return tr("It is confirmed with {options}.", options=" ".join(wanted))


def _refused(plan: Plan, against: tuple[Finding, ...]) -> CommandResult:
    is_unconfirmed = not UNCONFIRMED.isdisjoint(codes(against))
    return CommandResult(
        "refused",
        plan.server_no,
        " ".join(
            map(shown, (*sentences(against), *([_options_wanted(plan)] if is_unconfirmed else []), *_cautions(plan)))
        ),
        plan.server.server_name,
        reason_codes=codes(against),
        caution_codes=codes(plan.warnings),
        acting_as=plan.acting_as,
        vitals=plan.vitals,
    )


def _cautions(plan: Plan) -> list[str]:
    if not plan.cautions or plan.why_not:
        return list(plan.cautions)  # a lock tells of the earlier interrupt itself
    earlier = [tr("Earlier interrupt: {what}", what=earlier_sentence(one)) for one in plan.earlier[:EARLIER_SHOWN]]
    return [*plan.cautions, *earlier]


def _reported(plan: Plan, report: Report) -> CommandResult:
    if report.against:
        return _refused(plan, report.against)
    return CommandResult(
        report.result.outcome.value,
        plan.server_no,
        report.result.message,
        plan.server.server_name,
        report.result.request_ids,
        report.intent.id if report.intent else "",
        is_recorded=not report.unrecorded,
        caution_codes=codes(plan.warnings),
        acting_as=plan.acting_as,
        vitals=plan.vitals,
    )
