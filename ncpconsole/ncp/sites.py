"""The base URLs of NAVER Cloud's three sites, and of any other gateway given by its address.

Sources: the API overview pages of the public, government and financial sites.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import InvalidBaseUrl

API_PATH = "/vserver/v2"
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """One site: the gateway's base URL, the activity tracer's, that of STS, its VPC regions, its web console's.

    ``insight_key`` is Cloud Insight's key of Server (VPC), empty where it is not published and has to be asked for.
    """

    name: str
    base_url: str
    activity_url: str
    identity_url: str
    regions: tuple[str, ...]
    insight_url: str
    insight_key: str
    web_console: str


SITES: dict[str, Site] = {
    site.name: site
    for site in (
        Site(
            "public",
            "https://ncloud.apigw.ntruss.com",
            "https://cloudactivitytracer.apigw.ntruss.com",
            "https://sts.apigw.ntruss.com",
            ("KR", "SGN", "JPN"),
            "https://cw.apigw.ntruss.com",
            "460438474722512896",
            "https://console.ncloud.com",
        ),
        Site(
            "gov",
            "https://ncloud.apigw.gov-ntruss.com",
            "https://cloudactivitytracer.apigw.gov-ntruss.com",
            "https://sts.apigw.gov-ntruss.com",
            ("KR", "KRS"),
            "https://cw.apigw.gov-ntruss.com",
            "567435234753253376",
            "https://console.gov-ncloud.com",
        ),
        Site(
            "fin",
            "https://fin-ncloud.apigw.fin-ntruss.com",
            "https://cloudactivitytracer.apigw.fin-ntruss.com",
            "https://sts.apigw.fin-ntruss.com",
            ("FKR",),
            "https://cw.apigw.fin-ntruss.com",
            "",
            "https://console.fin-ncloud.com",
        ),
    )
}


def site_for(base_url: str) -> str:
    """The name of the site behind a base URL, or the host when it is another gateway."""
    for site in SITES.values():
        if site.base_url == base_url:
            return site.name
    return urlsplit(base_url).hostname or base_url


SERVERS_PAGE = "/vpc-compute/server"
"""The web console's list of VPC servers. It takes neither region nor server in its address: both are chosen there."""


def servers_page(site: str) -> str:
    """The address of a site's list of servers in the web console; empty for another gateway."""
    return f"{SITES[site].web_console}{SERVERS_PAGE}" if site in SITES else ""


def foreign_host(base_url: str) -> str:
    """Host and port of a gateway that is neither one of the three sites nor on this machine, else nothing."""
    url = urlsplit(base_url)
    is_known = site_for(base_url) in SITES or is_loopback(url.hostname or "")
    return "" if is_known else url.netloc or base_url


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine: ``localhost``, 127.0.0.0/8 or ``::1``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base_url(text: str) -> str:
    """Normalise a gateway's address to ``scheme://host[:port]``.

    Case, a default port, a trailing dot, a trailing slash and a trailing ``/vserver/v2`` are dropped, so that
    one gateway has one spelling. Plain http is for loopback alone, since the key's use is visible in it.
    Raises InvalidBaseUrl with a sentence that says what to change.
    """
    if not text.isascii() or not text.isprintable() or " " in text.strip() or "\\" in text:
        raise InvalidBaseUrl(Sentence("The API address holds a character that no address has; type it again."))
    url, port = _split(text.strip())
    scheme, host = url.scheme, (url.hostname or "").rstrip(".")
    if scheme not in DEFAULT_PORTS or not host:
        raise InvalidBaseUrl(Sentence("The API address must look like https://host or https://host:port."))
    if url.username is not None or url.password is not None:
        raise InvalidBaseUrl(Sentence("The API address must not hold a user name or password; remove them."))
    if url.query or url.fragment or "?" in text or "#" in text:
        raise InvalidBaseUrl(Sentence("The API address must not hold a query or fragment; remove it."))
    if url.path.rstrip("/") not in {"", API_PATH}:
        raise InvalidBaseUrl(
            Sentence("The API address must end after the host or with {path}; remove the path.", path=API_PATH)
        )
    if scheme == "http" and not is_loopback(host):
        raise InvalidBaseUrl(Sentence("The API address must begin with https; plain http is for this machine alone."))
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port in {None, DEFAULT_PORTS[scheme]} else f"{scheme}://{shown}:{port}"


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise InvalidBaseUrl(Sentence("The API address is malformed; it must look like https://host:port.")) from error
    if port == 0:
        raise InvalidBaseUrl(Sentence("The API address holds port 0, which no gateway has."))
    return url, port
