"""What an operator is asked to confirm, what must be typed, and what has changed since. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ncpconsole.core.cautions import Finding, ServerContext, sentences
from ncpconsole.core.names import composed
from ncpconsole.core.records import Draft
from ncpconsole.core.safe_text import is_altered, safe_text
from ncpconsole.core.wording import api_time, clock_and_zone, lasting, operation_sentence
from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.results import INTERRUPT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ncpconsole.core.activity_log import LogLook
    from ncpconsole.core.eligibility import Verdict
    from ncpconsole.core.policy import Policy
    from ncpconsole.core.records import Intent
    from ncpconsole.core.vitals import Vitals
    from ncpconsole.ncp.identity import CallerIdentity
    from ncpconsole.ncp.models import Server
    from ncpconsole.ncp.results import RequestPreview, SendResult


TEAM = "team"
"""The code of what speaks against an interrupt when the team's journal cannot be reached."""
REASON_LIMIT = 2000
"""Longest reason, in characters."""
PLAN_SECONDS = 15 * 60.0
"""How old a reading may be that an operator confirms."""


@dataclass(frozen=True, slots=True)
class Required:
    """What the operator must type. ``text`` is the server's name where there is no caution, else its number.

    ``profile`` is the profile's name where that must be typed too, else empty.
    """

    what: Literal["name", "number"]
    text: str
    profile: str = ""
    reason: bool = False


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the operator typed, as it came.

    ``without_team`` says why the interrupt goes past the team's journal, where that cannot be reached.
    ``despite`` holds the codes of the cautions that are agreed to; None where every caution is in view and the
    number, typed below them, agrees to all.
    """

    typed: str
    profile_typed: str = ""
    reason: str = ""
    despite: frozenset[str] | None = None
    without_team: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One interrupt as an operator was shown it. Good for one send, by the interrupter that made it.

    ``looked_for_elsewhere`` is what of ``looked_for`` this server does not have; ``addresses`` are its private ones
    where they were read for that, else None.
    ``server`` is the record as read at ``read_at`` (UTC; beside it in seconds of a clock that is never set). ``log`` is
    what the activity log had about it lately, ``acting_as`` whose key will sign, None where nobody tells.
    ``earlier`` are this server's interrupts in the journal, newest first; ``vitals`` are the guest's signs, read
    with it. ``warnings`` are the verdict's cautions and those of planning itself, without what ``overruled`` says:
    the reasons that no confirmation overcomes, read-only or a lock. ``names`` holds what is known of other servers'
    names.
    """

    id: str
    maker: str = field(repr=False)
    server: Server
    region_code: str
    gateway: str
    key_fingerprint: str
    profile: str
    rule_set: str
    verdict: Verdict
    warnings: tuple[Finding, ...]
    demands: Required
    overruled: tuple[Finding, ...]
    earlier: tuple[Intent, ...]
    names: ServerContext
    looked_for: tuple[str, ...]
    looked_for_elsewhere: tuple[str, ...]
    addresses: tuple[str, ...] | None
    log: LogLook
    acting_as: CallerIdentity | None
    vitals: Vitals
    read_at: datetime
    read_at_monotonic: float = field(repr=False)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Every caution, as a sentence."""
        return sentences(self.warnings)

    @property
    def why_not(self) -> tuple[str, ...]:
        """Why no confirmation is enough, in sentences; that the team's journal is not reached needs one of its own."""
        return sentences(tuple(one for one in self.overruled if one.code != TEAM))

    @property
    def team_trouble(self) -> tuple[str, ...]:
        """Why the team's journal could not be reached, in sentences."""
        return sentences(tuple(one for one in self.overruled if one.code == TEAM))

    @property
    def same_name_count(self) -> int:
        """How many other servers bear the same name."""
        return self.names.same_name_count

    @property
    def confusable_count(self) -> int:
        """How many other servers have a name that could be taken for this one."""
        return self.names.confusable_count

    @property
    def lacks_team(self) -> bool:
        """Whether the team's journal could not be reached, so that only a reason to go past it is enough."""
        return any(one.code == TEAM for one in self.overruled)

    @property
    def server_no(self) -> str:
        """The number the request will carry."""
        return self.server.server_instance_no


