"""``ncpconsole completion``: the completion script for a shell, and what is completed.

What is completed is looked up on this machine alone: no key, no network, nothing written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

from ncpconsole.cli.output import write
from ncpconsole.config.paths import console_paths
from ncpconsole.config.settings_reader import journal_place, read_settings
from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import tr
from ncpconsole.ncp.sites import SITES
from ncpconsole.simulator.faults import FAULTS

NEWEST = 500
"""Records that incidents are taken from."""


class PowerShellComplete(ShellComplete):
    """Completion in PowerShell, which click does not know."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = @($commandAst.CommandElements | ForEach-Object { $_.Extent.Text }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    %(prog_name)s | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
    }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is being typed, and that one."""
        words, incomplete = os.environ["COMP_WORDS"].split("\n")[1:], os.environ.get("COMP_CWORD", "")
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """A line: the word, and after a tab what it is."""
        return f"{item.value}\t{item.help}" if item.help else str(item.value)


add_completion_class(PowerShellComplete)


@click.command(help=tr('Print the completion script, for example: eval "$(ncpconsole completion bash)".'))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.pass_context
def completion_command(context: click.Context, /, shell: str) -> None:
    """Print the completion script, for example: eval "$(ncpconsole completion bash)"."""
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(tr("{shell} is not known.", shell=shell))
    write(completion(context.find_root().command, {}, "ncpconsole", "_NCPCONSOLE_COMPLETE").source())


# What is completed


def profiles() -> Iterable[str]:
    """The names in the settings."""
    return read_settings(console_paths().config_file).profiles


def regions() -> Iterable[str]:
    """The codes of the three sites, and ``all``."""
    return [*dict.fromkeys(region for site in SITES.values() for region in site.regions), "all"]


def rules() -> Iterable[str]:
    """The rule sets."""
    return RULE_SETS


def incidents() -> Iterable[str]:
    """The incidents of the newest records and of the notes; the record is only read."""
    from ncpconsole.core.journal.database import JournalDatabase

    paths = console_paths()
    place = journal_place(paths, read_settings(paths.config_file))
    unwritten = JournalUnavailable("It is only read.")  # no message: caught
    database = JournalDatabase(place.path, unwritten)
    try:
        with database.reading():
            newest = database.intents(limit=NEWEST)
            noted = database.notes()[::-1]
    finally:
        database.close()
    names = [intent.draft.incident for intent in newest] + [note.about.incident for note in noted]
    return dict.fromkeys(filter(None, names))


def faults() -> Iterable[str]:
    """What the simulator can do wrong."""
    return ["help", *sorted(FAULTS)]


KINDS = {"profile": profiles, "region": regions, "rules": rules, "incident": incidents, "fault": faults}


def completed(kind: str, incomplete: str) -> list[str]:
    """The words of a kind that begin so; none where they cannot be looked up, or are unfit for a shell's line."""
    with suppress(Exception):  # a shell that completes is no place to say what is wrong
        return [word for word in KINDS[kind]() if word.startswith(incomplete) and is_plain(word)]
    return []


def is_plain(word: str) -> bool:
    """Whether a shell can take a word as it is: a name from outside could be anything."""
    return safe_text(word, 200) == word and not set(word) & set(" \t\"'`$\\;&|<>()*?[]{}!#~")
