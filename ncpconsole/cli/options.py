"""The options that commands share. Each may stand before or behind the name of a command that takes it."""

from __future__ import annotations

import functools
import math
import os
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ncpconsole.language import NAMES, msgid, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line gave; None where it gave nothing. ``timeout`` is in seconds.

    ``lang`` is in force since before it was read here (`config.language_choice`).
    ``environ`` is the environment that the program was started with. The keys in it are in ``os.environ`` no
    more, so that no child inherits them.
    """

    profile: str | None = None
    region: str | None = None
    read_only: bool | None = None
    rules: str | None = None
    incident: str | None = None
    api_url: str | None = None
    timeout: float | None = None
    no_signs: bool | None = None
    lang: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)


class FiniteRange(click.FloatRange):
    """A number in a range; ``nan``, which compares with nothing, and ``inf`` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error where it is none, or out of range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(tr("{value} is not a number that can be counted to.", value=value), param, ctx)
        return number


def completing(kind: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """What a shell asks for the words of a kind; they are looked up when it does (see `cli.completion`)."""

    def words(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
        from ncpconsole.cli.completion import completed

        return completed(kind, incomplete)

    return words


SHARED: dict[str, dict[str, Any]] = {
    "profile": {"metavar": "NAME", "help": msgid("Profile to use."), "shell_complete": completing("profile")},
    "region": {"metavar": "CODE", "help": msgid("Region code, or all."), "shell_complete": completing("region")},
    "read_only": {"is_flag": True, "default": None, "help": msgid("Never send an interrupt.")},
    "rules": {
        "metavar": "NAME",
        "help": msgid("Rule set: xen-windows or 2026-10."),
        "shell_complete": completing("rules"),
    },
    "incident": {
        "metavar": "ID",
        "help": msgid("Tag every record with this incident."),
        "shell_complete": completing("incident"),
    },
    "api_url": {"metavar": "URL", "help": msgid("Base URL of the gateway.")},
    "timeout": {
        "type": FiniteRange(min=0, min_open=True, max=600),
        "metavar": "SECONDS",
        "help": msgid("Outer deadline of a send, and before it of all that a command reads for it (30)."),
    },
    "no_signs": {"is_flag": True, "default": None, "help": msgid("Do not ask Cloud Insight for vital signs.")},
    "lang": {
        "type": click.Choice(tuple(NAMES)),
        "metavar": "CODE",
        "help": msgid("Language: en or ko. JSON is English without it."),
    },
}
"""The options by their names in `Options`: what click is told of each."""
FOR_READING = ("profile", "region", "read_only", "rules", "api_url")
"""What a command takes that sends nothing."""
KEPT_BY_ALL = ("lang", "read_only", "debug")
"""A language, a promise and a log, which a command keeps whether or not it knows of it."""


def shared_options(*names: str, **helps: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command these options, or all, joined as its keyword argument ``options``.

    ``helps`` are names with a help text of this command's own. What was said behind the command's name wins
    over what was said before it.
    """

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def joined(*arguments: Any, **given: Any) -> Any:
            options = _joined(click.get_current_context(), given)
            return command(*arguments, options=options, **given)

        for name in reversed(tuple(dict.fromkeys((*((*names, *helps) or SHARED), "lang")))):
            known = SHARED[name] | {"help": tr(helps.get(name, SHARED[name]["help"]))}
            joined = click.option(f"--{name.replace('_', '-')}", **known)(joined)
        return joined

    return give


def _joined(context: click.Context, given: dict[str, Any]) -> Options:
    """Take the shared options out of ``given``; where one is None, that of the parent command holds."""
    before = context.find_object(Options) or Options()
    near = {name: given.pop(name, None) for name in SHARED}
    return replace(before, **{name: value for name, value in near.items() if value is not None})


def check_use(context: click.Context, command: click.Command) -> None:
    """Refuse an option before a command's name that the command has no use for, instead of dropping it."""
    taken = {parameter.name for parameter in command.params} | set(KEPT_BY_ALL)
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in taken and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                tr("{command} has no use for {option}.", command=context.invoked_subcommand, option=parameter.opts[0])
            )


def asks_for_json(words: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, whatever else is wrong with it."""
    return "--json" in words or "--output=json" in words or ("--output", "json") in pairwise(words)
