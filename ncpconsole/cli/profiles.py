"""``ncpconsole profiles``: the accounts this console knows; nothing secret."""

from __future__ import annotations

import dataclasses

import click

from ncpconsole.cli.accounts import PLACE_NAMES
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.output import output_option, print_columns, print_facts, print_json, print_records, warn
from ncpconsole.cli.runner import errors_as_exits
from ncpconsole.config.credentials import environment_pair
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import profile_summaries
from ncpconsole.config.settings_reader import places, read_settings
from ncpconsole.core.errors import CredentialsError
from ncpconsole.core.session import ProfileSummary
from ncpconsole.core.wording import flags
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.signing import fingerprint

HEADINGS = (msgid("PROFILE"), msgid("SITE"), msgid("REGIONS"), msgid("FLAGS"), msgid("KEY"), msgid("STORED"))


@click.command(
    help=tr(
        "List the profiles: site, regions, flags, the fingerprint of the key and where it is kept.\n\n"
        "Asks no keyring, so a locked one does not hold it up."
    )
)
@shared_options(profile=msgid("Profile to mark as the current one."))
@output_option
def profiles_command(options: Options, form: str) -> None:
    """List the profiles; asks no keyring."""
    with errors_as_exits():
        settings = read_settings(console_paths().config_file)
        summaries = profile_summaries(settings, options.profile, options.environ)
    if form != "table":
        print_records(form, [dataclasses.asdict(summary) for summary in summaries])
    else:
        print_columns(HEADINGS, [columns(summary) for summary in summaries])
    if any(entry.key_store for entry in settings.profiles.values()):
        warn(tr("Keys and where they are stored are as login last wrote them; no keyring was asked."))
    for note in settings.notes:
        warn(shown(note))
    try:
        pair = environment_pair(options.environ)
    except CredentialsError as error:
        warn(f"{shown(error)} {shown(error.remedy)}")
    else:
        if pair is not None:
            mark = fingerprint(pair.access_key)
            warn(
                tr("The key in the environment ({mark}) comes first; a profile with another key refuses it.", mark=mark)
            )


def columns(summary: ProfileSummary) -> tuple[str, ...]:
    """One profile as a line; the current one carries an asterisk."""
    return (
        f"{summary.name} *" if summary.is_current else summary.name,
        shown(summary.site),
        ", ".join(summary.regions) or tr("first"),
        ", ".join(flags(summary)) or "-",
        summary.key_fingerprint or "-",
        shown(summary.stored),
    )


@click.command(help=tr("Say where configuration and records are kept. Creates nothing."))
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
def paths_command(as_json: bool) -> None:
    """Say where configuration and records are kept. Creates nothing."""
    with errors_as_exits():
        found = places(in_words=not as_json)
    if as_json:
        print_json(found)
    else:
        print_facts((tr(PLACE_NAMES[name]), place) for name, place in found.items())
