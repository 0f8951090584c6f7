"""The console on screen: on the user's accounts, or on the one that `demo` simulates."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import Options
from ncpconsole.cli.output import fail, warn
from ncpconsole.cli.process import SIGNALS, Ended
from ncpconsole.cli.runner import errors_as_exits, keep_log, report_crash, run_loop, user_log
from ncpconsole.cli.wiring import Wiring
from ncpconsole.config.language_choice import can_write, language_note
from ncpconsole.config.variables import unknown_variables
from ncpconsole.core.remembered import Remembered, read_view, write_view
from ncpconsole.language import msgid, shown, tr

if TYPE_CHECKING:
    from ncpconsole.cli.accounts import Accounts

HARMLESS = {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"}
"""The variables of Textual that are kept: they change the picture and nothing else."""
DRAWN = "─│┌┐└┘━┃╌▔▁▂▃▄▅▆▇█▊●◆▲▼✓…·→↑↓"
"""Some of what the screen is drawn with where it may be more than ASCII."""

NO_TERMINAL = {
    "input": msgid("Standard input is no terminal, so the console cannot be shown."),
    "output": msgid("Standard output is no terminal, so the console cannot be shown."),
    "error": msgid("Standard error is no terminal, so the console cannot be shown."),
}
NO_TERM = msgid("TERM is not set, so the console cannot be shown.")


def open_console(options: Options, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the user's account; returns the exit code."""
    from ncpconsole.cli.accounts import UserAccounts

    require_terminal(options.environ)
    gc.disable()  # see `_loaded`
    with errors_as_exits():
        accounts = UserAccounts(options)
        profile = accounts.starting_profile()
        return run_console(
            options,
            accounts,
            view_file=accounts.view_file,
            profile=profile.name,
            log=user_log(),
            ascii_marks=ascii_marks or profile.ascii,
            theme=theme or profile.theme,
            columns=profile.columns,
            keymap=dict(accounts.settings.keys),
        )


def require_terminal(environ: Mapping[str, str]) -> None:
    """End the program where no screen can be drawn or no key be read; name the commands that need none."""
    streams = (("input", sys.stdin), ("output", sys.stdout), ("error", sys.stderr))
    missing = [name for name, stream in streams if stream is None or not stream.isatty()]
    if missing:
        why = tr(NO_TERMINAL[missing[0]])
    elif os.name == "posix" and environ.get("TERM", "") in {"", "dumb"}:
        said = environ.get("TERM", "")
        why = tr("TERM is {value}, so the console cannot be shown.", value=said) if said else tr(NO_TERM)
    else:
        return
    instead = tr("These commands need no screen: ncpconsole servers, show, interrupt, history, resolve, doctor.")
    fail(f"{why} {instead}", ExitCode.USAGE)


def _draws_ascii_alone(environ: Mapping[str, str]) -> bool:
    """Whether the terminal lacks the marks: Linux's own console does, and some encodings."""
    return environ.get("TERM") == "linux" or bool(_encoding_note())


def _encoding_note() -> str:
    """What to set where the terminal's encoding lacks the marks; empty where it has them."""
    encoding = sys.stderr.encoding  # where Textual draws
    if can_write(DRAWN, encoding):
        return ""
    return tr(
        "The terminal's encoding is {encoding}: set LANG to a UTF-8 locale, such as ko_KR.UTF-8.", encoding=encoding
    )


def _drop_textual_variables() -> None:
    """Let no variable make Textual write what is typed or shown to a file, or press keys by itself."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL") and name not in HARMLESS]:
        del os.environ[name]


def run_console(
    options: Options,
    accounts: Accounts,
    *,
    log: Path | None,
    ascii_marks: bool,
    theme: str | None,
    columns: tuple[str, ...] = (),
    keymap: dict[str, str] | None = None,
    view_file: Path | None = None,
    profile: str = "",
) -> int:
    """Run the console until it ends. What it remembers of its view is kept in ``view_file``, if there is one."""
    _drop_textual_variables()
    from ncpconsole.tui.app import ConsoleApp

    # Rows are built on a thread while keys are answered. A key passes the event loop some ten times, and each
    # time Python may leave that thread the word for this long; with the usual 5 ms a key waited 100 ms.
    sys.setswitchinterval(0.0005)

    remembered, trouble = read_view(view_file) if view_file is not None else (Remembered(), "")
    running: list[ConsoleApp] = []

    async def run() -> ConsoleApp:
        async with Wiring(options, accounts) as wiring:
            app = ConsoleApp(
                wiring,
                region=None if options.region else remembered.regions.get(profile),
                remembered=remembered,
                ascii_marks=ascii_marks or _draws_ascii_alone(options.environ),
                theme=theme,
                columns=columns or None,
                keymap=keymap,
                startup_notes=(
                    *filter(None, (_encoding_note(), trouble, language_note(options.environ))),
                    *wiring.notes,
                    *unknown_variables(options.environ),
                ),
                on_painted=_loaded,
            )
            running.append(app)
            await app.run_async()
            return app

    def leave() -> bool:
        """End as the quit key does, but without asking; False where the app does not run yet."""
        started = [app for app in running if app.is_running]
        for app in started:
            app.exit()
        return bool(started)

    keep_log(log)
    app = run_loop(run(), stop=leave)
    if view_file is not None and app.remembered != remembered:
        write_view(view_file, app.remembered)
    for sentence in app.farewell:
        warn(shown(sentence))
    if app.crash is not None:
        report_crash(app.crash, log)
    if SIGNALS.number:
        raise Ended(SIGNALS.number)
    return app.return_code or 0


def _loaded() -> None:
    """Collect garbage from now on, but never look again at what was loaded.

    While the program loads there is next to none, and looking for it a hundred times costs 25 of 300 ms.
    """
    gc.freeze()
    gc.enable()
