"""What is the case and what to do, when there is nothing to list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError, JournalUnavailable, MissingCredentials, UnknownProfile
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

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Inventory

CLOCK_TOLERANCE = 300.0
"""The gateway refuses a signature whose time is five minutes or more off (seconds)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One situation: a short title, what is the case, and what to do, most likely first."""

    title: str
    case: str
    steps: tuple[str, ...]
    login: bool = False
    retry: bool = True


OR_THE_ENVIRONMENT = "Or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and start again."
CALLED_OFF = Problem(
    "Called off",
    "The account was not opened, and nothing was read.",
    (
        "Press r to try again.",
        "Press p to choose another profile, or l to log in with a key.",
        "Or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and start again: no keyring is asked then.",
    ),
    login=True,
)


def problem_for(error: Exception, *, base_url: str = "") -> Problem:
    """The problem behind an error of opening an account or reading the list."""
    case = str(error) or type(error).__name__
    if isinstance(error, MissingCredentials):
        return Problem(
            "No access key yet",
            case,
            (
                "Press l to log in: the key is tested, then kept in this machine's keyring.",
                OR_THE_ENVIRONMENT,
                "To look around without an account, run: ncpconsole demo",
            ),
            login=True,
            retry=True,
        )
    if isinstance(error, UnknownProfile):
        return Problem(
            "There is no such profile",
            case,
            ("Press p to choose one of them.", "Press l to log in with a key of its own."),
            login=True,
            retry=False,
        )
    if isinstance(error, CredentialsError):
        steps = (error.remedy,) if error.remedy else ()
        return Problem(
            "The access key cannot be read",
            case,
            (
                *steps,
                *(() if "NCLOUD_ACCESS_KEY" in error.remedy else (OR_THE_ENVIRONMENT,)),
                "ncpconsole doctor checks the keyring.",
            ),
            login=True,
        )
    if isinstance(error, JournalUnavailable):
        return Problem(
            "The journal cannot be opened",
            case,
            (
                "Without its journal this console sends nothing, so it does not start half-way.",
                "ncpconsole paths shows where the journal is; check room on the disk and whose file it is.",
            ),
        )
    if isinstance(error, NcpError):
        return gateway_problem(error, case, base_url)
    return Problem("This did not work", case, ("Try again; if it stays, run ncpconsole doctor.",))


def gateway_problem(error: NcpError, case: str, base_url: str) -> Problem:
    """The problem behind an answer, or a missing answer, of the gateway."""
    where = base_url or "the gateway"
    offset = error.clock_offset
    if offset is not None and abs(offset) >= CLOCK_TOLERANCE:
        direction = "behind" if offset > 0 else "ahead"
        return Problem(
            "This machine's clock is wrong",
            f"It is {round(abs(offset) / 60)} minutes {direction} of the gateway's; NCP refuses requests "
            "that are five minutes off.",
            ("Set the clock (for example: timedatectl set-ntp true), then try again.",),
        )
    request = f"For support, NCP's request id is {error.request_id}." if error.request_id else ""
    match error:
        case AuthenticationFailed():
            title = "NCP does not accept this access key"
            steps: tuple[str, ...] = (
                "Check that key and secret belong together, and that the key is active in the sub account.",
                "Check that the key belongs to this site (public, gov and fin have keys of their own).",
            )
        case PermissionDenied():
            title = "This key may not list servers"
            steps = (
                "Ask for NCP_VPC_SERVER_VIEWER to list, NCP_VPC_SERVER_MANAGER to interrupt.",
                "The sub account may be limited to certain IP addresses, or have API access switched off.",
            )
        case Throttled():
            title, steps = "NCP asks to slow down", ("Wait; the console tries again by itself.",)
        case GatewayFailure():
            title = "NCP's gateway is in trouble"
            steps = ("The console tries again by itself.", "Check NAVER Cloud's status page.")
        case InvalidBaseUrl():
            title, steps = (
                "The API address cannot be used",
                ("Correct --api-url, NCLOUD_API_GW or the profile.",),
            )
        case UnreadableAnswer():
            title = "The answer is not NCP's"
            steps = (
                f"Check that {where} is an NCP gateway, and that no proxy or login page sits in between.",
                "ncpconsole doctor shows the proxy in use.",
            )
        case ApiError():
            title, steps = "NCP refused", ("Read NCP's own words above; ncpconsole doctor checks the rest.",)
        case NotReached() | _:
            title = "The gateway is not reached"
            steps = (
                f"Check that this machine reaches {where}: network, VPN, proxy, DNS.",
                "ncpconsole doctor tries each step and says which one fails.",
            )
    login = isinstance(error, AuthenticationFailed)
    return Problem(title, case, (*steps, request) if request else steps, login=login)


def empty_account(regions: tuple[str, ...]) -> Problem:
    """The account is fine and has no server."""
    where = ", ".join(regions) or "this region"
    return Problem(
        "No servers here",
        f"NCP lists no server of this account in {where}.",
        (
            "Press R to choose another region, or all of them.",
            "Press p to choose another profile.",
            "Only VPC servers are listed; Classic servers cannot be interrupted.",
        ),
    )


def nothing_eligible(inventory: Inventory, rules: str) -> Problem:
    """There are servers, and none may be interrupted: say what stands in the way, commonest first."""
    words = Counter(row.verdict.word for row in inventory.rows)
    most = ", ".join(f"{number:,} {word}" for word, number in words.most_common(4))
    return Problem(
        "No server may be interrupted",
        f"None of the {len(inventory.rows):,} servers passes the rules “{rules}”: {most}.",
        (
            "Press e to see all servers, each with its reason.",
            "Another rule set may fit: ncpconsole --rules 2026-10",
        ),
        retry=False,
    )
