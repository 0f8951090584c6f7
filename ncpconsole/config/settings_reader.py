"""Reads the settings files, the user's and the system's, and says which journal guards and where all is kept.

Where the system's administrator keeps ``/etc/ncpconsole/config.toml``, it is read first, and its profiles add
protections to whoever uses their key or gateway, whatever the user's own file and variables say. So does its
``[journal] path``: the journal that all users of the machine share, and its ``team``: the database of the team's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ncpconsole.config.paths import JournalPlace, Paths, console_paths
from ncpconsole.config.registry import OF_PROFILE
from ncpconsole.config.settings import EXPECTED, Settings, checked_team
from ncpconsole.config.settings_parser import decode_settings, parse_settings
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import Sentence, msgid, tr

SYSTEM_FILE = Path("/etc/ncpconsole/config.toml")
SYSTEM_OWNER = 0
SYSTEM_KEYS = frozenset(key for key, setting in OF_PROFILE.items() if setting.in_system_file)
"""What the system's file may say: whose key, or which gateway's, and how it is protected."""
LARGEST = 1 << 20
TEAM_VARIABLE = "NCPCONSOLE_TEAM_URL"

WRITABLE_FILE = msgid(
    "{path} must belong to root and be writable by nobody else, since it protects accounts: ask the administrator of "
    "this machine to correct it (chown root, chmod go-w)."
)
WRITABLE_DIRECTORY = msgid(
    "The directory of {path} must belong to root and be writable by nobody else, since it protects accounts: ask the "
    "administrator of this machine to correct it (chown root, chmod go-w)."
)


def read_settings(path: Path) -> Settings:
    """Read the system's file and then this one; a missing one is empty settings.

    Raises ConfigError with line and column for broken TOML, and with the key for a wrong value. No message
    holds a value: a secret may have been put there by mistake.
    """
    system = _system_settings()
    raw = _read(path)
    own = Settings(path) if raw is None else parse_settings(path, decode_settings(path, raw))
    notes = system.notes + own.notes
    if own.shared_journal:
        notes += (
            Sentence(
                "{path}: journal.path is ignored: only {system} can name the journal that a machine shares.",
                path=path,
                system=SYSTEM_FILE,
            ),
        )
    return replace(
        own,
        notes=notes,
        system=system.profiles,
        syslog=system.syslog or own.syslog,
        origins={**own.origins, **{name: place for name, place in system.origins.items() if "." in name}},
        shared_journal=system.shared_journal,
        team=system.team or own.team,
    )


def system_journal() -> tuple[Path | None, str]:
    """The journal that the users of this machine share, and the address of the team's, as the system's file says.

    None and an empty text where it names none. Raises ConfigError where that file cannot be read or trusted.
    """
    system = _system_settings()
    return system.shared_journal, system.team


def _system_settings() -> Settings:
    """The protections of the system's file. Raises ConfigError where others could have written it."""
    raw = _read(SYSTEM_FILE, _check_system_file) if os.name == "posix" else None
    if raw is None:
        return Settings(SYSTEM_FILE)
    found = parse_settings(SYSTEM_FILE, decode_settings(SYSTEM_FILE, raw))
    idle = dict.fromkeys(
        key
        for entry in found.profiles.values()
        for key in EXPECTED
        if key not in SYSTEM_KEYS and getattr(entry, key) is not None
    )
    also = {
        "default_profile": found.default_profile,
        "keys": found.keys,
        "timezone": found.timezone,
        "language": found.language,
    }
    if words := [*idle, *(key for key, value in also.items() if value)]:
        note = Sentence(
            "{path}: {settings} is ignored: this file only adds protections.",
            path=SYSTEM_FILE,
            settings=", ".join(words),
        )
        return replace(found, notes=(*found.notes, note))
    return found


def _check_system_file(file: int) -> None:
    parent = SYSTEM_FILE.resolve().parent
    for problem, found in ((WRITABLE_FILE, os.fstat(file)), (WRITABLE_DIRECTORY, parent.stat())):
        if found.st_uid != SYSTEM_OWNER or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConfigError(tr(problem, path=SYSTEM_FILE))


def _read(path: Path, check: Callable[[int], None] | None = None) -> bytes | None:
    """The file's bytes, or None where there is none; ``check`` looks at it first, by its descriptor."""
    try:
        with path.open("rb") as file:
            if check is not None:
                check(file.fileno())
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            tr("The settings file {path} cannot be read: {why}.", path=path, why=error.strerror)
        ) from error
    if len(raw) > LARGEST:
        raise ConfigError(
            tr("The settings file {path} is larger than 1 MiB; it does not look like settings.", path=path)
        )
    return raw


def journal_place(paths: Paths, settings: Settings, environ: Mapping[str, str] = os.environ) -> JournalPlace:
    """The journal that this machine shares, if the system's file names one, else the user's own; and the team's.

    No variable changes what that file says, or the guard could be stepped around. Raises ConfigError where it cannot be
    trusted, and for an address of the team's database that cannot be used.
    """
    shared, team = system_journal()
    if not team and environ.get(TEAM_VARIABLE):
        team = checked_team(environ[TEAM_VARIABLE], TEAM_VARIABLE)
    return JournalPlace(shared or paths.journal, is_shared=shared is not None, team=team or settings.team)


def guard_sentence(place: JournalPlace) -> str:
    """Whose consoles hold each other back, in words."""
    if place.team:
        return tr("Every console whose journal is the same team's, on any machine.")
    if place.is_shared:
        return tr("All users of this machine who may send hold each other back; other machines are not held back.")
    return tr("Every console of this account on this machine; other users and other machines are not held back.")


def places(*, in_words: bool = True) -> dict[str, str]:
    """Where things are kept, and what the guard spans: as a sentence, or as its code. Raises ConfigError."""
    kept = console_paths()
    place = journal_place(kept, read_settings(kept.config_file))
    return {
        "config": str(kept.config_file),
        "state": str(kept.state_dir),
        "journal": str(place.path),
        "lists": str(kept.lists),
        "view": str(kept.view),
        "log": str(kept.log),
        "guard": guard_sentence(place) if in_words else place.guard,
    }
