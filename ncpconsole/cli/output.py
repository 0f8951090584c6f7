"""What a command gives back: an exit code, and lines that read well aloud, or JSON.

No control character that came from outside is printed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import IO, Any, NoReturn

import click

from ncpconsole.core.safe_text import cell_width, fit, safe_text

GAP = "  "


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
        request_ids: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.request_ids = request_ids
        self.document = document or {
            "error": {"message": sentence, "code": ncp_code or None, "requestId": next(iter(request_ids), None)}
        }
        self._as_json = wants_json()

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it from the instance or the class alike
        """The number the shell gets."""
        return int(self.code)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error, or to ``file``; text from outside in it is made safe."""
        if self._as_json:
            print_json(self.document)
        click.echo(f"ncpconsole: {safe_text(self.message, limit=2000)}", file=file, err=file is None)


def wants_json() -> bool:
    """Whether the running command was asked for JSON."""
    context = click.get_current_context(silent=True)
    params = context.params if context is not None else {}
    return bool(params.get("as_json")) or params.get("form") == "json"


def fail(sentence: str, code: ExitCode = ExitCode.FAILURE, *, document: dict[str, Any] | None = None) -> NoReturn:
    """End the command: ``sentence`` says what is wrong and what to do; ``document`` as in `CommandFailed`."""
    raise CommandFailed(sentence, code, document=document)


def say(sentence: str, *, error: bool = False) -> None:
    """Print one sentence; text from outside in it is made safe."""
    click.echo(safe_text(sentence, limit=2000), err=error)


def warn(sentence: str) -> None:
    """Print one sentence to standard error, where no script takes it for a result."""
    say(sentence, error=True)


def print_json(value: Any) -> None:
    """Print JSON in ASCII: any other character is escaped, so none acts on a terminal and none is lost."""
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))


def print_columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns under headings, without lines or boxes; Hangul counts two cells."""
    lines = [tuple(safe_text(cell) for cell in row) for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(headings, *lines, strict=True)]
    for line in (headings, *lines):
        cells = [fit(cell, width) for cell, width in zip(line, widths, strict=True)]
        click.echo(GAP.join(cells).rstrip())


def print_facts(facts: Iterable[tuple[str, str | Iterable[str]]]) -> None:
    """Print ``Name: value`` lines; several sentences become a line each, empty values are left out."""
    for name, value in facts:
        values = [value] if isinstance(value, str) else list(value)
        for text in values:
            if text:
                click.echo(f"{name}: {safe_text(text, limit=2000)}")
