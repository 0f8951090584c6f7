"""What became of an interrupt command: one value for its words, its JSON and its exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.output import print_json, say, warn
from ncpconsole.core.vitals import Vitals
from ncpconsole.core.wording import OUTCOME_WORDS
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.results import RequestPreview

EXIT_CODES = {
    "accepted": ExitCode.DONE,
    "dry_run": ExitCode.DONE,
    "rejected": ExitCode.REJECTED,
    "not_sent": ExitCode.NOT_SENT,
    "unknown": ExitCode.UNKNOWN,
    "refused": ExitCode.REFUSED,
}

WORDS = OUTCOME_WORDS | {"dry_run": msgid("dry run"), "refused": msgid("refused, nothing was sent")}
"""How an outcome is said."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of the command: one of the four outcomes, ``refused`` or ``dry_run``.

    ``request`` is what a dry run would have sent, without signature and key. ``is_recorded`` is False where
    the outcome could not be written to the journal, ``is_key_refused`` True where NCP refused the key. The codes
    are those of the reasons why it was refused, and of the cautions. ``acting_as`` is whose key it is, None where
    nobody told; ``vitals`` are the guest's signs as it was planned, None where it was not.
    """

    outcome: str
    server_no: str
    message: str
    server_name: str = ""
    request_ids: tuple[str, ...] = ()
    journal_id: str = ""
    request: RequestPreview | None = None
    is_recorded: bool = True
    is_key_refused: bool = False
    reason_codes: tuple[str, ...] = ()
    caution_codes: tuple[str, ...] = ()
    acting_as: CallerIdentity | None = None
    vitals: Vitals | None = None

    @property
    def exit_code(self) -> ExitCode:
        """As the README tells. What is not recorded is not done: the next console finds it unknown."""
        if self.is_key_refused:
            return ExitCode.REJECTED
        code = EXIT_CODES[self.outcome]
        return ExitCode.UNKNOWN if code is ExitCode.DONE and not self.is_recorded else code


def result_fields(result: CommandResult) -> dict[str, Any]:
    """The JSON object that scripts rely on."""
    fields: dict[str, Any] = {
        "outcome": result.outcome,
        "serverInstanceNo": result.server_no,
        "serverName": result.server_name,
        "message": result.message,
        "requestId": next(iter(result.request_ids), ""),
        "requestIds": list(result.request_ids),
        "journalId": result.journal_id,
        "id": result.journal_id,  # as history and handover name it
        "reasonCodes": list(result.reason_codes),
        "cautionCodes": list(result.caution_codes),
        "actingAs": result.acting_as.as_json() if result.acting_as else None,
        "signs": result.vitals.as_json(result.vitals.read_at) if result.vitals else None,
    }
    if not result.is_recorded:
        fields["recorded"] = False
    if request := result.request:
        fields["request"] = request_text(request)
        fields["requestDetails"] = {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": request.body,
        }
    return fields


def request_text(request: RequestPreview) -> str:
    """The request as lines: method and address, a line for each header, and after a blank one the body."""
    head = [f"{request.method} {request.url}", *(f"{name}: {value}" for name, value in request.headers)]
    return "\n".join([*head, "", request.body] if request.body else head)


def say_result(result: CommandResult, *, as_json: bool) -> None:
    """The outcome in words, or as JSON; whatever is not as it should be goes to standard error in words."""
    is_well = result.exit_code is ExitCode.DONE
    if as_json:
        print_json(result_fields(result))
    if not (as_json and is_well):
        what = tr(WORDS[result.outcome])
        whom = f"{result.server_name} ({result.server_no})" if result.server_name else result.server_no
        say(f"{what}: {f'{whom}. ' if whom else ''}{shown(result.message)}", error=not is_well)
    if not as_json:
        if result.request:
            say(tr("This would be sent, and the three headers that sign it:"))
            for line in request_text(result.request).splitlines():
                say(f"  {line}".rstrip())
        if result.journal_id:
            say(tr("Record: {id}", id=result.journal_id))
        if result.outcome == "accepted":
            warn(tr("Look again with: ncpconsole show {number}", number=result.server_no))
    if not result.is_recorded:
        warn(tr("The record does not have this outcome, so the command ends with 6 where it would end with 0."))
    if result.outcome == "unknown":
        warn(
            tr(
                "The server is locked for further interrupts. When you know what happened: "
                "ncpconsole resolve {id} --as accepted|not-received --note TEXT",
                id=result.journal_id,
            )
        )
