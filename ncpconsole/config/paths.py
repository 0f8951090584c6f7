"""The paths of the console's settings and journal. Nothing is created here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import platformdirs

from ncpconsole.core.errors import ConfigError
from ncpconsole.language import tr

APP = "ncpconsole"
CONFIG_VARIABLE = "NCPCONSOLE_CONFIG"
STATE_VARIABLE = "NCPCONSOLE_STATE_DIR"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Paths(NamedTuple):
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
    depends on the working directory, where each directory would have settings and a journal of its own, or that has a
    line end of another system behind it.
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
            tr(
                "There is no home directory: set HOME, or {config} and {state}, to full paths.",
                config=CONFIG_VARIABLE,
                state=STATE_VARIABLE,
            )
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
        if not self.team:
            return ""
        where = parts.netloc.rpartition("@")[2] or tr("this machine")
        if database := parts.path.strip("/"):
            return tr("{host}, database {database}", host=where, database=database)
        return tr("{host}, database of the same name as the role", host=where)


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
    if (text := str(path)) != text.strip() or CONTROL.search(text):
        raise ConfigError(
            tr(
                "{variable} ends with a blank, or holds a line end or another control character: it would mean another "
                "journal than the one without it.",
                variable=variable,
            )
        )
    return path


def _not_full(variable: str) -> ConfigError:
    return ConfigError(
        tr(
            "{variable} must be a full path: a relative one would mean other settings and another journal "
            "in each directory.",
            variable=variable,
        )
    )
