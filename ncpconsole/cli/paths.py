"""``ncpconsole paths``: where things are kept."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def paths_command(as_json: bool) -> None:
    """Say where configuration and records are kept. Creates nothing."""
    from ncpconsole.cli.output import print_facts, print_json
    from ncpconsole.cli.runner import errors_as_exits
    from ncpconsole.config.paths import console_paths

    with errors_as_exits():
        kept = console_paths()
    places = {
        "config": str(kept.config_file),
        "state": str(kept.state_dir),
        "journal": str(kept.journal),
        "log": str(kept.log),
    }
    if as_json:
        print_json(places)
    else:
        print_facts((name.capitalize(), place) for name, place in places.items())
