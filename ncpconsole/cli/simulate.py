"""``ncpconsole simulate``: a simulated gateway on loopback, for scripts, tests and rehearsals."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import FiniteRange, Options, completing, shared_options
from ncpconsole.cli.output import fail, print_columns, write
from ncpconsole.cli.runner import errors_as_exits, run_loop
from ncpconsole.core.eligibility import DEFAULT_RULES, rules_named
from ncpconsole.language import msgid, tr
from ncpconsole.simulator.faults import FAULTS

HOW_TO_LIST = msgid("'ncpconsole simulate --fault help' lists the names.")


@click.command(
    help=tr("Serve a simulated gateway on loopback until ended; prints the variables to evaluate in a shell.")
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help=tr("Port on 127.0.0.1; 0 takes a free one."))
@click.option("--servers", "count", type=click.IntRange(0, 200_000), default=128, help=tr("Size of the fleet."))
@click.option("--latency", type=FiniteRange(min=0), default=0.0, metavar="MS", help=tr("Delay of every answer."))
@click.option("--no-agents", is_flag=True, help=tr("No guest sends its metrics to Cloud Insight."))
@shared_options(rules=msgid("Which servers may be interrupted: xen-windows or 2026-10."))
@click.option(
    "--colleague",
    "colleagues",
    multiple=True,
    metavar="SERVER_NO",
    help=tr("Somebody else interrupted this server 74 s ago, by the activity log."),
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help=tr("Misbehave; 'help' lists the names."),
    shell_complete=completing("fault"),
)
def simulate_command(
    port: int,
    count: int,
    latency: float,
    options: Options,
    colleagues: tuple[str, ...],
    faults: tuple[str, ...],
    no_agents: bool,
) -> None:
    """Serve a simulated gateway on loopback until ended; prints the variables to evaluate in a shell."""
    if "help" in faults:
        _list_faults()
        return
    with errors_as_exits():
        rules = rules_named(options.rules or DEFAULT_RULES).name
    with contextlib.suppress(KeyboardInterrupt):
        # A signal that were raised within the loop could take a step of it along, and the end would wait for that step.
        run_loop(
            _serve(
                colleagues,
                port=port,
                servers=count,
                latency_ms=latency,
                rules=rules,
                faults=faults,
                agents=not no_agents,
            )
        )


async def _serve(colleagues: tuple[str, ...], *, port: int, **options: Any) -> None:
    from ncpconsole.simulator.simulator import Simulator

    try:
        simulator = Simulator(port=port, **options)
    except ValueError as error:
        fail(f"{error} {tr(HOW_TO_LIST)}", ExitCode.USAGE)
    try:
        for number in colleagues:
            simulator.colleague(number, seconds_ago=74)
    except LookupError:
        fail(tr("The simulated account has no server {number}.", number=number), ExitCode.USAGE)
    try:
        async with simulator as running:
            for name, value in (
                ("NCLOUD_API_GW", running.url),
                ("NCLOUD_ACCESS_KEY", running.access_key),
                ("NCLOUD_SECRET_KEY", running.secret_key),
                ("NCLOUD_REGION", running.region),
            ):
                write(f"export {name}={value}")
            sys.stdout.flush()
            await asyncio.Event().wait()
    except OSError as error:
        fail(tr("Port {port} cannot be used: {why}. Choose another with --port.", port=port, why=error.strerror))


def _list_faults() -> None:
    print_columns(
        (msgid("FAULT"), msgid("WHAT HAPPENS")), sorted((name, fault.description) for name, fault in FAULTS.items())
    )
