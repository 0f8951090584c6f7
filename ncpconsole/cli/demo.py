"""``ncpconsole demo``: the console on the built-in simulator."""

from __future__ import annotations

import sys
from typing import Any

import click

from ncpconsole.cli.options import merged, shared_options


@click.command()
@click.option("--servers", "count", type=click.IntRange(0, 200_000), default=128, help="Size of the fleet.")
@click.option("--ascii", "ascii_marks", is_flag=True, help="Use ASCII marks on the screen.")
@click.option("--theme", metavar="NAME", help="Colours of the screen.")
@shared_options("region", "read_only", "rules", "incident")
@click.pass_context
def demo_command(
    context: click.Context, /, count: int, ascii_marks: bool, theme: str | None, **said: Any
) -> None:
    """Open the console on a simulated account: real requests, real confirmation, nothing leaves the machine.

    Settings, keyring and record of the user are not touched.
    """
    from ncpconsole.cli.console import open_demo

    sys.exit(open_demo(merged(context, said), count, ascii_marks=ascii_marks, theme=theme))
