"""``ncpconsole history`` and ``resolve``: read, export and verify the record of interrupts, or add to it."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.journal import journal_at
from ncpconsole.cli.options import shared_options
from ncpconsole.cli.output import fail, print_json, print_records, say, say_behind, say_done, warn, write
from ncpconsole.cli.runner import errors_as_exits, in_session, recovered_sentence, run_loop
from ncpconsole.config.keyring_store import user_anchor
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import resolve_profile
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_reader import journal_place, read_settings
from ncpconsole.core.errors import ConfigError, NotResolvable
from ncpconsole.core.export import as_json_lines, as_markdown, history_fields, note_fields
from ncpconsole.core.handover import notes_of_intent, subject_words
from ncpconsole.core.policy import DEFAULTS
from ncpconsole.core.records import Intent, ResolvedAs
from ncpconsole.core.resolution import countdown, look, seconds_left, why_not_yet
from ncpconsole.core.watch import changes
from ncpconsole.core.wording import (
    RESOLVED_WORDS,
    acting_words,
    clock,
    in_both_zones,
    outcome_word,
    show_times_in,
    signs_words,
    who,
)
from ncpconsole.language import msgid, shown, tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ncpconsole.cli.options import Options
    from ncpconsole.core.journal.anchor import Anchor
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.records import Note
    from ncpconsole.core.session import Session


def _head(_: click.Context, __: click.Parameter, typed: str | None) -> str | None:
    """A head as it was typed; a slip of the pen must not look like an altered journal."""
    if typed is None or re.fullmatch(r"[0-9a-f]{64}", typed.strip().lower()):
        return typed
    raise click.BadParameter(tr("A head is 64 digits of 0-9 and a-f, as --verify prints it."))


@click.command(help=tr("Show the interrupts that the record knows, and the notes, newest first."))
@shared_options(
    profile=msgid("Only the interrupts sent with this profile."),
    incident=msgid("Only the interrupts of this incident."),
)
@click.option("--server", "server_no", metavar="SERVER_NO", help=tr("Only the interrupts of this server."))
@click.option("--user", metavar="NAME", help=tr("Only what this user sent."))
@click.option("--host", metavar="NAME", help=tr("Only what was sent from this machine."))
@click.option("--json", "form", flag_value="json", help=tr("Print a JSON list."))
@click.option("--jsonl", "form", flag_value="jsonl", help=tr("Print JSON Lines."))
@click.option("--markdown", "form", flag_value="markdown", help=tr("Print a timeline for a ticket."))
@click.option(
    "--output",
    type=click.Choice(["table", "json", "jsonl", "csv", "markdown"]),
    metavar="FORM",
    help=tr("table, json, jsonl, csv or markdown."),
)
@click.option("--notes", "only_notes", is_flag=True, help=tr("Only the notes."))
@click.option("--verify", is_flag=True, help=tr("Check the hash chain and print its head."))
@click.option(
    "--expect-head",
    metavar="HASH",
    callback=_head,
    help=tr("With --verify: a head printed earlier must be in the chain."),
)
@click.option(
    "--accept-loss", "loss", metavar="REASON", help=tr("Record why a part of the record is gone, and go on without it.")
)
def history_command(
    options: Options,
    server_no: str | None,
    user: str | None,
    host: str | None,
    form: str | None,
    output: str | None,
    only_notes: bool,
    verify: bool,
    expect_head: str | None,
    loss: str | None,
) -> None:
    """Show the interrupts that the record knows, and the notes, newest first."""
    profile, incident = options.profile or None, options.incident or None
    if form and output not in {None, form}:
        raise click.UsageError(tr("--output and the other option say different things."))
    form = form or (None if output == "table" else output)
    is_choice = bool(profile or incident or server_no or user or host or only_notes)
    if expect_head and not verify:
        raise click.UsageError(tr("--expect-head goes with --verify."))
    if only_notes and form in {"jsonl", "csv", "markdown"}:
        raise click.UsageError(tr("With --notes only --json can stand."))
    if verify and (is_choice or form not in {None, "json"}):
        raise click.UsageError(tr("--verify checks the whole record; beside it only --json can stand."))
    if loss is not None:
        if verify or is_choice or form:
            raise click.UsageError(tr("--accept-loss stands alone."))
        with errors_as_exits(), opened_journal(anchor=user_anchor(), to_change=True) as journal:
            lost = journal.accept_loss(loss)
        say_done(tr("Recorded that this was accepted: {lost}.", lost=shown(lost)))
        return
    with errors_as_exits(), opened_journal(anchor=user_anchor() if verify else None) as journal:
        if verify:
            _verify(journal, expect_head, as_json=form == "json")
        else:
            found = journal.intents(incident=incident, server_no=server_no)
            matching = [
                intent
                for intent in found
                if profile in {None, intent.draft.profile}
                and user in {None, intent.origin.user}
                and host in {None, intent.origin.host}
            ]
            notes = _notes(journal, matching, None if profile or user or host else (incident, server_no))
            is_narrowed = bool(profile or server_no or user or host)
            nothing = _nothing(only_notes, incident, is_narrowed=is_narrowed)
            _print([] if only_notes else matching, notes, form, only_notes=only_notes, nothing=nothing)


def _nothing(only_notes: bool, incident: str | None, *, is_narrowed: bool) -> str:
    """What is said where there is nothing to show; ``is_narrowed``: by more than an incident."""
    if incident and not is_narrowed:
        if only_notes:
            return tr("No note of this incident is recorded here.")
        return tr("No interrupt of this incident is recorded here.")
    if is_narrowed:
        return tr("No recorded note matches.") if only_notes else tr("No recorded interrupt matches.")
    return tr("No note is recorded here.") if only_notes else tr("No interrupt is recorded here.")


def _notes(journal: Journal, shown: list[Intent], asked: tuple[str | None, str | None] | None) -> list[Note]:
    """The notes of these interrupts, and those on the incident or server that was asked for, or all; newest first.

    Of a profile or a sender (``asked`` is None) a note knows nothing.
    """
    return [
        note for note in journal.notes() if _is_asked(note, asked) or any(notes_of_intent([note], i) for i in shown)
    ]


def _is_asked(note: Note, asked: tuple[str | None, str | None] | None) -> bool:
    about = note.about
    return asked is not None and asked[0] in {None, about.incident} and asked[1] in {None, about.server_no}


def _verify(journal: Journal, expect_head: str | None, *, as_json: bool) -> None:
    checked = journal.verify(expect_head)
    document: dict[str, Any] = {"whole": not checked.fault, "events": checked.events, "head": checked.head}
    if checked.fault:
        fail(
            tr("The journal was altered: {fault}", fault=shown(checked.fault)),
            document=document | {"fault": checked.fault},
        )
    for objection in () if journal.refused else journal.objections():
        fail(shown(objection), document=document | {"whole": False, "fault": objection})
    for note in checked.notes:
        warn(shown(note))
    team = journal.verify_team()
    if team is not None:
        document["team"] = {"whole": not team.fault, "events": team.events, "head": team.head}
        if team.fault:
            fault = tr("The team's journal was altered: {fault}", fault=shown(team.fault))
            fail(fault, document=document | {"fault": team.fault})
    if as_json:
        print_json(document)
        return
    say(tr("The journal is whole: {events} events. Head: {head}", events=checked.events, head=checked.head))
    if team is not None:
        say(tr("The team's journal is whole: {events} events. Head: {head}", events=team.events, head=team.head))
    say(tr("Keep the head elsewhere: 'history --verify --expect-head HASH' then finds a cut-off end."))


def _print(intents: list[Intent], notes: list[Note], form: str | None, *, only_notes: bool, nothing: str) -> None:
    if form == "json" and only_notes:
        print_json([note_fields(note) for note in notes])
    elif form == "json":
        print_json([history_fields(intent, notes) for intent in intents])
    elif form == "jsonl":
        write(as_json_lines(intents, notes), nl=False)
    elif form == "csv":
        print_records(form, [history_fields(intent, notes) for intent in intents])
    elif form == "markdown":
        write(as_markdown(intents, notes), nl=False)
    elif not intents and not notes:
        warn(nothing)
    else:
        both: tuple[Sequence[Intent | Note], ...] = (intents, notes)
        for one in merge(*both, key=_time_of, reverse=True):
            _print_lines(one)


def _time_of(one: Intent | Note) -> datetime:
    return one.time


def _print_lines(one: Intent | Note) -> None:
    """What happened first, then who and where it is recorded; an unresolved unknown says what to do."""
    if not isinstance(one, Intent):
        say(tr("{when}: note: {subject}", when=in_both_zones(one.time), subject=subject_words(one)))
        _say_below(one.text, tr("written by {who}", who=who(one.origin)))
        return
    intent = one
    draft = intent.draft
    outcome = outcome_word(intent.outcome) if intent.outcome else tr("under way")
    facts = {"when": in_both_zones(intent.time), "outcome": outcome}
    say(tr("{when}: {outcome}: {name}, number {number}", **facts, name=draft.server_name, number=draft.server_no))
    sender, profile, region = who(intent.origin), draft.profile, draft.region_code
    _say_below(
        shown(intent.message),
        tr("by {who}, profile {profile}, region {region}", who=sender, profile=profile, region=region),
    )
    if draft.acting_as:
        _say_below(tr("as {account}", account=acting_words(draft.acting_as)))
    if words := signs_words(draft.signs):
        _say_below(tr("vital signs: {words}", words=words))
    if draft.reason:
        _say_below(tr("reason: {reason}", reason=draft.reason))
    if draft.without_team:
        _say_below(tr("past the team's journal: {reason}", reason=draft.without_team))
    if draft.incident:
        _say_below(tr("incident: {incident}", incident=draft.incident))
    if intent.resolution:
        found = tr(RESOLVED_WORDS[intent.resolution.resolved_as.value])
        _say_below(tr("resolved as {found}: {note}", found=found, note=intent.resolution.note))
    for change in changes(intent):
        _say_below(f"{clock(change.time)}  {change}")
    if intent.is_unresolved:
        command = f"ncpconsole resolve {intent.id} --as accepted|not-received --note TEXT"  # no message: typed
        _say_below(tr("not resolved: {command}", command=command))
    else:
        _say_below(tr("record {id}", id=intent.id))


def _say_below(*lines: str) -> None:
    """Lines that belong to the one above; empty ones are left out."""
    for line in filter(None, lines):
        say_behind("  ", line, indent=4)


@click.command(
    help=tr(
        "Record what became of an interrupt of unknown outcome, and unlock its server.\n\n"
        "ID is the record's id, as printed by history. Not-received is refused while the request may still be "
        "executed, and needs the account: the server is looked at first."
    )
)
@click.argument("intent_id", metavar="ID")
@click.option(
    "--as",
    "resolved_as",
    type=click.Choice(["accepted", "not-received"]),
    required=True,
    help=tr("What was found out."),
)
@click.option("--note", required=True, metavar="TEXT", help=tr("How it was found out."))
@click.option(
    "--confirm",
    "number",
    default="",
    metavar="SERVER_NO",
    help=tr("With not-received, where what is seen speaks against it: the server's number."),
)
@click.option("--wait", is_flag=True, help=tr("Wait until not-received can be recorded."))
@shared_options("profile", "region", "api_url")
def resolve_command(options: Options, intent_id: str, resolved_as: str, note: str, number: str, wait: bool) -> None:
    """Record what became of an interrupt of unknown outcome, and unlock its server."""
    if not note.strip():
        raise click.UsageError(tr("--note must say how it was found out."))
    finding = ResolvedAs(resolved_as)
    with errors_as_exits(), opened_journal(to_change=True) as journal:
        if finding is ResolvedAs.ACCEPTED:
            intent = journal.resolve(intent_id, finding, note)
        else:
            intent = journal.unresolved_intent(intent_id)
            now = datetime.now(UTC)
            if seconds_left(intent, now) and not wait:
                fail(shown(why_not_yet(intent, None, now)), ExitCode.REFUSED)
    if finding is ResolvedAs.NOT_RECEIVED:
        options = replace(options, profile=options.profile or intent.draft.profile)

        async def after_a_look(session: Session) -> None:
            await _resolve_not_received(session, intent, note, number, wait=wait)

        in_session(options, after_a_look)
    name, server_no = intent.draft.server_name, intent.draft.server_no
    if finding is ResolvedAs.ACCEPTED:
        say_done(tr("Resolved as accepted. {name}, number {number}, is unlocked.", name=name, number=server_no))
    else:
        say_done(tr("Resolved as not-received. {name}, number {number}, is unlocked.", name=name, number=server_no))


async def _resolve_not_received(session: Session, intent: Intent, note: str, number: str, *, wait: bool) -> None:
    """Look at the server and record the finding; counts down first where that was asked for."""
    while True:
        seen = replace(
            await look(session.gateway, intent, lambda: datetime.now(UTC), session.vitals), despite=number.strip()
        )
        left = seconds_left(intent, datetime.now(UTC), seen.clock_offset)
        if not (left and wait):
            break
        await _count_down(left)
    try:
        session.journal.resolve(intent.id, ResolvedAs.NOT_RECEIVED, note, seen)
    except NotResolvable as error:
        fail(shown(error), ExitCode.REFUSED)


async def _count_down(seconds: float) -> None:
    """Show on a terminal how long it takes yet; elsewhere one line says it."""
    end = time.monotonic() + seconds
    on_terminal = sys.stderr.isatty()
    if not on_terminal:
        warn(tr("Waiting {left} until 'not received' can be recorded.", left=countdown(seconds)))
    while (left := end - time.monotonic()) > 0:
        if on_terminal:
            text = tr("'Not received' can be recorded in {left}. Ctrl-C ends the wait.", left=countdown(left))
            click.echo(f"\r{text} ", nl=False, err=True)
        await asyncio.sleep(min(1.0, left))
    if on_terminal:
        click.echo(err=True)


def _settings(path: Path) -> Settings:
    """The settings for looking at the record; broken ones keep nobody from it, and are told."""
    try:
        return read_settings(path)
    except ConfigError as error:
        warn(tr("The settings cannot be read, so this is this account's own record. {why}", why=shown(error)))
        return Settings(path)


def cooldown_of(intent: Intent) -> float:
    """The cooldown in seconds that holds for the key that sent it; the default where the settings cannot tell."""
    try:
        profile = resolve_profile(read_settings(console_paths().config_file), intent.draft.profile)
    except ConfigError:
        return DEFAULTS.cooldown
    return profile.policy_for(intent.draft.key_fingerprint)[0].cooldown


@contextmanager
def opened_journal(anchor: Anchor | None = None, *, to_change: bool = False) -> Iterator[Journal]:
    """The user's journal for commands that need no account; says what an earlier console left behind.

    One that can only be read is, with a warning; so is the own one where the team's cannot be reached. ``to_change``:
    something is recorded, so that ConfigError is raised where the settings do not say in which journal.
    """
    paths = console_paths()
    settings = read_settings(paths.config_file) if to_change else _settings(paths.config_file)
    show_times_in(settings.timezone)
    place = journal_place(paths, settings)
    journal = journal_at(place, anchor=anchor, tells_syslog=settings.syslog)
    if journal.refused:
        if not journal.is_readable:
            journal.close()
            raise journal.refused
        warn(shown(journal.note))
    with journal:
        if place.team:
            run_loop(journal.catch_up())
        if journal.team_trouble:
            missing = tr("What colleagues sent is not shown.")
            warn(f"{shown(journal.team_trouble)} {missing}")
        for orphan in journal.recover():
            warn(recovered_sentence(orphan))
        yield journal
