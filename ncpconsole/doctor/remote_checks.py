"""Checks of the connection to the gateway: proxy, certificates, name, TLS, clock; then of the key."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from ncpconsole.config.login import check_pair, explained
from ncpconsole.config.profiles import Profile
from ncpconsole.core.errors import CredentialsError
from ncpconsole.core.wording import acting_words
from ncpconsole.doctor.findings import (
    ACTING_AS,
    ACTIVITY_LOG,
    FOREIGN_GATEWAY,
    PERMISSION,
    VITAL_SIGNS,
    Finding,
    Status,
    failure,
    ok,
    warning,
)
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.errors import CLOCK_TOLERANCE, NcpError, NotReached, PermissionDenied, ProxyUnusable
from ncpconsole.ncp.metrics import Condition, Metric
from ncpconsole.ncp.proxies import proxy_for
from ncpconsole.ncp.reads import probe
from ncpconsole.ncp.signing import Credentials
from ncpconsole.ncp.sites import SITES, is_loopback
from ncpconsole.ncp.transport import system_certificates

NETWORK_STEP_SECONDS = 4.0
"""Each step gives up after this long, so that a machine without a network has its answer soon."""
ACCOUNT_STEP_SECONDS = 10.0
LOG_MILLISECONDS = 30 * 60 * 1000
CLOCK_DRIFT = 60
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
NO_SERVER_IS_CALLED = "ncpconsole-doctor-looks-for-no-server"
NO_NUMBER = "0"
TRY_LATER = msgid("Try again in a moment.")
CHECK_ADDRESS = msgid("Check the address and the network.")
SET_CLOCK = msgid("Set the clock, for example with NTP.")


async def check_connection(profile: Profile) -> AsyncIterator[Finding]:
    """The steps of a connection in their order; one that fails ends them."""
    base_url, url = profile.base_url, urlsplit(profile.base_url)
    host, port = url.hostname or "", url.port or 443
    if profile.site not in SITES and not is_loopback(host):
        yield _foreign_gateway(profile)
    try:
        proxy = proxy_for(base_url)
    except ProxyUnusable as error:
        yield failure("proxy", shown(error), " ".join(map(shown, error.remedies_at(host))))
        return
    yield ok("proxy", f"{proxy.host} ({proxy.variable})" if proxy else tr("none for this gateway"))
    if url.scheme == "http":
        for check in ("certificates", "dns", "tls"):
            yield ok(check, tr("plain http to loopback"))
    else:
        yield _certificates()
        if proxy:
            for check in ("dns", "tls"):
                yield ok(check, tr("left to the proxy; the gateway check below goes all the way"))
        else:
            for step in (_dns, _tls):
                finding = await step(host, port)
                yield finding
                if finding.status is Status.FAILURE:
                    return
    async for finding in _gateway(base_url):
        yield finding


def _foreign_gateway(profile: Profile) -> Finding:
    host, source = urlsplit(profile.base_url).hostname or "", shown(profile.base_url_from)
    return warning(
        FOREIGN_GATEWAY,
        tr(
            "{host}, named by {source}, is none of NAVER Cloud's sites. It sees every signed request, and "
            "with a signed interrupt it can interrupt any server of the account for five minutes.",
            host=host,
            source=source,
        ),
        tr("Unless it is meant, take it out of {source}.", source=source),
    )


def _certificates() -> Finding:
    """Where trusted certificates come from, and what adds to them."""
    added = {name: os.environ[name] for name in CERTIFICATE_VARIABLES if os.environ.get(name)}
    for name, place in added.items():
        if not Path(place).exists():
            why = tr("{variable} names {path}, which does not exist.", variable=name, path=place)
            return failure("certificates", why, tr("Correct or unset {variable}.", variable=name))
    if added:
        names = [f"{name} ({place})" for name, place in added.items()]
        both = tr("{one} and {other}", one=names[0], other=names[-1])
        return warning(
            "certificates",
            tr(
                "{variables} decides what is trusted. "
                "Whoever holds the key of a certificate there can read signed requests.",
                variables=names[0] if len(names) == 1 else both,
            ),
            tr("Unset it, unless this network inspects TLS with your knowledge."),
        )
    known = ssl.get_default_verify_paths()
    if known.cafile or (known.capath and any(Path(known.capath).iterdir())):
        return ok("certificates", tr("the operating system's ({path})", path=known.cafile or known.capath))
    # Windows and macOS keep them in a store of the system, not in files.
    if sys.platform in {"win32", "darwin"}:
        return ok("certificates", tr("the operating system's"))
    return failure("certificates", tr("This machine has none."), tr("Install the package ca-certificates."))


async def _dns(host: str, port: int) -> Finding:
    """Whether the gateway's name has an address."""
    try:
        async with asyncio.timeout(NETWORK_STEP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        late = tr("{host} was not resolved in time.", host=host)
        refused = tr("{host} was not resolved ({why}).", host=host, why=error.strerror)
        why = late if isinstance(error, TimeoutError) else refused
        return failure("dns", why, tr("Check the address, the network and its DNS."))
    addresses = sorted({str(each[4][0]) for each in found})
    return ok("dns", tr("{host} is {addresses}", host=host, addresses=", ".join(addresses)))


async def _tls(host: str, port: int) -> Finding:
    """Whether a trusted TLS connection comes about."""
    remedy = tr("If this network inspects TLS, add its authority to the operating system's certificates.")
    try:
        async with asyncio.timeout(NETWORK_STEP_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=system_certificates())
    except ssl.SSLCertVerificationError as error:
        why = tr("The certificate of {host} is not trusted: {why}.", host=host, why=error.verify_message)
        return failure("tls", why, remedy)
    except ssl.SSLError as error:
        return failure("tls", tr("TLS with {host} failed: {why}.", host=host, why=error.reason), remedy)
    except TimeoutError:
        why = tr("{host}, port {port}, did not answer in time.", host=host, port=port)
        return failure("tls", why, tr("Check the firewall or set HTTPS_PROXY."))
    except OSError as error:
        why = tr("{host}, port {port}: {why}.", host=host, port=port, why=error.strerror or error)
        return failure("tls", why, tr(CHECK_ADDRESS))
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    return ok("tls", tr("{version}, certificate trusted", version=version))


async def _gateway(base_url: str) -> AsyncIterator[Finding]:
    """Whether the gateway answers an unsigned request, and how this machine's clock compares to its own."""
    try:
        found = await probe(base_url, NETWORK_STEP_SECONDS)
    except NotReached as error:
        yield failure("gateway", shown(error), tr("Check the address, the network and the proxy."))
        return
    yield ok("gateway", tr("answers (HTTP {status} to an unsigned request)", status=found.status))
    yield _clock(found.clock_offset)


def _clock(offset: float | None) -> Finding:
    """The gateway's clock minus this machine's, in seconds; five minutes make NCP refuse every request."""
    if offset is None:
        return warning("clock", tr("The gateway does not tell its time."))
    behind, ahead = msgid("{seconds:.0f} s behind the gateway's"), msgid("{seconds:.0f} s ahead of the gateway's")
    text = tr(behind if offset > 0 else ahead, seconds=abs(offset))
    if abs(offset) >= CLOCK_TOLERANCE:
        return failure("clock", tr("{difference}; NCP refuses every request.", difference=text), tr(SET_CLOCK))
    if abs(offset) >= CLOCK_DRIFT:
        return warning("clock", tr("{difference}; at 300 s NCP refuses.", difference=text), tr(SET_CLOCK))
    return ok("clock", tr("as the gateway's") if abs(offset) < 2 else text)


async def check_account(profile: Profile, credentials: Credentials) -> AsyncIterator[Finding]:
    """Whether the gateway accepts the pair, and lets it list servers."""
    try:
        async with asyncio.timeout(ACCOUNT_STEP_SECONDS):
            regions = await check_pair(profile.base_url, credentials)
    except CredentialsError as error:
        yield failure("signature", shown(error), shown(error.remedy))
        return
    except TimeoutError:
        why = tr("The gateway did not answer within {seconds:.0f} s.", seconds=ACCOUNT_STEP_SECONDS)
        yield failure("signature", why, tr(TRY_LATER))
        return
    if regions:
        yield ok("signature", tr("accepted; regions {regions}", regions=", ".join(regions)))
    else:
        yield ok("signature", tr("accepted; regions none"))
    for region in profile.regions or regions[:1]:
        yield await _permission_to_list(profile, credentials, region)
    yield await _vital_signs(profile, credentials)
    async for finding in _witnesses(profile, credentials):
        yield finding


async def _witnesses(profile: Profile, credentials: Credentials) -> AsyncIterator[Finding]:
    """Whose key it is, and whether the activity log can be read. Neither is needed, so that none is a failure."""
    own = None if profile.site in SITES else profile.base_url
    client = Client(profile.base_url, credentials, activity_url=own, identity_url=own, attempts=1)
    now = int(time.time() * 1000)
    try:
        async with asyncio.timeout(ACCOUNT_STEP_SECONDS):
            yield ok(ACTING_AS, acting_words(await client.caller_identity()))
    except (NcpError, TimeoutError) as error:
        untold = tr("Not told: {why}", why=_why(error))
        yield warning(ACTING_AS, untold, tr("Whose key it is will not stand in the record."))
    try:
        async with asyncio.timeout(ACCOUNT_STEP_SECONDS):
            await client.activities(now - LOG_MILLISECONDS, now)
        yield ok(ACTIVITY_LOG, tr("readable: an interrupt by others in the last half hour is a caution"))
    except (NcpError, TimeoutError) as error:
        unread = tr("Not read: {why}", why=_why(error))
        yield warning(ACTIVITY_LOG, unread, tr("What others do from other machines will not show."))
    finally:
        await client.aclose()


def _why(error: NcpError | TimeoutError) -> str:
    if isinstance(error, NcpError):
        return shown(error)
    return tr("no answer within {seconds:.0f} s.", seconds=ACCOUNT_STEP_SECONDS)


async def _vital_signs(profile: Profile, credentials: Credentials) -> Finding:
    """Whether Cloud Insight may be read. Asks for a server that there is not, so that the answer is short.

    It is a warning where it may not: lists and interrupts go on without.
    """
    if not profile.policy.vitals:
        return ok(VITAL_SIGNS, tr("switched off (vitals = false)"))
    client = Client(profile.base_url, credentials)
    now = int(time.time() * 1000)
    try:
        async with asyncio.timeout(ACCOUNT_STEP_SECONDS):
            await client.metric_points([Condition(NO_NUMBER, Metric.CPU)], now - 60_000, now)
    except PermissionDenied as error:
        return warning(VITAL_SIGNS, shown(error), tr("Ask for the policy, or set vitals = false."))
    except NcpError as error:
        remedy = tr("The console works without; vitals = false asks no more.")
        return warning(VITAL_SIGNS, shown(error), remedy)
    except TimeoutError:
        why = tr("Cloud Insight did not answer within {seconds:.0f} s.", seconds=ACCOUNT_STEP_SECONDS)
        return warning(VITAL_SIGNS, why, tr(TRY_LATER))
    finally:
        await client.aclose()
    return ok(VITAL_SIGNS, tr("Cloud Insight may be read"))


async def _permission_to_list(profile: Profile, credentials: Credentials, region: str) -> Finding:
    """Whether the key may list servers. Asks for a name that no server has, so that the answer is short."""
    client = Client(profile.base_url, credentials, connect_timeout=5, read_timeout=8, attempts=2)
    try:
        async with asyncio.timeout(ACCOUNT_STEP_SECONDS):
            await client.servers(region, server_name=NO_SERVER_IS_CALLED)
    except NcpError as error:
        told = explained(error, credentials)
        return failure(PERMISSION, f"{region}: {shown(told)}", shown(told.remedy))
    except TimeoutError as error:
        return failure(PERMISSION, f"{region}: {_why(error)}", tr(TRY_LATER))
    finally:
        await client.aclose()
    return ok(
        PERMISSION,
        tr("{region}; the permission to interrupt (NCP_VPC_SERVER_MANAGER) shows only when one is sent", region=region),
    )
