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
    """Ends a command with one sentence on standard error and an exit code.

    With ``--json``, standard output gets ``document``, or the error as an object where there is none.
    """

    def __init__(
        self,
        sentence: str,
        code: ExitCode,
        *,
        document: dict[str, Any] | None = None,
        ncp_code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.request_id = request_id
        self.document = document or {
            "error": {"message": sentence, "code": ncp_code or None, "requestId": request_id or None}
        }
        self._as_json = wants_json()

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it from the instance or the class alike
        """The number the shell gets."""
        return int(self.code)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error, or to ``file``; text from outside in it is made safe."""
        from ncpconsole.cli.output import print_json
        from ncpconsole.core.safe_text import safe_text

        if self._as_json:
            print_json(self.document)
        click.echo(f"ncpconsole: {safe_text(self.message, limit=2000)}", file=file, err=file is None)


def wants_json() -> bool:
    """Whether the running command was asked for JSON."""
    context = click.get_current_context(silent=True)
    params = context.params if context is not None else {}
    return bool(params.get("as_json")) or params.get("form") == "json"


def fail(
    sentence: str, code: ExitCode = ExitCode.FAILURE, *, document: dict[str, Any] | None = None
) -> NoReturn:
    """End the command: ``sentence`` says what is wrong and what to do; ``document`` as in `CommandFailed`."""
    raise CommandFailed(sentence, code, document=document)
