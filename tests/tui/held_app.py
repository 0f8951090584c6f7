"""The console, for a real terminal, held while it closes: ``python -m tests.tui.held_app DIRECTORY``.

Once the terminal is given back it waits for a file ``go`` in the directory, and then ends as ever.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from ncpconsole.tui.app import ConsoleApp
from tests.tui.console_driver import Accounts, open_backend


class HeldApp(ConsoleApp):
    """The console, whose closing waits for a file."""

    go: Path

    def wait(self) -> None:
        """Wait until the file is there."""
        while not self.go.exists():
            time.sleep(0.01)

    async def _shutdown(self) -> None:
        await asyncio.to_thread(self.wait)
        await super()._shutdown()


async def main(directory: Path) -> int:
    """Run until the console ends; the exit code."""
    async with open_backend(directory, servers=128) as backend:
        app = HeldApp(Accounts(backend))
        app.go = directory / "go"
        await app.run_async()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
