"""The options that every command shares. They may stand before or behind the command's name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click

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


SHARED = (
    click.option("--profile", metavar="NAME", help="Profile to use."),
    click.option("--region", metavar="CODE", help="Region code, or all."),
    click.option("--read-only", is_flag=True, default=None, help="Never send an interrupt."),
    click.option("--rules", metavar="NAME", help="Rule set: xen-windows or 2026-10."),
    click.option("--incident", metavar="ID", help="Tag every record with this incident."),
    click.option("--api-url", metavar="URL", help="Base URL of the gateway."),
    click.option(
        "--timeout",
        type=FiniteRange(min=0, min_open=True, max=600),
        metavar="SECONDS",
        help="Outer deadline of a send (30).",
    ),
)


def shared_options(command: Command) -> Command:
    """Give a command the options of `Options`, as keyword arguments of the same names."""
    for option in reversed(SHARED):
        command = option(command)
    return command


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
