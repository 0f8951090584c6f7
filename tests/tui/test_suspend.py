"""Ctrl+Z: the shell comes back, and so does the console; not while an interrupt is on its way."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.end_to_end.terminal import Terminal
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped, as by a shell's job control."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T"


def test_it_suspends_and_comes_back(tmp_path: Path) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.press("\x1a")
        until = time.monotonic() + console.patience
        while not is_stopped(console.child.pid):
            assert console.read(0.01)
            assert time.monotonic() < until
        console.read(0.1)
        assert console.raw.rstrip().endswith((b"\x1b[?1004l", b"\x1b[?25h", b"\x1b[?1049l"))
        os.kill(console.child.pid, signal.SIGCONT)
        console.shows("128 servers", "? help")
        console.press("?")
        console.shows("Interrupt the server, after")
        console.press("q", "q")
        assert console.ended() == 0


async def test_not_while_an_interrupt_is_on_its_way(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.flow.sending.add("web-1 (300)")
        await console.press("ctrl+z")
        await console.wait_for_text("An interrupt is on its way: the")
        console.app.flow.sending.clear()
