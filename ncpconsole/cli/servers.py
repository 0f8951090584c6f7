"""``ncpconsole servers`` and ``show``: the servers that may be interrupted, or any, with the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import FOR_READING, Options, shared_options
from ncpconsole.cli.output import fail, output_option, print_columns, print_facts, print_json, print_records, warn
from ncpconsole.cli.runner import earlier_sentence, in_session
from ncpconsole.core.errors import InvalidFilter
from ncpconsole.core.export import history_fields, note_fields, server_fields
from ncpconsole.core.filters import Signs, parse
from ncpconsole.core.handover import notes_of_server
from ncpconsole.core.inventory import Row
from ncpconsole.core.listing import take_inventory
from ncpconsole.core.lookup import find_row
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.session import Session
from ncpconsole.core.view import SortKey, View
from ncpconsole.core.vitals import LifeState, Vitals, cell_text, chart_text, picture
from ncpconsole.core.wording import RUNNING, day_and_clock, recorded_start, who
from ncpconsole.language import msgid, shown, tr, tr_n
from ncpconsole.ncp.metrics import Metric

HEADINGS = (
    msgid("NAME"),
    msgid("NUMBER"),
    msgid("IP"),
    msgid("ZONE"),
    msgid("STATUS"),
    msgid("OS"),
    msgid("HV"),
    msgid("VERDICT"),
)
LIFE = msgid("LIFE")
GIVE_WAY = ("ZONE", "HV", "OS", "STATUS")
"""The columns that go first where the terminal is too narrow: the verdict says what matters of them."""


@click.command(help=tr("List the servers that may be interrupted; with --all, every server with the reasons."))
@click.option("--all", "everyone", is_flag=True, help=tr("Also the servers that may not be interrupted."))
@click.option("--filter", "expression", default="", metavar="EXPR", help=tr("The same filter as on the screen."))
@output_option
@click.option("--signs", "with_signs", is_flag=True, help=tr("Ask Cloud Insight for the servers' vital signs."))
@shared_options(*FOR_READING, "no_signs")
def servers_command(everyone: bool, expression: str, form: str, with_signs: bool, options: Options) -> None:
    """List the servers that may be interrupted; with --all, every server with the reasons."""
    try:
        parsed = parse(expression)
    except InvalidFilter as error:
        fail(shown(error), ExitCode.USAGE)

    async def listed(session: Session) -> tuple[list[Row], int, Signs | None]:
        view = View(await take_inventory(session, warn))
        view.eligible_only = not everyone
        if with_signs or parsed.needs_signs:
            view.filter = parsed.without_signs
            view.signs = await read_signs(session, view.rows)
        if with_signs and form == "table":
            view.sort = SortKey.SILENCE
        view.filter, view.eligible_only = parsed, False
        matching = len(view.rows)
        view.eligible_only = not everyone
        if view.match_words:
            warn(f"{view.match_words}.")
        return list(view.rows), matching, view.signs if with_signs or parsed.needs_signs else None

    rows, matching, signs = in_session(options, listed)
    if form != "table":
        print_records(form, [server_fields(row) | signs_field(row, signs) for row in rows])
    else:
        print_rows(rows, everyone=everyone, signs=signs)
        if rows:
            warn(count_sentence(len(rows), matching - len(rows)))


def count_sentence(shown: int, hidden: int) -> str:
    """How many servers were listed, and how many match too but may not be interrupted."""
    if not hidden:
        return tr_n("1 server.", "{count:,} servers.", shown)
    return tr_n(
        "1 server; {hidden:,} more may not be interrupted: --all shows them, with the reasons.",
        "{count:,} servers; {hidden:,} more may not be interrupted: --all shows them, with the reasons.",
        shown,
        hidden=hidden,
    )


async def read_signs(session: Session, rows: Iterable[Row]) -> Signs:
    """The vital signs of those that run; one sentence for each reason why some are not known."""
    numbers = [row.number for row in rows if row.server.server_instance_status.code == RUNNING]
    read = await session.vitals.read(numbers)
    reasons = Counter(vitals.reason for vitals in read.values() if vitals.reason)
    for reason, how_many in reasons.items():
        if how_many == len(numbers):
            warn(tr("Vital signs not known: {reason}", reason=reason))
        else:
            one, many = (
                msgid("Vital signs of 1 server not known: {reason}"),
                msgid("Vital signs of {count:,} servers not known: {reason}"),
            )
            warn(tr_n(one, many, how_many, reason=reason))
    return Signs(read, session.vitals.now())


def signs_field(row: Row, signs: Signs | None) -> dict[str, Any]:
    """``signs`` of a server, null where nobody asked for those of one that does not run; empty without ``signs``."""
    if signs is None:
        return {}
    vitals = signs.by_number.get(row.number)
    return {"signs": vitals.as_json(signs.now) if vitals else None}


def print_rows(rows: list[Row], *, everyone: bool, signs: Signs | None) -> None:
    """One server a line; ``everyone``: those that may not be interrupted are among them."""
    if not rows:
        warn(tr("No server matches.") if everyone else tr("No eligible server matches; --all shows why."))
        return
    place = HEADINGS.index("STATUS") + 1
    print_columns(
        HEADINGS if signs is None else (*HEADINGS[:place], LIFE, *HEADINGS[place:]),
        [
            (
                row.name,
                row.number,
                row.ip,
                row.zone,
                row.status,
                *life_cell(row, signs),
                row.os,
                row.hypervisor,
                verdict_text(row),
            )
            for row in rows
        ],
        give_way=GIVE_WAY,
    )


def life_cell(row: Row, signs: Signs | None) -> tuple[str, ...]:
    """The cell of the column LIFE, where there is one; empty for a server that does not run."""
    if signs is None:
        return ()
    vitals = signs.by_number.get(row.number)
    return (cell_text(vitals, signs.now) if vitals else "",)


def verdict_text(row: Row) -> str:
    """The verdict with its first reason or caution in a word; the sentences stand in `show`, JSON and CSV."""
    word, because = verdict_word(row), shown(row.verdict.word)
    return word if because == word else f"{word}: {because}"


def verdict_word(row: Row) -> str:
    """Whether the rules let it be interrupted, in a word."""
    return tr("eligible") if row.verdict.eligible else tr("blocked")


@click.command(
    help=tr(
        "Show one server with every reason and caution.\n\n"
        "SERVER is its number, or an exact IP address or name that no other server has."
    )
)
@click.argument("which", metavar="SERVER")
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
@shared_options(*FOR_READING, "no_signs")
def show_command(which: str, as_json: bool, options: Options) -> None:
    """Show one server with every reason and caution."""

    async def found(session: Session) -> tuple[Row, list[Intent], list[Note], Vitals | None]:
        row = await find_row(session, which, warn)
        vitals = await _vitals_of(session, row)
        gateway, journal = session.identity.base_url, session.journal
        intents = journal.intents(gateway=gateway, server_no=row.server.server_instance_no)
        number = row.server.server_instance_no
        return row, intents, notes_of_server(journal.notes(), gateway, number), vitals

    row, intents, notes, vitals = in_session(options, found)
    if as_json:
        interrupts = [history_fields(intent, notes) for intent in intents]
        fields = {"interrupts": interrupts, "notes": [note_fields(note) for note in notes]}
        print_json(server_fields(row) | fields | {"signs": vitals.as_json(vitals.read_at) if vitals else None})
    else:
        print_server(row, intents, notes, vitals)


async def _vitals_of(session: Session, row: Row) -> Vitals | None:
    """The vital signs of a server that runs; one that does not has none, whatever its agent does."""
    number = row.server.server_instance_no
    if row.server.server_instance_status.code != RUNNING:
        return None
    return (await session.vitals.read([number], metrics=tuple(Metric)))[number]


def signs_lines(vitals: Vitals | None) -> list[str]:
    """What the vital signs say, then each of them in words; nothing of a server that does not run."""
    if vitals is None:
        return []
    charts = [chart_text(vitals, series.metric, vitals.read_at) for series in vitals.series if series.points]
    if vitals.state is LifeState.UNAVAILABLE:
        return [tr("not known: {reason}", reason=vitals.reason), *charts]
    return [picture(vitals, vitals.read_at), *charts]


def note_line(note: Note) -> str:
    """When, by whom, what."""
    when, by = day_and_clock(note.time), who(note.origin, 30)
    return tr("{when} by {who}: {text}", when=when, who=by, text=note.text)


def print_server(row: Row, intents: list[Intent], notes: list[Note], vitals: Vitals | None) -> None:
    """One fact a line, the verdict before what explains it."""
    verdict = row.verdict
    print_facts(
        [
            (tr("Name"), row.name),
            (tr("Number"), row.number),
            (tr("Region"), row.region),
            (tr("Zone"), row.zone),
            (tr("Status"), row.status),
            (tr("Operating system"), row.os),
            (tr("Hypervisor"), row.hypervisor),
            (tr("Private IP"), row.private_ips),
            (tr("Secondary IP"), row.addresses.secondary),
            (tr("MAC address"), row.addresses.mac),
            (tr("Flow log"), row.addresses.logged),
            (tr("Public IP"), row.public_ip),
            (tr("Started"), recorded_start(row.server.uptime)),
            (tr("Vital signs"), signs_lines(vitals)),
            (tr("Verdict"), verdict_word(row)),
            (tr("Reason"), map(shown, verdict.reasons)),
            (tr("Caution"), map(shown, verdict.cautions)),
            (tr("Earlier interrupt"), [earlier_sentence(intent) for intent in intents]),
            (tr("Note"), [note_line(note) for note in notes]),
        ]
    )
