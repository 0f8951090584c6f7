"""Log in and log out: what the commands and the screen do alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ncpconsole.cli.exits import ExitCode, fail
from ncpconsole.cli.loop import run_loop
from ncpconsole.config.login import CheckedPair, GatewaySilent, PairRefused, check_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ncpconsole.config.patience import Patience
    from ncpconsole.config.settings import Settings
    from ncpconsole.core.session import LoginForm
    from ncpconsole.ncp.signing import Credentials


async def log_in(
    config_file: Path, profile: str, base_url: str, credentials: Credentials, patience: Patience | None = None
) -> str:
    """Test the pair, then keep it in the OS keyring and note the profile; returns one sentence of success.

    Raises CredentialsError or ConfigError; unless the pair works, nothing is kept.
    """
    from ncpconsole.config.keyring_store import StoredPair, keep_async
    from ncpconsole.config.names import checked_profile_name
    from ncpconsole.config.settings import read_settings

    name = checked_profile_name(profile)
    read_settings(config_file)  # a file that cannot be understood could not be altered after the pair is kept
    checked = await check_pair(base_url, credentials)
    store = await keep_async(name, StoredPair(credentials, base_url), patience)
    _note_profile(config_file, name, checked, store)
    regions = ", ".join(checked.regions) or "no region"
    return f"The key of profile {name} works (regions: {regions}) and is kept in {store}."


def _note_profile(config_file: Path, name: str, checked: CheckedPair, store: str) -> None:
    from ncpconsole.config.names import FALLBACK
    from ncpconsole.config.settings import read_settings
    from ncpconsole.config.settings_writer import keep_in_profile
    from ncpconsole.ncp.signing import fingerprint
    from ncpconsole.ncp.sites import SITES, site_for

    settings = read_settings(config_file)
    site = site_for(checked.base_url)
    is_named_site = site in SITES
    keep_in_profile(
        config_file,
        name,
        {
            "site": site if is_named_site else None,
            "api_url": None if is_named_site else checked.base_url,
            "key_fingerprint": fingerprint(checked.credentials.access_key),
            "key_store": store,
        },
        make_default=name != FALLBACK and not settings.profiles and settings.default_profile is None,
    )


def log_out(config_file: Path, profile: str, *, forget_profile: bool = False) -> bool:
    """Remove the profile's pair from the OS keyring; False where it had none. The settings stay unless told.

    Raises CredentialsError or ConfigError.
    """
    from ncpconsole.config.keyring_store import forget
    from ncpconsole.config.names import checked_profile_name
    from ncpconsole.config.settings import read_settings
    from ncpconsole.config.settings_writer import keep_in_profile, remove_profile

    name = checked_profile_name(profile)
    settings = read_settings(config_file)
    had_one = forget(name)
    if name in settings.profiles:
        if forget_profile:
            remove_profile(config_file, name)
        elif settings.profiles[name].key_fingerprint or settings.profiles[name].key_store:
            keep_in_profile(config_file, name, {"key_fingerprint": None, "key_store": None})
    return had_one


def gateway_for(settings: Settings, profile: str, site: str | None, api_url: str | None) -> str:
    """The base URL to log in at: what was said, else what profile, environment or default say."""
    from ncpconsole.config.profiles import resolve_profile
    from ncpconsole.ncp.sites import SITES

    return resolve_profile(settings, profile, api_url=SITES[site].base_url if site else api_url).base_url


async def keep_after_test(form: LoginForm, notice: Callable[[], None] | None = None) -> str:
    """`log_in` for a form: its site or address, else the profile's. ``notice`` tells of a wait for a keyring.

    Raises CredentialsError, ConfigError, or ``ncp.errors.InvalidBaseUrl``.
    """
    from ncpconsole.config.pairs import checked_pair, environment_has_key
    from ncpconsole.config.paths import console_paths
    from ncpconsole.config.patience import Patience
    from ncpconsole.config.settings import read_settings
    from ncpconsole.ncp.sites import checked_base_url

    config_file = console_paths().config_file
    # Checked here already: what a form says is not the option that an error would name.
    typed = checked_base_url(form.api_url) if form.api_url else None
    base_url = gateway_for(read_settings(config_file), form.profile, form.site or None, typed)
    pair = checked_pair(form.access_key, form.secret_key)
    sentence = await log_in(config_file, form.profile, base_url, pair, Patience(notice=notice))
    if environment_has_key():
        sentence += " The environment holds a key too, and it is used before this one."
    return sentence


def log_in_now(config_file: Path, profile: str, base_url: str, credentials: Credentials) -> str:
    """`log_in` for a command: says on standard error when it waits for the keyring."""
    from ncpconsole.config.patience import Patience

    patience = Patience(notice=lambda: click.echo("Waiting for the OS keyring…", err=True))
    return run_loop(log_in(config_file, profile, base_url, credentials, patience))


@contextmanager
def login_errors() -> Iterator[None]:
    """End the command with one sentence, the next step and the documented exit code."""
    from ncpconsole.cli.runner import errors_as_exits

    with errors_as_exits():
        try:
            yield
        except (PairRefused, GatewaySilent) as error:
            fail(f"{error} {error.remedy}".strip(), exit_code_of(error))


def exit_code_of(error: Exception) -> ExitCode:
    """Rejected where NCP answered no, not sent where no answer came, no credentials for the rest."""
    if isinstance(error, PairRefused):
        return ExitCode.REJECTED
    return ExitCode.NOT_SENT if isinstance(error, GatewaySilent) else ExitCode.NO_CREDENTIALS
