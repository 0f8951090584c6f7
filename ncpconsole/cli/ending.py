"""How the program ends when it does not end well: in words, and without a value from memory."""

from __future__ import annotations

from io import StringIO

import click

INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C has ended: 128 and the number of the signal."""


def run(root: click.Command) -> int:
    """Run the program; returns its exit code.

    Text that a message repeats, such as an option that does not exist, is made safe for the terminal. A
    reader that has enough, as ``head`` does, is no error to speak of: click ends quietly with 1.
    """
    try:
        code = root.main(prog_name="ncpconsole", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except click.ClickException as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 - nothing is above; the report is all that can be done
        return _crashed(error)
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    # The terminal has echoed ^C, which deserves a line of its own; click has written its end.
    click.echo("ncpconsole: ended by Ctrl-C.", err=True)
    return INTERRUPTED


def _told(error: click.ClickException) -> int:
    from ncpconsole.core.safe_text import safe_block

    words = StringIO()
    error.show(words)
    click.echo(safe_block(words.getvalue()), err=True, nl=False)
    return error.exit_code


def _crashed(error: Exception) -> int:
    from ncpconsole.cli.runner import tell_of_crash, user_log

    tell_of_crash(error, user_log())
    return 1
