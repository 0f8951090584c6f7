"""Checks of the environment's overrides, the OS keyring and the profile's key. No message holds a key."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ncpconsole.config.credentials import find_pair
from ncpconsole.config.keyring_store import ENVIRONMENT_WAY_OUT, keyring_name, round_trip
from ncpconsole.config.pairs import ACCESS_VARIABLES, SECRET_VARIABLES
from ncpconsole.config.patience import Patience
from ncpconsole.core.errors import CredentialsError
from ncpconsole.doctor.findings import Finding, failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ncpconsole.config.credentials import FoundPair
    from ncpconsole.config.profiles import Profile

KEY_VARIABLES = (*ACCESS_VARIABLES, *SECRET_VARIABLES)
PREFIXES = ("NCLOUD_", "NCPCONSOLE_", "PYTHON_KEYRING")
KEYRING_SECONDS = 3.0


def overrides(environ: Mapping[str, str]) -> Finding:
    """Which variables change what the console does; names only, as values may hold a secret."""
    names = sorted(name for name in environ if name.startswith(PREFIXES) and environ[name])
    return ok(
        "environment", f"Set: {', '.join(names)}." if names else "No variable changes what the console does."
    )


def keyring(needed: bool) -> Iterator[Finding]:
    """Whether the OS keyring keeps a text and gives it back.

    ``needed`` is False when the key comes from the environment; a useless keyring is then but a warning.
    """
    report = failure if needed else warning
    try:
        name = keyring_name()
        yield ok("keyring", name)
        whole = round_trip(f"canary {secrets.token_hex(16)} 결제", Patience(KEYRING_SECONDS))
    except CredentialsError as error:
        yield report("keyring", str(error), error.remedy)
        return
    if whole:
        yield ok("keyring round trip", "A text was stored, read back and removed.")
    else:
        yield report(
            "keyring round trip", "A text came back altered.", f"Use another keyring, {ENVIRONMENT_WAY_OUT}."
        )


def key(profile: Profile, environ: Mapping[str, str]) -> tuple[FoundPair | None, list[Finding]]:
    """The profile's pair, or None, and what there is to say about it."""
    from ncpconsole.ncp.signing import fingerprint

    try:
        found = find_pair(profile, patience=Patience(KEYRING_SECONDS), environ=environ)
    except CredentialsError as error:
        return None, [failure("key", str(error), error.remedy)]
    findings = [ok("key", f"{found.source}, {fingerprint(found.credentials.access_key)}")]
    findings += [warning("key", note) for note in found.notes]
    return found, findings
