"""Whose servers these are, and which keys open which account. Every key here is plainly made up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ACCESS_KEY = "SIMULATEDACCESSKEY01"
SECRET_KEY = "simulated-secret-key-01-opens-no-account"  # noqa: S105 - opens nothing but this simulator
VIEWER_ACCESS_KEY = "SIMULATEDVIEWERKEY01"
VIEWER_SECRET_KEY = "simulated-viewer-key-01-may-only-look-on"  # noqa: S105 - as above
RESTRICTED_ACCESS_KEY = "SIMULATEDOFFICEKEY01"
RESTRICTED_SECRET_KEY = "simulated-office-key-01-from-elsewhere--"  # noqa: S105 - as above
SECOND_ACCESS_KEY = "SIMULATEDACCESSKEY02"
SECOND_SECRET_KEY = "simulated-secret-key-02-opens-no-account"  # noqa: S105 - as above

ELSEWHERE = ("203.0.113.7",)


class Rights(Enum):
    """What a sub account's policy allows: NCP_VPC_SERVER_MANAGER or NCP_VPC_SERVER_VIEWER."""

    MANAGER = "manager"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Key:
    """One key pair. ``allowed_from`` holds the only addresses it works from; empty means any."""

    access_key: str
    secret_key: str
    rights: Rights = Rights.MANAGER
    allowed_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its keys and its fleet.

    Server numbers of two accounts overlap on purpose; ``name_prefix`` tells their servers apart.
    """

    name: str
    keys: tuple[Key, ...]
    servers: int = 128
    seed: int = 1
    name_prefix: str = ""


def default_accounts(servers: int, seed: int, access_key: str, secret_key: str) -> tuple[Account, ...]:
    """A main account with a manager's, a viewer's and an address-bound key; and a second, smaller account."""
    main = Account(
        "main",
        (
            Key(access_key, secret_key),
            Key(VIEWER_ACCESS_KEY, VIEWER_SECRET_KEY, Rights.VIEWER),
            Key(RESTRICTED_ACCESS_KEY, RESTRICTED_SECRET_KEY, allowed_from=ELSEWHERE),
        ),
        servers,
        seed,
    )
    second = Account("second", (Key(SECOND_ACCESS_KEY, SECOND_SECRET_KEY),), servers, seed + 1, "test-")
    return main, second
