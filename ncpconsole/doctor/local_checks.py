"""Checks of this machine: Python and libraries, terminal, the console's files, environment, keyring."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import re
import secrets
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ncpconsole import __version__
from ncpconsole.config.credentials import FoundPair, find_pair
from ncpconsole.config.keyring_store import CallTimeout, keyring_name, round_trip, team_password, user_anchor
from ncpconsole.config.language_choice import language_note
from ncpconsole.config.paths import JournalPlace, Paths
from ncpconsole.config.profiles import Profile
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_reader import guard_sentence, journal_place
from ncpconsole.config.variables import unknown_variables
from ncpconsole.core.errors import ConfigError, CredentialsError, GuardUnavailable, JournalUnavailable
from ncpconsole.core.journal.anchor import AnchorState, SystemLog
from ncpconsole.core.journal.files import NOT_LOCAL, check_parents, why_not_local
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.team import open_team_journal
from ncpconsole.core.journal.team_database import TeamDatabase
from ncpconsole.core.journal.team_schema import VERSION
from ncpconsole.core.records import Origin
from ncpconsole.core.wording import duration
from ncpconsole.doctor.findings import ROUND_TRIP, Finding, Status, failure, ok, warning
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.signing import fingerprint

LIBRARIES = ("textual", "httpx", "httpcore", "keyring", "msgspec", "truststore")
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)$")
SMALLEST_TERMINAL = (80, 24)
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
PREFIXES = ("NCLOUD_", "NCPCONSOLE_", "PYTHON_KEYRING")
KEYRING_SECONDS = 3.0
NO_LOG = msgid("Start journald or syslogd, or take syslog out of the settings.")
KEEP_IT = msgid("Keep the file as evidence, and find out what was sent, before a new journal is begun.")
OPEN_TO_OTHERS_SENTENCE = msgid("{path}, mode {mode}: it is open to others.")
READ_BY_OTHERS_SENTENCE = msgid("{path}, mode {mode}: others can read it.")


def check_machine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Python, the libraries, the terminal and the encoding."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield ok("python", tr("{python} on {system}", python=python, system=platform.platform(terse=True)))
    yield _libraries()
    yield _terminal(environ)
    yield _encoding()


def _libraries() -> Finding:
    """The console's libraries; the one whose inner events the sender relies on must be the exact one."""
    found: list[str] = [f"ncpconsole {__version__}"]
    missing: list[str] = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        what = tr("Missing: {names}.", names=", ".join(missing))
        return failure("versions", what, tr("Install ncpconsole again."))
    other = [
        tr("{library} {have} instead of {want}", library=name, have=have, want=want)
        for name, want, have in _other_than_pinned()
    ]
    if other:
        what = tr("Found {versions}.", versions=", ".join(other))
        return failure("versions", what, tr("Install ncpconsole in an environment of its own."))
    return ok("versions", ", ".join(found))


def _other_than_pinned() -> Iterator[tuple[str, str, str]]:
    try:
        requirements = importlib.metadata.requires("ncpconsole") or []
    except importlib.metadata.PackageNotFoundError:
        return  # run from its source, where nothing is recorded
    for requirement in requirements:
        if pinned := PINNED.fullmatch(requirement.replace(" ", "")):
            name, want = pinned.groups()
            have = importlib.metadata.version(name)
            if have != want:
                yield name, want, have


def _terminal(environ: Mapping[str, str]) -> Finding:
    """Whether the screen can be drawn here."""
    if not sys.stdout.isatty():
        return ok("terminal", tr("Output goes to no terminal; the plain commands work."))
    columns, lines = shutil.get_terminal_size()
    kind = environ.get("TERM", "")
    shown_kind = kind or tr("no TERM")
    text = f"{shown_kind}, {columns}x{lines}"
    if kind in {"", "dumb"} and os.name != "nt":
        why = tr("{terminal}: no screen can be drawn.", terminal=text)
        return warning("terminal", why, tr("Set TERM, or use the plain commands."))
    if columns < SMALLEST_TERMINAL[0] or lines < SMALLEST_TERMINAL[1]:
        why = tr("{terminal} is small.", terminal=text)
        return warning("terminal", why, tr("Use a window of 80 by 24 or larger."))
    return ok("terminal", text)


