"""``ncpconsole team``: one record and one guard for several users of a machine, or for several machines."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.journal import journal_at, origin
from ncpconsole.cli.output import fail, print_facts, print_json, say, say_done, warn, write
from ncpconsole.cli.runner import errors_as_exits, run_loop
from ncpconsole.config import settings_reader
from ncpconsole.config.keyring_store import keep_team_password, team_password
from ncpconsole.config.paths import JournalPlace, console_paths
from ncpconsole.config.settings import checked_team
from ncpconsole.config.settings_reader import guard_sentence, journal_place, read_settings
from ncpconsole.config.settings_writer import keep_shared_journal, keep_team
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.database import foreign_events
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.shared import NEEDS_POSIX, make_shared
from ncpconsole.core.journal.team_database import TeamDatabase, set_up
from ncpconsole.core.journal.team_schema import schema_sql
from ncpconsole.core.wording import duration
from ncpconsole.language import msgid, shown, tr, tr_n

if TYPE_CHECKING or sys.platform != "win32":
    import grp
    import pwd

OWN_JOURNAL = ".local/state/ncpconsole/journal.db"
"""Where a user's own record is by default, below the home directory."""
SCHEMES = ("postgresql://", "postgres://")


@click.group(help=tr("Share the record and the guard with the other users of this machine, or with other machines."))
def team_command() -> None:
    """Share the record and the guard with the other users of this machine, or with other machines."""


@team_command.command(
    "setup",
    help=tr(
        "Share a journal.\n\n"
        "PATH makes one for the users of this machine that are in GROUP, and needs root: a file named journal.db in a "
        "directory of its own, such as /var/lib/ncpconsole/journal.db. Run again, it puts the rights right.\n\n"
        "URL is a PostgreSQL database for consoles on several machines, without a password. It is made there where "
        "there is none, and named in your settings, or with --for-machine where no user's settings or variables lead "
        "around it."
    ),
)
@click.argument("place", metavar="PATH|URL")
@click.option("--group", metavar="GROUP", default="", help=tr("With PATH: the group whose members may send."))
@click.option(
    "--role",
    metavar="NAME",
    default="ncpconsole_operator",
    help=tr("With URL: the database's role of those who may send."),
)
@click.option("--for-machine", is_flag=True, help=tr("With URL: name it for every user of this machine; needs root."))
@click.option("--ask-password", is_flag=True, help=tr("With URL: keep the database's password in the OS keyring."))
@click.option("--print-sql", is_flag=True, help=tr("With URL: print what the database's owner runs, and do nothing."))
@click.option(
    "--take-over",
    "sources",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=tr("A record of before to take over; once for each."),
)
def setup_command(
    place: str, group: str, role: str, for_machine: bool, ask_password: bool, print_sql: bool, sources: tuple[Path, ...]
) -> None:
    """Share a journal, on this machine or in a database."""
    if place.startswith(SCHEMES) and print_sql:
        write(_sql(role), nl=False)
    elif place.startswith(SCHEMES):
        _set_up_team(place, role, sources, for_machine=for_machine, asks_password=ask_password)
    elif print_sql:
        raise click.UsageError(tr("--print-sql goes with the address of a database."))
    elif not group:
        raise click.UsageError(tr("A journal for this machine needs --group."))
    else:
        _set_up_machine(place, group, sources)


def _set_up_machine(place: str, group: str, sources: tuple[Path, ...]) -> None:
    _require_root(msgid("Only root can make a journal for all users: run this with sudo."))
    gid = _group_id(group)
    path = Path(os.path.normpath(place))
    if not path.is_absolute():
        raise click.UsageError(tr("PATH must be a full path, such as /var/lib/ncpconsole/journal.db."))
    with errors_as_exits():
        make_shared(path, gid)
        with Journal.open(path, origin(), is_shared=True) as journal:
            for source in sources or _offered([one for one in _own_journals(gid) if one != path]):
                taken = journal.take_over(source)
                if taken:
                    say(tr("Took {count} events over from {path}.", count=taken, path=source))
                else:
                    say(tr("{path} was taken over before.", path=source))
        keep_shared_journal(path)
        if sys.platform != "win32":
            os.chown(settings_reader.SYSTEM_FILE, 0, 0)
    say_done(
        tr(
            "The members of {group} hold each other back on this machine now; {file} names {path}.",
            group=group,
            file=settings_reader.SYSTEM_FILE,
            path=path,
        )
    )


