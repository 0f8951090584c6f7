"""Read ``~/.ncloud/configure``, the file of NAVER Cloud's own command line tool. Never alters or deletes it.

The file has ``[PROFILE]`` sections, or none at all, and is then the profile DEFAULT. Values may hold ``=`` and ``%``;
nothing is interpolated, and a section takes nothing over from DEFAULT. Source: the CLI's user guide.
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from ncpconsole.config.credentials import checked_pair
from ncpconsole.config.paths import home
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import msgid, tr
from ncpconsole.ncp.signing import Credentials

WITHOUT_SECTION = "DEFAULT"
ACCESS_KEY = "ncloud_access_key_id"
SECRET_KEY = "ncloud_secret_access_key"  # noqa: S105  # the name of a key of the file, not a secret
API_URL = "ncloud_api_url"


OF_FILE = msgid("{key} of {name} in {path}")


@dataclass(frozen=True, slots=True)
class CliProfile:
    """One profile of the file with its pair; ``api_url`` is empty where the profile names no gateway."""

    name: str
    credentials: Credentials
    api_url: str


@dataclass(frozen=True, slots=True)
class CliFile:
    """The profiles that have a pair, in the file's order, and a sentence for each one that has none."""

    path: Path
    profiles: tuple[CliProfile, ...]
    notes: tuple[str, ...] = ()


def ncloud_cli_path() -> Path:
    """Where the tool keeps its file. It need not exist."""
    return home() / ".ncloud" / "configure"


def read_ncloud_cli(path: Path) -> CliFile:
    """Read the file in either dialect. Raises ConfigError, which quotes no line: it may hold a secret."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            tr("There is no {path}; use `ncpconsole login` without --from-ncloud-cli.", path=path)
        ) from error
    except OSError as error:
        raise ConfigError(tr("{path} cannot be read: {why}.", path=path, why=error.strerror)) from error
    except UnicodeDecodeError:
        raise ConfigError(tr("{path} is not UTF-8 text.", path=path)) from None
    return _understood(path, text)


def _understood(path: Path, text: str) -> CliFile:
    parser = configparser.RawConfigParser(
        # No section passes its values on to the others, and DEFAULT is one like any other.
        default_section="\0",
        delimiters=("=",),
        comment_prefixes=("#", ";"),
        strict=False,
        empty_lines_in_values=False,
    )
    failure = None
    try:
        # On one line with the first, so that the numbers in errors are the file's own.
        parser.read_string(f"[{WITHOUT_SECTION}]\n{text}")
    except configparser.ParsingError as error:
        # The error holds the line itself; only its number goes on.
        form = msgid("{path}, line {line}: not of the form KEY = VALUE.")
        failure = ConfigError(tr(form, path=path, line=error.errors[0][0] - 1))
    except configparser.Error as error:
        failure = ConfigError(tr("{path} cannot be understood ({error}).", path=path, error=type(error).__name__))
    if failure is not None:
        raise failure
    profiles: list[CliProfile] = []
    notes: list[str] = []
    for name in parser.sections():
        section = parser[name]
        access_key, secret_key = section.get(ACCESS_KEY, ""), section.get(SECRET_KEY, "")
        if access_key and secret_key:
            pair = checked_pair(access_key, secret_key, OF_FILE, name=name, path=str(path))
            profiles.append(CliProfile(name, pair, section.get(API_URL, "")))
        elif section or name != WITHOUT_SECTION:
            missing = ACCESS_KEY if not access_key else SECRET_KEY
            notes.append(
                tr("{name} in {path} is left out: it has no {missing}.", name=name, path=path, missing=missing)
            )
    return CliFile(path, tuple(profiles), tuple(notes))
