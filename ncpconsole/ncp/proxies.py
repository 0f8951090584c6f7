"""Which proxy a gateway is reached through: by the settings that apply to its address, and by no others.

The HTTP client reads every proxy variable when it is made, so one that is not used, and that it cannot read,
would stop it. Here the one proxy of an address is chosen first, for the client and for `doctor` alike.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.errors import ProxyUnusable
from ncpconsole.ncp.sites import DEFAULT_PORTS, is_loopback

MALFORMED_PROXY = msgid("The proxy's address in {variable} is malformed; correct or unset it.")
SOCKS = msgid("{variable} names a SOCKS proxy, which is not supported; set an http proxy in HTTPS_PROXY.")
SOCKS_BESIDE = msgid(
    "{variable} names a SOCKS proxy, which is not supported; set an http proxy in HTTPS_PROXY and unset {variable}."
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """An http proxy: its address, which may hold a password, its host, and the variable that names it."""

    url: str = field(repr=False)
    host: str
    variable: str


def proxy_for(base_url: str) -> Proxy | None:
    """The proxy for this gateway, None where it is reached directly; a loopback address always is.

    Raises ProxyUnusable, which names the variable and quotes nothing of its value.
    """
    url = urlsplit(base_url)
    host, proxies = url.hostname or "", getproxies()
    scheme = next((one for one in (url.scheme, "all") if proxies.get(one)), "")
    if not scheme or is_loopback(host) or _is_excepted(host, url.port or DEFAULT_PORTS.get(url.scheme, 0), proxies):
        return None
    variable = next(
        (one for one in (f"{scheme}_proxy", f"{scheme}_proxy".upper()) if os.environ.get(one)),
        Sentence("the system's settings"),
    )
    address = proxies[scheme].strip()
    address = address if "://" in address else f"http://{address}"
    try:
        parsed = urlsplit(address)
        is_whole = bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ProxyUnusable(Sentence(MALFORMED_PROXY, variable=variable))
    if parsed.scheme.startswith("socks"):
        is_elsewhere = scheme != "https"
        raise ProxyUnusable(Sentence(SOCKS_BESIDE if is_elsewhere else SOCKS, variable=variable))
    if parsed.scheme not in DEFAULT_PORTS:
        raise ProxyUnusable(
            Sentence(
                "The proxy's address in {variable} has an unknown scheme; it must begin with http://.",
                variable=variable,
            )
        )
    return Proxy(address, parsed.hostname or "", variable)


def _is_excepted(host: str, port: int, proxies: dict[str, str]) -> bool:
    """Whether NO_PROXY, or the system, excepts this host: by its name, a domain, an address or a range."""
    if proxy_bypass(f"{host}:{port}"):
        return True
    with contextlib.suppress(ValueError):
        address = ip_address(host)
        for entry in proxies.get("no", "").split(","):
            with contextlib.suppress(ValueError):
                if address in ip_network(entry.strip().strip("[]"), strict=False):
                    return True
    return False
