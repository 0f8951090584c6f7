"""``ncpconsole team``: one record and one guard for several users."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ncpconsole.cli.output import ExitCode, fail, print_facts, print_json, say, say_done, warn
from ncpconsole.cli.runner import errors_as_exits
from ncpconsole.cli.wiring import origin
from ncpconsole.config import settings
from ncpconsole.config.paths import JournalPlace, console_paths, guard_sentence, journal_place
from ncpconsole.config.settings_writer import keep_shared_journal
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.shared import NEEDS_POSIX

if TYPE_CHECKING or sys.platform != "win32":
    import grp
    import pwd

OWN_JOURNAL = ".local/state/ncpconsole/journal.db"
"""Where a user's own record is by default, below the home directory."""


@click.group()
def team_command() -> None:
    """Share the record and the guard with the other users of this machine."""


@team_command.command("setup")
@click.argument("place", metavar="PATH")
@click.option(
    "--group", metavar="GROUP", required=True, help="The group whose members may send, and hold each other back."
)
@click.option(
    "--take-over",
    "sources",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A record of before to take over; once for each.",
)
def setup_command(place: str, group: str, sources: tuple[Path, ...]) -> None:
    """Make the journal PATH for the users of this machine that are in GROUP; needs root.

    From then on it is used by every user, whatever variables say. PATH is a file named journal.db in a directory of its
    own, such as /var/lib/ncpconsole/journal.db. Run again, it puts the rights right.
    """
    _require_root("make a journal for all users")
    gid = _group_id(group)
    path = Path(os.path.normpath(place))
    if not path.is_absolute():
        raise click.UsageError("PATH must be a full path, such as /var/lib/ncpconsole/journal.db.")
    with errors_as_exits():
        from ncpconsole.core.journal.journal import Journal
        from ncpconsole.core.journal.shared import make_shared

        make_shared(path, gid)
        with Journal.open(path, origin(), is_shared=True) as journal:
            for source in sources or _offered(gid, path):
                taken = journal.take_over(source)
                say(f"Took {taken} events over from {source}." if taken else f"{source} was taken over before.")
        keep_shared_journal(path)
        if sys.platform != "win32":
            os.chown(settings.SYSTEM_FILE, 0, 0)
    say_done(f"The members of {group} hold each other back on this machine now; {settings.SYSTEM_FILE} names {path}.")


def _offered(gid: int, path: Path) -> list[Path]:
    """The members' own records that the administrator takes over; asks on a terminal, else names them."""
    found = [one for one in _own_journals(gid) if one != path]
    if sys.stdin is not None and sys.stdin.isatty():
        return [one for one in found if click.confirm(f"Take over the record {one}?", default=True)]
    for one in found:
        warn(f"{one} is a record of before. To take it over, run this again with --take-over {one}.")
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


@team_command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status_command(as_json: bool) -> None:
    """Say which journal guards, whom, and whether it can be used."""
    with errors_as_exits():
        place = journal_place(console_paths())
    trouble, events, unresolved = _looked_into(place)
    if as_json:
        document = {"guard": place.guard, "journal": str(place.path), "usable": not trouble, "trouble": trouble or None}
        print_json({**document, "events": events, "unresolved": unresolved})
    else:
        facts = [("Guard", guard_sentence(place)), ("Journal", str(place.path)), ("Events", str(events))]
        print_facts([*facts, ("Unresolved", str(unresolved)), ("State", trouble or "an interrupt can be recorded")])
    if trouble:
        sys.exit(ExitCode.REFUSED)


def _looked_into(place: JournalPlace) -> tuple[str, int, int]:
    """What keeps an interrupt from being recorded, how many events there are, and how many unknown outcomes."""
    from ncpconsole.core.journal.journal import Journal

    if not place.is_shared and not place.path.exists():
        return "", 0, 0
    try:
        with Journal.open(place.path, origin(), is_shared=place.is_shared) as journal:
            journal.rehearse_claim()
            return "", journal.verify().events, len(journal.unresolved())
    except JournalUnavailable as error:
        with Journal.open_for_reading(place.path, origin(), error) as journal:
            return str(error), journal.verify().events, len(journal.unresolved())


@team_command.command("leave")
def leave_command() -> None:
    """Let every user have a record and a guard of their own again; needs root. The shared journal stays where it is."""
    _require_root("take the shared journal from all users")
    with errors_as_exits():
        place = journal_place(console_paths())
        if not place.is_shared:
            fail("This machine shares no journal.", ExitCode.USAGE)
        keep_shared_journal(None)
    say_done(f"Users no longer hold each other back. {place.path} stays as it is: keep it, it is the record.")


def _require_root(what: str) -> None:
    if sys.platform == "win32":
        fail(NEEDS_POSIX, ExitCode.USAGE)
    if os.geteuid() != 0:
        fail(f"Only root can {what}: run this with sudo.", ExitCode.REFUSED)


def _group_id(group: str) -> int:
    if sys.platform == "win32":
        fail(NEEDS_POSIX, ExitCode.USAGE)
    try:
        return int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError:
        raise click.UsageError("There is no such group on this machine: make it first, with groupadd.") from None
