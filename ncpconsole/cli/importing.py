"""Take the keys of NAVER Cloud's own command line tool over into the keyring; its file stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.cli.exits import fail
from ncpconsole.cli.login_accounts import exit_code_of, gateway_for, log_in_now
from ncpconsole.cli.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.config.ncloud_cli import CliProfile
    from ncpconsole.config.settings import Settings


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
    from ncpconsole.config.names import FALLBACK

    return FALLBACK if profile.name.upper() == FALLBACK.upper() else profile.name
