"""Reads ``config.toml``: validated settings, and notes on keys that are not known.

::

    default_profile = "prod"
    timezone = "Asia/Seoul"

    [profiles.prod]
    site = "public"
    region = "KR"
    protected = true

    [keys]
    interrupt = "f9"

    [journal]
    syslog = true

A file that cannot be understood is an error, never a reason to go on with defaults: it may say ``read_only``.

Where the system's administrator keeps ``/etc/ncpconsole/config.toml``, it is read first, and its profiles add
protections to whoever uses their key or gateway, whatever the user's own file and variables say. So does its
``[journal] path``: the journal that all users of the machine share, and its ``team``: the database of the team's.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from ncpconsole.config.registry import OF_PROFILE, SETTINGS, Table
from ncpconsole.core.errors import ConsoleError


class ConfigError(ConsoleError):
    """The settings cannot be read, understood or written. Names the file and the key, never a value.

    ``problems`` is a sentence for each thing that is wrong; ``str()`` is all of them.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


FALLBACK = "default"
LONGEST = 64
_KEY_LIKE = re.compile("(ncp_iam_)?[A-Za-z0-9+/=]{20,}")


def checked_profile_name(name: object, where: str = "The profile name") -> str:
    """The name in composed form, so that the same Korean name typed on two systems is one profile.

    1 to 64 printable characters, no space at either end. ``where`` opens the message of the ConfigError.
    """
    if not isinstance(name, str):
        raise ConfigError(f"{where} must be text.")
    composed = unicodedata.normalize("NFC", name)
    if _KEY_LIKE.fullmatch(composed) and len({str.isdigit(letter) for letter in composed}) == 2:
        raise ConfigError(f"{where} looks like a key, and it is shown on screen: choose another name.")
    if not composed or len(composed) > LONGEST or composed != composed.strip() or not composed.isprintable():
        raise ConfigError(f"{where} must be 1 to {LONGEST} printable characters without a space at either end.")
    return composed


LARGEST = 1 << 20
MOST_LEVELS = 16
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_KINDS = {
    bool: "true or false",
    str: "this text",
    int: "this number",
    float: "this number",
    list: "this list",
    dict: "a table",
}
_PLAIN_WORD = re.compile("[a-z]{1,16}(_[a-z]{1,12}){0,3}")
_SECRET_LIKE = re.compile(r"secret|access_?key|password|token", re.IGNORECASE)


SYSTEM_FILE = Path("/etc/ncpconsole/config.toml")
SYSTEM_OWNER = 0
SYSTEM_KEYS = frozenset(key for key, setting in OF_PROFILE.items() if setting.in_system_file)
"""What the system's file may say: whose key, or which gateway's, and how it is protected."""
REGION_CODE = re.compile(r"all|[A-Z][A-Z0-9-]{0,15}")
ALL_REGIONS = "all"
COSMETIC = frozenset(key for key, setting in OF_PROFILE.items() if setting.is_cosmetic)
"""Keys whose wrong value costs a note: what protects nothing must lock nobody out. So with ``[keys]``."""
RANGES = {key: setting.bounds for key, setting in OF_PROFILE.items() if setting.bounds is not None}
EXPECTED = {key: setting.must_be for key, setting in OF_PROFILE.items()}
"""What each key of a profile must be: completes "must be …"."""


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """One ``[profiles.NAME]`` table; None where the file says nothing.

    ``refresh`` and ``timeout`` are in seconds, ``cooldown`` is in minutes, as written. ``key_fingerprint``
    and ``key_store`` are set by login: a short hash of the access key, and the keyring that holds the pair.
    Raises ValueError with the name of a key whose value is out of bounds; types are msgspec's business.
    """

    site: Literal["public", "gov", "fin"] | None = None
    api_url: str | None = None
    region: str | None = None
    regions: tuple[str, ...] | None = None
    rules: str | None = None
    read_only: bool | None = None
    protected: bool | None = None
    require_reason: bool | None = None
    interrupt_method: Literal["POST", "GET"] | None = None
    refresh: float | None = None
    theme: str | None = None
    cooldown: float | None = None
    timeout: float | None = None
    columns: tuple[str, ...] | None = None
    ascii: bool | None = None
    on_record: tuple[str, ...] | None = None
    key_command: tuple[str, ...] | None = None
    keep_list: bool | None = None
    vitals: bool | None = None
    key_fingerprint: str | None = None
    key_store: str | None = None

    def __post_init__(self) -> None:
        for key in EXPECTED:
            value = getattr(self, key)
            if value in ("", ()) or (isinstance(value, tuple) and "" in value):
                raise ValueError(key)
            # A comparison with nan is false, so it is in no range.
            if value is not None and key in RANGES and not RANGES[key][0] <= value <= RANGES[key][1]:
                raise ValueError(key)
        for key, codes in (("region", (self.region or ALL_REGIONS,)), ("regions", self.regions or ())):
            if not all(map(REGION_CODE.fullmatch, codes)):
                raise ValueError(key)


