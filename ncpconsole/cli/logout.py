"""``ncpconsole logout``: remove a key from the keyring of the operating system."""

from __future__ import annotations

import click


@click.command()
@click.option("--profile", metavar="NAME", help="Profile whose key is removed.")
@click.option("--forget", is_flag=True, help="Remove the profile from the settings file too.")
@click.pass_context
def logout_command(context: click.Context, /, profile: str | None, forget: bool) -> None:
    """Remove a profile's key from the OS keyring. Its settings stay, unless --forget is given."""
    from ncpconsole.cli.login_accounts import log_out, login_errors
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
