"""Everything that can go wrong between this console and NAVER Cloud.

::

    NcpError                      one sentence, and what NCP said: status, code, message, ids
    ├── InvalidBaseUrl            the address cannot be used (also a ValueError)
    ├── InvalidKey                the access key or secret key cannot be used (also a ValueError)
    ├── InvalidRequest            a value cannot stand in a request; nothing was sent
    ├── NotAvailable              this gateway does not offer what was asked for; nothing was sent
    ├── NotReached                no answer came: refused, DNS, TLS, proxy, time-out
    ├── UnreadableAnswer          an answer came that is not in NCP's shape, or is too large
    └── ApiError                  NCP answered with an error
        ├── AuthenticationFailed  401/200: wrong key, wrong secret, or a clock that is off
        ├── PermissionDenied      401/210: no permission, or an IP or API restriction of the sub account
        ├── NotFound              404/300
        ├── Throttled             429, and service code 1000 "try again later"
        └── GatewayFailure        5xx
"""

from __future__ import annotations


class NcpError(Exception):
    """Base of the package's errors. ``str()`` is one sentence for the operator, without any secret.

    ``code`` and ``ncp_message`` are NCP's own, HTML removed; ``request_id`` and ``trace_id`` may be empty;
    ``http_status`` is None when no status line was read; ``clock_offset`` is the gateway's clock minus this
    machine's in seconds, when a ``Date`` header told it; ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        sentence: str,
        *,
        http_status: int | None = None,
        code: str = "",
        ncp_message: str = "",
        request_id: str = "",
        trace_id: str = "",
        clock_offset: float | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.http_status = http_status
        self.code = code
        self.ncp_message = ncp_message
        self.request_id = request_id
        self.trace_id = trace_id
        self.clock_offset = clock_offset
        self.retry_after = retry_after


class InvalidBaseUrl(NcpError, ValueError):
    """The base URL is malformed, or plain http to a host that is not loopback."""


class InvalidKey(NcpError, ValueError):
    """A key is empty or holds a character that cannot be sent. The sentence does not repeat the key."""


class InvalidRequest(NcpError):
    """A value cannot stand in a request, such as an empty server number; nothing was sent."""


class NotAvailable(NcpError):
    """This gateway does not offer the service; no request was made."""


class NotReached(NcpError):
    """No answer arrived. For a read, this says nothing about whether the request did."""


class UnreadableAnswer(NcpError):
    """An answer arrived that cannot be understood, or that is larger than the console reads."""


class ApiError(NcpError):
    """NCP answered with an error in one of its two shapes."""


class AuthenticationFailed(ApiError):
    """401 with code 200: the key, the secret or the clock is wrong."""


class PermissionDenied(ApiError):
    """401 with code 210: the key may not do this, or not from this address."""


class NotFound(ApiError):
    """404: no such API at this address."""


class Throttled(ApiError):
    """Too many requests: wait, then try again."""


class GatewayFailure(ApiError):
    """5xx: the gateway or the service behind it failed."""
