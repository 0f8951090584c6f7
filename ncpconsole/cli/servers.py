"""``ncpconsole servers`` and ``show``: the servers that may be interrupted, or any, with the reasons."""

from __future__ import annotations

import click

from ncpconsole.cli.options import FOR_READING, Options, shared_options
from ncpconsole.cli.output import ExitCode, fail, print_columns, print_facts, print_json, terminal_width, warn
from ncpconsole.cli.runner import earlier_sentence, in_session
from ncpconsole.core.errors import InvalidFilter
from ncpconsole.core.export import history_fields, note_fields, server_fields
from ncpconsole.core.filters import parse
from ncpconsole.core.handover import note_sentence, notes_of_server
from ncpconsole.core.inventory import Row
from ncpconsole.core.listing import find_row, take_inventory
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.session import Session
from ncpconsole.core.view import View
from ncpconsole.core.wording import count, recorded_start

HEADINGS = ("NAME", "NUMBER", "IP", "ZONE", "STATUS", "OS", "HV", "VERDICT")
GIVE_WAY = ("ZONE", "HV", "OS", "STATUS")
"""The columns that go first where the terminal is too narrow: the verdict says what matters of them."""


@click.command()
@click.option("--all", "everyone", is_flag=True, help="Also the servers that may not be interrupted.")
@click.option("--filter", "expression", default="", metavar="EXPR", help="The same filter as on the screen.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared_options(*FOR_READING)
def servers_command(everyone: bool, expression: str, as_json: bool, options: Options) -> None:
    """List the servers that may be interrupted; with --all, every server with the reasons."""
    try:
        parsed = parse(expression)
    except InvalidFilter as error:
        fail(str(error), ExitCode.USAGE)

    async def listed(session: Session) -> tuple[list[Row], int]:
        view = View(await take_inventory(session, warn))
        view.filter = parsed
        matching = len(view.rows)
        view.eligible_only = not everyone
        if view.match_words:
            warn(f"{view.match_words}.")
        return list(view.rows), matching

    rows, matching = in_session(options, listed)
    if as_json:
        print_json([server_fields(row) for row in rows])
    else:
        print_rows(rows, everyone=everyone)
        if rows:
            warn(count_sentence(len(rows), matching - len(rows)))


def count_sentence(shown: int, hidden: int) -> str:
    """How many servers were listed, and how many match too but may not be interrupted."""
    if not hidden:
        return f"{count(shown, 'server')}."
    return f"{count(shown, 'server')}; {hidden:,} more may not be interrupted: --all shows them, with the reasons."


def print_rows(rows: list[Row], *, everyone: bool) -> None:
    """One server a line; with ``everyone`` the reasons and cautions follow the verdict, on a terminal in a word."""
    if not rows:
        warn("No server matches." if everyone else "No eligible server matches; --all shows why.")
        return
    short = terminal_width() is not None
    print_columns(
        HEADINGS,
        [
            (
                row.name,
                row.number,
                row.ip,
                row.zone,
                row.status,
                row.os,
                row.hypervisor,
                verdict_text(row, with_reasons=everyone, short=short),
            )
            for row in rows
        ],
        give_way=GIVE_WAY,
    )


def verdict_text(row: Row, *, with_reasons: bool, short: bool = False) -> str:
    """The verdict in words, with every reason when asked for, or ``short`` with the first in a word."""
    verdict = row.verdict
    word = "eligible" if verdict.eligible else "blocked"
    if short:
        return word if verdict.word == word else f"{word}: {verdict.word}"
    because = (verdict.reasons if not verdict.eligible and with_reasons else ()) + verdict.cautions
    return f"{word}: {' '.join(because)}" if because else word


@click.command()
@click.argument("which", metavar="SERVER")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared_options(*FOR_READING)
def show_command(which: str, as_json: bool, options: Options) -> None:
    """Show one server with every reason and caution.

    SERVER is its number, or an exact IP address or name that no other server has.
    """

    async def found(session: Session) -> tuple[Row, list[Intent], list[Note]]:
        row = await find_row(session, which, warn)
        gateway, journal = session.identity.base_url, session.journal
        intents = journal.intents(gateway=gateway, server_no=row.server.server_instance_no)
        return row, intents, notes_of_server(journal.notes(), gateway, row.server.server_instance_no)

    row, intents, notes = in_session(options, found)
    if as_json:
        interrupts = [history_fields(intent, notes) for intent in intents]
        print_json(server_fields(row) | {"interrupts": interrupts, "notes": [note_fields(note) for note in notes]})
    else:
        print_server(row, intents, notes)


def print_server(row: Row, intents: list[Intent], notes: list[Note]) -> None:
    """One fact a line, the verdict before what explains it."""
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
            ("Secondary IP", row.addresses.secondary),
            ("MAC address", row.addresses.mac),
            ("Public IP", row.public_ip),
            ("Started", recorded_start(row.server.uptime)),
            ("Verdict", "eligible" if verdict.eligible else "blocked"),
            ("Reason", verdict.reasons),
            ("Caution", verdict.cautions),
            ("Earlier interrupt", [earlier_sentence(intent) for intent in intents]),
            ("Note", [note_sentence(note).removeprefix("Note of ") for note in notes]),
        ]
    )
