"""The console on a simulator, as a program for a real terminal: ``python -m tests.tui.pty_app DIRECTORY``.

F9 breaks in a handler and F10 in a worker, each with a secret in a local variable.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from ncpconsole.core.crash import crash_report
from ncpconsole.tui.app import ConsoleApp
from tests.tui.console_driver import Accounts, open_backend

CANARY = "canary-4b1d-secret"


class Breakable(ConsoleApp):
    """The console, with two keys that break it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "break_here", priority=True),
        Binding("f10", "break_worker", priority=True),
    ]

    def action_break_here(self) -> None:
        """Break in a handler."""
        secret = CANARY
        raise ZeroDivisionError(f"a bug of {len(secret)}")

    def action_break_worker(self) -> None:
        """Break in a worker."""
        self.run_worker(self.breaking())

    async def breaking(self) -> None:
        """Break."""
        secret = CANARY
        raise ZeroDivisionError(f"a bug of {len(secret)}")


async def main(directory: Path) -> int:
    """Run until the console ends; the exit code."""
    async with open_backend(directory, servers=128) as backend:
        app = Breakable(Accounts(backend))
        await app.run_async()
    if app.crash is not None:
        sys.stderr.write(crash_report(app.crash, directory / "log"))
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
