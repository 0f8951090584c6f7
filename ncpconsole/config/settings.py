"""Read ``config.toml``: what the user keeps, and notes on what the console does not know.

::

    default_profile = "prod"

    [profiles.prod]
    site = "public"
    region = "KR"
    protected = true

    [keys]
    interrupt = "f9"

A file that cannot be understood is an error, never a reason to go on with defaults: it may say ``read_only``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class ConfigError(ConsoleError):
    """The settings cannot be read, understood or written. Names the file and the key, never a value."""


REGION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,15}")
ALL_REGIONS = "all"


@dataclass(frozen=True, slots=True)
class Field:
    """One key: ``read`` returns the value or raises ValueError; ``expected`` completes "must be …"."""

    expected: str
    read: Callable[[Any], Any]


def _flag(value: Any) -> bool:
    if value is not True and value is not False:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _number(lowest: float, highest: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        # A TOML true is an int to Python; nan compares false, so it fails the range.
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise ValueError
        return float(value)

    return read


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        for word in words:
            if isinstance(value, str) and value.strip().casefold() == word.casefold():
                return word
        raise ValueError

    return read


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple(_text(item) for item in value)


def read_region(value: Any) -> str:
    """A region code in capitals, or ``all``; raises ValueError for anything else."""
    text = _text(value)
    if text.casefold() == ALL_REGIONS:
        return ALL_REGIONS
    if not REGION_CODE.fullmatch(text):
        raise ValueError
    return text.upper()


def _regions(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read_region(item) for item in _texts(value)))


PROFILE_FIELDS: dict[str, Field] = {
    "site": Field('"public", "gov" or "fin"', _one_of("public", "gov", "fin")),
    "api_url": Field('a URL such as "https://gateway.example"', _text),
    "region": Field('a region code such as "KR", or "all"', read_region),
    "regions": Field('a list of region codes such as ["KR", "SGN"]', _regions),
    "rules": Field('the name of a rule set, such as "xen-windows"', _text),
    "read_only": Field("true or false", _flag),
    "protected": Field("true or false", _flag),
    "require_reason": Field("true or false", _flag),
    "interrupt_method": Field('"POST" or "GET"', _one_of("POST", "GET")),
    "refresh": Field("a number of seconds from 5 to 3600", _number(5, 3600)),
    "theme": Field("the name of a theme", _text),
    "cooldown": Field("a number of minutes from 0 to 1440", _number(0, 1440)),
    "timeout": Field("a number of seconds from 1 to 600", _number(1, 600)),
    "columns": Field('a list of column names such as ["name", "number"]', _texts),
    "ascii": Field("true or false", _flag),
    "key_fingerprint": Field("the short hash that login writes", _text),
    "key_store": Field("the name of a keyring, as login writes it", _text),
}


FALLBACK = "default"
LONGEST = 64


def checked_profile_name(name: object, where: str = "The profile name") -> str:
    """The name in composed form, so that the same Korean name typed on two systems is one profile.

    1 to 64 printable characters, no space at either end. ``where`` opens the message of the ConfigError.
    """
    if not isinstance(name, str):
        raise ConfigError(f"{where} must be text.")
    composed = unicodedata.normalize("NFC", name)
    if not composed or len(composed) > LONGEST or composed != composed.strip() or not composed.isprintable():
        raise ConfigError(
            f"{where} must be 1 to {LONGEST} printable characters without a space at either end."
        )
    return composed


LARGEST = 1 << 20
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SECRET_LIKE = re.compile(r"secret|access_?key|password|token", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """One ``[profiles.NAME]`` table; None where the file says nothing.

    ``refresh`` and ``timeout`` are in seconds, ``cooldown`` is in minutes, as written. ``key_fingerprint``
    and ``key_store`` are set by login: a short hash of the access key, and the keyring that holds the pair.
    """

    site: str | None = None
    api_url: str | None = None
    region: str | None = None
    regions: tuple[str, ...] | None = None
    rules: str | None = None
    read_only: bool | None = None
    protected: bool | None = None
    require_reason: bool | None = None
    interrupt_method: str | None = None
    refresh: float | None = None
    theme: str | None = None
    cooldown: float | None = None
    timeout: float | None = None
    columns: tuple[str, ...] | None = None
    ascii: bool | None = None
    key_fingerprint: str | None = None
    key_store: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file as values. ``keys`` maps a command to the keys that run it, joined with commas.

    ``notes`` are sentences about what was ignored.
    """

    path: Path
    default_profile: str | None = None
    profiles: Mapping[str, ProfileEntry] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()


