"""The signature as the HTTP client's own kind of authentication."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from ncpconsole.ncp.signing import ACCESS_KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ncpconsole.ncp.signing import Credentials


class SignatureV2(httpx.Auth):
    """Signs a request over ``request.url.raw_path``, the bytes that will be sent; sends it once.

    ``clock`` gives seconds since the epoch; the gateway refuses a timestamp that is five minutes or more off.
    """

    def __init__(self, credentials: Credentials, clock: Callable[[], float] = time.time) -> None:
        self._credentials = credentials
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the three headers and hand the request on; an answer is never met with a second request."""
        timestamp = str(int(self._clock() * 1000))
        target = request.url.raw_path.decode("ascii")
        access_key = self._credentials.access_key
        request.headers[TIMESTAMP_HEADER] = timestamp
        request.headers[ACCESS_KEY_HEADER] = access_key
        request.headers[SIGNATURE_HEADER] = sign(
            request.method, target, timestamp, access_key, self._credentials.secret_key.reveal()
        )
        yield request
