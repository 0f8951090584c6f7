"""``ncpconsole login``: test a key pair and keep it in the keyring of the operating system."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ncpconsole.cli.output import ExitCode, fail, say
from ncpconsole.cli.runner import run_loop
from ncpconsole.config.login import CheckedPair, GatewaySilent, PairRefused, check_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ncpconsole.config.keyring_store import CallTimeout
    from ncpconsole.config.ncloud_cli import CliProfile
    from ncpconsole.config.settings import Settings
    from ncpconsole.core.session import LoginForm
    from ncpconsole.ncp.signing import Credentials


LONGEST_LINE = 4096
"""Bytes read of each line; a key is far shorter."""
SITE_NAMES = ("public", "gov", "fin")


@click.command()
@click.option("--profile", metavar="NAME", help="Profile to keep the key for.")
@click.option("--site", type=click.Choice(SITE_NAMES), help="Site that issued the key.")
@click.option("--api-url", metavar="URL", help="Base URL of another gateway.")
@click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read access key and secret key as two lines of input."
)
@click.option("--from-ncloud-cli", "from_cli", is_flag=True, help="Take the keys of ~/.ncloud/configure.")
@click.pass_context
def login_command(
    context: click.Context,
    /,
    profile: str | None,
    site: str | None,
    api_url: str | None,
    from_stdin: bool,
    from_cli: bool,
) -> None:
    """Test a key with one signed read and keep it in the OS keyring; nothing is kept unless it works.

    The keys are asked for without echo, or read with --stdin; they are never taken from the command line.
    """
    from ncpconsole.cli.options import Options
    from ncpconsole.config.paths import console_paths
    from ncpconsole.config.settings import read_settings

    before = context.find_object(Options) or Options()
    profile = profile or before.profile
    api_url = api_url or (before.api_url if site is None else None)
    if site and api_url:
        raise click.UsageError("--site and --api-url exclude each other; give one of them.")
    if from_stdin and from_cli:
        raise click.UsageError("--stdin and --from-ncloud-cli exclude each other; give one of them.")
    with login_errors():
        config_file = console_paths().config_file
        settings = read_settings(config_file)
        _check_keyring()
        if from_cli:
            import_all(config_file, settings, profile, site, api_url)
        else:
            _log_in_one(config_file, settings, profile, site, api_url, from_stdin)


def _check_keyring() -> None:
    """Refuse an unusable keyring before any key is typed."""
    from ncpconsole.config.keyring_store import keyring_name

    keyring_name()


def _log_in_one(
    config_file: Path,
    settings: Settings,
    profile: str | None,
    site: str | None,
    api_url: str | None,
    from_stdin: bool,
) -> None:
    from ncpconsole.cli.output import say
    from ncpconsole.config.pairs import checked_pair, environment_has_key
    from ncpconsole.config.profiles import chosen_name, resolve_profile

    name = chosen_name(settings, profile)
    if not from_stdin and not sys.stdin.isatty():
        raise click.UsageError(
            "Standard input is not a terminal; give the two keys as two lines with --stdin."
        )
    if not from_stdin and not (site or api_url) and resolve_profile(settings, name).is_gateway_unsaid:
        site = click.prompt("Site", type=click.Choice(SITE_NAMES), default="public", err=True)
    base_url = gateway_for(settings, name, site, api_url)
    pair = checked_pair(*(_read_lines() if from_stdin else _ask(name, base_url)))
    say(log_in_now(config_file, name, base_url, pair))
    if environment_has_key():
        say(
            "The environment holds a key too, and it is used before this one; unset it to use this one.",
            error=True,
        )


def _ask(name: str, base_url: str) -> tuple[str, str]:
    from ncpconsole.cli.output import say

    say(f"Logging in profile {name} at {base_url}. What is typed is not shown.", error=True)
    access_key: str = click.prompt("Access key", hide_input=True, err=True)
    secret_key: str = click.prompt("Secret key", hide_input=True, err=True)
    return access_key.strip(), secret_key.strip()


def _read_lines() -> tuple[str, str]:
    from ncpconsole.core.errors import CredentialsError

    lines = [sys.stdin.buffer.readline(LONGEST_LINE).rstrip(b"\r\n") for _ in range(2)]
    try:
        return lines[0].decode("utf-8-sig"), lines[1].decode("utf-8-sig")
    except UnicodeDecodeError:
        failure = CredentialsError(
            "Standard input is not UTF-8 text.", "Give the keys as two lines of UTF-8."
        )
    raise failure  # apart from the decoding error, which holds the line


@click.command()
@click.option("--profile", metavar="NAME", help="Profile whose key is removed.")
@click.option("--forget", is_flag=True, help="Remove the profile from the settings file too.")
@click.pass_context
def logout_command(context: click.Context, /, profile: str | None, forget: bool) -> None:
    """Remove a profile's key from the OS keyring. Its settings stay, unless --forget is given."""
    from ncpconsole.cli.options import Options
    from ncpconsole.cli.output import say
    from ncpconsole.config.pairs import environment_has_key
    from ncpconsole.config.paths import console_paths
    from ncpconsole.config.profiles import chosen_name
    from ncpconsole.config.settings import read_settings

    before = context.find_object(Options) or Options()
    with login_errors():
        config_file = console_paths().config_file
        name = chosen_name(read_settings(config_file), profile or before.profile)
        had_one = log_out(config_file, name, forget_profile=forget)
        say(
            f"The key of profile {name} was removed."
            if had_one
            else f"Profile {name} had no key in the keyring."
        )
        if environment_has_key():
            say("The environment still holds a key, and it is used; unset it to be logged out.", error=True)


