"""Draws what the documents say of commands, keys, variables and settings from the program's own registries.

The manual page (docs/ncpconsole.1) is made whole; the tables stand between marks in pages that are written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from ncpconsole import __version__
from ncpconsole.cli import COMMANDS, root
from ncpconsole.cli.exit_codes import BY_SIGNAL, MEANINGS
from ncpconsole.config.registry import SETTINGS, settings_table
from ncpconsole.config.variables import VARIABLES, variable_table
from ncpconsole.tui.commands import Command, groups, key_table_markdown, one_key_text, split_keys

DOCS = Path(__file__).parent.parent / "docs"
MANUAL = DOCS / "ncpconsole.1"
TABLES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("keys-and-filter.md", "keys", key_table_markdown),
    ("configuration.md", "settings", settings_table),
    ("configuration.md", "variables", variable_table),
)
"""The page, the mark and the maker of each table."""


def escaped(text: str) -> str:
    """Text as troff has it: no escape, no request, no hyphen where a minus was typed."""
    text = " ".join(text.split()).replace("\\", "\\(rs").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def entries(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A list of terms and what they mean."""
    for term, meaning in pairs:
        yield ".TP"
        yield f".B {escaped(term)}"
        yield escaped(meaning)


def in_program(command: click.Command, name: str | None = None) -> click.Context:
    """A command's context as the program makes it: click keeps the first help option that it was asked for."""
    settings = dict(root.context_settings)
    return click.Context(command, info_name=name, help_option_names=settings["help_option_names"])


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """Each visible option: as it is written, and its help."""
    context = in_program(command)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield record


def keyed(command: Command) -> tuple[str, str]:
    """A command of the console: its keys, and what it does."""
    return " ".join(map(one_key_text, split_keys(command.keys))) or "palette", command.sentence


def described(name: str, command: click.Command) -> Iterator[str]:
    """A command, its help and its options; a group with its commands."""
    context = in_program(command, name)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f'.SS "{escaped(f"{name} {usage}".strip())}"'
    for paragraph in (command.help or "").split("\n\n"):
        yield escaped(paragraph)
        yield ".PP"
    yield from entries(options(command))
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            if found := command.get_command(context, each):
                yield from described(f"{name} {each}", found)


def manual() -> str:
    """The whole page."""
    commands = {name: root.get_command(click.Context(root), name) for name in COMMANDS}
    lines = [
        f'.TH NCPCONSOLE 1 "" "ncpconsole {__version__}" "User commands"',
        ".SH NAME",
        "ncpconsole \\- interrupt exactly one hung server on NAVER Cloud, exactly once",
        ".SH SYNOPSIS",
        ".B ncpconsole",
        escaped("[OPTIONS] [COMMAND [ARGS]...]"),
        ".SH DESCRIPTION",
        *(part for text in (root.help or "").split("\n\n") for part in (escaped(text), ".PP")),
        ".SH OPTIONS",
        *entries(options(root)),
        ".SH KEYS",
        *(line for name, group in groups().items() for line in (f'.SS "{name}"', *entries(map(keyed, group)))),
        ".SH COMMANDS",
        *(line for name, command in commands.items() if command for line in described(name, command)),
        ".SH EXIT STATUS",
        *entries([*((str(int(code)), meaning) for code, meaning in MEANINGS.items()), BY_SIGNAL]),
        ".SH ENVIRONMENT",
        *entries((each.name, each.meaning) for each in VARIABLES),
        ".SH SETTINGS",
        escaped("Kept in config.toml, which 'ncpconsole paths' names; 'ncpconsole config' shows and sets them."),
        ".PP",
        *entries((each.name, f"{each.meaning} Must be {each.must_be}.") for each in SETTINGS),
        ".SH FILES",
        escaped("'ncpconsole paths' names the settings, the record and the log."),
    ]
    return "\n".join(lines) + "\n"


def drawn(page: str, mark: str, table: str) -> str:
    """The page's text with this table between its marks."""
    before, rest = page.split(f"<!-- {mark}: begin", 1)
    told, rest = rest.split("\n", 1)
    after = rest.split(f"<!-- {mark}: end", 1)[1]
    return f"{before}<!-- {mark}: begin{told}\n{table.strip()}\n<!-- {mark}: end{after}"


def main() -> int:
    """Draw everything."""
    MANUAL.write_text(manual(), encoding="utf-8")
    for name, mark, table in TABLES:
        path = DOCS / name
        path.write_text(drawn(path.read_text(encoding="utf-8"), mark, table()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
