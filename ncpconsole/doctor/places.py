"""Checks of the console's files: where they are, who may read and write them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ncpconsole.doctor.findings import Finding, failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ncpconsole.config.paths import Paths
    from ncpconsole.config.settings import Settings

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def places(paths: Paths, settings: Settings) -> Iterator[Finding]:
    """All checks of this room; they create nothing."""
    yield config(paths.config_file)
    for note in settings.notes:
        yield warning("config", note)
    yield state(paths.state_dir)
    if paths.journal.exists():
        yield journal(paths.journal)


def config(path: Path) -> Finding:
    """The settings file. Who can write it can send the console to another gateway."""
    if not path.exists():
        return ok("config", f"{path} does not exist; everything is at its default.")
    mode = _mode(path)
    text = f"{path}, mode {mode:04o}"
    if os.name == "posix" and mode & WRITABLE_BY_OTHERS:
        return failure("config", f"{text}: others can write it.", f"Run chmod 600 {path}.")
    if os.name == "posix" and mode & OPEN_TO_OTHERS:
        return warning("config", f"{text}: others can read it.", f"Run chmod 600 {path}.")
    return ok("config", text)


def state(path: Path) -> Finding:
    """The directory of the journal. Without it nothing is ever sent."""
    if not path.exists():
        parent = next(each for each in path.parents if each.exists())
        if not os.access(parent, os.W_OK | os.X_OK):
            return failure(
                "state",
                f"{path} does not exist and cannot be created below {parent}.",
                "Set NCPCONSOLE_STATE_DIR to a directory you can write.",
            )
        return ok("state", f"{path} does not exist yet; it is created with the first record.")
    mode = _mode(path)
    text = f"{path}, mode {mode:04o}"
    if not path.is_dir() or not os.access(path, os.W_OK | os.X_OK):
        return failure(
            "state", f"{text}: no record can be written.", f"Make {path} a directory you can write."
        )
    if os.name == "posix" and mode & OPEN_TO_OTHERS:
        return warning("state", f"{text}: it is open to others.", f"Run chmod 700 {path}.")
    return ok("state", text)


def journal(path: Path) -> Finding:
    """The record itself."""
    mode = _mode(path)
    text = f"{path}, mode {mode:04o}"
    if not os.access(path, os.R_OK | os.W_OK):
        return failure(
            "journal", f"{text}: it cannot be written, so nothing is sent.", f"Run chmod 600 {path}."
        )
    if os.name == "posix" and mode & OPEN_TO_OTHERS:
        return warning("journal", f"{text}: it is open to others.", f"Run chmod 600 {path}.")
    return ok("journal", text)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
