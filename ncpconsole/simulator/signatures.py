"""Checks request signatures on its own, sharing no code with the client that makes them.

Source: the API overview page on authentication (signature v2). The signed text is the method, a space, the
path and query exactly as sent, a line feed, the timestamp, a line feed, the access key; HMAC-SHA256 over it
with the secret key, in Base64. Body and host are not signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from ncpconsole.simulator.refusals import authentication_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMESTAMP_HEADER = "x-ncp-apigw-timestamp"
ACCESS_KEY_HEADER = "x-ncp-iam-access-key"
# The guide names v2; NCP's own Go, Python and JavaScript clients send the same value as v1.
SIGNATURE_HEADERS = ("x-ncp-apigw-signature-v2", "x-ncp-apigw-signature-v1")
MOST_SKEW = 5 * 60


def expected_signature(method: str, target: str, timestamp: str, access_key: str, secret_key: str) -> str:
    """The Base64 text that a client with this secret must send; ``target`` is path and query as sent."""
    signed = "\n".join((f"{method} {target}", timestamp, access_key))
    digest = hmac.digest(secret_key.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return base64.b64encode(digest).decode()


def authenticated_key(
    method: str,
    target: str,
    headers: Mapping[str, str],
    secret_of: Callable[[str], str | None],
    now: float,
) -> str:
    """Return the access key of a rightly signed request; header names are in lower case.

    ``secret_of`` gives the secret of an access key or None; ``now`` is the gateway's clock in seconds.
    Raises GatewayRefusal (401 with code 200) for a missing header, an unknown key, a timestamp that is five
    minutes or more off, or a signature that does not match.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    access_key = headers.get(ACCESS_KEY_HEADER, "")
    signature = next((headers[name] for name in SIGNATURE_HEADERS if name in headers), "")
    if not (timestamp and access_key and signature):
        raise authentication_failed("Authentication information are missing.")
    secret_key = secret_of(access_key)
    if secret_key is None:
        raise authentication_failed("Invalid authentication information.")
    _check_clock(timestamp, now)
    expected = expected_signature(method, target, timestamp, access_key, secret_key)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        raise authentication_failed("Not valid signature.")
    return access_key


def _check_clock(timestamp: str, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20):
        raise authentication_failed("Invalid timestamp.")
    if abs(int(timestamp) / 1000 - now) >= MOST_SKEW:
        raise authentication_failed("The request timestamp has expired.")
