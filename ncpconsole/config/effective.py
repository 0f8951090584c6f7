"""The effective value of each setting of a session, and its source. Reads no keyring and no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ncpconsole.config.language_choice import known_language
from ncpconsole.config.profiles import DEFAULT_SOURCE, OFF_WORDS, Profile, of_profile, resolve_profile
from ncpconsole.config.registry import BY_NAME, SETTINGS, Group, Kind, Setting, Table
from ncpconsole.config.settings import ProfileEntry, Settings, checked_team, region_code
from ncpconsole.config.settings_reader import SYSTEM_FILE
from ncpconsole.core.errors import ConfigError
from ncpconsole.core.policy import Policy
from ncpconsole.language import Sentence, tr

Value = bool | float | str | tuple[str, ...] | None


class Source(StrEnum):
    """Where a value was said, as a code."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    USER_FILE = "user file"  # no message: a code
    SYSTEM_FILE = "system file"  # no message: a code
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting as it holds, in the units of the settings file.

    ``value`` is None where there is none. ``said_by`` names the option, the variable, or the profile or file.
    """

    name: str
    value: Value
    source: Source
    said_by: str = ""

    @property
    def text(self) -> str:
        """The value as the settings file has it, a list with commas; where there is none, the default in words."""
        match self.value:
            case None:
                return tr(BY_NAME[self.name].default)
            case str() if self.source is Source.DEFAULT and self.name != "default_profile":
                return tr(self.value)
            case bool():
                return "true" if self.value else "false"
            case float() | int():
                return f"{self.value:g}"
            case tuple():
                return ", ".join(self.value)
        return self.value


def effective_settings(
    settings: Settings, options: Mapping[str, Any], *, key_fingerprint: str = "", environ: Mapping[str, str]
) -> tuple[Effective, ...]:
    """Every setting as it holds for the profile that would be used.

    ``options`` is what the command line said, by the names that `resolve_profile` takes, and ``lang``. The
    protections are those of the key with this fingerprint; where it is empty, of the key that the profile is of.
    Raises what `resolve_profile` raises.
    """
    of_profile = {name: value for name, value in options.items() if name != "lang"}
    profile = resolve_profile(settings, **of_profile, environ=environ)
    held = _Held(settings, options, environ, profile, key_fingerprint or profile.key_fingerprint)
    return tuple(each for setting in SETTINGS for each in held.all_of(setting))


@dataclass(frozen=True, slots=True)
class _Held:
    settings: Settings
    options: Mapping[str, Any]
    environ: Mapping[str, str]
    profile: Profile
    key_fingerprint: str

    def all_of(self, setting: Setting) -> Iterator[Effective]:
        """The setting as it holds; where it stands for the keys of any command, each that the file gives."""
        match setting.table:
            case Table.KEYS:
                for command, keys in self.settings.keys.items():
                    yield Effective(f"keys.{command}", keys, Source.USER_FILE, str(self.settings.path))
            case Table.PROFILE:
                own = self.of_profile(setting)
                yield self.protected(setting, own) if setting.group is Group.PROTECTION else own
            case _:
                yield self.of_file(setting)

    def of_file(self, setting: Setting) -> Effective:
        """A setting that is no profile's."""
        if setting.name in {"default_profile", "language"}:
            is_profile = setting.name == "default_profile"
            in_environ = self.environ.get(setting.variable, "")
            for said, source, words in (
                (self.options.get("profile" if is_profile else "lang"), Source.OPTION, setting.option),
                (in_environ if is_profile else known_language(in_environ), Source.ENVIRONMENT, setting.variable),
                (getattr(self.settings, setting.key), Source.USER_FILE, str(self.settings.path)),
            ):
                if said:
                    return Effective(setting.name, self.profile.name if is_profile else said, source, words)
        elif setting.name == "journal.path":
            if place := self.settings.shared_journal:
                return Effective(setting.name, str(place), Source.SYSTEM_FILE, str(SYSTEM_FILE))
        elif setting.name == "journal.team":
            path = self.settings.origins.get(setting.name)
            variable = self.environ.get(setting.variable)
            if path == SYSTEM_FILE or (path is not None and not variable):
                source = Source.SYSTEM_FILE if path == SYSTEM_FILE else Source.USER_FILE
                return Effective(setting.name, self.settings.team, source, str(path))
            if variable:
                return Effective(setting.name, _without_secret(variable), Source.ENVIRONMENT, setting.variable)
        elif path := self.settings.origins.get(setting.name):
            source = Source.SYSTEM_FILE if path == SYSTEM_FILE else Source.USER_FILE
            value = getattr(self.settings, setting.key)
            if value is not None:  # a cosmetic one that was wrong
                return Effective(setting.name, value if isinstance(value, bool) else str(value), source, str(path))
        return Effective(setting.name, default_of(setting), Source.DEFAULT)

    def of_profile(self, setting: Setting) -> Effective:
        """What an option, the profile or a variable says; the first of them, or for ``read_only`` any."""
        entry = self.settings.profiles.get(self.profile.name, ProfileEntry())
        option: Any = self.options.get(setting.key)
        in_file: Any = getattr(entry, setting.key)
        variable: Any = self.environ.get(setting.variable) or None
        match setting.key:
            case "site" | "api_url":
                value = self.profile.site if setting.key == "site" else self.profile.base_url
                return Effective(setting.name, value, *_who_said(self.profile.base_url_from))
            case "region":
                option = region_code(option) if option else None
                variable = region_code(variable) if variable and not entry.regions else None
            case "key_command" if in_file:
                in_file = (in_file[0], *("…" for _ in in_file[1:2]))  # what follows may be a secret all the same
            case "regions":
                in_file = None if self.options.get("region") else in_file
            case "read_only":
                option, in_file = option or None, in_file or None
                variable = None if (variable or "").strip().casefold() in OFF_WORDS else True
        for value, source, words in (
            (option, Source.OPTION, setting.option),
            (in_file, Source.USER_FILE, of_profile(self.profile.name)),
            (variable, Source.ENVIRONMENT, setting.variable),
        ):
            if value is not None:
                return Effective(setting.name, value, source, words)
        return Effective(setting.name, default_of(setting), Source.DEFAULT)

    def protected(self, setting: Setting, own: Effective) -> Effective:
        """The stricter of what the profile says and what any profile says that protects the same key or gateway."""
        policy = self.profile.policy
        for each in self.profile.protections:
            if each.holds_for(self.key_fingerprint, self.profile.base_url):
                before = _value_of(setting, policy)
                policy, _ = each.added_to(policy)
                if (value := _value_of(setting, policy)) != before:
                    source = Source.SYSTEM_FILE if str(SYSTEM_FILE) in each.source else Source.USER_FILE
                    own = Effective(setting.name, value, source, each.source)
        return own


def default_of(setting: Setting) -> Value:
    """The default as a value; None where the registry has it in words alone."""
    match setting.kind:
        case Kind.FLAG:
            return setting.default == "true"
        case Kind.NUMBER:
            return float(setting.default)
        case Kind.TEXT if setting.default in setting.choices or setting.table is Table.TOP:
            return setting.default
    return None


def _value_of(setting: Setting, policy: Policy) -> Value:
    value: bool | float = getattr(policy, setting.key)
    return value / 60 if setting.name == "cooldown" else value


def _who_said(base_url_from: str) -> tuple[Source, str]:
    """Who chose the gateway, from the profile's words on it."""
    if base_url_from == DEFAULT_SOURCE:
        return Source.DEFAULT, ""
    if base_url_from.startswith("profile "):
        return Source.USER_FILE, base_url_from
    return (Source.OPTION if base_url_from.startswith("--") else Source.ENVIRONMENT), base_url_from


def _without_secret(url: str) -> str:
    """An address of the team's database that may be shown; one that would be refused may hold a password."""
    try:
        return checked_team(url, "")
    except ConfigError:
        return Sentence("an address that is refused")
