"""Access key and secret key: what may be one, and the pair that the environment holds."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.ncp.signing import Credentials

ACCESS_VARIABLES = ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_ACCESS_KEY")
SECRET_VARIABLES = ("NCLOUD_SECRET_ACCESS_KEY", "NCLOUD_SECRET_KEY")
LONGEST = 512
COPY_AGAIN = "Copy it again from the console of NAVER Cloud (My Page, Manage Auth Key)."


def checked_pair(access_key: str, secret_key: str, where: str = "") -> Credentials:
    """The two as credentials; ``where`` completes "The access key … in the environment".

    The access key goes into a header, so it is visible ASCII. The secret only keys a hash, so it may be any
    text without control characters. Raises CredentialsError, which quotes neither.
    """
    from ncpconsole.ncp.signing import Credentials, Secret

    place = f" {where}" if where else ""
    for kind, value in (("access key", access_key), ("secret key", secret_key)):
        if not value:
            raise CredentialsError(f"The {kind}{place} is empty.", COPY_AGAIN)
        if len(value) > LONGEST:
            raise CredentialsError(f"The {kind}{place} is longer than {LONGEST} characters.", COPY_AGAIN)
    if not all("!" <= letter <= "~" for letter in access_key):
        raise CredentialsError(
            f"The access key{place} holds a space, a control character or a letter outside ASCII, "
            "which cannot be sent.",
            COPY_AGAIN,
        )
    # Cc: control characters, a line end among them; Cs: halves of a letter that no keyring can store.
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in secret_key):
        raise CredentialsError(
            f"The secret key{place} holds a control character, a line end or broken text.", COPY_AGAIN
        )
    return Credentials(access_key, Secret(secret_key))


def environment_pair(environ: Mapping[str, str] = os.environ) -> Credentials | None:
    """The pair in the environment, or None when neither half is set; an empty variable counts as not set.

    Each half has two names, from two generations of NCP's tools; they may be mixed. Raises CredentialsError
    for half a pair, and where the two names of one half differ: which account is meant is then unclear.
    """
    access_key = _half(environ, ACCESS_VARIABLES)
    secret_key = _half(environ, SECRET_VARIABLES)
    if access_key is None and secret_key is None:
        return None
    if access_key is None:
        raise _half_missing("access key", ACCESS_VARIABLES, "secret key")
    if secret_key is None:
        raise _half_missing("secret key", SECRET_VARIABLES, "access key")
    return checked_pair(access_key, secret_key, "in the environment")


def environment_has_key(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment holds a pair, or half of one, that will be looked at before any keyring."""
    return any(environ.get(name) for name in (*ACCESS_VARIABLES, *SECRET_VARIABLES))


def _half(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    values = {environ[name] for name in names if environ.get(name)}
    if len(values) > 1:
        raise CredentialsError(
            f"{' and '.join(names)} hold different values, so it is unclear which account is meant.",
            "Unset one of them.",
        )
    return values.pop() if values else None


def _half_missing(missing: str, names: tuple[str, ...], present: str) -> CredentialsError:
    return CredentialsError(
        f"The environment holds the {present} but not the {missing}: {' or '.join(names)} is not set.",
        f"Set it, or unset the {present} to use a key kept by `ncpconsole login`.",
    )