async def log_in(
    config_file: Path,
    profile: str,
    base_url: str,
    credentials: Credentials,
    patience: CallTimeout | None = None,
) -> str:
    """Test the pair, then keep it in the OS keyring and note the profile; returns one sentence of success.

    Raises CredentialsError or ConfigError; unless the pair works, nothing is kept.
    """
    from ncpconsole.config.keyring_store import StoredPair, keep_async
    from ncpconsole.config.settings import checked_profile_name, read_settings

    name = checked_profile_name(profile)
    read_settings(config_file)  # a file that cannot be understood could not be altered after the pair is kept
    checked = await check_pair(base_url, credentials)
    store = await keep_async(name, StoredPair(credentials, base_url), patience)
    _note_profile(config_file, name, checked, store)
    regions = ", ".join(checked.regions) or "no region"
    return f"The key of profile {name} works (regions: {regions}) and is kept in {store}."


def _note_profile(config_file: Path, name: str, checked: CheckedPair, store: str) -> None:
    from ncpconsole.config.settings import FALLBACK, read_settings
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
    from ncpconsole.config.settings import checked_profile_name, read_settings
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
    from ncpconsole.config.keyring_store import CallTimeout
    from ncpconsole.config.pairs import checked_pair, environment_has_key
    from ncpconsole.config.paths import console_paths
    from ncpconsole.config.settings import read_settings
    from ncpconsole.ncp.sites import checked_base_url

    config_file = console_paths().config_file
    # Checked here already: what a form says is not the option that an error would name.
    typed = checked_base_url(form.api_url) if form.api_url else None
    base_url = gateway_for(read_settings(config_file), form.profile, form.site or None, typed)
    pair = checked_pair(form.access_key, form.secret_key)
    sentence = await log_in(config_file, form.profile, base_url, pair, CallTimeout(notice=notice))
    if environment_has_key():
        sentence += " The environment holds a key too, and it is used before this one."
    return sentence


def log_in_now(config_file: Path, profile: str, base_url: str, credentials: Credentials) -> str:
    """`log_in` for a command: says on standard error when it waits for the keyring."""
    from ncpconsole.config.keyring_store import CallTimeout

    patience = CallTimeout(notice=lambda: click.echo("Waiting for the OS keyring…", err=True))
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


def import_all(
    config_file: Path, settings: Settings, profile: str | None, site: str | None, api_url: str | None
) -> None:
    """Keep every pair of the file that works, or that of the one profile named.

    A profile that has a key here is replaced only when it is named. Ends the command if a pair was not kept.
    """
    from ncpconsole.config.ncloud_cli import ncloud_cli_path, read_ncloud_cli
    from ncpconsole.core.errors import ConsoleError
    from ncpconsole.ncp.errors import InvalidBaseUrl

    found = read_ncloud_cli(ncloud_cli_path())
    for note in found.notes:
        say(note, error=True)
    wanted = [each for each in found.profiles if profile in {None, each.name, our_name(each)}]
    if not wanted:
        fail(f"{found.path} holds no pair{f' for profile {profile}' if profile else ''}.")
    failures: list[Exception] = []
    for each in wanted:
        name = our_name(each)
        if profile is None and name in settings.profiles and settings.profiles[name].key_fingerprint:
            say(
                f"Profile {name} has a key and is left as it is; add --profile {name} to replace it.",
                error=True,
            )
            continue
        try:
            own = each.api_url or None
            base_url = gateway_for(settings, name, site, api_url or (own if site is None else None))
            say(log_in_now(config_file, name, base_url, each.credentials))
        except (ConsoleError, InvalidBaseUrl) as error:
            failures.append(error)
            say(f"Profile {name} was not kept: {error} {getattr(error, 'remedy', '')}".strip(), error=True)
    say(
        f"{found.path} was left as it is. It holds keys in plain text: "
        "delete it yourself when nothing needs it."
    )
    if failures:
        fail(f"{len(failures)} of {len(wanted)} profiles were not kept.", exit_code_of(failures[0]))


def our_name(profile: CliProfile) -> str:
    """The profile's name here; the tool's DEFAULT is this console's default."""
    from ncpconsole.config.settings import FALLBACK

    return FALLBACK if profile.name.upper() == FALLBACK.upper() else profile.name
