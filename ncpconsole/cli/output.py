"""What the plain commands print: lines that read well aloud, or JSON. Never a raw control character."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ncpconsole.core.cells import cell_width, fit
from ncpconsole.core.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = "  "


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
