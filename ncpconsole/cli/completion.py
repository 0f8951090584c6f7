"""``ncpconsole completion``: the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ncpconsole.cli.output import write


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, /, shell: str) -> None:
    """Print the completion script, for example: eval "$(ncpconsole completion bash)"."""
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"{shell} is not known.")
    write(completion(context.find_root().command, {}, "ncpconsole", "_NCPCONSOLE_COMPLETE").source())