def region_code(text: str) -> str:
    """The code in capitals, or ``all``; what is no code stays none."""
    code = text.strip()
    if not code.isascii():
        return code
    return ALL_REGIONS if code.lower() == ALL_REGIONS else code.upper()


_SPELLING: dict[str, Callable[[str], str]] = {
    "site": str.casefold,
    "interrupt_method": str.upper,
    "region": region_code,
    "regions": region_code,
}


def _spelt(key: str, value: Any) -> Any:
    """Texts without blanks around them, codes in NCP's own capitals; anything else as it is."""
    if isinstance(value, list):
        items = [_spelt(key, item) for item in value]
        return [item for n, item in enumerate(items) if key != "regions" or item not in items[:n]]
    return _SPELLING.get(key, str)(value.strip()) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file as values. ``keys`` maps a command to the keys that run it, joined with commas.

    ``notes`` are sentences about what was ignored; ``system`` are the profiles of the system's file, which
    can only protect. ``syslog``: the system's log is told how far the record has come, as either file says.
    ``timezone`` is the zone that times are shown in, None for the machine's own.
    ``origins`` are the files that say what no profile says, by the setting's name; what is off is not said.
    ``shared_journal`` is the journal of this machine, as the system's file alone can say.
    """

    path: Path
    default_profile: str | None = None
    profiles: Mapping[str, ProfileEntry] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    system: Mapping[str, ProfileEntry] = field(default_factory=lambda: MappingProxyType({}))
    syslog: bool = False
    timezone: tzinfo | None = None
    origins: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    shared_journal: Path | None = None
    team: str = field(default="", repr=False)


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
        notes += (f"{path}: journal.path is ignored: only {SYSTEM_FILE} can name the journal that a machine shares.",)
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
    also = {"default_profile": found.default_profile, "keys": found.keys, "timezone": found.timezone}
    if words := [*idle, *(key for key, value in also.items() if value)]:
        note = f"{SYSTEM_FILE}: {', '.join(words)} is ignored: this file only adds protections."
        return replace(found, notes=(*found.notes, note))
    return found


def _check_system_file(file: int) -> None:
    parent = SYSTEM_FILE.resolve().parent
    for what, found in (("", os.fstat(file)), ("The directory of ", parent.stat())):
        if found.st_uid != SYSTEM_OWNER or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConfigError(
                f"{what}{SYSTEM_FILE} must belong to root and be writable by nobody else, since it protects "
                "accounts: ask the administrator of this machine to correct it (chown root, chmod go-w)."
            )


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
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    if len(raw) > LARGEST:
        raise ConfigError(f"The settings file {path} is larger than 1 MiB; it does not look like settings.")
    return raw


def decode_settings(path: Path, raw: bytes) -> str:
    """The file's text; raises ConfigError with the line of the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigError(f"{path}, line {line}, column {column}: not UTF-8 text; save the file as UTF-8.") from None


