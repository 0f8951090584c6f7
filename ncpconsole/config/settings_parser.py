"""Validates the text of a settings file: values, notes on keys that are not known, and errors that quote no value.

::

    default_profile = "prod"
    timezone = "Asia/Seoul"
    language = "ko"

    [profiles.prod]
    site = "public"
    region = "KR"
    protected = true

    [keys]
    interrupt = "f9"

    [journal]
    syslog = true

A file that cannot be understood is an error, never a reason to go on with defaults: it may say ``read_only``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ncpconsole.config.language_choice import known_language
from ncpconsole.config.registry import BY_NAME, OF_PROFILE, SETTINGS, Setting, Table
from ncpconsole.config.settings import EXPECTED, ProfileEntry, Settings, checked_profile_name, checked_team, region_code
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import Sentence, msgid, tr

COSMETIC = frozenset(key for key, setting in OF_PROFILE.items() if setting.is_cosmetic)
"""Keys whose wrong value costs a note: what protects nothing must lock nobody out. So with ``[keys]``."""

DEFAULT_HOLDS = Sentence("The default is used.")
MOST_LEVELS = 16
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_KINDS = {
    bool: msgid("true or false"),
    str: msgid("this text"),
    int: msgid("this number"),
    float: msgid("this number"),
    list: msgid("this list"),
    dict: msgid("a table"),
}
_PLAIN_WORD = re.compile("[a-z]{1,16}(_[a-z]{1,12}){0,3}")
_SECRET_LIKE = re.compile(r"secret|access_?key|password|token", re.IGNORECASE)


def decode_settings(path: Path, raw: bytes) -> str:
    """The file's text; raises ConfigError with the line of the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigError(
            tr(
                "{path}, line {line}, column {column}: not UTF-8 text; save the file as UTF-8.",
                path=path,
                line=line,
                column=column,
            )
        ) from None


def parse_settings(path: Path, text: str) -> Settings:
    """The settings in a text; ``path`` is for messages. Raises ConfigError as `read_settings` does, for all at once."""
    try:
        document = tomllib.loads(text)
        _check_depth(document)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_broken(path, text, str(error))) from None
    except RecursionError:
        raise ConfigError(
            tr("{path} is nested too deeply to be settings; correct the file and try again.", path=path)
        ) from None
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
    language = _language(path, document.pop("language", None), notes)
    journal: dict[str, Any] = {}
    with _collected(wrong):
        journal = _table(path, document.pop("journal", {}), "journal")
    syslog = journal.pop("syslog", False)
    if not isinstance(syslog, bool):
        wrong.append(_must_be(path, BY_NAME["journal.syslog"], syslog).shown)
    place = journal.pop("path", None)
    if place is not None and not (
        isinstance(place, str) and Path(place).is_absolute() and ".." not in Path(place).parts
    ):
        wrong.append(_must_be(path, BY_NAME["journal.path"]).shown)
    team = journal.pop("team", None)
    with _collected(wrong):
        team = "" if team is None else checked_team(team, f"{path}: journal.team")
    with _collected(wrong):
        default = None if default is None else checked_profile_name(default, f"{path}: default_profile")
    wrong.extend((*_slips(path, "", document), *_slips(path, "journal.", journal)))
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
        language=language,
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


def _entry(path: Path, name: str, table: Any, notes: list[str], wrong: list[str]) -> ProfileEntry:
    import msgspec  # takes 10 ms, which a console without settings need not wait for

    where = f"profiles.{name}"
    values = {key: _spelt(key, value) for key, value in _table(path, table, where).items()}
    unknown = {key: value for key, value in values.items() if key not in EXPECTED}
    notes.extend(_ignored(path, f"{where}.", key) for key in unknown)
    wrong.extend(_slips(path, f"{where}.", unknown))
    for one, other in (("site", "api_url"), ("region", "regions")):
        if one in values and other in values:
            both = msgid("{path}: {table} has both {one} and {other}; keep one of them.")
            wrong.append(tr(both, path=path, table=where, one=one, other=other))
    while True:
        try:
            return msgspec.convert(values, ProfileEntry)
        except msgspec.ValidationError as error:
            # Its words may quote the value, so the key alone is taken: "… - at `$.key[0]`", or nothing else.
            words = re.findall(r"\w+", str(error).rpartition("$.")[2])
        key = next(word for word in words if word in EXPECTED)
        sentence = _must_be(path, OF_PROFILE[key], table[key], name=f"{where}.{key}")
        if key in COSMETIC:
            notes.append(Sentence.joined(sentence, DEFAULT_HOLDS))
        else:
            wrong.append(sentence.shown)
        del values[key]


