"""Everything that can go wrong between this console and NAVER Cloud.

::

    NcpError                      one sentence, and what NCP said: status, code, message, ids
    ├── InvalidBaseUrl            the address cannot be used (also a ValueError)
    ├── InvalidKey                the access key or secret key cannot be used (also a ValueError)
    ├── InvalidRequest            a value cannot stand in a request; nothing was sent
    ├── NotAvailable              this gateway does not offer what was asked for; nothing was sent
    ├── NotReached                no answer came: refused, DNS, TLS, proxy, time-out
    │   └── ProxyUnusable         the proxy that is set for this address cannot be used; nothing was sent
    ├── UnreadableAnswer          an answer came that is not in NCP's shape, or is too large
    └── ApiError                  NCP answered with an error
        ├── AuthenticationFailed  401/200: wrong key, wrong secret, or a clock that is off
        ├── PermissionDenied      401/210: no permission, or an IP or API restriction of the sub account
        ├── NotFound              404/300
        ├── Throttled             429, and service code 1000 "try again later"
        └── GatewayFailure        5xx
"""

from __future__ import annotations

from typing import ClassVar

from ncpconsole.language import Sentence, msgid, tr

ACCESS_KEY = Sentence("access key")
SECRET_KEY = Sentence("secret key")

CLOCK_TOLERANCE = 5 * 60
"""Seconds from which on the gateway refuses the time of a request, as the API page on signatures says."""


def clock_lag(offset: float | None) -> int:
    """How many minutes this machine's clock is behind, negative where it is ahead; 0 where the gateway takes it.

    ``offset`` is the gateway's clock minus this machine's in seconds.
    """
    return 0 if offset is None or abs(offset) < CLOCK_TOLERANCE else round(offset / 60)


class NcpError(Exception):
    """Base of the package's errors. ``str()`` is one sentence for the operator, in English, without any secret.

    ``sentence`` is what the error was raised with, mostly a `Sentence`: it may be stored, and ``shown`` translates it.
    ``without_ids`` is the same without request ids, where they stand in it.

    ``code`` and ``ncp_message`` are NCP's own, HTML removed; ``request_ids`` and ``trace_id`` may be empty;
    ``http_status`` is None when no status line was read; ``clock_offset`` is the gateway's clock minus this
    machine's in seconds, when a ``Date`` header told it; ``retry_after`` is in seconds.

    ``meaning`` is a message without a stop: what an answer of this kind says. ``remedies`` are messages: what may
    help, most likely first; ``{gateway}`` stands for its address.
    """

    meaning: ClassVar[str] = ""
    remedies: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        sentence: str,
        *,
        http_status: int | None = None,
        code: str = "",
        ncp_message: str = "",
        request_ids: tuple[str, ...] = (),
        trace_id: str = "",
        clock_offset: float | None = None,
        retry_after: float | None = None,
        without_ids: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.without_ids = without_ids or sentence
        self.http_status = http_status
        self.code = code
        self.ncp_message = ncp_message
        self.request_ids = request_ids
        self.trace_id = trace_id
        self.clock_offset = clock_offset
        self.retry_after = retry_after

    @property
    def request_id(self) -> str:
        """The gateway's own request id, else the service's; empty where neither was told."""
        return next(iter(self.request_ids), "")

    @property
    def clock_lag(self) -> int:
        """How far off this machine's clock is, where the gateway refuses for it; see `clock_lag`."""
        return clock_lag(self.clock_offset)

    def remedies_at(self, gateway: str) -> tuple[str, ...]:
        """What may help, in sentences of the language in force, most likely first."""
        if self.clock_lag:
            return (tr("Set the clock (for example: timedatectl set-ntp true), then try again."),)
        return tuple(tr(one, gateway=gateway) for one in self.remedies)


class InvalidBaseUrl(NcpError, ValueError):
    """The base URL is malformed, or plain http to a host that is not loopback."""

    remedies = (msgid("Correct --api-url, NCLOUD_API_GW or the profile."),)


class InvalidKey(NcpError, ValueError):
    """A key cannot be one. ``key`` is `ACCESS_KEY` or `SECRET_KEY`, ``fault`` a message about ``{key}``.

    Neither quotes it.
    """

    def __init__(self, key: str, fault: str, **facts: object) -> None:
        super().__init__(Sentence.joined(Sentence(fault, key=key, **facts), Sentence("Copy it again.")))
        self.key = key
        self._fault, self._facts = fault, facts

    def of(self, key: str) -> Sentence:
        """What is wrong, of the key as somebody else calls it."""
        return Sentence(self._fault, key=key, **self._facts)


class InvalidRequest(NcpError):
    """A value cannot stand in a request, such as an empty server number; nothing was sent."""


class NotAvailable(NcpError):
    """This gateway does not offer the service; no request was made."""


class NotReached(NcpError):
    """No answer arrived. For a read, this says nothing about whether the request did."""

    remedies = (msgid("Check that this machine reaches {gateway}: network, VPN, proxy, DNS."),)


class ProxyUnusable(NotReached):
    """The proxy that is set for this address cannot be used; the sentence names where it is set."""

    remedies = (msgid("Only what is set for {gateway} counts: correct it, or except the gateway in NO_PROXY."),)


class UnreadableAnswer(NcpError):
    """An answer arrived that cannot be understood, or that is larger than the console reads."""

    meaning = msgid("The answer is not in NCP's form; a proxy or a login page of this network may stand in between")
    remedies = (msgid("Check that {gateway} is an NCP gateway, and that no proxy or login page sits in between."),)


class ApiError(NcpError):
    """NCP answered with an error in one of its two shapes."""

    meaning = msgid("NCP refused the request")


class AuthenticationFailed(ApiError):
    """401 with code 200: the key, the secret or the clock is wrong."""

    meaning = msgid("NCP does not accept this key; check the access key and the secret key")
    remedies = (
        msgid("Check that key and secret belong together, and that the key is active in the sub account."),
        msgid("Check that the key belongs to this site (public, gov and fin have keys of their own)."),
    )


class PermissionDenied(ApiError):
    """401 with code 210: the key may not do this, or not from this address."""

    meaning = msgid(
        "NCP does not permit this to the key; check the sub account's permissions, "
        "its allowed addresses and its API access"
    )
    remedies = (
        msgid("Ask for NCP_VPC_SERVER_VIEWER to list, NCP_VPC_SERVER_MANAGER to interrupt."),
        msgid("The sub account may be limited to certain IP addresses, or have API access switched off."),
    )


class NotFound(ApiError):
    """404: no such API at this address."""

    meaning = msgid("NCP has no such API at this address; check the site or the API address")


class Throttled(ApiError):
    """Too many requests: wait, then try again."""

    meaning = msgid("NCP asks to slow down; wait a moment, then try again")


class GatewayFailure(ApiError):
    """5xx: the gateway or the service behind it failed."""

    meaning = msgid("NCP failed to answer; try again in a moment")
    remedies = (msgid("Check NAVER Cloud's status page."),)
