"""Describes network errors in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from ncpconsole.ncp.errors import NcpError, ProxyUnusable
from ncpconsole.ncp.proxies import proxy_for
from ncpconsole.ncp.responses import to_plain_text

UNTRUSTED = (
    "the certificate of {host} is not trusted ({detail}); if this network inspects TLS, "
    "add its authority to the operating system's certificates"
)
KNOWN: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (socket.gaierror, "the name of {host}{via} cannot be resolved; check the address and the network"),
    (httpx.ProxyError, "the proxy in {variable} would not connect to {host} ({detail}); check the proxy's settings"),
    (ConnectionRefusedError, "the connection to {host}{via} was refused; check the address and the network"),
    (ssl.SSLError, "TLS with {host}{via} failed ({detail}); check the address and the port"),
    (httpx.TimeoutException, "{host}{via} did not answer in time"),
    (TimeoutError, "{host}{via} did not answer in time"),
    (httpx.RemoteProtocolError, "{host}{via} closed the connection or did not speak HTTP"),
)
"""From the most telling cause to the least; the first that occurs anywhere in the chain is told."""

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
    """One clause, without a full stop, that says why no answer came and what to do.

    Texts of libraries are repeated only where they cannot hold a proxy's address, which may hold a password.
    """
    causes = list(chain(error))
    for one in causes:
        if isinstance(one, NcpError):
            return one.sentence.rstrip(".")
    host = urlsplit(base_url).netloc or base_url
    variable = _proxy_variable(base_url)
    via = f" through the proxy in {variable}" if variable else ""
    for kind, words in KNOWN:
        for one in causes:
            if isinstance(one, kind):
                return words.format(host=host, via=via, variable=variable, detail=_detail(one))
    return f"the connection to {host}{via} failed or was lost"


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
    return to_plain_text(said) or "no reason given"