def parse_settings(path: Path, text: str) -> Settings:
    """The settings in a text; ``path`` is for messages. Raises ConfigError as `read_settings` does, for all at once."""
    try:
        document = tomllib.loads(text)
        _check_depth(document)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_broken(path, text, str(error))) from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be settings; correct the file and try again.") from None
    notes: list[str] = []
    wrong: list[str] = []
    origins = dict.fromkeys(_said_outside_profiles(document), path)
    default = document.pop("default_profile", None)
    profiles: dict[str, ProfileEntry] = {}
    with _collected(wrong):
        for name, table in _table(path, document.pop("profiles", {}), "profiles").items():
            with _collected(wrong):
                checked = checked_profile_name(name, f"{path}: profiles")  # first: a key as a name is not repeated
                profiles[checked] = _entry(path, name, table, notes, wrong)
    keys = _keymap(path, document.pop("keys", {}), notes)
    timezone = _timezone(path, document.pop("timezone", None), notes)
    journal: dict[str, Any] = {}
    with _collected(wrong):
        journal = _table(path, document.pop("journal", {}), "journal")
    syslog = journal.pop("syslog", False)
    if not isinstance(syslog, bool):
        wrong.append(f"{path}: journal.syslog must be true or false, not {_kind(syslog)}.")
    place = journal.pop("path", None)
    if place is not None and not (
        isinstance(place, str) and Path(place).is_absolute() and ".." not in Path(place).parts
    ):
        wrong.append(f'{path}: journal.path must be a full path such as "/var/lib/ncpconsole/journal.db".')
    team = journal.pop("team", None)
    with _collected(wrong):
        team = "" if team is None else checked_team(team, f"{path}: journal.team")
    with _collected(wrong):
        default = None if default is None else checked_profile_name(default, f"{path}: default_profile")
    if wrong:
        raise ConfigError(*wrong)
    notes.extend(_ignored(path, "journal.", key) for key in journal)
    notes[:0] = [_ignored(path, "", key) for key in document]
    return Settings(
        path,
        default,
        MappingProxyType(profiles),
        MappingProxyType(keys),
        tuple(notes),
        syslog=syslog,
        timezone=timezone,
        origins=MappingProxyType(origins),
        shared_journal=Path(place) if place else None,
        team=team,
    )


@contextmanager
def _collected(wrong: list[str]) -> Iterator[None]:
    """Put what is wrong beside what else is, and go on behind it."""
    try:
        yield
    except ConfigError as error:
        wrong.extend(error.problems)


def checked_team(value: object, where: str) -> str:
    """The address of a team's database; ``where`` opens the message of the ConfigError, which quotes no value."""
    if not isinstance(value, str) or not value.strip().startswith(("postgresql://", "postgres://")):
        raise ConfigError(f'{where} must be an address such as "postgresql://db.example/ncpconsole".')
    try:
        parts = urlsplit(value.strip())
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        raise ConfigError(f"{where} is not an address that can be understood.") from None
    if has_password:
        raise ConfigError(
            f"{where} holds a password: take it out, change it, and keep it where libpq finds it (PGPASSFILE or a "
            "certificate)."
        )
    return value.strip()


def _said_outside_profiles(document: dict[str, Any]) -> list[str]:
    journal = document.get("journal")
    within = journal if isinstance(journal, dict) else {}
    return [
        each.name for each in SETTINGS if {Table.TOP: document, Table.JOURNAL: within}.get(each.table, {}).get(each.key)
    ]


def _check_depth(document: dict[str, Any]) -> None:
    """Raises RecursionError for what is nested deeper than any setting, before somebody walks through it."""
    level: list[Any] = [document]
    for _ in range(MOST_LEVELS):
        children = [child for each in level for child in (each.values() if isinstance(each, dict) else each)]
        level = [child for child in children if isinstance(child, dict | list)]
        if not level:
            return
    raise RecursionError