def _sql(role: str) -> str:
    try:
        return schema_sql(role)
    except ValueError as error:
        raise click.UsageError(shown(error)) from None


def _set_up_team(url: str, role: str, sources: tuple[Path, ...], *, for_machine: bool, asks_password: bool) -> None:
    _sql(role)
    if for_machine:
        _require_root(msgid("Only root can name a journal for all users: run this with sudo."))
    with errors_as_exits():
        url = checked_team(url, "URL")
        if asks_password:
            password = click.prompt(tr("Password of the database"), hide_input=True, err=True)
            say(tr("Kept in {keyring}.", keyring=run_loop(keep_team_password(url, password))))
        is_new = set_up(url, role, team_password)
        paths = console_paths()
        team = TeamDatabase(url, team_password)
        try:
            team.events_from(0)  # whether this role may use it
            own = [journal_place(paths, read_settings(paths.config_file)).path]
            for source in sources or _offered([one for one in own if one.exists()]):
                taken = team.take_over(foreign_events(source))
                say(tr("Took {count} interrupts over from {path}.", count=taken, path=source))
        finally:
            team.close()
        keep_team(file := settings_reader.SYSTEM_FILE if for_machine else paths.config_file, url)
        if for_machine and sys.platform != "win32":
            os.chown(file, 0, 0)
    made = (
        tr("The team's journal was made, and {file} names it.", file=file)
        if is_new
        else tr("The team's journal was there already; {file} names it.", file=file)
    )
    guarded = tr("Consoles that name it hold each other back on every machine.")
    say_done(f"{made} {guarded}")


def _offered(found: list[Path]) -> list[Path]:
    """The records of before that are to be taken over; asks on a terminal, else names them."""
    if sys.stdin is not None and sys.stdin.isatty():
        return [one for one in found if click.confirm(tr("Take over the record {path}?", path=one), default=True)]
    for one in found:
        warn(tr("{path} is a record of before. To take it over, run this again with --take-over {path}.", path=one))
    return []


def _own_journals(gid: int) -> list[Path]:
    if sys.platform == "win32":
        return []
    try:
        members = grp.getgrgid(gid).gr_mem
    except KeyError:
        members = []
    users = [one for one in pwd.getpwall() if one.pw_gid == gid or one.pw_name in members or one.pw_uid == 0]
    homes = dict.fromkeys(Path(user.pw_dir) for user in users)
    found = []
    for home in homes:
        try:
            if (home / OWN_JOURNAL).is_file():
                found.append(home / OWN_JOURNAL)
        except OSError:
            continue  # a home that even root cannot look into, as on some network file systems
    return found


@team_command.command("status", help=tr("Say which journal guards, whom, and whether it can be used."))
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
def status_command(as_json: bool) -> None:
    """Say which journal guards, whom, and whether it can be used."""
    with errors_as_exits():
        paths = console_paths()
        place = journal_place(paths, read_settings(paths.config_file))
    document = _looked_into(place)
    if as_json:
        print_json(document)
    else:
        print_facts(_facts(place, document))
    if document["trouble"]:
        sys.exit(ExitCode.REFUSED)


def _looked_into(place: JournalPlace) -> dict[str, Any]:
    """What guards here, what keeps an interrupt from being recorded, and how the team's journal stands."""
    document: dict[str, Any] = {"guard": place.guard, "journal": str(place.path), "usable": True, "trouble": None}
    if not place.is_shared and not place.team and not place.path.exists():
        return {**document, "events": 0, "unresolved": 0, "team": None}
    with journal_at(place) as journal:
        run_loop(journal.catch_up())
        trouble = shown(journal.refused or journal.team_trouble)
        try:
            if not trouble:
                journal.rehearse_claim()
        except JournalUnavailable as error:
            trouble = shown(error)
        document |= {"usable": not trouble, "trouble": trouble or None, "events": journal.verify().events}
        team = journal.team_report(datetime.now(UTC))
        return {
            **document,
            "unresolved": len(journal.unresolved()),
            "team": {"where": place.team_words, **team} if team else None,
        }


