"""Test a pair with one signed read, and say in a sentence what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError

if TYPE_CHECKING:
    from ncpconsole.ncp.errors import NcpError
    from ncpconsole.ncp.signing import Credentials


@dataclass(frozen=True, slots=True)
class CheckedPair:
    """A pair that NCP accepts; ``regions`` are the region codes it may use."""

    credentials: Credentials
    base_url: str
    regions: tuple[str, ...]


class PairRefused(CredentialsError):  # says what happened, as the other errors of the console do
    """The gateway answered, and did not let this pair read."""


class GatewaySilent(CredentialsError):  # says what happened, as the other errors of the console do
    """Whether the pair is right could not be found out: no answer, or none that can be used."""


async def check_pair(base_url: str, credentials: Credentials) -> CheckedPair:
    """Ask for the regions with this pair. Raises PairRefused or GatewaySilent, both CredentialsError."""
    from ncpconsole.ncp.client import Client
    from ncpconsole.ncp.errors import NcpError

    client = Client(base_url, credentials, connect_timeout=5, read_timeout=10, attempts=2)
    try:
        regions = await client.regions()
    except NcpError as error:
        raise explained(error, credentials) from error
    finally:
        await client.aclose()
    return CheckedPair(credentials, base_url, tuple(region.region_code for region in regions))


def explained(error: NcpError, credentials: Credentials) -> CredentialsError:
    """What the failure of the read says about the pair, and the next step.

    NCP documents one code for a wrong access key, a wrong secret key and a wrong time; where its message or
    the clock tells more, so does the sentence.
    """
    from ncpconsole.ncp.errors import (
        ApiError,
        AuthenticationFailed,
        GatewayFailure,
        NotReached,
        PermissionDenied,
        Throttled,
    )

    if isinstance(error, NotReached | GatewayFailure | Throttled) or not isinstance(error, ApiError):
        return GatewaySilent(f"The pair could not be tested: {_lowered(error.sentence)}")
    if isinstance(error, PermissionDenied):
        return PairRefused(*_not_permitted(error))
    if isinstance(error, AuthenticationFailed):
        return PairRefused(*_not_authenticated(error, credentials))
    return PairRefused(f"The pair could not be used: {_lowered(error.sentence)}")


def _not_permitted(error: NcpError) -> tuple[str, str]:
    if re.search(r"\b(ip|address|acl)\b", error.ncp_message, re.IGNORECASE):
        return (
            "NCP accepts the pair, but not from this network address.",
            "Add the address to the sub account's allowed IPs, or work from an allowed network.",
        )
    return (
        "NCP accepts the pair, but it may not list: its account lacks the permission, or is restricted to "
        "other IP addresses or to the web console.",
        "Grant it NCP_VPC_SERVER_VIEWER (NCP_VPC_SERVER_MANAGER to interrupt) and API access, and check its "
        "allowed IPs.",
    )


def _not_authenticated(error: NcpError, credentials: Credentials) -> tuple[str, str]:
    if off := error.clock_error:
        return (
            f"This machine's clock is {off} NCP's, and NCP refuses requests that are 5 minutes off.",
            "Set the clock (NTP) and try again; the pair may be right.",
        )
    said = error.ncp_message.casefold()
    if "timestamp" in said:
        return (
            "NCP refuses the time of the request, so this machine's clock is 5 minutes or more off.",
            "Set the clock (NTP) and try again; the pair may be right.",
        )
    if "signature" in said or "secret" in said:
        return (
            "NCP knows the access key, but the secret key is not the one that belongs to it.",
            "Type the secret key again.",
        )
    if "access key" in said or "accesskey" in said or "api key" in said:
        return (
            "NCP does not know the access key, or it is disabled.",
            "Check the key and the site: public, gov and fin have keys of their own.",
        )
    if _looks_swapped(credentials):
        return (
            "NCP does not accept the pair, and the access key is longer than the secret key.",
            "The two may be swapped; type them again.",
        )
    return (
        "NCP does not accept the pair: the access key is unknown, disabled or of another site, or the secret "
        "key does not belong to it; NCP does not say which.",
        "Check the site and type both again.",
    )


def _looks_swapped(credentials: Credentials) -> bool:
    # A secret key is about twice as long as an access key.
    return len(credentials.access_key) > len(credentials.secret_key.reveal())


def _lowered(sentence: str) -> str:
    """The sentence as the end of another one; an abbreviation at its start keeps its capitals."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]
