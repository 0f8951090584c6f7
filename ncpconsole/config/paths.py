"""The paths of the console's settings and journal. Nothing is created here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from ncpconsole.config.settings import ConfigError, Settings, checked_team
from ncpconsole.config.settings_reader import read_settings, system_journal

APP = "ncpconsole"
CONFIG_VARIABLE = "NCPCONSOLE_CONFIG"
STATE_VARIABLE = "NCPCONSOLE_STATE_DIR"
TEAM_VARIABLE = "NCPCONSOLE_TEAM_URL"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one user. None of them, nor their directories, need exist."""

    config_file: Path
    state_dir: Path

    @property
    def journal(self) -> Path:
        """This user's own record of interrupts (SQLite), where the machine has no other (see `journal_place`)."""
        return self.state_dir / "journal.db"

    @property
    def lists(self) -> Path:
        """The lists that were read last, which the next start shows first."""
        return self.state_dir / "lists"

    @property
    def view(self) -> Path:
        """What the console remembers of its view."""
        return self.state_dir / "view.json"

    @property
    def log(self) -> Path:
        """The debug log, written only when asked for."""
        return self.state_dir / "debug.log"


def console_paths() -> Paths:
    """The paths of the current user, from the platform's conventions; all of them are full ones.

    ``NCPCONSOLE_CONFIG`` (a file) and ``NCPCONSOLE_STATE_DIR`` (a directory) override them; on Linux and
    macOS so do the XDG variables. Raises ConfigError where there is no home directory, and for a path that
    depends on the working directory: each directory would have settings and a journal of its own.
    """
    config = _from_variable(CONFIG_VARIABLE)
    state = _from_variable(STATE_VARIABLE)
    try:
        return Paths(
            config_file=config
            or _checked(platformdirs.user_config_dir(APP, appauthor=False), "XDG_CONFIG_HOME") / "config.toml",
            state_dir=state or _checked(platformdirs.user_state_dir(APP, appauthor=False), "XDG_STATE_HOME"),
        )
    except RuntimeError as error:
        raise ConfigError(
            f"There is no home directory: set HOME, or {CONFIG_VARIABLE} and {STATE_VARIABLE}, to full paths."
        ) from error


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """Where interrupts are recorded, and so which consoles hold each other back."""

    path: Path
    is_shared: bool = False
    team: str = field(default="", repr=False)

    @property
    def guard(self) -> str:
        """Whose consoles it guards, as a code: ``account``, ``machine`` or ``team``."""
        return "team" if self.team else "machine" if self.is_shared else "account"

    @property
    def team_words(self) -> str:
        """Where the team's database is, without who logs in there; empty where there is none."""
        parts = urlsplit(self.team)
        where = parts.netloc.rpartition("@")[2] or "this machine"
        return f"{where}, database {parts.path.strip('/') or 'of the same name as the role'}" if self.team else ""


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
        return "Every console whose journal is the same team's, on any machine."
    if place.is_shared:
        return "All users of this machine who may send hold each other back; other machines are not held back."
    return "Every console of this account on this machine; other users and other machines are not held back."


def home() -> Path:
    """The user's home directory. Raises ConfigError where it is no full path."""
    return _checked(str(Path.home()))


def _from_variable(name: str) -> Path | None:
    text = os.environ.get(name)
    if not text:
        return None
    try:
        return _full(Path(text).expanduser(), name)
    except RuntimeError as error:  # a user that is not there
        raise _not_full(name) from error


def _checked(found: str, xdg: str = "") -> Path:
    """A library's answer, refused where the variable that it follows is no full path.

    Libraries and their versions differ in what they make of such a value.
    """
    variable = xdg if os.environ.get(xdg) else "HOME"
    given = os.environ.get(variable)
    if given and os.name == "posix":
        _full(Path(given), variable)
    return _full(Path(found), variable)


def _full(path: Path, variable: str) -> Path:
    if not path.is_absolute():
        raise _not_full(variable)
    return path


def _not_full(variable: str) -> ConfigError:
    return ConfigError(
        f"{variable} must be a full path: a relative one would mean other settings and another journal "
        "in each directory."
    )


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
