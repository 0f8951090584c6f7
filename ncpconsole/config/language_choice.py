"""Which language this process speaks. Imports nothing that costs time at start."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ncpconsole.language import ENGLISH, KOREAN, NAMES, Sentence

VARIABLE = "NCPCONSOLE_LANG"
OPTION = "--lang"
FORMS = ("json", "jsonl", "csv")
AS_FORM = ("--json", "--jsonl", *(f"--output={form}" for form in FORMS))
"""What asks for what programs read."""
WITHOUT_WORDS = ({"--version"}, {"-V"})
"""Command lines that are answered without a word of any language."""


def chosen_language(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language of a command line (without the program's name), as its code.

    The option says it, else the variable, else ``language`` in the configuration, else the locale. JSON and CSV are
    English unless the option says otherwise: scripts read them. What names no language counts as not said.
    """
    said = said_by_option(words)
    if said:
        return said
    if _is_for_programs(words) or set(words) in WITHOUT_WORDS:
        return ENGLISH
    return known_language(environ.get(VARIABLE, "")) or known_language(_configured(environ)) or by_locale(environ)


def by_locale(environ: Mapping[str, str]) -> str:
    """The language of a locale: Korean or, for any other, English.

    English too on Linux's own console, which has no Hangul: whoever has a font there says so by option or setting.
    """
    if environ.get("TERM") == "linux":
        return ENGLISH
    locale = next(filter(None, (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    plain = locale.partition(".")[0]
    if plain and plain not in {"C", "POSIX"}:
        preferred = environ.get("LANGUAGE", "").partition(":")[0]
        return known_language(preferred or plain) or ENGLISH
    return KOREAN if not locale and _windows_speaks_korean() else ENGLISH


def language_note(environ: Mapping[str, str]) -> str:
    """A sentence where the variable names no language that there is, so that it counts for nothing; else empty."""
    said = environ.get(VARIABLE, "")
    if not said or known_language(said):
        return ""
    return Sentence("{variable} must be en or ko; what it says is not used.", variable=VARIABLE)


def can_write(text: str, encoding: str) -> bool:
    """Whether an encoding has all letters of a text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def known_language(text: str) -> str:
    """The code of the language that a text begins with: ``ko`` of ``ko_KR.UTF-8``; empty where there is none."""
    code = text.strip().lower().replace("-", "_").partition("_")[0].partition(".")[0]
    return code if code in NAMES else ""


def said_by_option(words: Sequence[str]) -> str:
    """The code that ``--lang`` names last; empty where it names none that there is, or is not given."""
    said = ""
    for number, word in enumerate(words):
        if word == "--":
            break
        if word == OPTION and number + 1 < len(words):
            said = words[number + 1]
        elif word.startswith(f"{OPTION}="):
            said = word.partition("=")[2]
    return known_language(said)


def _is_for_programs(words: Sequence[str]) -> bool:
    return any(word in AS_FORM for word in words) or any(
        first == "--output" and second in FORMS for first, second in pairwise(words)
    )


def _configured(environ: Mapping[str, str]) -> str:
    """``language`` of the user's settings file. Whatever is wrong with that file is told by who reads the rest."""
    from pathlib import Path  # 2 ms, and not every start looks here

    named = environ.get("NCPCONSOLE_CONFIG")
    try:
        if named:
            file = Path(named)
        else:
            import platformdirs

            file = Path(platformdirs.user_config_dir("ncpconsole", appauthor=False)) / "config.toml"
        content = file.read_bytes()
        if b"language" not in content:
            return ""
        import tomllib

        value = tomllib.loads(content.decode()).get("language")
    except (OSError, ValueError, RuntimeError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""


def _windows_speaks_korean() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    primary = 0x3FF
    return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & primary == 0x12)
