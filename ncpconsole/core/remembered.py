"""What the console remembers of the view between two starts: nothing that decides who may be interrupted, or how.

It is kept in one small JSON document in the state directory, 0600.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import Sentence

MOST_FILTERS = 50
MOST_PROFILES = 200
LONGEST = 200
"""Characters of a text that is remembered."""
LARGEST_FILE = 1 << 16
SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""No link is followed, and nothing that is no file holds up the start."""
_REGION = "all|[A-Z][A-Z0-9-]{0,15}"
_WORD = "[a-z0-9_-]{1,40}"
_OF_MARKS = r"(?i)(?:^|\s)!?is:=?m"
_KEY_LIKE = r"(?<![A-Za-z0-9+/=_])(?=[A-Za-z0-9+/=_]*\d)(?=[A-Za-z0-9+/=_]*[A-Za-z])[A-Za-z0-9+/=_]{20,}"
"""What could be an access key or a secret, pasted into the wrong box; a server name has dashes.

Patterns are texts, which are compiled when they are needed: most starts need none.
"""


class Remembered(NamedTuple):
    """Order, theme, the region last chosen for each profile, and earlier filters, oldest first.

    Empty where nothing is remembered. ``sort`` is a `view.SortKey`. Review marks, "eligible only" and whatever protects
    a profile are never in it, and no filter of marks or of what looks like a key.
    """

    sort: str = ""
    descending: bool = False
    theme: str = ""
    regions: Mapping[str, str] = MappingProxyType({})
    filters: tuple[str, ...] = ()

    @classmethod
    def from_plain(cls, document: object) -> Remembered:
        """The view that a JSON document holds. Raises ValueError where it is another document."""
        if not isinstance(document, dict) or document.get("version") != 1:
            raise ValueError("another document")  # no message: told as a kind of error
        regions = _of_kind(document.get("regions", {}), dict)
        filters = _of_kind(document.get("filters", []), list)
        sort, theme = (_of_kind(document.get(key, ""), str) for key in ("sort", "theme"))
        kept = {
            safe_text(profile, LONGEST): code
            for profile, code in list(regions.items())[:MOST_PROFILES]
            if isinstance(code, str) and re.fullmatch(_REGION, code)
        }
        return cls(
            sort if re.fullmatch(_WORD, sort) else "",
            document.get("descending") is True,
            theme if re.fullmatch(_WORD, theme) else "",
            kept,
            worth_keeping(text for text in filters if isinstance(text, str)),
        )

    def as_plain(self) -> dict[str, Any]:
        """The same as a JSON document."""
        return {
            "version": 1,
            "sort": self.sort,
            "descending": self.descending,
            "theme": self.theme,
            "regions": dict(self.regions),
            "filters": list(worth_keeping(self.filters)),
        }


def worth_keeping(filters: Iterable[str]) -> tuple[str, ...]:
    """The filters that may be kept, oldest first: neither of marks nor with what looks like a key in them."""
    kept = (safe_text(text, LONGEST) for text in filters)
    return tuple(text for text in kept if text and not re.search(_OF_MARKS, text) and not re.search(_KEY_LIKE, text))[
        -MOST_FILTERS:
    ]


def _of_kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"no {kind.__name__}")  # noqa: TRY004 - a document that is another, not a bug
    return value


def read_view(path: Path) -> tuple[Remembered, str]:
    """What is remembered, and a sentence where the file is there and is not understood; never raises."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | SAFELY), "rb") as file:
            raw = file.read(LARGEST_FILE + 1) if _is_own(os.fstat(file.fileno())) else b""
        return Remembered.from_plain(json.loads(raw[:LARGEST_FILE])), ""  # a longer one breaks off and is no document
    except FileNotFoundError:
        return Remembered(), ""
    except (OSError, ValueError, RecursionError):
        return Remembered(), Sentence(
            "What was remembered of the last view cannot be read, and is begun anew: {path}", path=path
        )


def _is_own(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())


def write_view(path: Path, remembered: Remembered) -> None:
    """Keep this view instead of the one before. What fails is let be: it costs nothing but the memory."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFELY, 0o600), "w") as file:
                json.dump(remembered.as_plain(), file)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
