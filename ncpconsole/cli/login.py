"""``ncpconsole login``: test a key pair and keep it in the keyring of the operating system."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.config.settings import Settings

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
    from ncpconsole.cli.login_accounts import login_errors
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
            from ncpconsole.cli.importing import import_all

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
    from ncpconsole.cli.login_accounts import gateway_for, log_in_now
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
