"""The simulator is a witness: it shares no code with what it testifies about."""

from __future__ import annotations

import subprocess
import sys

CONSOLE = ("ncpconsole.core", "ncpconsole.ncp", "ncpconsole.tui", "ncpconsole.cli", "ncpconsole.config")
LIBRARIES = ("httpx", "httpcore", "msgspec", "textual", "keyring", "sqlite3")


def test_it_loads_nothing_of_the_console_and_no_client_library() -> None:
    program = "import sys, ncpconsole.simulator.simulator; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = run.stdout.split()
    assert "ncpconsole.simulator.service" in loaded
    assert [name for name in loaded if name.startswith(CONSOLE + LIBRARIES)] == []
