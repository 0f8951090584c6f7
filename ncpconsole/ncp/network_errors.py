"""Describes network errors in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.errors import NcpError, ProxyUnusable
from ncpconsole.ncp.proxies import proxy_for
from ncpconsole.ncp.responses import to_plain_text

LOST = (
    msgid("The connection to {host} failed or was lost."),
    msgid("The connection to {host} through the proxy in {variable} failed or was lost."),
)
UNTRUSTED = msgid(
    "The certificate of {host} is not trusted ({detail}); if this network inspects TLS, "
    "add its authority to the operating system's certificates."
)
REFUSED_BY_PROXY = msgid("The proxy in {variable} would not connect to {host} ({detail}); check the proxy's settings.")
TIME_OUT = (
    msgid("{host} did not answer in time."),
    msgid("{host} through the proxy in {variable} did not answer in time."),
)
KNOWN: tuple[tuple[type[BaseException], tuple[str, str]], ...] = (
    (ssl.SSLCertVerificationError, (UNTRUSTED, UNTRUSTED)),
    (
        socket.gaierror,
        (
            msgid("The name of {host} cannot be resolved; check the address and the network."),
            msgid(
                "The name of {host} through the proxy in {variable} cannot be resolved; "
                "check the address and the network."
            ),
        ),
    ),
    (httpx.ProxyError, (REFUSED_BY_PROXY, REFUSED_BY_PROXY)),
    (
        ConnectionRefusedError,
        (
            msgid("The connection to {host} was refused; check the address and the network."),
            msgid(
                "The connection to {host} through the proxy in {variable} was refused; "
                "check the address and the network."
            ),
        ),
    ),
    (
        ssl.SSLError,
        (
            msgid("TLS with {host} failed ({detail}); check the address and the port."),
            msgid("TLS with {host} through the proxy in {variable} failed ({detail}); check the address and the port."),
        ),
    ),
    (httpx.TimeoutException, TIME_OUT),
    (TimeoutError, TIME_OUT),
    (
        httpx.RemoteProtocolError,
        (
            msgid("{host} closed the connection or did not speak HTTP."),
            msgid("{host} through the proxy in {variable} closed the connection or did not speak HTTP."),
        ),
    ),
)
"""From the most telling cause to the least; the first that occurs anywhere in the chain is told.

The two messages: of a gateway that is reached directly, and through a proxy."""

PERMANENT = (ssl.SSLCertVerificationError, httpx.ProxyError, ProxyUnusable)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and the members of groups, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(one for one in (current.__cause__, current.__context__) if one is not None)


def is_permanent(error: BaseException) -> bool:
    """Whether trying the same again cannot help: a certificate, the proxy's refusal, a setting."""
    return any(isinstance(one, PERMANENT) for one in chain(error))


def explain(error: BaseException, base_url: str) -> str:
    """A `Sentence` that says why no answer came and what to do.

    Texts of libraries are repeated only where they cannot hold a proxy's address, which may hold a password.
    """
    causes = list(chain(error))
    for one in causes:
        if isinstance(one, NcpError):
            return one.sentence
    host = urlsplit(base_url).netloc or base_url
    variable = _proxy_variable(base_url)
    for kind, messages in KNOWN:
        for one in causes:
            if isinstance(one, kind):
                return Sentence(messages[bool(variable)], host=host, variable=variable, detail=_detail(one))
    return Sentence(LOST[bool(variable)], host=host, variable=variable)


def _proxy_variable(base_url: str) -> str:
    try:
        proxy = proxy_for(base_url)
    except NcpError:
        return ""
    return proxy.variable if proxy else ""


def _detail(error: BaseException) -> str:
    # Only what OpenSSL itself raised has these two.
    if isinstance(error, ssl.SSLCertVerificationError):
        said = getattr(error, "verify_message", "")
    elif isinstance(error, ssl.SSLError):
        said = getattr(error, "reason", "")
    else:
        said = str(error)
    return to_plain_text(said) or Sentence("no reason given")
