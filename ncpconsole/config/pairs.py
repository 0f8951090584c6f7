"""Access key and secret key: what may be one, and the pair that the environment holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.ncp.signing import Credentials

ACCESS_VARIABLES = ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_ACCESS_KEY")
SECRET_VARIABLES = ("NCLOUD_SECRET_ACCESS_KEY", "NCLOUD_SECRET_KEY")
COPY_AGAIN = "Copy it again from the console of NAVER Cloud (My Page, Manage Auth Key)."


def checked_pair(access_key: str, secret_key: str, where: str = "") -> Credentials:
    """The two as credentials; ``where`` completes "The access key … in the environment".

    Raises CredentialsError, which quotes neither.
    """
    from ncpconsole.ncp.errors import InvalidKey
    from ncpconsole.ncp.signing import Credentials, Secret

    try:
        return Credentials(access_key, Secret(secret_key))
    except InvalidKey as error:
        place = f" {where}" if where else ""
        raise CredentialsError(f"The {error.key}{place} {error.fault}.", COPY_AGAIN) from error


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
