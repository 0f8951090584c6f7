"""``ncpconsole doctor``: what keeps the console from working, and what to do about it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.output import print_json, say_behind
from ncpconsole.cli.runner import errors_as_exits, run_loop, telling_of_waits
from ncpconsole.core.safe_text import fit
from ncpconsole.doctor import examine
from ncpconsole.doctor.findings import Finding, Status
from ncpconsole.language import msgid, shown, tr

STATUS_WORDS = {Status.OK: msgid("ok"), Status.WARNING: msgid("warning"), Status.FAILURE: msgid("failure")}
STATUS_WIDTH = 8
CHECK_WIDTH = 19


@click.command(
    help=tr(
        "Check this machine, the keyring, the network and the key; sends reads only, prints no secret.\n\n"
        "Exits with 1 when a check failed; a warning is no failure."
    )
)
@shared_options(
    profile=msgid("Profile to check."),
    region=msgid("Region to check."),
    api_url=msgid("Base URL of the gateway to check."),
)
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
@click.pass_context
def doctor_command(context: click.Context, /, options: Options, as_json: bool) -> None:
    """Check this machine, the keyring, the network and the key."""
    findings = examine(options.profile, api_url=options.api_url, region=options.region, environ=options.environ)
    with errors_as_exits(), telling_of_waits():
        found = run_loop(_collected(findings, aloud=not as_json))
    if as_json:
        # A check's name is a code here, the same in every language.
        print_json([dataclasses.asdict(finding) | {"check": str(finding.check)} for finding in found])
    if any(finding.status is Status.FAILURE for finding in found):
        context.exit(ExitCode.FAILURE)


async def _collected(findings: AsyncIterator[Finding], *, aloud: bool) -> list[Finding]:
    """All findings; ``aloud`` prints each as it comes, since a check may wait for the network."""
    found = []
    async for finding in findings:
        found.append(finding)
        if aloud:
            _print(finding)
    return found


def _print(finding: Finding) -> None:
    status, check = tr(STATUS_WORDS[finding.status]), shown(finding.check)
    behind = STATUS_WIDTH + 1 + CHECK_WIDTH + 1
    say_behind(f"{fit(status, STATUS_WIDTH)} {fit(check, CHECK_WIDTH)} ", finding.message, indent=behind)
    if finding.remedy:
        say_behind(" " * behind, finding.remedy, indent=behind)
