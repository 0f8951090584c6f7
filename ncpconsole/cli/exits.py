"""The exit codes, which scripts rely on, and how a command ends early."""

from __future__ import annotations

from enum import IntEnum
from typing import IO, Any, NoReturn

import click


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    REFUSED = 3
    REJECTED = 4
    NOT_SENT = 5
    UNKNOWN = 6
    NO_CREDENTIALS = 7


class CommandFailed(click.ClickException):
    """Ends a command with one sentence on standard error and an exit code."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it from the instance or the class alike
        """The number the shell gets."""
        return int(self.code)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error, or to ``file``; text from outside in it is made safe."""
        from ncpconsole.core.safe_text import safe_text

        click.echo(f"ncpconsole: {safe_text(self.message, limit=2000)}", file=file, err=file is None)


def fail(sentence: str, code: ExitCode = ExitCode.FAILURE) -> NoReturn:
    """End the command: ``sentence`` says what is wrong and what to do."""
    raise CommandFailed(sentence, code)