def _facts(place: JournalPlace, document: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [
        (tr("Guard"), guard_sentence(place)),
        (tr("Journal"), str(place.path)),
        (tr("Events"), str(document["events"])),
    ]
    if team := document["team"]:
        facts += [(tr("Team"), team["where"]), (tr("Reachable"), tr("yes") if team["reachable"] else tr("no"))]
        if team["reachable"]:
            versions = tr("journal {version}, PostgreSQL {server}", version=team["version"], server=team["server"])
            offset = tr("the database's is {seconds:+.1f} s from this machine's", seconds=team["clockOffset"])
            facts += [(tr("Team events"), str(team["events"])), (tr("Versions"), versions), (tr("Clock"), offset)]
        owed = tr("nothing")
        if team["owed"]:
            oldest = duration(team["oldestOwed"])
            owed = tr("{count}, the oldest for {duration}", count=team["owed"], duration=oldest)
        facts.append((tr("Owed"), owed))
    state = document["trouble"] or tr("an interrupt can be recorded")
    return [*facts, (tr("Unresolved"), str(document["unresolved"])), (tr("State"), state)]


@team_command.command(
    "leave",
    help=tr(
        "Let consoles have a record and a guard of their own again. The shared journal stays where it is.\n\n"
        "Root takes what the system's file names, and anybody what the own settings name."
    ),
)
def leave_command() -> None:
    """Let consoles have a record and a guard of their own again."""
    with errors_as_exits():
        paths = console_paths()
        place = journal_place(paths, read_settings(paths.config_file))
        if not (place.is_shared or place.team):
            fail(tr("No journal is shared here."), ExitCode.USAGE)
        if place.team:
            _deliver_before_leaving(place)
        system_path, system_team = settings_reader.system_journal()
        if system_path or system_team:
            _require_root(msgid("Only root can take the shared journal from all users: run this with sudo."))
            keep_shared_journal(None)
            keep_team(settings_reader.SYSTEM_FILE, None)
        else:
            keep_team(paths.config_file, None)
            if journal_place(paths, read_settings(paths.config_file)).team:
                fail(
                    tr(
                        "{variable} names the team's journal, so it still counts: unset the variable.",
                        variable=settings_reader.TEAM_VARIABLE,
                    ),
                    ExitCode.REFUSED,
                )
    where = place.team_words or place.path
    say_done(
        tr(
            "Consoles here no longer hold others back. {journal} stays as it is: keep it, it is the record.",
            journal=where,
        )
    )


def _deliver_before_leaving(place: JournalPlace) -> None:
    """Pay what is owed to the team; say what colleagues will not know where that is not possible now."""
    with suppress(JournalUnavailable), journal_at(place) as journal:
        run_loop(journal.catch_up())
        if owed := len(journal.owed()):
            warn(
                tr_n(
                    "1 outcome of this account was never delivered to the team's journal, so colleagues do not know "
                    "it: it is in {journal}, and is delivered by a console that names the team again.",
                    "{count} outcomes of this account were never delivered to the team's journal, so colleagues do not "
                    "know them: they are in {journal}, and are delivered by a console that names the team again.",
                    owed,
                    journal=place.path,
                )
            )


def _require_root(otherwise: str) -> None:
    """End the command with this message unless root runs it."""
    if sys.platform == "win32":
        fail(tr(NEEDS_POSIX), ExitCode.USAGE)
    if os.geteuid() != 0:
        fail(tr(otherwise), ExitCode.REFUSED)


def _group_id(group: str) -> int:
    if sys.platform == "win32":
        fail(tr(NEEDS_POSIX), ExitCode.USAGE)
    try:
        return int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError:
        raise click.UsageError(tr("There is no such group on this machine: make it first, with groupadd.")) from None