def _keymap(path: Path, table: Any, notes: list[str]) -> dict[str, str]:
    """The keys of each command, joined with commas. What is none costs a note, not the console."""
    if not isinstance(table, dict):
        notes.append(Sentence.joined(_no_table(path, "keys", table), Sentence("The defaults are used.")))
        return {}
    keys: dict[str, str] = {}
    for command, value in table.items():
        parts = value if isinstance(value, list) else [value]
        if parts and all(isinstance(part, str) and part.strip() for part in parts):
            keys[command] = ",".join(part.strip() for part in parts)
        else:
            sentence = _must_be(
                path, BY_NAME["keys.COMMAND"], value, name=Sentence.joined("keys.", _shown(command), by="")
            )
            notes.append(Sentence.joined(sentence, DEFAULT_HOLDS))
    return keys


def _timezone(path: Path, name: Any, notes: list[str]) -> tzinfo | None:
    """The zone of this IANA name. What is none costs a note, not the console."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name.strip())
    except (AttributeError, KeyError, OSError, ValueError):  # no text, not known, a directory of zones, no zone's file
        instead = Sentence("The machine's own is used.")
        notes.append(Sentence.joined(_must_be(path, BY_NAME["timezone"]), instead))
        return None


def _language(path: Path, value: Any, notes: list[str]) -> str | None:
    """The code of this language. What is none costs a note, not the console; who speaks chose it before."""
    if value is None:
        return None
    code = known_language(value) if isinstance(value, str) else ""
    if not code:
        notes.append(Sentence.joined(_must_be(path, BY_NAME["language"]), DEFAULT_HOLDS))
    return code or None


def _table(path: Path, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(_no_table(path, where, value).shown)
    return value


def _no_table(path: Path, where: str, value: Any) -> Sentence:
    return Sentence(
        "{path}: {table} must be a table, such as [{table}], not {kind}.", path=path, table=where, kind=_kind(value)
    )


def _must_be(path: Path, setting: Setting, value: Any = None, *, name: str = "") -> Sentence:
    """What a value must be, and where one is given of what kind it is; never the value."""
    name = name or setting.name
    if value is None:
        return Sentence("{path}: {setting} must be {what}.", path=path, setting=name, what=setting.must_be)
    message = msgid("{path}: {setting} must be {what}, not {kind}.")
    return Sentence(message, path=path, setting=name, what=setting.must_be, kind=_kind(value))


def _kind(value: Any) -> str:
    """The kind of a TOML value in words; never the value."""
    return Sentence(_KINDS.get(type(value), msgid("a date or time")))


def _ignored(path: Path, where: str, key: str) -> str:
    name = Sentence.joined(where, _shown(key), by="")
    if _SECRET_LIKE.search(key):
        secret = msgid("{path}: {name} is ignored: keys are never read from a file; delete it, use `ncpconsole login`.")
        return Sentence(secret, path=path, name=name)
    return Sentence("{path}: {name} is not a setting of this version and is ignored.", path=path, name=name)


PROTECTIONS = {"readonly": "read_only", "protected": "protected", "requirereason": "require_reason"}
"""What a profile may promise beyond the least, by its letters alone."""


def _slips(path: Path, where: str, unknown: dict[str, Any]) -> Iterator[str]:
    """A sentence for each unknown name that seems to mean a protection, which then is not in force."""
    for key, value in unknown.items():
        if (meant := _protection_in(key, value)) is not None:
            slip = msgid(
                "{path}: {name} is not a setting there, and {setting} of a profile seems to be meant: correct it, or "
                "take it out, since what it promises is not in force."
            )
            yield tr(slip, path=path, name=Sentence.joined(where, _shown(key), by="").shown, setting=meant)


def _protection_in(key: str, value: Any) -> str | None:
    """The protection that a name seems to mean, or one within its table."""
    letters = re.sub("[^a-z]", "", key[:40].casefold())
    if near := get_close_matches(letters, PROTECTIONS, n=1, cutoff=0.8):
        return PROTECTIONS[near[0]]
    within = value.items() if isinstance(value, dict) else ()
    return next(filter(None, (_protection_in(*each) for each in within)), None)


def _shown(name: str) -> str:
    """A name as a message may repeat it: a secret may have been put there, and settings are plain words."""
    return name if _PLAIN_WORD.fullmatch(name) else Sentence("“a name of {count} characters”", count=len(name))


def _broken(path: Path, text: str, message: str) -> str:
    """One sentence for a parse error, with line and column; the parser's words never quote a value whole."""
    found = _WHERE.search(message)
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    else:
        line, column = _where_unended(text)
    return tr(
        "{path}, line {line}, column {column}: {problem}; correct the file and try again.",
        path=path,
        line=line,
        column=column,
        problem=_WHERE.sub("", message),
    )


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
