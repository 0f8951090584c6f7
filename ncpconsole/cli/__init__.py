"""The commands of ncpconsole, and the only place that wires its parts together.

This module imports click and the shared options alone, so that ``--version`` and ``--help`` answer at once; a
command's own module is imported when it is called.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import click

from ncpconsole import __version__
from ncpconsole.cli.options import asks_for_json, check_use, shared_options
from ncpconsole.cli.process import SIGNALS, Ended, end, prepare
from ncpconsole.config.language_choice import can_write, chosen_language, language_note, said_by_option
from ncpconsole.config.variables import VARIABLES, unknown_variables
from ncpconsole.language import ENGLISH, NAMES, msgid, tr, use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ncpconsole.cli.options import Options

COMMANDS = {
    "completion": msgid("Print the completion script for bash, zsh, fish or PowerShell."),
    "config": msgid("Say what the settings are and who said it; set one; check the file."),
    "demo": msgid("Open the console on the built-in simulator; nothing leaves the machine."),
    "doctor": msgid("Check this machine, the keyring, the network and the key."),
    "handover": msgid("Tell of an incident in five lines for the next shift."),
    "history": msgid("Show, export or verify the record of interrupts."),
    "interrupt": msgid("Send one diagnostic interrupt to one server."),
    "login": msgid("Keep a key in the OS keyring."),
    "logout": msgid("Remove a key from the OS keyring."),
    "note": msgid("Write a note about a server, a record or an incident."),
    "paths": msgid("Say where configuration and records are kept."),
    "profiles": msgid("List the profiles."),
    "resolve": msgid("Record what became of an interrupt of unknown outcome."),
    "servers": msgid("List the servers that may be interrupted, or all with reasons."),
    "show": msgid("Show one server with every reason."),
    "simulate": msgid("Serve a simulated gateway on loopback."),
    "team": msgid("Share the record and the guard with the other users of this machine."),
    "watch": msgid("Watch a server after its interrupt, until it is back."),
}

MODULES = {
    "logout": "login", "note": "handover", "paths": "profiles", "resolve": "history", "show": "servers",
}  # fmt: skip
"""The module of a command that shares one with another; of every other command it has the command's name."""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but for an unknown name: it is not quoted, as it may be a secret."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(
                tr("There is no such command. Did you mean {name}?", name=near[0])
                if near
                else tr("There is no such command.")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section(tr("Commands")):
            formatter.write_dl([(name, tr(text)) for name, text in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the environment variables and the exit codes."""
        del ctx
        from ncpconsole.cli.exit_codes import BY_SIGNAL, MEANINGS

        with formatter.section(tr("Environment")):
            formatter.write_dl([(each.name, tr(each.meaning)) for each in VARIABLES])
        codes = [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]
        with formatter.section(tr("Exit codes")):
            formatter.write_dl([(code, tr(meaning)) for code, meaning in (*codes, BY_SIGNAL)])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the words before the command's name."""
        as_json = asks_for_json(args)
        with _safe_usage_errors(as_json):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[JSON_ASKED] = as_json
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Read the words behind the command's name, and run it."""
        with _safe_usage_errors(ctx.meta[JSON_ASKED]):
            return super().invoke(ctx)


JSON_ASKED = f"{__name__}.json"
"""Where a context keeps whether ``--json`` is among the words, for errors in the other words."""


@contextmanager
def _safe_usage_errors(as_json: bool) -> Iterator[None]:
    """Let usage errors quote nothing, and be JSON too where JSON was asked for."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # it is the help of the command, which quotes nothing
    except click.UsageError as error:
        from ncpconsole.cli.output import UsageRefused

        raise UsageRefused(error, as_json=as_json) from None


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=msgid(
        "Find the hung Windows server on NAVER Cloud, interrupt exactly that one, exactly once.\n\n"
        "Without a command, opens the console."
    ),
)
@click.version_option(__version__, "-V", "--version", prog_name="ncpconsole", message="%(prog)s %(version)s")
@click.option("--ascii", "ascii_marks", is_flag=True, help=msgid("Use ASCII marks on the screen."))
@click.option("--theme", metavar="NAME", help=msgid("Colours of the screen."))
@click.option("--debug", is_flag=True, help=msgid("Log each request, without secrets (paths says where)."))
@shared_options()
@click.pass_context
def root(context: click.Context, /, ascii_marks: bool, theme: str | None, debug: bool, options: Options) -> None:
    """Open the console, or say to the command what stood before its name."""
    from ncpconsole.cli.output import warn
    from ncpconsole.cli.runner import keep_log, log_requests, user_log

    if debug:
        log_requests()
    keep_log(user_log())
    options = replace(options, environ=context.obj if context.obj is not None else os.environ)
    context.obj = options
    if context.invoked_subcommand is None:
        from ncpconsole.cli.console import open_console

        context.exit(open_console(options, ascii_marks=ascii_marks, theme=theme))
    for sentence in filter(None, (language_note(options.environ), *unknown_variables(options.environ))):
        warn(sentence)
    command = root.get_command(context, context.invoked_subcommand)
    if context.invoked_subcommand != "demo":
        gc.enable()  # see `main`; the demo's is on again when its first frame is on screen
    if command is not None:
        check_use(context, command)
    # The demo's own options of these names: what stood before its name holds where nothing stands behind it.
    context.default_map = {context.invoked_subcommand: {"ascii_marks": ascii_marks, "theme": theme}}


def main() -> None:
    """Run the program; never shows a traceback of what the operator typed or the network answered."""
    gc.disable()  # while the program loads there is next to no garbage, and looking for it takes 25 ms
    environ = prepare()
    code = chosen_language(sys.argv[1:], environ)
    lacking = [each.encoding for each in (sys.stdout, sys.stderr) if not can_write(NAMES[code], each.encoding)]
    if not lacking:
        speak(code)
    elif said_by_option(sys.argv[1:]):
        from ncpconsole.cli.output import warn

        warn(
            tr(
                "The encoding {encoding} has no Hangul, so this is in English: set LANG to a UTF-8 locale, such as "
                "ko_KR.UTF-8.",
                encoding=lacking[0],
            )
        )
    end(run(root, environ))


def speak(code: str) -> None:
    """Let the program speak a language: its own commands are imported later, and begin with it."""
    if code == ENGLISH:
        return
    use(code)
    from ncpconsole.cli.output import CellFormatter

    click.Context.formatter_class = CellFormatter
    for each in (root, *root.params):  # made before the language was known
        if isinstance(each, click.Command | click.Option) and each.help:
            each.help = tr(each.help)


def run(command: click.Command, environ: Mapping[str, str] = os.environ) -> int:
    """Run a command to its end, in words where it fails, and without a value from memory; its exit code.

    The code is returned also where the words cannot be written. Text that a message repeats, such as that of
    a server, is made safe for the terminal.
    """
    if environ.get("_NCPCONSOLE_COMPLETE", "").startswith("powershell"):
        importlib.import_module("ncpconsole.cli.completion")  # a shell that click does not know
    try:
        code = command.main(prog_name="ncpconsole", standalone_mode=False, obj=environ)
        return code if isinstance(code, int) else 0
    except SystemExit as error:
        # A reader that has enough, as `head` does, is no error to speak of: click ends quietly with 1.
        return error.code if isinstance(error.code, int) else 1
    except (KeyboardInterrupt, click.Abort):
        failure = _ended()
    except click.ClickException as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - nothing is above; the report is all that can be done
        # click answers a signal with a blank line, which a terminal that is gone does not take.
        if not (isinstance(error, OSError) and isinstance(error.__context__, KeyboardInterrupt)):
            from ncpconsole.cli.runner import report_crash, user_log

            report_crash(error, user_log())
            return 1
        failure = _ended()
    return _tell(failure)


def _ended() -> click.ClickException:
    from ncpconsole.cli.output import CommandFailed

    by = Ended(SIGNALS.number) if SIGNALS.number else Ended()
    return CommandFailed(tr("ended by {signal}.", signal=by), by.exit_code, as_json=asks_for_json(sys.argv[1:]))


def _tell(error: click.ClickException) -> int:
    from ncpconsole.cli.output import outlasting_readers, write
    from ncpconsole.core.safe_text import safe_block

    words = StringIO()
    with outlasting_readers():
        error.show(words)
        write(safe_block(words.getvalue()), error=True, nl=False)
    return error.exit_code


__all__ = ["COMMANDS", "main", "root", "run"]
