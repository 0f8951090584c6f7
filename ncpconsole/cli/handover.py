"""``ncpconsole note`` and ``handover``: notes in the record, and an incident in a few lines for the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ncpconsole.cli.history import cooldown_of, opened_journal
from ncpconsole.cli.options import FOR_READING, Options, completing, shared_options
from ncpconsole.cli.output import fail, print_json, say, say_done
from ncpconsole.cli.runner import errors_as_exits, in_session
from ncpconsole.core.export import history_fields, note_fields
from ncpconsole.core.handover import hand_over, note_sentence, notes_of_intent, subject_words
from ncpconsole.core.lookup import find_server
from ncpconsole.core.records import Note, Subject
from ncpconsole.language import msgid, tr

if TYPE_CHECKING:
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.session import Session


@click.command(
    help=tr(
        "Write a note about a server, a record or an incident. It locks and unlocks nothing.\n\n"
        "SERVER is a number, an exact IP address or an exact name, and needs the account. ID is the id of a record, "
        "or an incident that is in the record already; with --incident it may be left out. TEXT is one word to the "
        "shell: put it in quotes."
    )
)
@click.argument("words", nargs=-1, required=True, metavar="[SERVER|ID] TEXT")
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
@shared_options(*FOR_READING, incident=msgid("The note is about this incident, or about a server during it."))
def note_command(words: tuple[str, ...], as_json: bool, options: Options) -> None:
    """Write a note about a server, a record or an incident."""
    if len(words) > 2:
        raise click.UsageError(tr("The note is one word to the shell: put it in quotes."))
    which, text = words if len(words) == 2 else ("", words[0])
    incident = options.incident or ""
    if not which and not incident:
        raise click.UsageError(tr("Say what the note is about: a server, a record, or --incident."))
    with errors_as_exits(), opened_journal(to_change=True) as journal:
        about = _in_record(journal, which, incident) if which else Subject(incident=incident)
        note = journal.add_note(text, about) if about is not None else None
    if note is None:

        async def on_server(session: Session) -> Note:
            server = (await find_server(session, which)).server
            place = Subject(session.identity.base_url, server.server_instance_no, server.server_name, "", incident)
            return session.journal.add_note(text, place)

        note = in_session(options, on_server)
    if as_json:
        print_json(note_fields(note))
    else:
        say_done(tr("Noted about {subject}.", subject=subject_words(note)))


def _in_record(journal: Journal, which: str, incident: str) -> Subject | None:
    """The record of this id, or the incident; None where the record knows neither."""
    if (intent := journal.intent(which)) is not None:
        draft = intent.draft
        return Subject(draft.gateway, draft.server_no, draft.server_name, intent.id, incident or draft.incident)
    is_known = bool(journal.intents(incident=which, limit=1)) or any(
        note.about.incident == which for note in journal.notes()
    )
    return Subject(incident=which) if is_known else None


@click.command(
    help=tr(
        "Tell the next shift of an incident: five lines for each interrupt, and the notes.\n\n"
        "INCIDENT is its name as it was given to --incident, or the id of one record."
    )
)
@click.argument("incident", shell_complete=completing("incident"))
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
def handover_command(incident: str, as_json: bool) -> None:
    """Tell the next shift of an incident."""
    with errors_as_exits(), opened_journal() as journal:
        one = journal.intent(incident)
        intents = [one] if one is not None else journal.intents(incident=incident)[::-1]
        notes = journal.notes()
    noted = {intent.id: notes_of_intent(notes, intent) for intent in intents}
    relevant = [note for note in notes if note.about.incident == incident or any(note in own for own in noted.values())]
    if not intents and not relevant:
        fail(tr("The record has no interrupt and no note of this incident."))
    told = {
        intent.id: hand_over(intent, noted[intent.id], cooldown=cooldown_of(intent)).splitlines() for intent in intents
    }
    if as_json:
        print_json(
            {
                "incident": incident if one is None else one.draft.incident,
                "interrupts": [history_fields(each, notes) | {"handover": told[each.id]} for each in intents],
                "notes": [note_fields(note) for note in relevant],
            }
        )
        return
    for lines in told.values():
        for line in lines:
            say(line)
    newest = [own[0] for own in noted.values() if own]
    for note in reversed([note for note in relevant if note not in newest]):
        say(f"{subject_words(note)}: {note_sentence(note)}")
