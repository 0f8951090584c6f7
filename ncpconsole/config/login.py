"""Log a profile in and out: test a pair with one signed read, keep it in the OS keyring, forget it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ncpconsole.config.credentials import checked_pair, environment_has_key
from ncpconsole.config.keyring_store import CallTimeout, StoredPair, forget, keep, keyring_name
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import resolve_profile
from ncpconsole.config.settings import FALLBACK, Settings, checked_profile_name
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.config.settings_writer import keep_in_profile, remove_profile
from ncpconsole.core.errors import CredentialsError, KeyNotKept
from ncpconsole.core.session import LoginForm, OnWait
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    NcpError,
    NotReached,
    PermissionDenied,
    Throttled,
)
from ncpconsole.ncp.signing import Credentials, fingerprint
from ncpconsole.ncp.sites import SITES, checked_base_url, site_for

ENVIRONMENT_TOO = msgid(
    "The environment holds a key too, and it is looked at first: unset it, since a profile refuses another "
    "key than the one it was logged in with."
)
SET_THE_CLOCK = msgid("Set the clock (NTP) and try again; the pair may be right.")


class PairRefused(CredentialsError):  # says what happened, as the other errors of the console do
    """The gateway answered, and did not let this pair read."""


class GatewaySilent(CredentialsError):  # says what happened, as the other errors of the console do
    """Whether the pair is right could not be found out: no answer, or none that can be used."""


async def log_in(
    config_file: Path, profile: str, base_url: str, credentials: Credentials, wait: CallTimeout | None = None
) -> str:
    """Test the pair, then keep it in the OS keyring and note the profile; returns one sentence of success.

    Raises CredentialsError or ConfigError; unless the pair works, nothing is kept. KeyNotKept where it works and the
    keyring does not take it.
    """
    name = checked_profile_name(profile)
    read_settings(config_file)  # a file that cannot be understood could not be altered after the pair is kept
    regions = ", ".join(await check_pair(base_url, credentials)) or tr("no region")
    try:
        store = await keep(name, StoredPair(credentials, base_url), wait)
    except CredentialsError as error:
        sentence = tr("The pair works, but it was not kept: {why}", why=shown(error))
        raise KeyNotKept(sentence, error.remedy) from error
    settings = read_settings(config_file)
    site = site_for(base_url)
    is_named_site = site in SITES
    keep_in_profile(
        config_file,
        name,
        {
            "site": site if is_named_site else None,
            "api_url": None if is_named_site else base_url,
            "key_fingerprint": fingerprint(credentials.access_key),
            "key_store": store,
        },
        make_default=name != FALLBACK and not settings.profiles and settings.default_profile is None,
    )
    return tr(
        "The key of profile {profile} works (regions: {regions}) and is kept in {store}.",
        profile=name,
        regions=regions,
        store=store,
    )


async def log_in_with_form(
    form: LoginForm, on_wait: OnWait | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """`log_in` for a form: its site or address, else the profile's. ``on_wait``: see `OnWait`.

    Raises CredentialsError, ConfigError, or ``ncp.errors.InvalidBaseUrl``.
    """
    config_file = console_paths().config_file
    pair = _typed(form, config_file)
    wait = CallTimeout(notice=on_wait)
    done = await log_in(config_file, form.profile, pair.base_url, pair.credentials, wait)
    return " ".join((done, *_beside(environ)))


async def log_in_for_session(form: LoginForm, environ: Mapping[str, str]) -> tuple[StoredPair, str]:
    """Test the form's pair and keep it nowhere; returns it with one sentence of success. Raises as above."""
    name = checked_profile_name(form.profile)
    pair = _typed(form, console_paths().config_file)
    regions = ", ".join(await check_pair(pair.base_url, pair.credentials)) or tr("no region")
    works = tr("The key of profile {profile} works (regions: {regions}).", profile=name, regions=regions)
    kept = tr("It is used until this console ends, and kept nowhere.")
    return pair, " ".join((works, kept, *_beside(environ)))


def _typed(form: LoginForm, config_file: Path) -> StoredPair:
    # Checked here already: what a form says is not the option that an error would name.
    typed = checked_base_url(form.api_url) if form.api_url else None
    base_url = gateway_for(read_settings(config_file), form.profile, form.site or None, typed)
    return StoredPair(checked_pair(form.access_key, form.secret_key), base_url)


def _beside(environ: Mapping[str, str]) -> tuple[str, ...]:
    return (tr(ENVIRONMENT_TOO),) if environment_has_key(environ) else ()


async def keyring_note() -> str:
    """What to say before a key is typed where no keyring can keep it; empty where one can."""
    try:
        await keyring_name()
    except CredentialsError:
        return tr(
            "No keyring of the operating system can keep a key here (`ncpconsole doctor` says why). So the "
            "pair is tested with one signed read, used until this console ends, and kept nowhere."
        )
    return ""


