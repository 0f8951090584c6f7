"""The console on screen: on the user's accounts, or with ``ncpconsole demo`` on a simulated one."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from ncpconsole.cli.accounts import Accounts, DemoAccount, UserAccounts
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.runner import errors_as_exits, keep_log, report_crash, run_loop, user_log
from ncpconsole.cli.wiring import Wiring


def open_console(options: Options, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the user's account; returns the exit code."""
    gc.disable()  # see `_loaded`
    with errors_as_exits():
        accounts = UserAccounts(options)
        profile = accounts.starting_profile()
        return _run(
            options,
            accounts,
            log=user_log(),
            ascii_marks=ascii_marks or profile.ascii,
            theme=theme or profile.theme,
            columns=profile.columns,
            keymap=dict(accounts.settings.keys),
        )


def open_demo(options: Options, servers: int, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the built-in simulator; returns the exit code. Keeps no log."""
    gc.disable()  # see `_loaded`
    with errors_as_exits():
        return _run(options, DemoAccount(options, servers), log=None, ascii_marks=ascii_marks, theme=theme)


def _run(
    options: Options,
    accounts: Accounts,
    *,
    log: Path | None,
    ascii_marks: bool,
    theme: str | None,
    columns: tuple[str, ...] = (),
    keymap: dict[str, str] | None = None,
) -> int:
    from ncpconsole.tui.app import ConsoleApp

    # Rows are built on a thread while keys are answered. A key passes the event loop some ten times, and each
    # time Python may leave that thread the word for this long; with the usual 5 ms a key waited 100 ms.
    sys.setswitchinterval(0.0005)

    async def run() -> ConsoleApp:
        async with Wiring(options, accounts) as wiring:
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

    keep_log(log)
    app = run_loop(run())
    if app.crash is not None:
        report_crash(app.crash, log)
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
def demo_command(count: int, ascii_marks: bool, theme: str | None, options: Options) -> None:
    """Open the console on a simulated account: real requests, real confirmation, nothing leaves the machine.

    Settings, keyring and record of the user are not touched.
    """
    sys.exit(open_demo(options, count, ascii_marks=ascii_marks, theme=theme))