def _encoding() -> Finding:
    """Whether Korean names can be printed."""
    # While the console is on screen, Textual stands in standard output's place.
    stream = sys.stdout if hasattr(sys.stdout, "encoding") else sys.__stdout__
    output = (getattr(stream, "encoding", None) or "none").lower().replace("_", "-")
    facts = {"locale": locale.setlocale(locale.LC_CTYPE), "encoding": output}
    if output in {"utf-8", "utf8"}:
        return ok("encoding", tr("locale {locale}, output in {encoding}", **facts))
    why = tr("locale {locale}, output in {encoding}: Korean names are printed as escapes.", **facts)
    return warning("encoding", why, tr("Set LANG=C.UTF-8 or PYTHONUTF8=1."))


def check_files(paths: Paths, settings: Settings) -> Iterator[Finding]:
    """The settings file, the directory of the journal and the journal; creates nothing."""
    yield _config(paths.config_file)
    for note in settings.notes:
        yield warning("config", shown(note))
    yield _state(paths.state_dir)
    try:
        place = journal_place(paths, settings)
    except ConfigError as error:
        yield failure("guard", shown(error))
        return
    yield ok("guard", guard_sentence(place))
    if place.team:
        yield _team(place)
        if place.path.exists():
            yield from _owed(place)
    if place.is_shared:
        yield from _record(place, settings)
    elif paths.journal.exists():
        yield (finding := _journal(paths.journal))
        if finding.status is not Status.FAILURE:
            yield from _record(place, settings)
    elif why := _why_no_place(paths.journal):
        yield failure("record", why)


def _config(path: Path) -> Finding:
    """Who can write the settings can send the console to another gateway."""
    if not path.exists():
        return ok("config", tr("{path} does not exist; everything is at its default.", path=path))
    facts, mode = _described(path)
    if os.name == "posix" and mode & WRITABLE_BY_OTHERS:
        return failure("config", tr("{path}, mode {mode}: others can write it.", **facts), _chmod("600", path))
    return _private("config", path, READ_BY_OTHERS_SENTENCE, "600")


