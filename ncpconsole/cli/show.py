"""``ncpconsole show``: one server, its verdict with every reason, and its earlier interrupts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ncpconsole.cli.options import FOR_READING, merged, shared_options

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Session


@click.command()
@click.argument("server_no")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared_options(*FOR_READING)
@click.pass_context
def show_command(context: click.Context, /, server_no: str, as_json: bool, **said: Any) -> None:
    """Show one server with every reason and caution."""
    from ncpconsole.cli.runner import in_session

    async def found(session: Session) -> tuple[Row, list[Intent]]:
        from ncpconsole.cli.output import warn
        from ncpconsole.core.listing import find_row

        row = await find_row(session, server_no, warn)
        return row, session.journal.intents(gateway=session.identity.base_url, server_no=row.number)

    row, intents = in_session(merged(context, said), found)
    if as_json:
        from ncpconsole.cli.output import print_json
        from ncpconsole.core.export import history_fields
        from ncpconsole.core.fields import server_fields

        print_json(server_fields(row) | {"interrupts": [history_fields(intent) for intent in intents]})
    else:
        print_server(row, intents)


def print_server(row: Row, intents: list[Intent]) -> None:
    """One fact a line, the verdict before what explains it."""
    from ncpconsole.cli.output import print_facts
    from ncpconsole.cli.runner import earlier_sentence

    verdict = row.verdict
    print_facts(
        [
            ("Name", row.name),
            ("Number", row.number),
            ("Region", row.region),
            ("Zone", row.zone),
            ("Status", row.status),
            ("Operating system", row.os),
            ("Hypervisor", row.hypervisor),
            ("Private IP", row.private_ips),
            ("Public IP", row.public_ip),
            ("Running since", row.uptime),
            ("Verdict", "eligible" if verdict.eligible else "blocked"),
            ("Reason", verdict.reasons),
            ("Caution", verdict.cautions),
            ("Earlier interrupt", [earlier_sentence(intent) for intent in intents]),
        ]
    )
