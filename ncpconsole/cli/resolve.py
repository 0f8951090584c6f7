"""``ncpconsole resolve``: say what became of an interrupt of unknown outcome."""

from __future__ import annotations

import click


@click.command()
@click.argument("intent_id", metavar="ID")
@click.option(
    "--as",
    "resolved_as",
    type=click.Choice(["accepted", "not-received"]),
    required=True,
    help="What was found out.",
)
@click.option("--note", required=True, metavar="TEXT", help="How it was found out.")
def resolve_command(intent_id: str, resolved_as: str, note: str) -> None:
    """Record what became of an interrupt of unknown outcome, and unlock its server.

    ID is the record's id, as printed by history.
    """
    from ncpconsole.cli.output import say
    from ncpconsole.cli.runner import errors_as_exits
    from ncpconsole.cli.wiring import opened_journal
    from ncpconsole.core.journal.records import ResolvedAs

    if not note.strip():
        raise click.UsageError("--note must say how it was found out.")
    with errors_as_exits(), opened_journal() as journal:
        intent = journal.resolve(intent_id, ResolvedAs(resolved_as), note)
    say(
        f"Resolved as {resolved_as}. "
        f"{intent.draft.server_name}, number {intent.draft.server_no}, is unlocked."
    )