async def log_out(config_file: Path, profile: str, *, forget_profile: bool) -> bool:
    """Remove the profile's pair from the OS keyring; False where it had none. The settings stay unless told.

    Raises CredentialsError or ConfigError.
    """
    name = checked_profile_name(profile)
    settings = read_settings(config_file)
    had_one = await forget(name)
    if name in settings.profiles:
        if forget_profile:
            remove_profile(config_file, name)
        elif settings.profiles[name].key_fingerprint or settings.profiles[name].key_store:
            keep_in_profile(config_file, name, {"key_fingerprint": None, "key_store": None})
    return had_one


def gateway_for(settings: Settings, profile: str, site: str | None, api_url: str | None) -> str:
    """The base URL to log in at: what was given, else what profile, environment or default say."""
    return resolve_profile(settings, profile, api_url=SITES[site].base_url if site else api_url).base_url


async def check_pair(base_url: str, credentials: Credentials) -> tuple[str, ...]:
    """The region codes that this pair may use. Raises PairRefused or GatewaySilent, both CredentialsError."""
    from ncpconsole.ncp.client import Client

    client = Client(base_url, credentials, connect_timeout=5, read_timeout=10, attempts=2)
    try:
        regions = await client.regions()
    except NcpError as error:
        raise explained(error, credentials) from error
    finally:
        await client.aclose()
    return tuple(region.region_code for region in regions)


def explained(error: NcpError, credentials: Credentials) -> CredentialsError:
    """What the failure of the read says about the pair, and the next step.

    NCP documents one code for a wrong access key, a wrong secret key and a wrong time; where its message or
    the clock tells more, so does the sentence.
    """
    if isinstance(error, NotReached | GatewayFailure | Throttled) or not isinstance(error, ApiError):
        return GatewaySilent(tr("The pair could not be tested. {why}", why=shown(error)))
    if isinstance(error, PermissionDenied):
        return PairRefused(*_not_permitted(error))
    if isinstance(error, AuthenticationFailed) and credentials.oddities and not error.clock_lag:
        return PairRefused(
            tr("NCP does not accept the pair. {oddities}", oddities=credentials.oddities),
            tr("Take away what does not belong to the key."),
        )
    if isinstance(error, AuthenticationFailed):
        return PairRefused(*_not_authenticated(error, credentials))
    return PairRefused(tr("The pair could not be used. {why}", why=shown(error)))


def _not_permitted(error: NcpError) -> tuple[str, str]:
    if re.search(r"\b(ip|address|acl)\b", error.ncp_message, re.IGNORECASE):
        return (
            tr("NCP accepts the pair, but not from this network address."),
            tr("Add the address to the sub account's allowed IPs, or work from an allowed network."),
        )
    return (
        tr(
            "NCP accepts the pair, but it may not list: its account lacks the permission, or is restricted to "
            "other IP addresses or to the web console."
        ),
        tr(
            "Grant it NCP_VPC_SERVER_VIEWER (NCP_VPC_SERVER_MANAGER to interrupt) and API access, and check its "
            "allowed IPs."
        ),
    )


def _not_authenticated(error: NcpError, credentials: Credentials) -> tuple[str, str]:
    if lag := error.clock_lag:
        behind = msgid(
            "This machine's clock is {minutes} minutes behind NCP's, and NCP refuses requests that are 5 minutes off."
        )
        ahead = msgid(
            "This machine's clock is {minutes} minutes ahead of NCP's, and NCP refuses requests that are 5 minutes off."
        )
        return tr(behind if lag > 0 else ahead, minutes=abs(lag)), tr(SET_THE_CLOCK)
    said = error.ncp_message.casefold()
    if "timestamp" in said:
        return (
            tr("NCP refuses the time of the request, so this machine's clock is 5 minutes or more off."),
            tr(SET_THE_CLOCK),
        )
    if "signature" in said or "secret" in said:
        return (
            tr("NCP knows the access key, but the secret key is not the one that belongs to it."),
            tr("Type the secret key again."),
        )
    if any(words in said for words in ("access key", "accesskey", "api key")):  # no message: NCP's own words
        return (
            tr("NCP does not know the access key, or it is disabled."),
            tr("Check the key and the site: public, gov and fin have keys of their own."),
        )
    # A secret key is about twice as long as an access key.
    if len(credentials.access_key) > len(credentials.secret_key.reveal()):
        return (
            tr("NCP does not accept the pair, and the access key is longer than the secret key."),
            tr("The two may be swapped; type them again."),
        )
    return (
        tr(
            "NCP does not accept the pair: the access key is unknown, disabled or of another site, or the secret "
            "key does not belong to it; NCP does not say which."
        ),
        tr("Check the site and type both again."),
    )
