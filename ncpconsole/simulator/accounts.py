"""The simulated accounts and their keys. Every key here is invented."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ncpconsole.simulator.responses import authentication_failed

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
class Holder:
    """Whose a key is: what STS tells of it, and the number that the activity log names it by.

    ``user_type`` is Customer for the main account, which has no number, Sub or Role.
    """

    user_id: str
    user_type: str
    sub_account_no: str = ""


MAIN_ACCOUNT = Holder("main", "Customer")


@dataclass(frozen=True, slots=True)
class Key:
    """One key pair. ``allowed_from`` holds the only addresses it works from; empty means any.

    ``reads_metrics``: its policies hold NCP_CLOUD_INSIGHT_VIEWER, which those of the server service do not bring.
    """

    access_key: str
    secret_key: str
    rights: Rights = Rights.MANAGER
    allowed_from: tuple[str, ...] = ()
    holder: Holder = MAIN_ACCOUNT
    reads_metrics: bool = True


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
            Key(access_key, secret_key, holder=Holder("mina", "Sub", "70412")),
            Key(
                VIEWER_ACCESS_KEY,
                VIEWER_SECRET_KEY,
                Rights.VIEWER,
                holder=Holder("viewer", "Sub", "70413"),
                reads_metrics=False,
            ),
            Key(
                *(RESTRICTED_ACCESS_KEY, RESTRICTED_SECRET_KEY), allowed_from=ELSEWHERE, holder=Holder("office", "Role")
            ),
        ),
        servers,
        seed,
    )
    second = Account("second", (Key(SECOND_ACCESS_KEY, SECOND_SECRET_KEY),), servers, seed + 1, "test-")
    return main, second


IDENTITY_PATH = "/api/v1/caller-identity"
LOGIN_ALIAS = "simulated-team"


def identity_record(key: Key) -> dict[str, str]:
    """What STS tells whoever signed with this key."""
    return {"id": key.holder.user_id, "loginAlias": LOGIN_ALIAS, "userType": key.holder.user_type}


TIMESTAMP_HEADER = "x-ncp-apigw-timestamp"
ACCESS_KEY_HEADER = "x-ncp-iam-access-key"
# The guide names v2; NCP's own Go, Python and JavaScript clients send the same value as v1.
SIGNATURE_HEADERS = ("x-ncp-apigw-signature-v2", "x-ncp-apigw-signature-v1")
MOST_SKEW = 5 * 60
# The two details that NCP publishes: which of the three is wrong, it does not say.
MISSING = "Authentication information are missing."
WRONG = "Invalid authentication information."


def expected_signature(method: str, target: str, timestamp: str, access_key: str, secret_key: str) -> str:
    """The Base64 text that a client with this secret must send; ``target`` is path and query as sent."""
    signed = "\n".join((f"{method} {target}", timestamp, access_key))
    digest = hmac.digest(secret_key.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return base64.b64encode(digest).decode()


def authenticated_key(
    method: str, target: str, headers: Mapping[str, str], secret_of: Callable[[str], str | None], now: float
) -> str:
    """Return the access key of a request that is rightly signed and in time.

    ``now`` is the gateway's clock in seconds. Raises GatewayError as `signing_key` does, and for a timestamp
    that is five minutes or more off.
    """
    access_key = signing_key(method, target, headers, secret_of)
    if abs(int(headers[TIMESTAMP_HEADER]) / 1000 - now) >= MOST_SKEW:
        raise authentication_failed(WRONG)
    return access_key


def signing_key(method: str, target: str, headers: Mapping[str, str], secret_of: Callable[[str], str | None]) -> str:
    """Return the access key that signed a request, whenever that was; header names are in lower case.

    ``secret_of`` gives the secret of an access key or None. Raises GatewayError (401 with code 200) for a
    missing header, an unknown key, a timestamp that is none, or a signature that does not match.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    access_key = headers.get(ACCESS_KEY_HEADER, "")
    signature = next((headers[name] for name in SIGNATURE_HEADERS if name in headers), "")
    if not (timestamp and access_key and signature):
        raise authentication_failed(MISSING)
    secret_key = secret_of(access_key)
    if secret_key is None or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20):
        raise authentication_failed(WRONG)
    expected = expected_signature(method, target, timestamp, access_key, secret_key)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        raise authentication_failed(WRONG)
    return access_key
