"""One interrupt without a screen: the same plan, confirmation and send as in the dialog."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ncpconsole.cli.crash_log import tell_of_crash, user_log
from ncpconsole.cli.runner import earlier_sentence
from ncpconsole.core.errors import ConsoleError, JournalUnavailable, Refused
from ncpconsole.core.listing import find_server
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncpconsole.core.plan import Confirmation, Plan
    from ncpconsole.core.report import DryRun, Report
    from ncpconsole.core.session import Session
    from ncpconsole.ncp.models import RequestPreview

EARLIER_SAID = 3
"""Earlier interrupts beside a caution; 'ncpconsole show' tells all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the command: one of the four outcomes, ``refused`` or ``dry_run``.

    ``request`` is what a dry run would have sent, without signature and key.
    """

    outcome: str
    server_no: str
    message: str
    server_name: str = ""
    request_id: str = ""
    journal_id: str = ""
    request: RequestPreview | None = None


async def interrupt_once(
    session: Session,
    server_no: str,
    confirmation: Confirmation,
    *,
    dry_run: bool,
    warn: Callable[[str], None],
) -> Answer:
    """Plan, hold the confirmation against it, send once. Never raises for what the network or rules say.

    ``warn`` is called with every caution, and with the server's earlier interrupts, before anything is sent.
    A refusal says them too: they are why it is the number that must be typed.
    """
    name = ""
    try:
        found = await find_server(session, server_no)
        name = found.server.server_name
        plan = await session.interrupter.plan(found.region_code, server_no, found.surroundings)
    except Refused as refusal:
        return Answer("refused", server_no, " ".join(refusal.reasons), name)
    except JournalUnavailable as error:
        return Answer("not_sent", server_no, str(error), name)
    except ConsoleError as error:
        return Answer("refused", server_no, str(error), name)
    except NcpError as error:
        message = f"The server could not be read. {error.sentence}"
        return Answer("not_sent", server_no, message, name, request_id=error.request_id)
    if not session.interrupter.objections(plan, confirmation):
        for sentence in _cautions(plan):
            warn(sentence)
    if dry_run:
        return _rehearsed(plan, session.interrupter.dry_run(plan, confirmation))
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
        tell_of_crash(error, user_log())
    return _reported(plan, report)


def _rehearsed(plan: Plan, rehearsal: DryRun) -> Answer:
    name = plan.server.server_name
    if rehearsal.objections:
        return _refused(plan, rehearsal.objections)
    return Answer("dry_run", plan.server_no, "Nothing was sent.", name, request=rehearsal.request)


def _refused(plan: Plan, reasons: tuple[str, ...]) -> Answer:
    return Answer("refused", plan.server_no, " ".join((*reasons, *_cautions(plan))), plan.server.server_name)


def _cautions(plan: Plan) -> list[str]:
    if not plan.cautions or plan.why_not:
        return list(plan.cautions)  # a lock tells of the earlier interrupt itself
    earlier = [f"Earlier interrupt: {earlier_sentence(one)}" for one in plan.earlier[:EARLIER_SAID]]
    return [*plan.cautions, *earlier]


def _reported(plan: Plan, report: Report) -> Answer:
    if report.refused:
        return _refused(plan, report.refused)
    return Answer(
        report.result.outcome.value,
        plan.server_no,
        report.result.message,
        plan.server.server_name,
        report.result.request_id,
        report.intent.id if report.intent else "",
    )
