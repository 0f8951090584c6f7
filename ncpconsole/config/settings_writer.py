"""Write ``config.toml``, only when the user asks to keep something; comments and unknown keys stay."""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ncpconsole.config import settings_reader
from ncpconsole.config.settings import Settings, checked_profile_name
from ncpconsole.config.settings_parser import decode_settings, parse_settings
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import tr

LOCK_SECONDS = 10.0
"""Seconds to wait for another window that is writing the same file."""

Change = Callable[[Any], None]
"""Alters a document in place, be it plain values or one that knows its comments."""


def keep_in_profile(path: Path, name: str, values: Mapping[str, Any], *, make_default: bool = False) -> None:
    """Set keys of ``[profiles.NAME]``; None removes one. Raises ConfigError, and then nothing was written."""
    checked = checked_profile_name(name)

    def change(document: Any) -> None:
        profile = document.setdefault("profiles", {}).setdefault(checked, {})
        for key, value in values.items():
            if value is None:
                profile.pop(key, None)
            else:
                profile[key] = list(value) if isinstance(value, tuple) else value
        if make_default:
            document["default_profile"] = checked

    _rewrite(path, change)


def keep_setting(
    path: Path, tables: Sequence[str], key: str, value: Any, approve: Callable[[Settings, Settings], None]
) -> None:
    """Set a key of the table at ``tables``, or of the top of the file; None removes it.

    ``approve`` is given the settings before and after, and raises where they must not be. Raises ConfigError, and then
    nothing was written.
    """

    def change(document: Any) -> None:
        table = document
        for name in tables:
            table = table.get(name, {}) if value is None else table.setdefault(name, {})
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value

    _rewrite(path, change, approve)


def remove_profile(path: Path, name: str) -> None:
    """Remove ``[profiles.NAME]``, and the default if it names it. A missing one is no error."""
    checked = checked_profile_name(name)

    def change(document: Any) -> None:
        document.get("profiles", {}).pop(checked, None)
        if document.get("default_profile") == checked:
            document.pop("default_profile")

    _rewrite(path, change)


def keep_shared_journal(path: Path | None) -> None:
    """Name the journal that this machine shares in the system's file, which all can read; None names none.

    Raises ConfigError, and then nothing was written.
    """

    _rewrite(settings_reader.SYSTEM_FILE, partial(_named, "path", None if path is None else str(path)), is_for_all=True)


def keep_team(path: Path, url: str | None) -> None:
    """Name the team's database in this settings file, which may be the system's; None names none.

    Raises ConfigError, and then nothing was written.
    """

    _rewrite(path, partial(_named, "team", url), is_for_all=path == settings_reader.SYSTEM_FILE)


def _named(name: str, value: str | None, document: Any) -> None:
    """Set what the journal's table names, or take it away, and the table with its last value."""
    table = document.setdefault("journal", {})
    if value is not None:
        table[name] = value
        return
    table.pop(name, None)
    if not table:
        del document["journal"]


def _rewrite(
    path: Path,
    change: Change,
    approve: Callable[[Settings, Settings], None] = lambda _before, _after: None,
    *,
    is_for_all: bool = False,
) -> None:
    """Read, alter, check and replace the file in one step, so that a reader sees the old or the new, whole.

    The result is mode 0600, or 0644. A link is followed, so that a file kept elsewhere stays there.
    """
    import filelock

    target = path.resolve()
    try:
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_for_all:
                target.parent.chmod(0o755)  # whatever the umask is
        with filelock.FileLock(target.parent / f".{target.name}.lock", timeout=LOCK_SECONDS, mode=0o600):
            text = decode_settings(path, target.read_bytes()) if target.exists() else ""
            before = parse_settings(path, text)
            altered = _altered(text, change)
            approve(before, parse_settings(path, altered))
            _replace(target, altered, 0o644 if is_for_all else 0o600)
    except filelock.Timeout as error:
        sentence = tr(
            "Another program has been writing {path} for {seconds:.0f} s; try again.", path=path, seconds=LOCK_SECONDS
        )
        raise ConfigError(sentence) from error
    except OSError as error:
        sentence = tr("The settings file {path} cannot be written: {why}.", path=path, why=error.strerror or error)
        raise ConfigError(sentence) from error


def _altered(text: str, change: Change) -> str:
    """The text after the change; profiles written inline or with dotted keys become tables of their own."""
    import tomlkit.exceptions

    wanted = tomllib.loads(text)
    change(wanted)
    document = tomlkit.parse(text)
    try:
        change(document)
        altered = tomlkit.dumps(document)
        if tomllib.loads(altered) == wanted:
            return altered
    except (tomlkit.exceptions.TOMLKitError, tomllib.TOMLDecodeError, ValueError):
        pass  # an inline table takes no table; keys added to a dotted table are lost or doubled
    document = tomlkit.parse(text)
    for key in set(document) - set(wanted):
        document.remove(key)
    for key, value in wanted.items():
        if document.get(key) != value:
            document.pop(key, None)
            document[key] = value
    return tomlkit.dumps(document)


def _replace(target: Path, text: str, mode: int) -> None:
    # mkstemp creates with 0600; the name is hidden so that no tool takes it for settings.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