def demands(server: Server, warnings: tuple[Finding, ...], policy: Policy, profile: str) -> Required:
    """The name where nothing speaks against it; the number where there is any caution or no name to type."""
    name = server.server_name
    by_number = bool(warnings) or not name.strip() or is_altered(name)
    return Required(
        what="number" if by_number else "name",
        text=server.server_instance_no if by_number else name,
        profile=profile if policy.protected else "",
        reason=policy.require_reason,
    )


TYPE_EXACTLY = {
    "name": msgid("Type the server name exactly ({text})."),
    "number": msgid("Type the server number exactly ({text})."),
}


def objections(plan: Plan, confirmation: Confirmation) -> tuple[Finding, ...]:
    """Every reason why this confirmation is not enough; empty when it is. Runs on every keystroke.

    Where no confirmation is enough, what was typed is not spoken of.
    """
    past_team = bool(confirmation.without_team.strip())
    if standing := tuple(one for one in plan.overruled if not (past_team and one.code == TEAM)):
        return standing
    wanted = plan.demands
    found: list[Finding] = []
    if plan.lacks_team and not is_typed(plan.server_no, confirmation.typed):
        sentence = Sentence(
            "Without the team's journal the server's number must be typed ({number}).", number=safe_text(plan.server_no)
        )
        found.append(Finding("not-confirmed", sentence))
    elif not (is_typed(wanted.text, confirmation.typed) or is_typed(plan.server_no, confirmation.typed)):
        sentence = Sentence(TYPE_EXACTLY[wanted.what], text=safe_text(wanted.text))
        found.append(Finding("not-confirmed", sentence))
    elif confirmation.despite is not None:
        agreed = confirmation.despite
        found += (
            Finding(
                "not-agreed",
                Sentence("There is a caution. To interrupt in spite of it, add --despite {code}.", code=code),
            )
            for code in dict.fromkeys(one.code for one in plan.warnings)
            if code not in agreed
        )
    if wanted.profile and not is_typed(wanted.profile, confirmation.profile_typed):
        sentence = Sentence(
            "This profile is protected: type its name too ({profile}).", profile=safe_text(wanted.profile)
        )
        found.append(Finding("profile-not-confirmed", sentence))
    if wanted.reason and not confirmation.reason.strip():
        found.append(Finding("no-reason", Sentence("This profile demands a reason or ticket.")))
    if max(len(confirmation.reason), len(confirmation.without_team)) > REASON_LIMIT:
        sentence = Sentence("The reason is longer than {limit} characters: shorten it.", limit=REASON_LIMIT)
        found.append(Finding("reason-too-long", sentence))
    return tuple(found)


def outdated(
    plan: Plan, *, gateway: str, key_fingerprint: str, profile: str, maker: str, is_used: bool, age: float
) -> tuple[Finding, ...]:
    """Why this plan is none for the console as it is now; ``age`` is how many seconds ago the server was read."""
    if (plan.gateway, plan.key_fingerprint, plan.profile) != (gateway, key_fingerprint, profile):
        why = Sentence(
            "This was confirmed for profile {profile} ({key} at {gateway}), and the console now works with {current}.",
            profile=safe_text(plan.profile),
            key=plan.key_fingerprint,
            gateway=plan.gateway,
            current=safe_text(profile),
        )
    elif plan.maker != maker:
        why = Sentence("The account was opened again since this was confirmed.")
    elif is_used:
        why = Sentence("This confirmation was used already, and is good for one send.")
    elif age > PLAN_SECONDS:
        why = Sentence("The server was read {age} ago, which is too old to be confirmed.", age=lasting(age))
    else:
        return ()
    again = Sentence("Begin again with the server, which is then read and confirmed anew.")
    return (Finding("outdated", Sentence.joined(why, again)),)


def is_typed(wanted: str, typed: str) -> bool:
    """Whether ``typed`` is ``wanted``, letter by letter.

    Space around the typed text is dropped, since pasting brings it along. Both sides are compared as NFC:
    input methods compose Hangul and accents differently and the eye cannot tell. Case and inner spaces count.
    """
    return bool(wanted) and composed(typed.strip()) == composed(wanted)


