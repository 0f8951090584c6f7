"""The settings as values, and what the keys of a profile may be; `settings_reader` reads the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from ncpconsole.config.registry import OF_PROFILE
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import tr

FALLBACK = "default"
LONGEST = 64
_KEY_LIKE = re.compile("(ncp_iam_)?[A-Za-z0-9+/=]{20,}")


def checked_profile_name(name: object, where: str = "") -> str:
    """The name in composed form, so that the same Korean name typed on two systems is one profile.

    1 to 64 printable characters, no space at either end. ``where`` opens the message of the ConfigError.
    """
    where = where or tr("The profile name")
    if not isinstance(name, str):
        raise ConfigError(tr("{where} must be text.", where=where))
    composed = unicodedata.normalize("NFC", name)
    if _KEY_LIKE.fullmatch(composed) and len({str.isdigit(letter) for letter in composed}) == 2:
        raise ConfigError(tr("{where} looks like a key, and it is shown on screen: choose another name.", where=where))
    if not composed or len(composed) > LONGEST or composed != composed.strip() or not composed.isprintable():
        raise ConfigError(
            tr(
                "{where} must be 1 to {most} printable characters without a space at either end.",
                where=where,
                most=LONGEST,
            )
        )
    return composed


def checked_team(value: object, where: str) -> str:
    """The address of a team's database; ``where`` opens the message of the ConfigError, which quotes no value."""
    if not isinstance(value, str) or not value.strip().startswith(("postgresql://", "postgres://")):
        raise ConfigError(tr('{where} must be an address such as "postgresql://db.example/ncpconsole".', where=where))
    try:
        parts = urlsplit(value.strip())
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        raise ConfigError(tr("{where} is not an address that can be understood.", where=where)) from None
    if has_password:
        raise ConfigError(
            tr(
                "{where} holds a password: take it out, change it, and keep it where libpq finds it (PGPASSFILE or a "
                "certificate).",
                where=where,
            )
        )
    return value.strip()


REGION_CODE = re.compile(r"all|[A-Z][A-Z0-9-]{0,15}")
ALL_REGIONS = "all"
RANGES = {key: setting.bounds for key, setting in OF_PROFILE.items() if setting.bounds is not None}
EXPECTED = tuple(OF_PROFILE)
"""The keys of a profile."""


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


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file as values. ``keys`` maps a command to the keys that run it, joined with commas.

    ``notes`` are sentences about what was ignored; ``system`` are the profiles of the system's file, which
    can only protect. ``syslog``: the system's log is told how far the record has come, as either file says.
    ``timezone`` is the zone that times are shown in, None for the machine's own. ``language`` is the code of one, None
    for the locale's.
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
    language: str | None = None
    origins: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    shared_journal: Path | None = None
    team: str = field(default="", repr=False)
