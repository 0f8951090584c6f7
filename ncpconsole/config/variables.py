"""The environment variables that change what the console does. Imports nothing that costs time at start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

PREFIX = "NCPCONSOLE_"
ACCOUNT = "the console, servers, show, interrupt, watch, doctor"
PROFILES = f"{ACCOUNT}, login, logout, profiles"
PLACES = f"{PROFILES}, history, resolve, paths"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: what it means, and who reads it. A secret one is taken out of the environment at start."""

    name: str
    meaning: str
    readers: str
    is_secret: bool = False


VARIABLES = (
    Variable("NCLOUD_ACCESS_KEY", "Access key; used before any keyring.", PROFILES, is_secret=True),
    Variable("NCLOUD_SECRET_KEY", "Secret key that belongs to it.", PROFILES, is_secret=True),
    Variable("NCLOUD_ACCESS_KEY_ID", "Another name of NCLOUD_ACCESS_KEY.", PROFILES, is_secret=True),
    Variable("NCLOUD_SECRET_ACCESS_KEY", "Another name of NCLOUD_SECRET_KEY.", PROFILES, is_secret=True),
    Variable("NCLOUD_PROFILE", "Profile to use, as --profile.", PROFILES),
    Variable("NCLOUD_SITE", "public, gov or fin, for a profile that names none.", PROFILES),
    Variable("NCLOUD_API_GW", "Base URL of the gateway, for a profile that names none.", PROFILES),
    Variable("NCLOUD_REGION", "Region code or all, for a profile that names none.", ACCOUNT),
    Variable("NCPCONSOLE_READ_ONLY", "1: never send an interrupt, as --read-only.", ACCOUNT),
    Variable("NCPCONSOLE_CONFIG", "The settings file.", PLACES),
    Variable("NCPCONSOLE_STATE_DIR", "Directory of the record and the log.", PLACES),
    Variable("PYTHON_KEYRING_BACKEND", "The keyring; only one of the system is accepted.", PROFILES),
    Variable("HTTPS_PROXY", "Proxy to the gateway; ALL_PROXY and NO_PROXY count too.", f"{ACCOUNT}, login"),
    Variable("SSL_CERT_FILE", "Certificates trusted beside the system's.", f"{ACCOUNT}, login"),
    Variable("SSL_CERT_DIR", "The same, a directory of them.", f"{ACCOUNT}, login"),
    Variable("NO_COLOR", "Set: no colours on screen.", "the console, demo"),
)
SECRETS = tuple(variable.name for variable in VARIABLES if variable.is_secret)


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each variable that is named like ours and that nothing reads, with the nearest that is.

    It may be a safety setting that was misspelt, and so is not in force.
    """
    known = [variable.name for variable in VARIABLES]
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in known:
            nearest = get_close_matches(name.upper(), known, n=1, cutoff=0.5)
            yield f"Nothing reads the variable {name}.{f' Is {nearest[0]} meant?' if nearest else ''}"


def variable_table() -> str:
    """All variables as a Markdown table, for docs/configuration.md."""
    rows = (f"| `{each.name}` | {each.meaning} | {each.readers} |" for each in VARIABLES)
    return "\n".join(("| variable | meaning | read by |", "|---|---|---|", *rows))
