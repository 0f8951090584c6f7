"""Where this console keeps its settings and its record. Asking creates nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ncpconsole.config.settings import ConfigError

APP = "ncpconsole"
CONFIG_VARIABLE = "NCPCONSOLE_CONFIG"
STATE_VARIABLE = "NCPCONSOLE_STATE_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one user. None of them, nor their directories, need exist."""

    config_file: Path
    state_dir: Path

    @property
    def journal(self) -> Path:
        """The record of every interrupt (SQLite)."""
        return self.state_dir / "journal.db"

    @property
    def log(self) -> Path:
        """The debug log, written only when asked for."""
        return self.state_dir / "debug.log"


def console_paths() -> Paths:
    """The paths of the current user, from the platform's conventions.

    ``NCPCONSOLE_CONFIG`` (a file) and ``NCPCONSOLE_STATE_DIR`` (a directory) override them; on Linux and
    macOS so do the XDG variables. Raises ConfigError where there is no home directory.
    """
    config = os.environ.get(CONFIG_VARIABLE)
    state = os.environ.get(STATE_VARIABLE)
    try:
        return Paths(
            config_file=_given(config) if config else Path(platformdirs.user_config_dir(APP)) / "config.toml",
            state_dir=_given(state) if state else Path(platformdirs.user_state_dir(APP)),
        )
    except RuntimeError as error:
        raise ConfigError(
            f"There is no home directory: set HOME, or {CONFIG_VARIABLE} and {STATE_VARIABLE}, to full paths."
        ) from error


def _given(text: str) -> Path:
    return Path(text).expanduser().absolute()