ON, OFF = Sentence("on"), Sentence("off")
# What an operator tells a server by, and what the verdict rests on. The localized names of codes are left
# out: they differ between keys of one account.
COMPARED_FIELDS: tuple[tuple[str, Callable[[Server], str]], ...] = (
    (msgid("The number was {before} and is now {after}."), lambda server: server.server_instance_no),
    (msgid("The name was {before} and is now {after}."), lambda server: server.server_name),
    (msgid("The region was {before} and is now {after}."), lambda server: server.region_code),
    (msgid("The zone was {before} and is now {after}."), lambda server: server.zone_code),
    (msgid("The public IP was {before} and is now {after}."), lambda server: server.public_ip),
    (msgid("The time of creation was {before} and is now {after}."), lambda server: server.create_date),
    (msgid("The last start was {before} and is now {after}."), lambda server: server.uptime),
    (msgid("The status was {before} and is now {after}."), lambda server: server.server_instance_status.code),
    (msgid("The state was {before} and is now {after}."), lambda server: server.server_instance_status_name),
    (
        msgid("The operation was {before} and is now {after}."),
        lambda server: operation_sentence(server.server_instance_operation.code),
    ),
    (msgid("The hypervisor was {before} and is now {after}."), lambda server: server.hypervisor_type.code),
    (msgid("The platform was {before} and is now {after}."), lambda server: server.platform_type.code),
    (msgid("The image was {before} and is now {after}."), lambda server: server.server_image_product_code),
    (
        msgid("The protection against termination was {before} and is now {after}."),
        lambda server: ON if server.is_protect_server_termination else OFF,
    ),
    (msgid("The list of events was {before} and is now {after}."), lambda server: ", ".join(server.event_list)),
)


def differences(seen: Server, now: Server | None) -> tuple[str, ...]:
    """What an operator saw of the server that is no longer so, each as a sentence.

    A changed last start counts: the server was restarted meanwhile, and is not the hung one any more.
    """
    if now is None:
        return (Sentence("The server is gone: the API no longer knows its number."),)
    return tuple(
        Sentence(sentence, before=_quoted(read(seen)), after=_quoted(read(now)))
        for sentence, read in COMPARED_FIELDS
        if read(seen) != read(now)
    )


def _quoted(text: str) -> str:
    if (moment := api_time(text)) is not None:
        return clock_and_zone(moment)
    return Sentence("“{text}”", text=text if isinstance(text, Sentence) else safe_text(text, 80)) if text else NONE


NONE = Sentence("none")


def draft(plan: Plan, confirmation: Confirmation, *, incident: str, method: str) -> Draft:
    """The journal's row for a confirmed plan."""
    return Draft(
        gateway=plan.gateway,
        profile=plan.profile,
        key_fingerprint=plan.key_fingerprint,
        region_code=plan.region_code,
        server_no=plan.server_no,
        server_name=plan.server.server_name,
        snapshot=plan.server.as_plain(),
        rule_set=plan.rule_set,
        reason=confirmation.reason.strip(),
        incident=incident,
        typed=confirmation.typed.strip(),
        method=method,
        path=INTERRUPT_PATH,
        acting_as=plan.acting_as,
        signs=plan.vitals.as_json(plan.vitals.read_at),
        without_team=confirmation.without_team.strip() if plan.lacks_team else "",
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a confirmed interrupt.

    ``against`` holds the reasons when this console declined; nothing was claimed or sent then. ``intent`` is
    its record, None when there is none. ``unrecorded`` says why the outcome is not in the journal, ``log_problem`` why
    the activity log could not be read right before the send; both are empty where all is well.
    """

    result: SendResult
    intent: Intent | None = None
    against: tuple[Finding, ...] = ()
    unrecorded: str = ""
    log_problem: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """Why this console declined, in sentences."""
        return sentences(self.against)


@dataclass(frozen=True, slots=True)
class DryRun:
    """The request that a confirmed plan would send; ``against`` says why it would not.

    ``request`` is None when no request can be made for this server, which is a reason too.
    """

    request: RequestPreview | None
    against: tuple[Finding, ...] = ()
