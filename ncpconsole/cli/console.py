"""Opens the console on screen, and tells what happened when the program itself failed."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import click

from ncpconsole.cli.options import merged, shared_options
from ncpconsole.cli.runner import errors_as_exits, run_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ncpconsole.cli.accounts import Source
    from ncpconsole.cli.options import Options


def open_console(options: Options, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the user's account; returns the exit code."""
    gc.disable()  # see `_loaded`
    from ncpconsole.cli.accounts import UserSource
    from ncpconsole.cli.runner import user_log

    with errors_as_exits():
        source = UserSource(options)
        profile = source.starting_profile()
        return _run(
            options,
            source,
            log=user_log,
            ascii_marks=ascii_marks or profile.ascii,
            theme=theme or profile.theme,
            columns=profile.columns,
            keymap=dict(source.settings.keys),
        )


def open_demo(options: Options, servers: int, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the built-in simulator; returns the exit code. Keeps no log."""
    gc.disable()  # see `_loaded`
    from ncpconsole.cli.accounts import DemoSource
    from ncpconsole.cli.runner import no_log

    with errors_as_exits():
        return _run(options, DemoSource(options, servers), log=no_log, ascii_marks=ascii_marks, theme=theme)


def _run(
    options: Options,
    source: Source,
    *,
    log: Callable[[], Path | None],
    ascii_marks: bool,
    theme: str | None,
    columns: tuple[str, ...] = (),
    keymap: dict[str, str] | None = None,
) -> int:
    from ncpconsole.cli.runner import keep_logs, tell_of_crash
    from ncpconsole.cli.wiring import Wiring
    from ncpconsole.tui.app import ConsoleApp

    # Rows are built on a thread while keys are answered. A key passes the event loop some ten times, and each
    # time Python may leave that thread the word for this long; with the usual 5 ms a key waited 100 ms.
    sys.setswitchinterval(0.0005)

    async def run() -> ConsoleApp:
        async with Wiring(options, source) as wiring:
            app = ConsoleApp(
                wiring,
                ascii_marks=ascii_marks,
                theme=theme,
                columns=columns or None,
                keymap=keymap,
                startup_notes=wiring.notes,
                on_painted=_loaded,
            )
            await app.run_async()
            return app

    keep_logs(log)
    app = run_loop(run())
    if app.crash is not None:
        tell_of_crash(app.crash, log())
    return app.return_code or 0


def _loaded() -> None:
    """Collect garbage from now on, but never look again at what was loaded.

    While the program loads there is next to none, and looking for it a hundred times costs 25 of 300 ms.
    """
    gc.freeze()
    gc.enable()


@click.command()
@click.option("--servers", "count", type=click.IntRange(0, 200_000), default=128, help="Size of the fleet.")
@click.option("--ascii", "ascii_marks", is_flag=True, help="Use ASCII marks on the screen.")
@click.option("--theme", metavar="NAME", help="Colours of the screen.")
@shared_options("region", "read_only", "rules", "incident")
@click.pass_context
def demo_command(
    context: click.Context, /, count: int, ascii_marks: bool, theme: str | None, **said: Any
) -> None:
    """Open the console on a simulated account: real requests, real confirmation, nothing leaves the machine.

    Settings, keyring and record of the user are not touched.
    """

    sys.exit(open_demo(merged(context, said), count, ascii_marks=ascii_marks, theme=theme))