def _state(path: Path) -> Finding:
    """Without the directory of the journal nothing is ever sent."""
    if not path.exists():
        parent = next(each for each in path.parents if each.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return ok("state", tr("{path} does not exist yet; it is created with the first record.", path=path))
        return failure(
            "state",
            tr("{path} does not exist and cannot be created below {parent}.", path=path, parent=parent),
            tr("Set NCPCONSOLE_STATE_DIR to a directory you can write."),
        )
    if not path.is_dir() or not os.access(path, os.W_OK | os.X_OK):
        facts, _ = _described(path)
        why = tr("{path}, mode {mode}: no record can be written.", **facts)
        return failure("state", why, tr("Make {path} a directory you can write.", path=path))
    return _private("state", path, OPEN_TO_OTHERS_SENTENCE, "700")


def _journal(path: Path) -> Finding:
    if not os.access(path, os.R_OK | os.W_OK):
        facts, _ = _described(path)
        why = tr("{path}, mode {mode}: it cannot be written, so nothing is sent.", **facts)
        return failure("journal", why, _chmod("600", path))
    return _private("journal", path, OPEN_TO_OTHERS_SENTENCE, "600")


def _why_no_place(path: Path) -> str:
    """Why no journal could be begun here, as a sentence; creates nothing."""
    try:
        check_parents(path.parent)
    except (JournalUnavailable, OSError) as error:
        return shown(error) if isinstance(error, JournalUnavailable) else str(error)
    why = why_not_local(next(each for each in path.parents if each.exists()))
    return tr(NOT_LOCAL, path=path, detail=why) if why else ""


def _team(place: JournalPlace) -> Finding:
    """Whether the team's journal can be used, and the versions."""
    team = TeamDatabase(place.team, team_password)
    try:
        server = team.server_version()
    except JournalUnavailable as error:
        remedy = tr("See docs/team.md. The database is {database}.", database=place.team_words)
        return failure("team", shown(error), remedy)
    finally:
        team.close()
    return ok(
        "team",
        tr(
            "{database}: journal {version}, PostgreSQL {server}, its clock is {offset:+.1f} s from this machine's.",
            database=place.team_words,
            version=VERSION,
            server=server,
            offset=team.clock_offset,
        ),
    )


def _owed(place: JournalPlace) -> Iterator[Finding]:
    """How much of this journal the team's has not got yet, and for how long; nothing where it has all."""
    try:
        journal = open_team_journal(
            place.path, place.team, Origin("", "", "", ""), ask_password=team_password, is_shared=place.is_shared
        )
    except JournalUnavailable:
        return  # it is told of by the checks of the journal itself
    with journal:
        with suppress(GuardUnavailable):
            journal.read_team()
        report = journal.team_report(datetime.now(UTC)) or {}
    if report.get("owed"):
        owed = tr(
            "{count} of this machine's outcomes are owed to the team's journal, the oldest for {duration}.",
            count=report["owed"],
            duration=duration(report["oldestOwed"]),
        )
        yield warning("owed", owed, tr("They are delivered once the database is reached."))


def _record(place: JournalPlace, settings: Settings) -> Iterator[Finding]:
    """Whether an interrupt could be recorded: by a claim that is taken back. Whether the record is whole."""
    try:
        log = SystemLog() if settings.syslog else None
        nobody, shared = Origin("", "", "", ""), place.is_shared
        with Journal.open(place.path, nobody, anchor=user_anchor(), system_log=log, is_shared=shared) as journal:
            journal.rehearse_claim()
            checked = journal.verify()
            if checked.fault:
                altered = tr("The journal was altered: {fault}.", fault=shown(checked.fault))
                yield failure("record", altered, tr(KEEP_IT))
                return
            for objection in journal.objections():
                yield failure("record", shown(objection))
            for note in checked.notes:
                yield warning("record", shown(note))
            yield ok("record", tr("{events} events, whole; an interrupt can be recorded.", events=checked.events))
            state, sentence = journal.anchor_report()
            if settings.syslog and not journal.tell_system_log():
                untold = tr("The settings want the system's log to be told; no log takes it.")
                yield failure("syslog", untold, tr(NO_LOG))
            report = {AnchorState.UNAVAILABLE: warning, AnchorState.DISAGREES: failure}.get(state, ok)
            yield report("anchor", shown(sentence))
    except JournalUnavailable as error:
        yield failure("record", shown(error))


def _private(check: str, path: Path, otherwise: str, wanted: str) -> Finding:
    facts, mode = _described(path)
    if os.name == "posix" and mode & OPEN_TO_OTHERS:
        return warning(check, tr(otherwise, **facts), _chmod(wanted, path))
    return ok(check, tr("{path}, mode {mode}", **facts))


def _chmod(wanted: str, path: Path) -> str:
    return tr("Run chmod {mode} {path}.", mode=wanted, path=path)


def _described(path: Path) -> tuple[dict[str, str], int]:
    mode = stat.S_IMODE(path.stat().st_mode)
    return {"path": str(path), "mode": f"{mode:04o}"}, mode


def check_environment(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Which variables change what the console does; names only, as values may hold a secret."""
    names = sorted(name for name in environ if name.startswith(PREFIXES) and environ[name])
    if names:
        yield ok("environment", tr("Set: {names}.", names=", ".join(names)))
    else:
        yield ok("environment", tr("No variable changes what the console does."))
    if note := language_note(environ):
        yield warning("environment", shown(note))
    remedy = tr("Correct its name, or unset it; what it promises is not in force.")
    for sentence in unknown_variables(environ):
        yield failure("environment", shown(sentence), remedy)


async def check_keyring(*, is_needed: bool) -> AsyncIterator[Finding]:
    """Whether the OS keyring keeps a text and gives it back.

    Where it is not needed, because the key comes from the environment, a useless one is but a warning.
    """
    report = failure if is_needed else warning
    try:
        yield ok("keyring", await keyring_name())
        is_whole = await round_trip(f"canary {secrets.token_hex(16)} 결제", CallTimeout(KEYRING_SECONDS))
    except CredentialsError as error:
        yield report("keyring", shown(error), shown(error.remedy))
        return
    if is_whole:
        yield ok(ROUND_TRIP, tr("A text was stored, read back and removed."))
    else:
        remedy = tr("Use another keyring, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY in the environment.")
        yield report(ROUND_TRIP, tr("A text came back altered."), remedy)


async def check_key(profile: Profile, environ: Mapping[str, str]) -> tuple[FoundPair | None, list[Finding]]:
    """The profile's pair, or None, and what there is to say about it."""
    try:
        found = await find_pair(profile, wait=CallTimeout(KEYRING_SECONDS), environ=environ)
    except CredentialsError as error:
        return None, [failure("key", shown(error), shown(error.remedy))]
    findings = [ok("key", f"{tr(found.source)}, {fingerprint(found.credentials.access_key)}")]
    findings += [warning("key", shown(note)) for note in found.notes]
    if oddities := found.credentials.oddities:
        seen = tr("{oddities} No key of NCP's does that.", oddities=oddities)
        findings.append(warning("key", seen, tr("Take it away where the key is set, or log in again.")))
    return found, findings
