"""Problems that leave nothing to list: what is wrong, and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from ncpconsole.core.errors import CredentialsError, JournalUnavailable, MissingCredentials, UnknownProfile
from ncpconsole.core.safe_text import safe_block, safe_text
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    InvalidBaseUrl,
    NcpError,
    NotReached,
    PermissionDenied,
    Throttled,
    UnreadableAnswer,
)
from ncpconsole.tui.text import item

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Problem:
    """One situation: a short title, what is the case, and what to do, most likely first."""

    title: str
    case: str
    steps: tuple[str, ...]
    login: bool = False


OR_THE_ENVIRONMENT = msgid("Or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and start again.")


def called_off() -> Problem:
    """The operator waited no longer for the account."""
    return Problem(
        tr("Called off"),
        tr("The account was not opened, and nothing was read."),
        (
            tr("Press r to try again."),
            tr("Press p to choose another profile, or l to log in with a key."),
            tr("Or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and start again: no keyring is asked then."),
        ),
        login=True,
    )


def problem_for(error: Exception, *, base_url: str = "") -> Problem:
    """The problem behind an error of opening an account or reading the list."""
    case = shown(error) or type(error).__name__
    if isinstance(error, MissingCredentials):
        return Problem(
            tr("No access key yet"),
            case,
            (
                tr("Press l to log in: the key is tested, then kept in this machine's keyring."),
                tr(OR_THE_ENVIRONMENT),
                tr("To look around without an account, run: ncpconsole demo"),
            ),
            login=True,
        )
    if isinstance(error, UnknownProfile):
        return Problem(
            tr("There is no such profile"),
            case,
            (tr("Press p to choose one of them."), tr("Press l to log in with a key of its own.")),
            login=True,
        )
    if isinstance(error, CredentialsError):
        steps = (shown(error.remedy),) if error.remedy else ()
        return Problem(
            tr("The access key cannot be read"),
            case,
            (
                tr("Press l to log in with a key; without a keyring it is used until you quit, and kept nowhere."),
                *steps,
                *(() if "NCLOUD_ACCESS_KEY" in error.remedy else (tr(OR_THE_ENVIRONMENT),)),
                tr("ncpconsole doctor checks the keyring."),
            ),
            login=True,
        )
    if isinstance(error, JournalUnavailable):
        return Problem(
            tr("The journal cannot be opened"),
            case,
            (
                tr("Without its journal this console sends nothing, so it does not start half-way."),
                tr("ncpconsole paths shows where the journal is; check room on the disk and whose file it is."),
            ),
        )
    if isinstance(error, NcpError):
        return gateway_problem(error, case, base_url)
    return Problem(tr("This did not work"), case, (tr("Try again; if it stays, run ncpconsole doctor."),))


IN_THE_CONSOLE: dict[type[NcpError], tuple[str, str, str]] = {
    AuthenticationFailed: (
        msgid("NCP does not accept this access key"),
        "",
        msgid("Press l to log in with another key."),
    ),
    PermissionDenied: (msgid("This key may not list servers"), "", ""),
    Throttled: (msgid("NCP asks to slow down"), msgid("Wait; the console tries again by itself."), ""),
    GatewayFailure: (msgid("NCP's gateway is in trouble"), msgid("The console tries again by itself."), ""),
    InvalidBaseUrl: (msgid("The API address cannot be used"), "", ""),
    UnreadableAnswer: (msgid("The answer is not NCP's"), "", msgid("ncpconsole doctor shows the proxy in use.")),
    ApiError: (msgid("NCP refused"), msgid("Read NCP's own words above; ncpconsole doctor checks the rest."), ""),
    NotReached: (
        msgid("The gateway is not reached"),
        "",
        msgid("ncpconsole doctor tries each step and says which one fails."),
    ),
}
"""By class: the title, and the step that the console adds before and after the error's own remedies."""


def gateway_problem(error: NcpError, case: str, base_url: str) -> Problem:
    """The problem behind an answer, or a missing answer, of the gateway."""
    remedies = error.remedies_at(base_url or tr("the gateway"))
    if lag := error.clock_lag:
        behind = msgid("It is {minutes} minutes behind the gateway's; NCP refuses requests that are five minutes off.")
        ahead = msgid("It is {minutes} minutes ahead of the gateway's; NCP refuses requests that are five minutes off.")
        case = tr(behind, minutes=lag) if lag > 0 else tr(ahead, minutes=-lag)
        return Problem(tr("This machine's clock is wrong"), case, remedies)
    kind = next((one for one in type(error).__mro__ if one in IN_THE_CONSOLE), NotReached)
    title, before, after = map(tr, IN_THE_CONSOLE[kind])
    request = tr("For support, NCP's request id is {id}.", id=error.request_id) if error.request_id else ""
    steps = tuple(step for step in (before, *remedies, after, request) if step)
    return Problem(title, case, steps, login=isinstance(error, AuthenticationFailed))


def empty_account(regions: tuple[str, ...]) -> Problem:
    """The account is fine and has no server."""
    where = ", ".join(regions) or tr("this region")
    return Problem(
        tr("No servers here"),
        tr("NCP lists no server of this account in {regions}.", regions=where),
        (
            tr("Press R to choose another region, or all of them."),
            tr("Press p to choose another profile."),
            tr("Only VPC servers are listed; Classic servers cannot be interrupted."),
        ),
    )


def nothing_eligible(inventory: Inventory, rules: str) -> Problem:
    """There are servers, and none may be interrupted: say what stands in the way, commonest first."""
    words = Counter(row.verdict.word for row in inventory.rows)
    most = ", ".join(tr("{count:,} {word}", count=number, word=shown(word)) for word, number in words.most_common(4))
    return Problem(
        tr("No server may be interrupted"),
        tr(
            "None of the {count:,} servers passes the rules “{rules}”: {most}.",
            count=len(inventory.rows),
            rules=rules,
            most=most,
        ),
        (
            tr("Press e to see all servers, each with its reason."),
            tr("Another rule set may fit: ncpconsole --rules 2026-10"),
        ),
    )


def problem_text(problem: Problem, width: int, waiting: str = "") -> Content:
    """The whole text, made safe: title, case, steps, and when the next try is."""
    lines = [Content.styled(safe_text(problem.title), "bold $text-warning"), Content("")]
    for line in safe_block(problem.case, 1200).split("\n"):
        lines += Content(line).wrap(width)
    lines.append(Content(""))
    for step in problem.steps:
        lines += item("–", "$foreground-muted", step, width)
    if waiting:
        lines += [Content(""), Content.styled(waiting, "$foreground-muted")]
    return Content("\n").join(lines)
