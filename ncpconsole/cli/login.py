"""``ncpconsole login`` and ``logout``: keep a tested key pair in the keyring of the system, or remove it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.output import fail, say, say_done, warn
from ncpconsole.cli.runner import errors_as_exits, run_loop, telling_of_waits
from ncpconsole.config.credentials import checked_pair, environment_has_key
from ncpconsole.config.kept_list import forget_lists
from ncpconsole.config.keyring_store import CallTimeout, keyring_name
from ncpconsole.config.login import ENVIRONMENT_TOO, GatewaySilent, PairRefused, gateway_for, log_in, log_out
from ncpconsole.config.ncloud_cli import CliProfile, ncloud_cli_path, read_ncloud_cli
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import chosen_name, resolve_profile
from ncpconsole.config.settings import FALLBACK, Settings
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.core.errors import ConsoleError, CredentialsError
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import InvalidBaseUrl
from ncpconsole.ncp.signing import Credentials

LONGEST_LINE = 4096
"""Bytes read of each line; a key is far shorter."""
SITE_NAMES = ("public", "gov", "fin")


@click.command(
    help=tr(
        "Test a key with one signed read and keep it in the OS keyring; nothing is kept unless it works.\n\n"
        "The keys are asked for without echo, or read with --stdin; they are never taken from the command line."
    )
)
@shared_options(profile=msgid("Profile to keep the key for."), api_url=msgid("Base URL of another gateway."))
@click.option("--site", type=click.Choice(SITE_NAMES), help=tr("Site that issued the key."))
@click.option("--stdin", "from_stdin", is_flag=True, help=tr("Read access key and secret key as two lines of input."))
@click.option("--from-ncloud-cli", "from_cli", is_flag=True, help=tr("Take the keys of ~/.ncloud/configure."))
@click.pass_context
def login_command(
    context: click.Context, /, site: str | None, from_stdin: bool, from_cli: bool, options: Options
) -> None:
    """Test a key with one signed read and keep it in the OS keyring."""
    if site and context.params["api_url"]:
        raise click.UsageError(tr("--site and --api-url exclude each other; give one of them."))
    if from_stdin and from_cli:
        raise click.UsageError(tr("--stdin and --from-ncloud-cli exclude each other; give one of them."))
    with login_errors():
        config_file = console_paths().config_file
        settings = read_settings(config_file)
        run_loop(keyring_name())  # refuses an unusable keyring before any key is typed
        api_url = None if site else options.api_url
        if from_cli:
            import_all(config_file, settings, options.profile, site, api_url)
        else:
            _log_in_one(config_file, settings, options, site, api_url, from_stdin)


def _log_in_one(
    config_file: Path, settings: Settings, options: Options, site: str | None, api_url: str | None, from_stdin: bool
) -> None:
    name = chosen_name(settings, options.profile)
    if not from_stdin and not sys.stdin.isatty():
        raise click.UsageError(tr("Standard input is not a terminal; give the two keys as two lines with --stdin."))
    if not from_stdin and not (site or api_url) and resolve_profile(settings, name).is_default_gateway:
        site = click.prompt(tr("Site"), type=click.Choice(SITE_NAMES), default="public", err=True)
    base_url = gateway_for(settings, name, site, api_url)
    pair = checked_pair(*(_read_lines() if from_stdin else _ask(name, base_url)))
    say_done(log_in_now(config_file, name, base_url, pair))
    if environment_has_key(options.environ):
        warn(tr(ENVIRONMENT_TOO))


def _ask(name: str, base_url: str) -> tuple[str, str]:
    warn(tr("Logging in profile {name} at {url}. What is typed is not shown.", name=name, url=base_url))
    access_key: str = click.prompt(tr("Access key"), hide_input=True, err=True)
    secret_key: str = click.prompt(tr("Secret key"), hide_input=True, err=True)
    return access_key.strip(), secret_key.strip()


def _read_lines() -> tuple[str, str]:
    lines = [sys.stdin.buffer.readline(LONGEST_LINE).rstrip(b"\r\n") for _ in range(2)]
    try:
        return lines[0].decode("utf-8-sig"), lines[1].decode("utf-8-sig")
    except UnicodeDecodeError:
        failure = CredentialsError(tr("Standard input is not UTF-8 text."), tr("Give the keys as two lines of UTF-8."))
    raise failure  # apart from the decoding error, which holds the line


def import_all(
    config_file: Path, settings: Settings, profile: str | None, site: str | None, api_url: str | None
) -> None:
    """Keep every pair of the file that works, or that of the one profile named.

    A profile that has a key here is replaced only when it is named. Ends the command if a pair was not kept.
    """
    found = read_ncloud_cli(ncloud_cli_path())
    for note in found.notes:
        warn(shown(note))
    wanted = [each for each in found.profiles if profile in {None, each.name, our_name(each)}]
    if not wanted:
        if profile:
            fail(tr("{path} holds no pair for profile {profile}.", path=found.path, profile=profile))
        fail(tr("{path} holds no pair.", path=found.path))
    failures: list[Exception] = []
    for each in wanted:
        name = our_name(each)
        if profile is None and name in settings.profiles and settings.profiles[name].key_fingerprint:
            warn(tr("Profile {name} has a key and is left as it is; add --profile {name} to replace it.", name=name))
            continue
        try:
            own = each.api_url or None
            base_url = gateway_for(settings, name, site, api_url or (own if site is None else None))
            say_done(log_in_now(config_file, name, base_url, each.credentials))
        except (ConsoleError, InvalidBaseUrl) as error:
            failures.append(error)
            why = f"{shown(error)} {shown(getattr(error, 'remedy', ''))}".strip()
            warn(tr("Profile {name} was not kept: {why}", name=name, why=why))
    say(
        tr(
            "{path} was left as it is. It holds keys in plain text: delete it yourself when nothing needs it.",
            path=found.path,
        )
    )
    if failures:
        sentence = tr("{count} of {total} profiles were not kept.", count=len(failures), total=len(wanted))
        fail(sentence, exit_code_of(failures[0]))


def our_name(profile: CliProfile) -> str:
    """The profile's name here; the tool's DEFAULT is this console's default."""
    return FALLBACK if profile.name.upper() == FALLBACK.upper() else profile.name


