"""What may stand under ``[profiles.NAME]`` in the settings file: each key, its reader, what it expects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

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
