"""The commands of ncpconsole, and the only place that wires its parts together.

This module imports click and the shared options alone, so that ``--version`` and ``--help`` answer at once; a
command's own module is imported when it is called.
"""

from __future__ import annotations

import importlib
import sys
from io import StringIO
from typing import TYPE_CHECKING

import click

from ncpconsole import __version__
from ncpconsole.cli.options import check_use, shared_options

if TYPE_CHECKING:
    from ncpconsole.cli.options import Options

COMMANDS = {
    "completion": "Print the completion script for bash, zsh or fish.",
    "demo": "Open the console on the built-in simulator; nothing leaves the machine.",
    "doctor": "Check this machine, the keyring, the network and the key.",
    "history": "Show, export or verify the record of interrupts.",
    "interrupt": "Send one diagnostic interrupt to one server.",
    "login": "Keep a key in the OS keyring.",
    "logout": "Remove a key from the OS keyring.",
    "paths": "Say where configuration and records are kept.",
    "profiles": "List the profiles.",
    "resolve": "Record what became of an interrupt of unknown outcome.",
    "servers": "List the servers that may be interrupted, or all with reasons.",
    "show": "Show one server with every reason.",
    "simulate": "Serve a simulated gateway on loopback.",
}

MODULES = {"demo": "console", "logout": "login", "paths": "profiles", "resolve": "history", "show": "servers"}
"""The module of a command that shares one with another; of every other command it has the command's name."""

INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C has ended: 128 and the number of the signal."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now, or None where there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ncpconsole.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="ncpconsole", message="%(prog)s %(version)s")
@click.option("--ascii", "ascii_marks", is_flag=True, help="Use ASCII marks on the screen.")
@click.option("--theme", metavar="NAME", help="Colours of the screen.")
@shared_options()
@click.pass_context
def root(context: click.Context, /, ascii_marks: bool, theme: str | None, options: Options) -> None:
    """Find the hung Windows server on NAVER Cloud, interrupt exactly that one, exactly once.

    Without a command, opens the console.
    """
    from ncpconsole.cli.runner import keep_log, user_log

    keep_log(user_log())
    context.obj = options
    if context.invoked_subcommand is None:
        from ncpconsole.cli.console import open_console

        sys.exit(open_console(options, ascii_marks=ascii_marks, theme=theme))
    command = root.get_command(context, context.invoked_subcommand)
    if command is not None:
        check_use(context, command)
    # The demo's own options of these names: what stood before its name holds where nothing stands behind it.
    context.default_map = {context.invoked_subcommand: {"ascii_marks": ascii_marks, "theme": theme}}


def main() -> None:
    """Run the program; never shows a traceback of what the operator typed or the network answered."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter gets its escape, not a crash in the middle of an incident.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files here
    sys.exit(run(root))


def run(command: click.Command) -> int:
    """Run a command to its end, in words where it fails, and without a value from memory; its exit code.

    Text that a message repeats, such as an option that does not exist, is made safe for the terminal. A
    reader that has enough, as ``head`` does, is no error to speak of: click ends quietly with 1.
    """
    try:
        code = command.main(prog_name="ncpconsole", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        # The terminal has echoed ^C, which deserves a line of its own; click has written its end.
        click.echo("ncpconsole: ended by Ctrl-C.", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        from ncpconsole.core.safe_text import safe_block

        words = StringIO()
        error.show(words)
        click.echo(safe_block(words.getvalue()), err=True, nl=False)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - nothing is above; the report is all that can be done
        from ncpconsole.cli.runner import report_crash, user_log

        report_crash(error, user_log())
        return 1
    return code if isinstance(code, int) else 0


__all__ = ["COMMANDS", "main", "root", "run"]