def log_in_now(config_file: Path, profile: str, base_url: str, credentials: Credentials) -> str:
    """`log_in` for a command: says on standard error when it waits for the keyring."""
    wait = CallTimeout(notice=lambda: warn(tr("Waiting for the OS keyring…")))
    with telling_of_waits():
        return run_loop(log_in(config_file, profile, base_url, credentials, wait))


@click.command(
    help=tr("Remove a profile's key from the OS keyring, and every kept list. Settings stay, unless --forget is given.")
)
@shared_options(profile=msgid("Profile whose key is removed."))
@click.option("--forget", is_flag=True, help=tr("Remove the profile from the settings file too."))
def logout_command(options: Options, forget: bool) -> None:
    """Remove a profile's key from the OS keyring, and every kept list. Settings stay, unless --forget is given."""
    with login_errors():
        forget_lists(console_paths().lists)
        config_file = console_paths().config_file
        name = chosen_name(read_settings(config_file), options.profile)
        had_one = run_loop(log_out(config_file, name, forget_profile=forget))
        if had_one:
            say_done(tr("The key of profile {name} was removed.", name=name))
        else:
            say_done(tr("Profile {name} had no key in the keyring.", name=name))
        if environment_has_key(options.environ):
            warn(tr("The environment still holds a key, and it is used; unset it to be logged out."))


@contextmanager
def login_errors() -> Iterator[None]:
    """End the command with one sentence, the next step and the documented exit code."""
    with errors_as_exits():
        try:
            yield
        except (PairRefused, GatewaySilent) as error:
            fail(f"{shown(error)} {shown(error.remedy)}".strip(), exit_code_of(error))


def exit_code_of(error: Exception) -> ExitCode:
    """Rejected where NCP answered no, not sent where no answer came, no credentials for the rest."""
    if isinstance(error, PairRefused):
        return ExitCode.REJECTED
    return ExitCode.NOT_SENT if isinstance(error, GatewaySilent) else ExitCode.NO_CREDENTIALS
