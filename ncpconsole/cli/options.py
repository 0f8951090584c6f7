"""The options that commands share. Each may stand before or behind the name of a command that takes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click
from click.core import ParameterSource

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line; None where nothing was said. ``timeout`` is in seconds."""

    profile: str | None = None
    region: str | None = None
    read_only: bool | None = None
    rules: str | None = None
    incident: str | None = None
    api_url: str | None = None
    timeout: float | None = None


class FiniteRange(click.FloatRange):
    """A number in a range; ``nan``, which compares with nothing, and ``inf`` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error where it is none, or out of range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a number that can be counted to.", param, ctx)
        return number


SHARED = {
    "profile": click.option("--profile", metavar="NAME", help="Profile to use."),
    "region": click.option("--region", metavar="CODE", help="Region code, or all."),
    "read_only": click.option("--read-only", is_flag=True, default=None, help="Never send an interrupt."),
    "rules": click.option("--rules", metavar="NAME", help="Rule set: xen-windows or 2026-10."),
    "incident": click.option("--incident", metavar="ID", help="Tag every record with this incident."),
    "api_url": click.option("--api-url", metavar="URL", help="Base URL of the gateway."),
    "timeout": click.option(
        "--timeout",
        type=FiniteRange(min=0, min_open=True, max=600),
        metavar="SECONDS",
        help="Outer deadline of a send (30).",
    ),
}
FOR_READING = ("profile", "region", "read_only", "rules", "api_url")
"""What a command takes that sends nothing."""
KEPT_BY_ALL = "read_only"
"""A promise that a command keeps whether or not it knows of it."""


def shared_options(*names: str) -> Callable[[Command], Command]:
    """Give a command these options of `Options`, or all, as keyword arguments of the same names."""

    def give(command: Command) -> Command:
        for name in reversed(names or tuple(SHARED)):
            command = SHARED[name](command)
        return command

    return give


def check_use(context: click.Context, command: click.Command) -> None:
    """Refuse an option before a command's name that the command has no use for, instead of dropping it."""
    taken = {parameter.name for parameter in command.params} | {KEPT_BY_ALL}
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in taken and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{context.invoked_subcommand} has no use for {parameter.opts[0]}.")


def merged(context: click.Context, said: dict[str, Any]) -> Options:
    """Join what was said behind the command's name with what was said before it; the nearer one wins.

    Takes the shared options out of ``said``.
    """
    before = context.find_object(Options) or Options()
    values = {}
    for field in fields(Options):
        near = said.pop(field.name, None)
        values[field.name] = getattr(before, field.name) if near is None else near
    return Options(**values)