def read_settings(path: Path) -> Settings:
    """Read the file; a missing one is empty settings.

    Raises ConfigError with line and column for broken TOML, and with the key for a wrong value. No message
    holds a value: a secret may have been put there by mistake.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Settings(path)
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    if len(raw) > LARGEST:
        raise ConfigError(f"The settings file {path} is larger than 1 MiB; it does not look like settings.")
    return understood(path, decoded(path, raw))


def decoded(path: Path, raw: bytes) -> str:
    """The file's text; raises ConfigError with the line of the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigError(
            f"{path}, line {line}, column {column}: not UTF-8 text; save the file as UTF-8."
        ) from None


def understood(path: Path, text: str) -> Settings:
    """The settings in a text; ``path`` is for messages. Raises ConfigError as `read_settings` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_broken(path, text, str(error))) from None
    notes: list[str] = []
    default = document.pop("default_profile", None)
    profiles = _table(path, document.pop("profiles", {}), "profiles")
    keys = _table(path, document.pop("keys", {}), "keys")
    notes.extend(_ignored(path, key) for key in document)
    return Settings(
        path=path,
        default_profile=None
        if default is None
        else checked_profile_name(default, f"{path}: default_profile"),
        profiles=MappingProxyType(
            {
                checked_profile_name(name, f"{path}: profiles"): _entry(path, name, table, notes)
                for name, table in profiles.items()
            }
        ),
        keys=MappingProxyType({command: _keys(path, command, value) for command, value in keys.items()}),
        notes=tuple(notes),
    )


def _entry(path: Path, name: str, table: Any, notes: list[str]) -> ProfileEntry:
    where = f"profiles.{name}"
    values: dict[str, Any] = {}
    for key, value in _table(path, table, where).items():
        known = PROFILE_FIELDS.get(key)
        if known is None:
            notes.append(_ignored(path, f"{where}.{key}"))
            continue
        try:
            values[key] = known.read(value)
        except ValueError:
            raise ConfigError(
                f"{path}: {where}.{key} must be {known.expected}, not {_kind(value)}."
            ) from None
    for one, other in (("site", "api_url"), ("region", "regions")):
        if one in values and other in values:
            raise ConfigError(f"{path}: {where} has both {one} and {other}; keep one of them.")
    return ProfileEntry(**values)


def _keys(path: Path, command: str, value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
        raise ConfigError(
            f'{path}: keys.{command} must be a key such as "f9" or a list of keys, not {_kind(value)}.'
        )
    return ",".join(part.strip() for part in parts)


def _table(path: Path, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {where} must be a table, such as [{where}], not {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    """The kind of a TOML value in words; never the value."""
    for types, word in (
        (bool, "true or false"),
        (str, "this text"),
        (int | float, "this number"),
        (list, "this list"),
        (dict, "a table"),
    ):
        if isinstance(value, types):
            return word
    return "a date or time"


def _ignored(path: Path, key: str) -> str:
    if _SECRET_LIKE.search(key):
        return (
            f"{path}: {key} is ignored: keys are never read from a file; delete it, use `ncpconsole login`."
        )
    return f"{path}: {key} is not a setting of this version and is ignored."


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
    import tomlkit
    from tomlkit.exceptions import ParseError, UnexpectedEofError

    try:
        tomlkit.parse(text)
    except UnexpectedEofError:
        pass
    except ParseError as error:
        return error.line, error.col + 1  # it counts columns from zero
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1