def _entry(path: Path, name: str, table: Any, notes: list[str], wrong: list[str]) -> ProfileEntry:
    import msgspec  # takes 10 ms, which a console without settings need not wait for

    where = f"profiles.{name}"
    values = {key: _spelt(key, value) for key, value in _table(path, table, where).items()}
    notes.extend(_ignored(path, f"{where}.", key) for key in values if key not in EXPECTED)
    for one, other in (("site", "api_url"), ("region", "regions")):
        if one in values and other in values:
            wrong.append(f"{path}: {where} has both {one} and {other}; keep one of them.")
    while True:
        try:
            return msgspec.convert(values, ProfileEntry)
        except msgspec.ValidationError as error:
            # Its words may quote the value, so the key alone is taken: "… - at `$.key[0]`", or nothing else.
            words = re.findall(r"\w+", str(error).rpartition("$.")[2])
        key = next(word for word in words if word in EXPECTED)
        sentence = f"{path}: {where}.{key} must be {EXPECTED[key]}, not {_kind(table[key])}"
        if key in COSMETIC:
            notes.append(f"{sentence}; the default is used.")
        else:
            wrong.append(f"{sentence}.")
        del values[key]


def _keymap(path: Path, table: Any, notes: list[str]) -> dict[str, str]:
    """The keys of each command, joined with commas. What is none costs a note, not the console."""
    if not isinstance(table, dict):
        notes.append(f"{path}: keys must be a table, such as [keys], not {_kind(table)}; the defaults are used.")
        return {}
    keys: dict[str, str] = {}
    for command, value in table.items():
        parts = value if isinstance(value, list) else [value]
        if parts and all(isinstance(part, str) and part.strip() for part in parts):
            keys[command] = ",".join(part.strip() for part in parts)
        else:
            notes.append(
                f'{path}: keys.{_shown(command)} must be a key such as "f9" or a list of keys, not '
                f"{_kind(value)}; the default is used."
            )
    return keys


def _timezone(path: Path, name: Any, notes: list[str]) -> tzinfo | None:
    """The zone of this IANA name. What is none costs a note, not the console."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name.strip())
    except (AttributeError, KeyError, OSError, ValueError):  # no text, not known, a directory of zones, no zone's file
        notes.append(
            f'{path}: timezone must be the IANA name of a zone that this machine knows, such as "Asia/Seoul"; the '
            "machine's own is used."
        )
        return None


def _table(path: Path, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {where} must be a table, such as [{where}], not {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    """The kind of a TOML value in words; never the value."""
    return _KINDS.get(type(value), "a date or time")


def _ignored(path: Path, where: str, key: str) -> str:
    name = f"{where}{_shown(key)}"
    if _SECRET_LIKE.search(key):
        return f"{path}: {name} is ignored: keys are never read from a file; delete it, use `ncpconsole login`."
    return f"{path}: {name} is not a setting of this version and is ignored."


def _shown(name: str) -> str:
    """A name as a message may repeat it: a secret may have been put there, and settings are plain words."""
    return name if _PLAIN_WORD.fullmatch(name) else f"“a name of {len(name)} characters”"


def _broken(path: Path, text: str, message: str) -> str:
    """One sentence for a parse error, with line and column; the parser's words never quote a value whole."""
    found = _WHERE.search(message)
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    else:
        line, column = _where_unended(text)
    return f"{path}, line {line}, column {column}: {_WHERE.sub('', message)}; correct the file and try again."


def _where_unended(text: str) -> tuple[int, int]:
    """Where something begun is not ended, where Python's own parser only says that the file is over.

    The other parser sees a quote that its line does not end; else the end of what is written is nearest.
    """
    import tomlkit.exceptions

    try:
        tomlkit.parse(text)
    except (tomlkit.exceptions.UnexpectedEofError, RecursionError):
        pass
    except tomlkit.exceptions.ParseError as error:
        return error.line, error.col + 1  # it counts columns from zero
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1
